"""The chain of the audit log: one JSON object a line, each with the hash of the one before, in two files.

The hash of a line is SHA-256 over the hash before it and the line's own fields as canonical JSON (sorted
keys, no spaces, UTF-8). What stood before the oldest file that is kept is gone by design; everything after it
must be there. The chain itself cannot tell whether its end was cut off: a head that is kept elsewhere can.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.core.audit import Head

Entry = dict[str, Any]

NAME = "audit.log"

TURNED = "turned"
"""The kind of the first entry of a file that carries on the chain of another."""

CUT = "cut"
"""The kind of the entry by which a starting gateway tells that the log is not what it was at its stop."""

START = Head(0, "0" * 64)
"""What stands before the first line of all."""

BLOCK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Verification:
    """How much of the chain is whole: `entries` of it, up to `head`.

    `broken` names the first thing that is wrong, empty if nothing is; `missing` says how many entries are
    not there at the end, by a head that was kept elsewhere.
    """

    entries: int
    broken: str = ""
    head: Head = START
    missing: int = 0


def canonical(entry: Entry) -> bytes:
    """The one way in which an entry is written; half characters that JSON let in stay what they are."""
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def entry_hash(before: str, entry: Entry) -> str:
    """The hash of an entry (without `prev` and `hash`) that follows the hash `before`."""
    return hashlib.sha256(before.encode() + canonical(entry)).hexdigest()


def line_of(head: Head, entry: Entry) -> tuple[bytes, Head]:
    """An entry as the line that follows a head, and the head that it makes."""
    entry = {**entry, "number": head.count + 1}
    digest = entry_hash(head.hash, entry)
    return canonical({**entry, "prev": head.hash, "hash": digest}) + b"\n", Head(head.count + 1, digest)


def entries(directory: Path) -> Iterator[Entry]:
    """All entries that can be read, oldest first; what is broken is left out."""
    for path in files(directory):
        for line in lines(path):
            if (entry := _entry(line)) is not None:
                yield entry


def last_head(directory: Path) -> Head:
    """Where the log ends."""
    last = next(entries_back(directory), None)
    return START if last is None else Head(last["number"], str(last["hash"]))


def lost_since(directory: Path, head: Head) -> str:
    """What is not there any more of a log that once had this head, in words; empty if it has it still."""
    last = last_head(directory)
    if last.count < head.count:
        return _missing(head.count - last.count)
    for entry in entries_back(directory):
        if entry["number"] <= head.count:
            same = Head(entry["number"], str(entry["hash"])) == head
            return "" if same else f"entry {head.count} is not the one that was written"
    return ""


def verify(directory: Path, known: Sequence[Head] = ()) -> Verification:
    """Follow the chain through both files, and compare it with heads that were kept elsewhere.

    A last line without its end is a write under way, not a break.
    """
    head, count, oldest, cut = START, 0, 0, ""
    heads = {one.count: one for one in known}
    for path in files(directory):
        for number, line in enumerate(lines(path), 1):
            entry = _entry(line)
            first = count == 0 and path.name != NAME
            wrong = "this is not an entry" if entry is None else _wrong(entry, line, head, first)
            if entry is not None and not wrong:
                head = Head(entry["number"], entry["hash"])
                if heads.get(head.count, head) != head:
                    wrong = f"entry {head.count} is not the one that the checkpoint {heads[head.count]} saw"
            if entry is None or wrong:
                return Verification(count, f"{path}:{number}: {wrong}", head)
            if entry["kind"] == CUT and not cut:
                cut = f"{path}:{number}: {entry.get('reason')}, which the gateway found as it started"
            oldest, count = oldest or head.count, count + 1
    return _compared(Verification(count, cut, head), oldest, known)


def _wrong(entry: Entry, line: bytes, head: Head, first: bool) -> str:
    """What is wrong with an entry that is to follow a head; the first that is kept follows nothing."""
    bare = {key: value for key, value in entry.items() if key not in ("hash", "prev")}
    begins = first and entry["kind"] == TURNED
    if not begins and (entry["prev"], entry["number"]) != (head.hash, head.count + 1):
        return "it does not follow the entry before it"
    if entry_hash(str(entry["prev"]), bare) != entry["hash"] or canonical(entry) + b"\n" != line:
        return "its content is not what was written"
    return ""


def _compared(found: Verification, oldest: int, known: Sequence[Head]) -> Verification:
    """What the heads say of the end of a chain that is whole in itself."""
    broken, head = found.broken, found.head
    missing = max((one.count - head.count for one in known), default=0)
    for one in known:
        if one.count < oldest:
            broken = broken or f"entry {one.count} is not kept any more: give a checkpoint from {oldest} on"
    if missing > 0:
        broken = broken or _missing(missing)
    return Verification(found.entries, broken, head, max(missing, 0))


def _missing(count: int) -> str:
    return "1 entry is missing at the end" if count == 1 else f"{count} entries are missing at the end"


def files(directory: Path) -> tuple[Path, Path]:
    """The files of a log, the older first."""
    return older(directory / NAME), directory / NAME


def older(path: Path) -> Path:
    """What a full file becomes."""
    return path.with_name(f"{path.name}.1")


def lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a file, each with its end."""
    try:
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line
    except FileNotFoundError:
        return


def _entry(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(entry, dict) and type(entry.get("number")) is int
    return entry if whole and {"kind", "hash", "prev"} <= entry.keys() else None


def entries_back(directory: Path) -> Iterator[Entry]:
    """All entries that can be read, newest first."""
    for path in reversed(files(directory)):
        for line in _lines_back(path):
            if (entry := _entry(line)) is not None:
                yield entry


def _lines_back(path: Path) -> Iterator[bytes]:
    """The whole lines of a file from its end on, without having all of it in memory."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        end, rest, whole = file.seek(0, os.SEEK_END), b"", False
        while end:
            start = max(0, end - BLOCK_BYTES)
            file.seek(start)
            rest, *found = (file.read(end - start) + rest).split(b"\n")
            end = start
            if found and not whole:
                found.pop()  # what stands behind the last end of a line is torn
                whole = True
            yield from reversed(found)
        if whole:
            yield rest

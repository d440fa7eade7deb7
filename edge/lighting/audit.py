"""The audit log: one JSON object a line, each with the hash of the one before; two files at most.

The hash of a line is SHA-256 over the hash before it and the line's own fields as canonical JSON (sorted
keys, no spaces, UTF-8). When the file is full it becomes `audit.log.1`, and the new one carries the chain on.
What stood before the oldest file that is kept is gone by design; everything after it must be there.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from edge.core.model import Fields

log = logging.getLogger(__name__)

NAME = "audit.log"
BYTES_MAX = 8_000_000
"""Size at which the file is turned over; two of them are kept."""

TURNED = "turned"
"""The kind of the first entry of a file that carries on the chain of another."""

START = "0" * 64
"""What stands before the first line of all."""


class AuditLog(Protocol):
    """Where everything that was asked of the lamps is written down."""

    def write(self, kind: str, fields: Fields) -> None:
        """Add an entry; never raises: a full disk must not keep the lamps from being lit."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How much of the chain is whole; `broken` names the first line that is not, empty if all are."""

    entries: int
    broken: str = ""


class AuditFile:
    """The log in a directory. Also a service: it brings what was written to the disk, off the loop's thread,
    since a card may take a second for it and the buses must not wait.
    """

    name = "audit"

    def __init__(self, directory: Path, bytes_max: int = BYTES_MAX) -> None:
        self._path, self._bytes_max = directory / NAME, bytes_max
        self._file: BinaryIO | None = None
        self._hash, self._number, self._in_trouble = START, 0, False
        self._unsynced = asyncio.Event()

    def write(self, kind: str, fields: Fields) -> None:
        """Add an entry."""
        try:
            file = self._file or self._open()
            if file.tell() >= self._bytes_max:
                file = self._turn_over(file)
            self._append(file, kind, fields)
        except OSError as error:
            if not self._in_trouble:
                log.warning("%s cannot be written (%s): make room on the disk", self._path, error.strerror)
            self._in_trouble = True
        else:
            self._in_trouble = False
            self._unsynced.set()

    async def run(self) -> None:
        """Run until cancelled, syncing soon after each write."""
        try:
            while True:
                await self._unsynced.wait()
                self._unsynced.clear()
                if self._file is not None:
                    with contextlib.suppress(OSError):  # turned over or full; the next write says so
                        await asyncio.to_thread(_sync, self._file.fileno())
        finally:
            self.close()

    def close(self) -> None:
        """Sync and close; it opens again by itself."""
        if self._file is not None:
            _sync(self._file.fileno())
            self._file.close()
            self._file = None

    def _append(self, file: BinaryIO, kind: str, fields: Fields) -> None:
        entry = {**dict(fields), "kind": kind, "number": self._number + 1}
        digest = entry_hash(self._hash, entry)
        line = canonical({**entry, "prev": self._hash, "hash": digest})
        file.write(line.encode() + b"\n")
        file.flush()
        self._hash, self._number = digest, self._number + 1

    def _open(self) -> BinaryIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        torn = _cut_torn_line(self._path)
        for path in (self._path, _older(self._path)):
            if (last := _last_entry(path)) is not None:
                self._hash, self._number = str(last["hash"]), int(last["number"])
                break
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        self._file = file = os.fdopen(descriptor, "ab")
        file.seek(0, os.SEEK_END)
        if torn:
            self._append(file, "torn", (("bytes", torn),))
        return file

    def _turn_over(self, file: BinaryIO) -> BinaryIO:
        _sync(file.fileno())
        file.close()
        self._file = None
        self._path.replace(_older(self._path))
        file = self._open()
        self._append(file, TURNED, ())
        return file


def canonical(entry: dict[str, Any]) -> str:
    """The one way in which an entry is written."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def entry_hash(before: str, entry: dict[str, Any]) -> str:
    """The hash of an entry (without `prev` and `hash`) that follows the hash `before`."""
    return hashlib.sha256(f"{before}{canonical(entry)}".encode()).hexdigest()


def entries(directory: Path) -> Iterator[dict[str, Any]]:
    """All entries that can be read, oldest first; what is broken is left out."""
    for path in _files(directory):
        for line in _lines(path):
            if (entry := _entry(line)) is not None:
                yield entry


def verify(directory: Path) -> Verification:
    """Follow the chain through both files. A last line without its end is a write under way, not a break."""
    before = START
    count = 0
    for path in _files(directory):
        for number, line in enumerate(_lines(path), 1):
            entry = _entry(line)
            if entry is None:
                return Verification(count, f"{path}:{number}: this is not an entry")
            digest, prev = entry.pop("hash"), entry.pop("prev")
            oldest = count == 0 and path.name != NAME and entry["kind"] == TURNED
            if prev != before and not oldest:
                return Verification(count, f"{path}:{number}: it does not follow the entry before it")
            if entry_hash(prev, entry) != digest:
                return Verification(count, f"{path}:{number}: its content is not what was written")
            before, count = digest, count + 1
    return Verification(count)


def _files(directory: Path) -> tuple[Path, Path]:
    return _older(directory / NAME), directory / NAME


def _older(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line
    except FileNotFoundError:
        return


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(entry, dict) and isinstance(entry.get("number"), int)
    return entry if whole and {"kind", "hash", "prev"} <= entry.keys() else None


def _last_entry(path: Path) -> dict[str, Any] | None:
    last = None
    for line in _lines(path):
        last = _entry(line) or last
    return last


def _cut_torn_line(path: Path) -> int:
    """Take away a last line without its end, which a power cut left; gives its length in bytes."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return 0
    torn = size - sum(len(line) for line in _lines(path))
    if torn:
        os.truncate(path, size - torn)
    return torn


def _sync(descriptor: int) -> None:
    os.fdatasync(descriptor)

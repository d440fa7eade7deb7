"""A damaged file: put aside, never thrown away at once; what is sound in it goes into a new one."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from edge.core.errors import GianhError
from edge.core.model import Stream
from edge.runtime.store.database import PAGE_BYTES, Database, StoreDamaged, StoreTrouble, Value
from edge.runtime.store.means import copy_means
from edge.runtime.store.rows import row_crc, undated_crc
from edge.runtime.store.sound import JOURNAL_COLUMNS, UNDATED_COLUMNS, number, sound_rows, sound_undated
from edge.runtime.store.usage_rows import copy_usage

KEPT_MAX = 2
"""Damaged files that are kept for whoever wants to look."""

CHUNK_ROWS = 5_000

_CHANGES, _PAGE_COUNT, _FREE_PAGES, _VALID_FOR = slice(24, 28), slice(28, 32), slice(32, 40), slice(92, 96)
"""Places in the header (SQLite file format, section 1.3)."""

_PLAIN = (
    ("layout", "id, body, crc"),
    ("mark", "target, stream, done, crc"),
    ("hole", "stream, first, last"),
    ("quarantine", "id, target, stream, seq, at_ns, layout, body, line, reason, retry"),
    ("memory", "key, value"),
    ("command", "number, id, body"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a damaged file. `lost` counts rows; None where nobody can know."""

    reason: str
    aside: str
    saved: int
    lost: int | None


def salvage(path: Path, fresh: Database, reason: str) -> Finding:
    """Put the file at `path` aside and open `fresh` there with all sound rows. Leaves `fresh` closed."""
    aside = _put_aside(path)
    fresh.open()
    fresh.checkpoint(everything=True)
    old = Database(aside, 2_000_000_000)
    saved, lost = 0, None
    try:
        if not _opens(old):
            _mend(aside, path)
            old.open()
        saved, lost = _copy(old, fresh)
    except (GianhError, OSError):
        lost = None
    finally:
        old.close()
        fresh.close()
    return Finding(reason, aside.name, saved, lost)


def _opens(old: Database) -> bool:
    """Whether the file opens and has its tables."""
    try:
        old.open()
        for table in (*(name for name, _ in _PLAIN), "undated", *Stream):
            old.run(f"SELECT * FROM {table} LIMIT 0")
    except GianhError:
        old.close()
        return False
    return True


def _mend(aside: Path, fresh: Path) -> None:
    """Give the file the first page of a new one: all stores have the same, but for counts.

    Tables are made in one order and never dropped, so they have their roots in the same pages.
    """
    pages = aside.stat().st_size // PAGE_BYTES
    if pages < 2:
        return
    first = bytearray(fresh.read_bytes()[:PAGE_BYTES])
    first[_PAGE_COUNT] = pages.to_bytes(4, "big")
    first[_CHANGES] = first[_VALID_FOR]
    first[_FREE_PAGES] = bytes(8)
    with aside.open("r+b") as file:
        file.write(first)


def _put_aside(path: Path) -> Path:
    stem = f"{path.name}.damaged-"
    aside = path.with_name(f"{stem}{time.time_ns():020d}")
    for suffix in ("", "-wal", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    names = {other.name.removesuffix("-wal") for other in path.parent.glob(f"{stem}*")}
    for name in sorted(name for name in names if not name.endswith("-journal"))[:-KEPT_MAX]:
        for suffix in ("", "-wal", "-journal"):
            path.with_name(name + suffix).unlink(missing_ok=True)
    return aside


def _copy(old: Database, fresh: Database) -> tuple[int, int]:
    for table, columns in _PLAIN:
        with contextlib.suppress(StoreDamaged):
            rows = old.run(f"SELECT {columns} FROM {table}")
            marks = ", ".join("?" * len(columns.split(",")))
            with fresh.transaction():
                fresh.many(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})", rows)
    with contextlib.suppress(StoreDamaged):
        copy_means(old, fresh)
    with contextlib.suppress(StoreDamaged):
        copy_usage(old, fresh)
    saved = lost = 0
    for stream in Stream:
        rows_saved, rows_lost = _copy_journal(old, fresh, stream)
        saved, lost = saved + rows_saved, lost + rows_lost
    undated = (
        (row.id, row.boot, row.stream, row.mono_ns, row.layout, row.body, undated_crc(row))
        for row in sound_undated(_scan(old, "undated", "id", UNDATED_COLUMNS))
    )
    saved += _insert(fresh, "undated", 7, undated)
    return saved, lost


def _copy_journal(old: Database, fresh: Database, stream: Stream) -> tuple[int, int]:
    """Copy one journal; numbers between its ends that are not there become holes."""
    ends: list[int] = []
    holes: list[tuple[Value, ...]] = []
    known = {
        (number(first), number(last))
        for first, last in fresh.run("SELECT first, last FROM hole WHERE stream = ?", (stream,))
    }

    def rows() -> Iterator[tuple[Value, ...]]:
        for row in sound_rows(_scan(old, stream, "seq", JOURNAL_COLUMNS)):
            if ends and row.seq > ends[-1] + 1:
                holes.append((stream, ends[-1] + 1, row.seq - 1))
            ends.append(row.seq)
            del ends[1:-1]
            yield (
                row.seq,
                row.at_ns,
                row.layout,
                row.body,
                row_crc(row.seq, row.at_ns, row.layout, row.body.encode()),
            )

    saved = _insert(fresh, stream, 5, rows())
    with fresh.transaction():
        fresh.run("DELETE FROM hole WHERE stream = ?", (stream,))
        fresh.many("INSERT INTO hole VALUES (?, ?, ?)", holes)
    gone = sum(number(last) - number(first) + 1 for _, first, last in holes)
    return saved, max(0, gone - sum(last - first + 1 for first, last in known))


def _insert(fresh: Database, table: str, columns: int, rows: Iterator[tuple[Value, ...]]) -> int:
    marks = ", ".join("?" * columns)
    saved = 0
    while chunk := list(islice(rows, CHUNK_ROWS)):
        with fresh.transaction():
            fresh.many(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", chunk)
        fresh.checkpoint()
        saved += len(chunk)
    return saved


def _scan(old: Database, table: str, key: str, columns: str) -> Iterator[tuple[Value, ...]]:
    """All rows that can be read, ascending: past a damaged page by ever longer steps, then back to it."""
    select = f"SELECT {columns} FROM {table} WHERE {key} > ? AND {key} <= ? ORDER BY {key} "
    at, step = -1, 0
    while step < 2**62:
        try:
            chunk = old.run(select + "LIMIT ?", (at + step, 2**63 - 1, CHUNK_ROWS if not step else 1))
        except StoreDamaged:
            if step == 0 and (front := _front(old, select, at)):
                yield from front
                at = number(front[-1][0])
            step = step * 2 or 1
            continue
        except StoreTrouble:
            return
        if step and chunk:
            yield from _back(old, select, at, at + step)
            at, step = at + step, 0
            continue
        if not chunk:
            return
        yield from chunk
        at = number(chunk[-1][0])


def _front(old: Database, select: str, at: int) -> list[tuple[Value, ...]]:
    """Rows one by one until the damaged place."""
    rows: list[tuple[Value, ...]] = []
    with contextlib.suppress(StoreDamaged):
        while one := old.run(select + "LIMIT 1", (at, 2**63 - 1)):
            rows += one
            at = number(one[0][0])
    return rows


def _back(old: Database, select: str, low: int, high: int) -> list[tuple[Value, ...]]:
    """Rows one by one backwards until the damaged place."""
    rows: list[tuple[Value, ...]] = []
    with contextlib.suppress(StoreDamaged):
        while one := old.run(select + "DESC LIMIT 1", (low, high)):
            rows += one
            high = number(one[0][0]) - 1
    return rows[::-1]

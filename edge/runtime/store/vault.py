"""What the store's thread does: commits, reads, and the state at opening. Synchronous."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.core.air import Span
from edge.core.model import Stream
from edge.core.wifi import KeptRow
from edge.runtime.store.batch import COMMANDS_MAX, QUARANTINE_MAX, Batch
from edge.runtime.store.database import PAGE_BYTES, Database, StoreDamaged, Value
from edge.runtime.store.history import HistoryPage, read_history
from edge.runtime.store.holes import missing
from edge.runtime.store.journal import Extent, extents
from edge.runtime.store.means import MeanRow, loose_hours, read_means, write_means
from edge.runtime.store.rows import Row, Undated, outcome_body, row_crc, text_crc, undated_crc
from edge.runtime.store.salvage import Finding, salvage
from edge.runtime.store.sound import JOURNAL_COLUMNS, UNDATED_COLUMNS, number, sound_rows, sound_undated
from edge.runtime.store.usage_rows import read_usage, write_usage

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the file takes: `live_bytes` without free pages, `written_bytes` since the process began."""

    live_bytes: int = 0
    file_bytes: int = 0
    written_bytes: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Rows read; there are no others up to `through`. `damaged` were there, or should have been."""

    rows: tuple[Row, ...]
    through: int
    damaged: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A refused row, for a person to look at."""

    id: int
    target: str
    stream: Stream
    seq: int
    at_ns: int
    line: str
    reason: str
    retry: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What lay in the file when it was opened."""

    extents: tuple[tuple[Stream, Extent], ...]
    layouts: tuple[tuple[int, str], ...]
    undated_count: int
    undated_last: int
    memory: tuple[tuple[str, str], ...]
    commands: tuple[tuple[int, str, str], ...]
    retries: tuple[tuple[str, Stream, Row], ...]
    usage: Usage
    finding: Finding | None = None


def nothing_found(last: int) -> Found:
    """Stands in for a file that cannot be opened yet; numbers after `last` are free in it for certain."""
    return Found(
        extents=tuple((stream, Extent(last + 1, last)) for stream in Stream),
        layouts=(),
        undated_count=0,
        undated_last=last,
        memory=(),
        commands=(),
        retries=(),
        usage=Usage(),
    )


class Vault:
    """The file's side of the store. Every method is called by the store's one thread."""

    def __init__(self, path: Path, bytes_max: int, vfs: str | None = None) -> None:
        self._path = path
        self._database = Database(path, bytes_max, vfs)

    @property
    def wal_bytes_max(self) -> int:
        """About what the write-ahead log may take beside the file."""
        return self._database.wal_bytes_max

    def open(self) -> Found:
        """Open the file; a damaged one is put aside and what is sound in it is taken over."""
        try:
            return self._load()
        except StoreDamaged as error:
            return self.rescue(str(error))

    def rescue(self, reason: str) -> Found:
        """Put the file aside and begin a new one with all that can be read."""
        self._database.close()
        finding = salvage(self._path, self._database, reason)
        return self._load(finding)

    def _load(self, finding: Finding | None = None) -> Found:
        database = self._database
        database.open()
        run = database.run
        was_closed = run("SELECT value FROM memory WHERE key = 'store/closed'") == [("yes",)]
        if not was_closed and finding is None and not database.is_sound():
            raise StoreDamaged(f"{self._path} is damaged: its check found faults")
        found = self._found(finding)
        with database.transaction():
            run("INSERT OR REPLACE INTO memory VALUES ('store/closed', 'no')")
        return found

    def _found(self, finding: Finding | None) -> Found:
        run = self._database.run
        undated_count, undated_last = run("SELECT count(*), coalesce(max(id), 0) FROM undated")[0]
        floors = {stream: _ends(run(f"SELECT min(seq), max(seq) FROM {stream}")[0]) for stream in Stream}
        marks = [
            (str(target), Stream(str(stream)), number(done))
            for target, stream, done, crc in run("SELECT target, stream, done, crc FROM mark")
            if crc == text_crc(f"{target!s},{stream!s},{done!s}")
        ]
        holes = [
            (Stream(str(stream)), number(start), number(end))
            for stream, start, end in run("SELECT stream, first, last FROM hole")
        ]
        return Found(
            extents=tuple(extents(floors, marks, holes).items()),
            layouts=tuple(
                (number(key), str(body))
                for key, body, crc in run("SELECT id, body, crc FROM layout ORDER BY id")
                if crc == text_crc(str(body))
            ),
            undated_count=number(undated_count),
            undated_last=number(undated_last),
            memory=tuple((str(key), str(value)) for key, value in run("SELECT key, value FROM memory")),
            commands=tuple(
                (number(turn), str(key), str(body))
                for turn, key, body in run("SELECT number, id, body FROM command ORDER BY number")
            ),
            retries=tuple(self._retries()),
            usage=self.usage(),
            finding=finding,
        )

    def close(self) -> None:
        """Say that all is well, and close."""
        database = self._database
        if database.is_open:
            try:
                with database.transaction():
                    database.run("INSERT OR REPLACE INTO memory VALUES ('store/closed', 'yes')")
            finally:
                database.close()

    def abandon(self) -> None:
        """Drop the connection after a fault of the disk, so that the next commit begins with a new one."""
        self._database.close()

    def usage(self) -> Usage:
        """What the file takes now."""
        pages, free = self._database.pages()
        ((quarantined,),) = self._database.run("SELECT count(*) FROM quarantine")
        return Usage(
            (pages - free) * PAGE_BYTES,
            pages * PAGE_BYTES,
            self._database.bytes_written,
            number(quarantined),
        )

    def commit(self, batch: Batch) -> Usage:
        """Bring a batch to disk; it is durable when this returns. Raises StoreTrouble or StoreDamaged."""
        database = self._database
        if not database.is_open:
            database.open()
        with database.transaction():
            self._write(batch)
        try:
            database.checkpoint()
        except StoreDamaged:
            raise
        except Exception as error:  # noqa: BLE001 - the commit stands; the log grows until this works
            _log.warning("store: %s", error)
        return self.usage()

    def _write(self, batch: Batch) -> None:
        many = self._database.many
        for stream, rows in batch.rows:
            many(
                f"INSERT OR REPLACE INTO {stream} VALUES (?, ?, ?, ?, ?)",
                ((row.seq, row.at_ns, row.layout, row.body, _crc(row)) for row in rows),
            )
        for stream, through in batch.cuts:
            self._database.run(f"DELETE FROM {stream} WHERE seq <= ?", (through,))
            self._database.run("DELETE FROM hole WHERE stream = ? AND last <= ?", (stream, through))
        many(
            "INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?)",
            ((*mark, text_crc(f"{mark[0]},{mark[1]},{mark[2]}")) for mark in batch.marks),
        )
        many("INSERT OR REPLACE INTO hole VALUES (?, ?, ?)", batch.holes)
        many(
            "INSERT OR REPLACE INTO layout VALUES (?, ?, ?)",
            ((key, body, text_crc(body)) for key, body in batch.layouts),
        )
        self._write_rest(batch)
        write_means(self._database, batch.means, batch.means_forgotten)
        write_usage(self._database, batch.usage, batch.usage_forgotten)

    def _write_rest(self, batch: Batch) -> None:
        many = self._database.many
        many(
            "INSERT OR REPLACE INTO undated VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (row.id, row.boot, row.stream, row.mono_ns, row.layout, row.body, undated_crc(row))
                for row in batch.undated
            ),
        )
        many("DELETE FROM undated WHERE id BETWEEN ? AND ?", batch.undated_gone)
        self._database.run(
            "DELETE FROM undated WHERE id IN (SELECT id FROM undated ORDER BY id LIMIT ?)",
            (batch.undated_cut,),
        )
        many("DELETE FROM quarantine WHERE target = ? AND stream = ? AND seq = ?", batch.retried)
        many(
            "INSERT OR REPLACE INTO quarantine"
            " (target, stream, seq, at_ns, layout, body, line, reason, retry)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                (
                    it.target,
                    it.stream,
                    it.row.seq,
                    it.row.at_ns,
                    it.row.layout,
                    it.row.body,
                    it.line,
                    it.reason,
                )
                for it in batch.refusals
            ),
        )
        many("INSERT OR REPLACE INTO memory VALUES (?, ?)", batch.memory)
        many(
            "INSERT OR REPLACE INTO command VALUES (?, ?, ?)",
            ((turn, key, outcome_body(what)) for turn, key, what in batch.commands),
        )
        if batch.commands:
            self._database.run(
                "DELETE FROM command WHERE number <="
                " (SELECT number FROM command ORDER BY number DESC LIMIT 1 OFFSET ?)",
                (COMMANDS_MAX,),
            )
        if batch.refusals:
            self._database.run(
                "DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ?", (QUARANTINE_MAX,)
            )

    def read(
        self, stream: Stream, after: int, through: int, limit: int, holes: tuple[tuple[int, int], ...]
    ) -> Page:
        """At most `limit` rows after `after` up to `through`, damaged ones left out and counted."""
        raw = self._database.run(
            f"SELECT {JOURNAL_COLUMNS} FROM {stream} WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            (after, through, limit),
        )
        end = number(raw[-1][0]) if len(raw) == limit else through
        rows = tuple(sound_rows(raw))
        return Page(rows, end, missing(holes, after, end) - len(rows))

    def times(self, stream: Stream, first: int, last: int) -> tuple[int, int]:
        """Times of the first and the last row in a range; 0 where there is none."""
        ends: list[int] = []
        for order in ("ASC", "DESC"):
            found = self._database.run(
                f"SELECT at_ns FROM {stream} WHERE seq BETWEEN ? AND ? ORDER BY seq {order} LIMIT 1",
                (first, last),
            )
            ends.append(number(found[0][0]) if found else 0)
        return ends[0], ends[1]

    def expired(self, stream: Stream, before_ns: int, through: int, limit: int) -> int:
        """The last of the oldest rows, up to `through`, that are older than `before_ns`; 0 if none is."""
        found = self._database.run(
            f"SELECT seq, at_ns FROM {stream} WHERE seq <= ? ORDER BY seq LIMIT ?",
            (through, limit),
        )
        return max((number(seq) for seq, at_ns in found if number(at_ns) < before_ns), default=0)

    def undated(self, boot: str, after: int, limit: int) -> tuple[Undated, ...]:
        """Sound rows of a boot that wait for their time, in the order in which they were taken."""
        raw = self._database.run(
            f"SELECT {UNDATED_COLUMNS} FROM undated WHERE id > ? AND boot = ? ORDER BY id LIMIT ?",
            (after, boot, limit),
        )
        return tuple(sound_undated(raw))

    def means(self, stations: Sequence[str], span: Span, after_ns: int, through_ns: int) -> list[MeanRow]:
        """Sound rows of means whose end lies in (after_ns, through_ns], oldest first."""
        return read_means(self._database, stations, span, after_ns, through_ns)

    def loose_hours(self, through_ns: int, limit: int) -> list[tuple[str, int]]:
        """Station and end of the oldest hours, over by then, of which minutes lie each for itself."""
        return loose_hours(self._database, through_ns, limit)

    def history(self, layouts: Sequence[int], after: int, from_ns: int, to_ns: int) -> HistoryPage:
        """The next page of stored samples of these layouts, taken in [from_ns, to_ns)."""
        return read_history(self._database, layouts, after, from_ns, to_ns)

    def usage_rows(self, kind: int, first: int, last: int) -> list[KeptRow]:
        """Sound rows that Wi-Fi keeps, of a kind, whose `at` lies in [first, last]."""
        return read_usage(self._database, kind, first, last)

    def shrink(self, pages: int) -> None:
        """Give some free pages back to the file system."""
        self._database.run(f"PRAGMA incremental_vacuum({pages})")

    def quarantine(self, limit: int) -> tuple[Quarantined, ...]:
        """The newest refused rows."""
        rows = self._database.run(
            "SELECT id, target, stream, seq, at_ns, line, reason, retry FROM quarantine"
            " ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return tuple(
            Quarantined(
                number(key),
                str(target),
                Stream(str(stream)),
                number(seq),
                number(at_ns),
                str(line),
                str(reason),
                bool(retry),
            )
            for key, target, stream, seq, at_ns, line, reason, retry in rows
        )

    def retry_quarantine(self, target: str | None) -> tuple[tuple[str, Stream, Row], ...]:
        """Mark refused rows as owed once more, and give those of all targets that are."""
        with self._database.transaction():
            self._database.run("UPDATE quarantine SET retry = 1 WHERE ?1 IS NULL OR target = ?1", (target,))
        return tuple(self._retries())

    def clear_quarantine(self, target: str | None) -> tuple[int, tuple[tuple[str, Stream, Row], ...]]:
        """Throw refused rows away; returns how many, and the others that are owed once more."""
        with self._database.transaction():
            gone = self._database.run(
                "DELETE FROM quarantine WHERE ?1 IS NULL OR target = ?1 RETURNING id", (target,)
            )
        return len(gone), tuple(self._retries())

    def _retries(self) -> Iterator[tuple[str, Stream, Row]]:
        for target, stream, seq, at_ns, layout, body in self._database.run(
            "SELECT target, stream, seq, at_ns, layout, body FROM quarantine WHERE retry ORDER BY id"
        ):
            row = Row(number(seq), number(at_ns), number(layout), str(body))
            yield str(target), Stream(str(stream)), row


def _crc(row: Row) -> int:
    return row_crc(row.seq, row.at_ns, row.layout, row.body.encode())


def _ends(found: tuple[Value, ...]) -> tuple[int, int]:
    first, last = found
    return (0, 0) if first is None else (number(first), number(last))

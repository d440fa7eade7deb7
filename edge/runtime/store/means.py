"""Means of stations as rows of their own table: packed, summed, read as columns. Pure but for the file."""

import struct
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from zlib import crc32

from edge.core.air import Span
from edge.core.air_columns import Columns
from edge.core.air_rows import packed_rows
from edge.core.model import Layout
from edge.runtime.store.database import Database, StoreDamaged, Value
from edge.runtime.store.packed import HOUR_NS, PACKED_S, amounts_and_marks, hour_of, hours
from edge.runtime.store.sound import number

SERIES = "kept"
"""The series of layouts that only name the points of kept means."""

FORGET_AT_ONCE = 5_000
"""Most rows that one transaction takes away."""

PENDING_MAX = 20_000
"""Means that wait in memory while the disk takes none; the oldest leave."""

COLUMNS = (
    "span, end_ns, station, CAST(layout AS INTEGER), CAST(amounts AS BLOB), CAST(marks AS BLOB),"
    " CAST(crc AS INTEGER)"
)

_HEAD = struct.Struct("<qqq")

Key = tuple[int, int, str]
"""Span in s, end in ns, station."""


class MeanRow(NamedTuple):
    """One kept mean. A tuple as it lies in the file: a year of minutes is millions of them."""

    span_s: int
    end_ns: int
    station: str
    layout: int
    amounts: bytes
    marks: bytes
    crc: int

    @property
    def key(self) -> Key:
        """What there is one of."""
        return self[:3]


@dataclass(slots=True)
class MeanNames:
    """The points of each station's rows, which only become more: few layouts serve for years."""

    known: dict[str, tuple[str, ...]] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)

    def learn(self, layouts: Iterable[Layout]) -> None:
        """Take over what earlier runs used."""
        for layout in layouts:
            if layout.series == SERIES and len(layout.names) > len(self.known.get(layout.device, ())):
                self.known[layout.device] = layout.names

    def layout_of(self, station: str, points: Iterable[str]) -> Layout:
        """The layout of rows of a station that have these points."""
        layout = self.layouts.get(station)
        names = self.known.get(station, ())
        new = [name for name in points if name not in names]
        if layout is None or new:
            self.known[station] = names = tuple(sorted({*names, *new}))
            layout = self.layouts[station] = Layout(station, "", names, (), SERIES)
        return layout


def pack(span: Span, columns: Columns, layout: int, of: Layout) -> Iterator[MeanRow]:
    """Means as rows of a layout, which also names the station."""
    span_s = span.seconds
    for end_ns, amounts, marks in packed_rows(columns, of.names):
        yield mean_row(span_s, end_ns, of.device, layout, amounts, marks)


def mean_row(span_s: int, end_ns: int, station: str, layout: int, amounts: bytes, marks: bytes) -> MeanRow:
    """A row with its sum."""
    crc = crc32(_HEAD.pack(span_s, end_ns, layout) + amounts + marks, crc32(station.encode()))
    return MeanRow(span_s, end_ns, station, layout, amounts, marks, crc)


def packed_row(end_ns: int, minutes: Columns, layout: int, of: Layout) -> MeanRow:
    """The minutes of a station's hour as one row of a layout, which also names the station."""
    amounts, marks = amounts_and_marks(minutes, of.names)
    return mean_row(PACKED_S, end_ns, of.device, layout, amounts, marks)


def unpack(
    rows: Iterable[MeanRow], layouts: Mapping[int, Layout], after_ns: int, through_ns: int
) -> dict[str, Columns]:
    """Rows of one span, oldest first, as columns by station, of ends in (after_ns, through_ns].

    One whose points nobody knows is left out.
    """
    of_station: defaultdict[str, list[MeanRow]] = defaultdict(list)
    packed: defaultdict[str, list[MeanRow]] = defaultdict(list)
    for row in rows:
        (packed if row[0] == PACKED_S else of_station)[row[2]].append(row)
    found = {station: _rows_as_columns(own, layouts) for station, own in of_station.items()}
    whole: dict[int, array[int]] = {}
    for station, own in packed.items():
        minutes = _hours_as_columns(own, layouts, whole).between(after_ns, through_ns)
        found[station] = minutes.replaced_by(found.get(station, Columns()))
    return {station: columns for station, columns in found.items() if columns}


def _rows_as_columns(rows: Sequence[MeanRow], layouts: Mapping[int, Layout]) -> Columns:
    found = Columns()
    for of, run in groupby(rows, itemgetter(3)):
        if (layout := layouts.get(of)) is None:
            continue
        _, ends_ns, _, _, all_amounts, all_marks, _ = zip(*run, strict=True)
        amounts, marks = array("d"), array("H")
        amounts.frombytes(b"".join(all_amounts))
        marks.frombytes(b"".join(all_marks))
        if len(marks) == len(amounts) == len(ends_ns) * len(layout.names):
            found.extend(array("q", ends_ns), layout.names, amounts, marks)
    return found


def _hours_as_columns(
    rows: Sequence[MeanRow], layouts: Mapping[int, Layout], whole: "dict[int, array[int]]"
) -> Columns:
    found = Columns()
    for of, run in groupby(rows, itemgetter(3)):
        if (layout := layouts.get(of)) is not None:
            found.join(hours(((row[1], row[4], row[5]) for row in run), layout.names, whole))
    return found


def merged(rows: Sequence[MeanRow], pending: Iterable[MeanRow]) -> Sequence[MeanRow]:
    """Rows of the file with those that are on their way there."""
    newer = {row[:3]: row for row in pending}
    if not newer:
        return rows
    found = {row[:3]: row for row in rows} | newer
    return [found[key] for key in sorted(found)]


def write_means(database: Database, rows: Sequence[MeanRow], forgotten: Iterable[tuple[int, int]]) -> None:
    """Bring rows to the file, within its transaction; of what is to be forgotten only so much at once.

    The minutes of an hour that comes as one row leave.
    """
    database.many(
        f"DELETE FROM mean WHERE span = {Span.MINUTE.seconds} AND end_ns > ? AND end_ns <= ? AND station = ?",
        ((end_ns - HOUR_NS, end_ns, station) for span_s, end_ns, station, *_ in rows if span_s == PACKED_S),
    )
    database.many(
        "INSERT OR REPLACE INTO mean VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    for span_s, before_ns in forgotten:
        for span in (span_s, PACKED_S) if span_s == Span.MINUTE.seconds else (span_s,):
            database.run(
                "DELETE FROM mean WHERE (span, end_ns, station) IN"
                " (SELECT span, end_ns, station FROM mean WHERE span = ? AND end_ns < ? LIMIT ?)",
                (span, before_ns, FORGET_AT_ONCE),
            )


def read_means(
    database: Database, stations: Sequence[str], span: Span, after_ns: int, through_ns: int
) -> list[MeanRow]:
    """Sound rows whose end lies in (after_ns, through_ns], oldest first; minutes also as hours of them."""
    found = _read(database, stations, span.seconds, after_ns, through_ns)
    if span is Span.MINUTE:
        found += _read(database, stations, PACKED_S, after_ns, hour_of(through_ns))
    return found


def _read(
    database: Database, stations: Sequence[str], span_s: int, after_ns: int, through_ns: int
) -> list[MeanRow]:
    marks = ", ".join("?" * len(stations))
    return sound_means(
        database.run(
            f"SELECT {COLUMNS} FROM mean WHERE span = ? AND end_ns > ? AND end_ns <= ?"
            f" AND station IN ({marks}) ORDER BY end_ns",
            (span_s, after_ns, through_ns, *stations),
        )
    )


def loose_hours(database: Database, through_ns: int, limit: int) -> list[tuple[str, int]]:
    """Station and end of the oldest hours, over by then, of which minutes lie each for itself."""
    rows = database.run(
        "SELECT end_ns, station FROM mean WHERE span = ? AND end_ns <= ? ORDER BY end_ns LIMIT ?",
        (Span.MINUTE.seconds, through_ns // HOUR_NS * HOUR_NS, limit),
    )
    return list(dict.fromkeys((str(station), hour_of(number(end_ns))) for end_ns, station in rows))


def sound_means(raw: Iterable[tuple[Value, ...]]) -> list[MeanRow]:
    """Rows of COLUMNS whose sum is right. Plain and without calls of our own: there are millions of them."""
    found: list[MeanRow] = []
    pack, of_name = _HEAD.pack, dict[object, int]()
    rows: Iterable[Any] = raw  # what is not of its column's type ends in a wrong sum, or below
    for row in rows:
        span_s, end_ns, station, layout, amounts, marks, crc = row
        try:
            name = of_name.get(station)
            if name is None:
                name = of_name[station] = crc32(station.encode())
            if crc32(pack(span_s, end_ns, layout) + amounts + marks, name) == crc:
                found.append(row)
        except (TypeError, AttributeError, struct.error):
            continue
    return found


CHUNK_ROWS = 5_000


def copy_means(old: Database, fresh: Database) -> None:
    """Take over the sound rows of a damaged file: the newest down to a damaged place, then the oldest."""
    for sign, order in (("<", "DESC"), (">", "ASC")):
        key: tuple[Value, ...] = (1 << 62, 0, "") if sign == "<" else (-1, 0, "")
        try:
            while raw := old.run(
                f"SELECT {COLUMNS} FROM mean WHERE (span, end_ns, station) {sign} (?, ?, ?)"
                f" ORDER BY span {order}, end_ns {order}, station {order} LIMIT ?",
                (*key, CHUNK_ROWS),
            ):
                key = raw[-1][:3]
                with fresh.transaction():
                    write_means(fresh, sound_means(raw), ())
            return
        except StoreDamaged:
            continue

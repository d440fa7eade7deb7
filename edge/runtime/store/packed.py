"""An hour's minutes of a station as one row of the table of means, and back. Pure.

A year of minutes is millions of rows; together they take less of the card and are read many times faster.
The row lies among the others under a span of its own. Its amounts and marks are those of its minutes one
after the other, and behind the marks stands, as a byte each, how many minutes before the hour's end they end.
A minute that is said again after that lies beside it as a row, and is the one that counts.
"""

from array import array
from collections.abc import Iterable, Sequence

from edge.core.air import Span
from edge.core.air_columns import Columns
from edge.core.air_rows import packed_rows

PACKED_S = 1_000_000 + Span.MINUTE.seconds
"""The span (s) under which rows of an hour's minutes lie."""

MINUTE_NS = Span.MINUTE.seconds * 1_000_000_000
HOUR_NS = Span.HOUR.seconds * 1_000_000_000
VALUE_BYTES, MARK_BYTES = 8, 2
WHOLE = bytes(range(HOUR_NS // MINUTE_NS - 1, -1, -1))
"""Of an hour without gaps: how many minutes before its end each of them ends."""

ALL = frozenset(WHOLE)
FEW = 8
"""So many minutes are sooner taken out of an hour than the others put together."""


def hour_of(end_ns: int) -> int:
    """The end of the hour into which a minute's end falls."""
    return -(-end_ns // HOUR_NS) * HOUR_NS


def amounts_and_marks(minutes: Columns, names: Sequence[str]) -> tuple[bytes, bytes]:
    """Minutes of one hour, as its row has them."""
    rows = list(packed_rows(minutes, names))
    of_hour = bytes((hour_of(end_ns) - end_ns) // MINUTE_NS for end_ns in minutes.ends_ns)
    return b"".join(amounts for _, amounts, _ in rows), b"".join(marks for _, _, marks in rows) + of_hour


def hours(
    packed: Iterable[tuple[int, bytes, bytes]], names: tuple[str, ...], whole: "dict[int, array[int]]"
) -> Columns:
    """The minutes of such rows (end of the hour, amounts, marks), oldest first, as columns.

    One whose lengths do not fit each other is left out. `whole` is what `minutes_of` knows of other stations.
    """
    found, width = Columns(), len(names)
    ends_ns, amounts, marks = array("q"), array("d"), array("H")
    for end_ns, of_amounts, of_marks in packed:
        count = len(of_amounts) // (width * VALUE_BYTES) if width else 0
        split = count * width * MARK_BYTES
        if not count or len(of_amounts) != count * width * VALUE_BYTES or len(of_marks) != split + count:
            continue
        amounts.frombytes(of_amounts)
        marks.frombytes(of_marks[:split])
        ends_ns.extend(_ends(minutes_of(end_ns, whole), end_ns, of_marks[split:]))
    if ends_ns:
        found.extend(ends_ns, names, amounts, marks)
    return found


def minutes_of(end_ns: int, known: "dict[int, array[int]]") -> "array[int]":
    """When the minutes of an hour end, made once for all stations."""
    found = known.get(end_ns)
    if found is None:
        found = known[end_ns] = array("q", range(end_ns - HOUR_NS + MINUTE_NS, end_ns + 1, MINUTE_NS))
    return found


def _ends(whole: "array[int]", end_ns: int, before: bytes) -> "array[int]":
    if before == WHOLE:
        return whole
    missing = ALL.difference(before)
    if len(missing) > FEW or len(missing) + len(before) != len(WHOLE):
        return array("q", [end_ns - MINUTE_NS * minutes for minutes in before])
    found = whole[:]
    for minutes in sorted(missing, reverse=True):
        del found[-1 - minutes]
    return found

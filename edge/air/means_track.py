"""The latest samples of one poll of one device, and what they say of a minute. Pure."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from edge.air.averaging import WEIGHED_BY, average, averaging_of, increase
from edge.core.air import MeanValue
from edge.core.model import Quality
from edge.core.vocabulary import Averaging

COUNTER_GAP_NS = 3_600 * 1_000_000_000
"""Over a longer silence nobody knows when a counter grew: it begins anew."""

ROWS_KEPT = 3
"""The newest samples stay, however old: the one before the newest may still turn out to be a spike."""


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One sample: None where there is no value or it does not count; `suspect` by position."""

    at_ns: int
    values: tuple[float | None, ...] = field(compare=False)
    suspect: frozenset[int] = field(compare=False, default=frozenset())
    calibrating: bool = field(compare=False, default=False)


@dataclass(frozen=True, slots=True)
class _Part:
    value: float
    length_ns: int
    weight: float
    suspect: bool


class Track:
    """Samples of one layout, by time. Each holds until the next, at most `hold_ns`."""

    def __init__(self, device: str, names: tuple[str, ...], hold_ns: int = 0) -> None:
        self.device, self.names, self.hold_ns = device, names, hold_ns
        kinds = ((at, name, averaging_of(name)) for at, name in enumerate(names))
        self.points = {name: (at, kind) for at, name, kind in kinds if kind is not None}
        self._weights = {
            name: names.index(by) for name, by in WEIGHED_BY.items() if name in names and by in names
        }
        self._rows: list[Row] = []
        self.counted: dict[str, tuple[int, float]] = {}
        """Last reading of each counter before the rows: when, and what."""

    @property
    def is_empty(self) -> bool:
        """Whether there is no sample."""
        return not self._rows

    def add(self, row: Row) -> tuple[int, int]:
        """Take a sample in, in place of one of the same time; gives from when to when it changes things."""
        rows = self._rows
        at = bisect_left(rows, row)
        if at < len(rows) and rows[at].at_ns == row.at_ns:
            rows[at] = row
        elif at == len(rows):
            rows.append(row)
        else:
            insort(rows, row)
        until_ns = row.at_ns + self.hold_ns
        if at + 1 < len(rows):
            until_ns = max(min(until_ns, rows[at + 1].at_ns), self._counted_next_ns(at + 1))
        return row.at_ns, until_ns

    def _counted_next_ns(self, first: int) -> int:
        """Just after the next reading of a counter, which grows from the sample before it."""
        for position, kind in self.points.values():
            if kind is Averaging.INCREASE:
                for row in self._rows[first:]:
                    if row.values[position] is not None:
                        return row.at_ns + 1
        return 0

    def prune(self, before_ns: int) -> None:
        """Let go of samples that say nothing of any time from `before_ns` on."""
        rows = self._rows
        gone = min(bisect_right(rows, Row(before_ns, ())) - 1, len(rows) - ROWS_KEPT)
        if gone <= 0:
            return
        for row in rows[:gone]:
            self._count(row)
        del rows[:gone]

    def _count(self, row: Row) -> None:
        for name, (at, kind) in self.points.items():
            value = row.values[at]
            if kind is Averaging.INCREASE and value is not None:
                self.counted[name] = (row.at_ns, value)

    def counters(self) -> dict[str, tuple[int, float]]:
        """The newest reading of each counter."""
        found = dict(self.counted)
        for row in self._rows:
            for name, (at, kind) in self.points.items():
                value = row.values[at]
                if kind is Averaging.INCREASE and value is not None:
                    found[name] = (row.at_ns, value)
        return found

    def minute(self, start_ns: int, end_ns: int) -> dict[str, MeanValue]:
        """What there is of each point between two times."""
        rows = self._rows
        first = max(0, bisect_right(rows, Row(start_ns, ())) - 1)
        pieces = list(self._pieces(first, start_ns, end_ns))
        if not pieces:
            return {}
        calibrating = any(row.calibrating for row, _ in pieces)
        found: dict[str, MeanValue] = {}
        for name, (at, kind) in self.points.items():
            parts = self._parts(name, at, pieces)
            if kind is Averaging.INCREASE:
                value: float | None = self._increase(name, at, start_ns, end_ns)
            else:
                value = average(kind, [(part.value, part.weight) for part in parts])
            if value is not None and parts:
                covered_ns = sum(part.length_ns for part in parts)
                coverage = round(covered_ns / (end_ns - start_ns), 4)
                suspect = any(part.suspect for part in parts)
                found[name] = MeanValue(value, coverage, suspect, calibrating)
        return found

    def _pieces(self, first: int, start_ns: int, end_ns: int) -> Iterator[tuple[Row, int]]:
        rows, last = self._rows, len(self._rows) - 1
        for at in range(first, last + 1):
            row = rows[at]
            if row.at_ns >= end_ns:
                return
            until_ns = min(row.at_ns + self.hold_ns, end_ns)
            if at < last:
                until_ns = min(until_ns, rows[at + 1].at_ns)
            length_ns = until_ns - max(row.at_ns, start_ns)
            if length_ns > 0:
                yield row, length_ns

    def _parts(self, name: str, at: int, pieces: list[tuple[Row, int]]) -> list[_Part]:
        by = self._weights.get(name)
        parts: list[_Part] = []
        for row, length_ns in pieces:
            value = row.values[at]
            if value is None:
                continue
            weight = float(length_ns)
            if by is not None:
                speed = row.values[by]
                weight *= 1.0 if speed is None else speed
            parts.append(_Part(value, length_ns, weight, at in row.suspect))
        return parts

    def _increase(self, name: str, at: int, start_ns: int, end_ns: int) -> float:
        total, before = 0.0, self.counted.get(name)
        for row in self._rows:
            value = row.values[at]
            if row.at_ns >= end_ns:
                break
            if value is None:
                continue
            if before is not None and row.at_ns >= start_ns and row.at_ns - before[0] <= COUNTER_GAP_NS:
                total += increase(before[1], value)
            before = (row.at_ns, value)
        return total


def row_of(
    at_ns: int,
    values: tuple[float | None, ...],
    flags: tuple[tuple[int, Quality], ...],
    calibrating: bool,
) -> Row:
    """A sample as a row: bad values do not count, suspicious ones do and are marked."""
    if not flags:
        return Row(at_ns, values, frozenset(), calibrating)
    kept = list(values)
    for at, flag in flags:
        if flag is Quality.BAD:
            kept[at] = None
    suspect = frozenset(at for at, flag in flags if flag is Quality.SUSPECT)
    return Row(at_ns, tuple(kept), suspect, calibrating)

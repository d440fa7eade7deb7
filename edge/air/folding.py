"""One point's longer means from its shorter ones: a column is made ready once, and folded at many cuts. Pure.

Five minutes and hours come from minutes, each with the weight of its coverage; minutes of calibration are
left out of hours. Running 8 h and days come from hours: only valid ones count, all alike, so that 6 of 8 and
18 of 24 are 75 %. What a counter grew by is the sum of all that was seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from operator import mul

from edge.air.averaging import average, direction_of
from edge.core.air import COVERAGE_MIN, Span
from edge.core.air_columns import CALIBRATING, COVERAGE, FULL, NOTHING, SUSPECT
from edge.core.vocabulary import Averaging

VALID = round(COVERAGE_MIN * FULL)

Folded = tuple[float, int]
"""A value and its mark; a mark of 0 says that there is none."""

Cut = tuple[int, int]
"""The rows that go into one mean: from the first to the last, without it."""

NONE: Folded = (NOTHING, 0)


@dataclass(frozen=True, slots=True)
class Column:
    """One point's shorter means: values, marks, and how much more each counts (by the wind's speed)."""

    kind: Averaging
    values: list[float]
    marks: list[int]
    weights: list[float] | None = None


def from_minutes(column: Column, cuts: Sequence[Cut], count: int, span: Span) -> Iterator[Folded]:
    """The means of five minutes or an hour, of which there could be `count` minutes."""
    sums = _sums(column, column.marks)
    is_plain = max(column.marks, default=0) <= FULL
    is_full = FULL * count if column.kind is Averaging.ARITHMETIC else None
    keeps_calibrating = span is Span.FIVE_MINUTES
    for first, last in cuts:
        marks = column.marks[first:last]
        if sums is not None and (is_plain or max(marks, default=0) <= FULL):
            covered = sum(marks)
            if covered == is_full:
                yield sum(column.values[first:last]) / count, FULL
                continue
            if covered and (value := sums.mean(first, last, covered)) == value and value is not None:
                yield value, round(covered / count) or 1
                continue
        yield _of_minutes(column, first, last, count, keeps_calibrating)


def from_hours(column: Column, cuts: Sequence[Cut], count: int) -> Iterator[Folded]:
    """The means of eight hours or a day, of which there could be `count` hours."""
    sums = _sums(column, None)
    is_plain = not column.marks or _are_plain(column.marks)
    for first, last in cuts:
        there = last - first
        if sums is not None and there and (is_plain or _are_plain(column.marks[first:last])):
            value = sums.mean(first, last, there)
            if value == value and value is not None:
                yield value, round(there * FULL / count)
                continue
        yield _of_hours(column, first, last, count)


def _are_plain(hours: list[int]) -> bool:
    """Whether all are valid, without flags."""
    return min(hours) >= VALID and max(hours) <= FULL


@dataclass(frozen=True, slots=True)
class _Scalars:
    """What the usual case adds up, without a loop: no flags, every value there."""

    values: list[float]
    marks: list[int] | None

    def mean(self, first: int, last: int, weight: int) -> float | None:
        """The mean of some rows; no number where one of them has no value."""
        values = self.values[first:last]
        return sum(values if self.marks is None else map(mul, values, self.marks[first:last])) / weight


@dataclass(frozen=True, slots=True)
class _Vectors:
    """The same of directions."""

    east: list[float]
    north: list[float]
    weights: list[float]

    def mean(self, first: int, last: int, _weight: int) -> float | None:
        """Where the sum of some rows points; None where it points nowhere."""
        some = slice(first, last)
        return direction_of(sum(self.east[some]), sum(self.north[some]), sum(self.weights[some]))


def _sums(column: Column, marks: list[int] | None) -> _Scalars | _Vectors | None:
    """What adds rows by their marks, or all alike."""
    if column.kind is Averaging.ARITHMETIC:
        return _Scalars(column.values, marks)
    if column.kind is not Averaging.CIRCULAR:
        return None
    if marks is None:
        by = [1.0] * len(column.values)
    elif column.weights is None:
        by = list(map(float, marks))
    else:
        by = list(map(mul, marks, column.weights))
    angles = list(map(radians, column.values))
    return _Vectors(list(map(mul, map(sin, angles), by)), list(map(mul, map(cos, angles), by)), by)


def _of_minutes(column: Column, first: int, last: int, count: int, keeps_calibrating: bool) -> Folded:
    parts: list[tuple[float, float]] = []
    covered = seen = 0
    for at in range(first, last):
        mark = column.marks[at]
        coverage = mark & COVERAGE
        seen |= mark & CALIBRATING
        if coverage == 0 or (mark & CALIBRATING and not keeps_calibrating):
            continue
        covered += coverage
        seen |= mark & SUSPECT
        weight = float(coverage)
        if column.weights is not None and column.weights[at] == column.weights[at]:
            weight *= column.weights[at]
        parts.append((column.values[at], weight))
    value = average(column.kind, parts)
    if value is None:
        return (NOTHING, seen) if seen & CALIBRATING else NONE
    return value, seen | _mark(covered / count)


def _of_hours(column: Column, first: int, last: int, count: int) -> Folded:
    parts: list[tuple[float, float]] = []
    valid = seen = 0
    for at in range(first, last):
        mark = column.marks[at]
        coverage = mark & COVERAGE
        if coverage == 0:
            continue
        is_valid = coverage >= VALID
        valid += is_valid
        if is_valid or column.kind is Averaging.INCREASE:
            seen |= mark & (SUSPECT | CALIBRATING)
            parts.append((column.values[at], 1.0))
    value = average(column.kind, parts)
    return NONE if value is None else (value, seen | _mark(valid * FULL / count))


def _mark(coverage: float) -> int:
    """A coverage in ten-thousandths as it is kept: what has a value has some."""
    return max(1, min(FULL, round(coverage)))

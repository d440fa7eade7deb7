"""One point's longer means from its shorter ones: a column is folded at many cuts. Pure.

Five minutes and hours come from minutes, each with the weight of its coverage; minutes of calibration are
left out of hours. Running 8 h and days come from hours: only valid ones count, all alike, so that 6 of 8 and
18 of 24 are 75 %. What a counter grew by is the sum of all that was seen.
"""

from array import array
from cmath import rect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import radians
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


class Cover:
    """What the marks of some rows say, at each cut; once for all points that have the same ones."""

    def __init__(self, marks: list[int], cuts: Sequence[Cut]) -> None:
        self.marks, self.cuts = marks, cuts

    @cached_property
    def weights(self) -> list[float]:
        """How much each row counts: right where it has no flags."""
        return list(map(float, self.marks))

    @cached_property
    def plain_minutes(self) -> list[int]:
        """How much of each cut is covered, in ten-thousandths of a minute; 0 where there are flags."""
        is_plain = max(self.marks, default=0) <= FULL
        each = (self.marks[first:last] for first, last in self.cuts)
        return [sum(marks) if is_plain or max(marks, default=0) <= FULL else 0 for marks in each]

    @cached_property
    def plain_hours(self) -> list[int]:
        """How many hours each cut has; 0 where one of them has flags or is not valid."""
        is_plain = not self.marks or _are_plain(self.marks)
        return [
            last - first if first < last and (is_plain or _are_plain(self.marks[first:last])) else 0
            for first, last in self.cuts
        ]


def _are_plain(hours: list[int]) -> bool:
    return min(hours) >= VALID and max(hours) <= FULL


@dataclass(frozen=True, slots=True)
class Column:
    """One point's shorter means: values, their cover, and how much more each counts (by the wind's speed).

    Cut as arrays: the floats of an hour are made and let go of quicker than those of a day are kept.
    """

    kind: Averaging
    values: "array[float]"
    cover: Cover
    weights: "array[float] | None" = None


def from_minutes(column: Column, count: int, span: Span) -> Iterator[Folded]:
    """The means of five minutes or an hour, of which there could be `count` minutes."""
    cover = column.cover
    mean = _mean(column, cover.weights)
    is_full = FULL * count if column.kind is Averaging.ARITHMETIC else None
    for (first, last), covered in zip(cover.cuts, cover.plain_minutes, strict=True):
        if covered == is_full:
            yield sum(column.values[first:last]) / count, FULL
        elif covered and mean and (value := mean(first, last, covered)) == value and value is not None:
            yield value, round(covered / count) or 1
        else:
            yield _of_minutes(column, first, last, count, keeps_calibrating=span is Span.FIVE_MINUTES)


def from_hours(column: Column, count: int) -> Iterator[Folded]:
    """The means of eight hours or a day, of which there could be `count` hours."""
    cover = column.cover
    mean = _mean(column, None)
    for (first, last), there in zip(cover.cuts, cover.plain_hours, strict=True):
        if there and mean and (value := mean(first, last, there)) == value and value is not None:
            yield value, round(there * FULL / count)
        else:
            yield _of_hours(column, first, last, count)


_MeanOf = Callable[[int, int, int], float | None]
"""The mean of the rows from the first to the last (without it), whose weights are so many together."""


def _mean(column: Column, weights: list[float] | None) -> _MeanOf | None:
    """What takes the mean in the usual case, without a loop: no flags, every value there (else no number)."""
    values = column.values
    if column.kind is Averaging.CIRCULAR:
        of_wind = None if weights is None else column.weights
        return _mean_direction(values, weights or [1.0] * len(values), of_wind)
    if column.kind is not Averaging.ARITHMETIC:
        return None
    if weights is None:
        return lambda first, last, total: sum(values[first:last]) / total
    return lambda first, last, total: sum(map(mul, values[first:last], weights[first:last])) / total


def _mean_direction(values: "array[float]", by: list[float], of_wind: "array[float] | None") -> _MeanOf:
    weights = by if of_wind is None else list(map(mul, by, of_wind))
    vectors = list(map(rect, weights, map(radians, values)))

    def mean(first: int, last: int, _total: int) -> float | None:
        resultant = sum(vectors[first:last], 0j)
        return direction_of(resultant.imag, resultant.real, sum(weights[first:last]))

    return mean


def _of_minutes(column: Column, first: int, last: int, count: int, keeps_calibrating: bool) -> Folded:
    parts: list[tuple[float, float]] = []
    covered = seen = 0
    for at in range(first, last):
        mark = column.cover.marks[at]
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
        mark = column.cover.marks[at]
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

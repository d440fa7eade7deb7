"""One point's longer means from its shorter ones: a column is folded at many cuts. Pure.

Five minutes and hours come from minutes, each with the weight of its coverage; minutes of calibration are
left out of hours. Running 8 h and days come from hours: only valid ones count, all alike, so that 6 of 8 and
18 of 24 are 75 %. What a counter grew by is the sum of all that was seen.
"""

from array import array
from cmath import rect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import radians

from edge.air.averaging import average, direction_of
from edge.core.air import COVERAGE_MIN, Span
from edge.core.air_columns import CALIBRATING, COVERAGE, FULL, NOTHING, SUSPECT
from edge.core.vocabulary import Averaging

VALID = round(COVERAGE_MIN * FULL)

Folded = tuple[float, int]
"""A value and its mark; a mark of 0 says that there is none."""

Cut = tuple[int, int]
"""The rows that go into one mean: from the first to the last, without it."""

Plain = tuple[int, int, int, Sequence[tuple[int, int]]]
"""A cut without flags: first row, last row (without it), what its rows weigh together in parts of FULL, and
by how much those that are not FULL fall short of it."""

NONE: Folded = (NOTHING, 0)


@dataclass(slots=True)
class Usual:
    """The cuts that have no flags, their places, and the marks of their means: 0 at the places of others."""

    cuts: list[Plain] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    marks: "array[int]" = field(default_factory=lambda: array("H"))

    def add(self, place: int, cut: Plain, mark: int) -> None:
        """One more."""
        self.cuts.append(cut)
        self.places.append(place)
        self.marks[place] = mark


class Cover:
    """What the marks of some rows say, at each cut, of which there could be `count`.

    Once for all points that have the same marks.
    """

    def __init__(self, marks: list[int], cuts: Sequence[Cut], count: int) -> None:
        self.marks, self.cuts, self.count = marks, cuts, count

    @cached_property
    def minutes(self) -> Usual:
        """The usual cuts of minutes: each minute counts as much as it is covered."""
        found = self._none()
        is_plain = max(self.marks, default=0) <= FULL
        for place, (first, last) in enumerate(self.cuts):
            own = self.marks[first:last]
            covered = sum(own)
            if covered and (is_plain or max(own) <= FULL):
                short = [(row, FULL - mark) for row, mark in enumerate(own, first) if mark != FULL]
                found.add(place, (first, last, covered, short), _mark(covered / self.count))
        return found

    @cached_property
    def hours(self) -> Usual:
        """The usual cuts of hours: all of them are valid, and count alike."""
        found = self._none()
        is_plain = not self.marks or _are_plain(self.marks)
        for place, (first, last) in enumerate(self.cuts):
            if first < last and (is_plain or _are_plain(self.marks[first:last])):
                covered = FULL * (last - first)
                found.add(place, (first, last, covered, ()), _mark(covered / self.count))
        return found

    def _none(self) -> Usual:
        return Usual(marks=array("H", (0,)) * len(self.cuts))


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
    wind: "array[float] | None" = None


Means = tuple["array[float]", "array[int]"]
"""Values and marks, one of each for a cut."""


def from_minutes(column: Column, span: Span) -> Means:
    """The means of five minutes or an hour."""
    keeps = span is Span.FIVE_MINUTES
    return _folded(column, column.cover.minutes, lambda first, last: _of_minutes(column, first, last, keeps))


def from_hours(column: Column) -> Means:
    """The means of eight hours or a day."""
    return _folded(column, column.cover.hours, lambda first, last: _of_hours(column, first, last))


def _folded(column: Column, usual: Usual, unusual: Callable[[int, int], Folded]) -> Means:
    """The means of the usual cuts by few steps, those of others row by row."""
    quick = _quick(column, usual.cuts)
    cuts = column.cover.cuts
    if len(quick) == len(cuts) and _are_numbers(quick):
        return array("d", quick), usual.marks[:]
    amounts, marks = array("d", (NOTHING,)) * len(cuts), array("H", (0,)) * len(cuts)
    for place, value in zip(usual.places, quick, strict=False):
        if value == value:
            amounts[place], marks[place] = value, usual.marks[place]
    for place, (first, last) in enumerate(cuts):
        if not marks[place]:
            amounts[place], marks[place] = unusual(first, last)
    return amounts, marks


def _are_numbers(values: list[float]) -> bool:
    return (total := sum(values)) == total


def _quick(column: Column, cuts: Sequence[Plain]) -> list[float]:
    """The means of usual cuts, no number where a value is missing; nothing where there is no quick way."""
    if column.kind is Averaging.CIRCULAR:
        return _directions(column.values, column.wind, cuts)
    return _arithmetic(column.values, cuts) if column.kind is Averaging.ARITHMETIC else []


def _arithmetic(values: "array[float]", cuts: Sequence[Plain]) -> list[float]:
    found: list[float] = []
    for first, last, covered, short in cuts:
        total = sum(values[first:last])
        if short:
            total *= FULL
            for row, lack in short:
                total -= lack * values[row]
            found.append(total / covered)
        else:
            found.append(total / (last - first))
    return found


def _directions(degrees: "array[float]", wind: "array[float] | None", cuts: Sequence[Plain]) -> list[float]:
    speeds = wind or array("d", (1.0,)) * len(degrees)
    vectors = list(map(rect, speeds, map(radians, degrees)))
    found: list[float] = []
    for first, last, _, short in cuts:
        resultant, total = FULL * sum(vectors[first:last], 0j), FULL * sum(speeds[first:last])
        for row, lack in short:
            resultant -= lack * vectors[row]
            total -= lack * speeds[row]
        direction = direction_of(resultant.imag, resultant.real, total)
        found.append(NOTHING if direction is None else direction)
    return found


def _of_minutes(column: Column, first: int, last: int, keeps_calibrating: bool) -> Folded:
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
        if column.wind is not None and column.wind[at] == column.wind[at]:
            weight *= column.wind[at]
        parts.append((column.values[at], weight))
    value = average(column.kind, parts)
    if value is None:
        return (NOTHING, seen) if seen & CALIBRATING else NONE
    return value, seen | _mark(covered / column.cover.count)


def _of_hours(column: Column, first: int, last: int) -> Folded:
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
    return NONE if value is None else (value, seen | _mark(valid * FULL / column.cover.count))


def _mark(coverage: float) -> int:
    """A coverage in ten-thousandths as it is kept: what has a value has some."""
    return max(1, min(FULL, round(coverage)))

"""Means of longer spans from those of shorter ones. Pure.

Five minutes and hours come from minutes, each with the weight of its coverage; minutes of calibration are
left out of hours. Running 8 h and days come from hours: only valid ones count, all alike, so that 6 of 8 and
18 of 24 are 75 %. What a counter grew by is the sum of all that was seen.
"""

from array import array
from math import cos, radians, sin
from operator import mul

from edge.air.averaging import WEIGHED_BY, average, averaging_of, direction_of
from edge.core.air import COVERAGE_MIN, Mean, Span
from edge.core.air_columns import CALIBRATING, COVERAGE, FULL, NOTHING, SUSPECT, Columns
from edge.core.air_rows import values_of
from edge.core.vocabulary import Averaging

VALID = round(COVERAGE_MIN * FULL)

Folded = tuple[float, int]
"""A value and its mark."""


def longer(station: str, span: Span, end_ns: int, shorter: Columns, count: int) -> Mean:
    """The mean of a span from all shorter ones in it, of which there could be `count`."""
    return longer_rows(station, span, end_ns, shorter, 0, len(shorter), count)


def longer_rows(
    station: str, span: Span, end_ns: int, shorter: Columns, first: int, last: int, count: int
) -> Mean:
    """The same from rows `first` to `last` (without it)."""
    return Mean(station, span, end_ns, values_of(fold(span, shorter, first, last, count)))


def fold(span: Span, columns: Columns, first: int, last: int, count: int) -> dict[str, Folded]:
    """Values and marks by point over rows `first` to `last` (without it) of `count` that there could be."""
    by_hours = span in (Span.EIGHT_HOURS, Span.DAY)
    full = array("H", (FULL,)) * (last - first) if last - first == count else None
    found: dict[str, Folded] = {}
    for name, column in columns.values.items():
        kind = averaging_of(name)
        if kind is None:
            continue
        values, marks = column[first:last], columns.marks[name][first:last]
        if kind is Averaging.ARITHMETIC and marks == full:
            found[name] = (sum(values) / count, FULL)
            continue
        weights = _speeds(name, columns, first, last)
        quick = (
            _quick_hours(kind, values, marks, count)
            if by_hours
            else _quickly(kind, values, marks, count, weights)
        )
        if quick is not None:
            found[name] = quick
            continue
        fine = span is Span.FIVE_MINUTES
        folded_one = (
            _of_hours(kind, values, marks, count)
            if by_hours
            else _of_minutes(kind, values, marks, count, weights, fine)
        )
        if folded_one is not None:
            found[name] = folded_one
    return found


def _speeds(name: str, columns: Columns, first: int, last: int) -> "array[float] | None":
    by = WEIGHED_BY.get(name)
    return columns.values[by][first:last] if by is not None and by in columns.values else None


def _quickly(
    kind: Averaging,
    values: "array[float]",
    marks: "array[int]",
    count: int,
    weights: "array[float] | None",
) -> Folded | None:
    """The usual case without a loop: no flags, every value there; None where it is not that."""
    if not marks or max(marks) > FULL:
        return None
    covered = sum(marks)
    if kind is Averaging.ARITHMETIC:
        value = sum(map(mul, values, marks)) / covered if covered else NOTHING
    elif kind is Averaging.CIRCULAR:
        by = list(map(mul, marks, weights)) if weights is not None else marks
        angles = list(map(radians, values))
        east, north = sum(map(mul, map(sin, angles), by)), sum(map(mul, map(cos, angles), by))
        direction = direction_of(east, north, sum(by))
        if direction is None:
            return None
        value = direction
    else:
        return None
    return (value, min(FULL, round(covered / count))) if value == value else None


def _quick_hours(kind: Averaging, values: "array[float]", marks: "array[int]", count: int) -> Folded | None:
    """The same of hours that are all valid."""
    if kind is not Averaging.ARITHMETIC or not marks or min(marks) < VALID or max(marks) > FULL:
        return None
    return sum(values) / len(values), min(FULL, round(len(values) * FULL / count))


def _of_minutes(
    kind: Averaging,
    values: "array[float]",
    marks: "array[int]",
    count: int,
    weights: "array[float] | None",
    calibrating_counts: bool,
) -> Folded | None:
    parts: list[tuple[float, float]] = []
    covered = seen = 0
    for at, mark in enumerate(marks):
        coverage = mark & COVERAGE
        seen |= mark & CALIBRATING
        if coverage == 0 or (mark & CALIBRATING and not calibrating_counts):
            continue
        covered += coverage
        seen |= mark & SUSPECT
        weight = float(coverage)
        if weights is not None and weights[at] == weights[at]:
            weight *= weights[at]
        parts.append((values[at], weight))
    value = average(kind, parts)
    if value is None:
        return (NOTHING, seen) if seen & CALIBRATING else None
    return value, seen | min(FULL, round(covered / count))


def _of_hours(kind: Averaging, values: "array[float]", marks: "array[int]", count: int) -> Folded | None:
    parts: list[tuple[float, float]] = []
    valid = seen = 0
    for at, mark in enumerate(marks):
        coverage = mark & COVERAGE
        if coverage == 0:
            continue
        is_valid = coverage >= VALID
        valid += is_valid
        if is_valid or kind is Averaging.INCREASE:
            seen |= mark & (SUSPECT | CALIBRATING)
            parts.append((values[at], 1.0))
    value = average(kind, parts)
    return None if value is None else (value, seen | min(FULL, round(valid * FULL / count)))

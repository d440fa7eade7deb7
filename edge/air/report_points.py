"""The quantities of a report: means, extremes, completeness, and what they are held against. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from edge.air.averaging import average, averaging_of
from edge.air.correction import CORRECTED
from edge.air.folding import VALID
from edge.air.limits import Limit, limits_on
from edge.air.reference import CONVERSION, at_reference
from edge.air.report_frame import Frame
from edge.core.air import Span
from edge.core.air_columns import CALIBRATING, COVERAGE, SUSPECT, Columns
from edge.core.air_report import LimitCheck, Line, Peak, PointSummary
from edge.core.vocabulary import Averaging

FINE = (Span.MINUTE, Span.FIVE_MINUTES)
"""Means that hold values of a calibration; longer ones leave them out."""


class Value(NamedTuple):
    """A mean that is there; `valid` by the 75 % rule, and not of a calibration."""

    end_ns: int
    value: float
    valid: bool
    suspect: bool


def values_of(
    columns: Columns, point: str, after_ns: int, through_ns: int, span: Span = Span.HOUR
) -> list[Value]:
    """The means of a point in a stretch of time, oldest first."""
    if point not in columns.values:
        return []
    refused = CALIBRATING if span in FINE else 0
    rows = zip(columns.ends_ns, columns.values[point], columns.marks[point], strict=True)
    return [
        Value(end_ns, value, mark & COVERAGE >= VALID and not mark & refused, bool(mark & SUSPECT))
        for end_ns, value, mark in rows
        if after_ns < end_ns <= through_ns and mark & COVERAGE
    ]


def summaries(points: Iterable[str], frame: Frame, hours: Columns, days: Columns) -> Iterator[PointSummary]:
    """Each quantity over the period."""
    for point in points:
        kind = averaging_of(point)
        if kind is None:
            continue
        found = values_of(hours, point, frame.begin_ns, frame.through_ns)
        valid = [one for one in found if one.valid]
        whole_days = [one for one in values_of(days, point, frame.begin_ns, frame.end_ns) if one.valid]
        has_peaks, is_total = kind is not Averaging.CIRCULAR, kind is Averaging.INCREASE
        yield PointSummary(
            point=point,
            mean=average(kind, ((one.value, 1.0) for one in (found if is_total else valid))),
            is_total=is_total,
            low=_peak(min, valid) if has_peaks and not is_total else None,
            high=_peak(max, [one for one in valid if one.value or not is_total]) if has_peaks else None,
            day_high=_peak(max, whole_days) if has_peaks else None,
            hours_valid=len(valid),
            hours=len(frame.hour_ends),
            days_valid=len(whole_days),
            days=len(frame.day_ends),
            suspect_hours=sum(one.suspect for one in valid),
        )


def limit_checks(
    points: Iterable[str], frame: Frame, columns: Mapping[Span, Columns], ambient: Sequence[str] = ()
) -> Iterator[LimitCheck]:
    """Each limit that was in force on a day of the period, and the valid means that were held against it.

    Corrected PM2.5 stands in for the raw one where the station has it; `ambient` points are held in ug/Nm3.
    """
    there = frozenset(points)
    in_force = {day_end_ns: limits_on(frame.day_of(day_end_ns)) for day_end_ns in frame.day_ends}
    for limit in dict.fromkeys(limit for limits in in_force.values() for limit in limits):
        point = CORRECTED if limit.point == "pm2_5" and CORRECTED in there else limit.point
        if (span := limit.span) is not None and span in columns and point in there:
            yield _held(limit, span, point, frame, columns[span], ambient)


def lines(points: Iterable[str], span: Span, columns: Columns, ends_ns: Sequence[int]) -> Iterator[Line]:
    """Valid means at these ends, for plots; a point without any is left out."""
    for point in points:
        found = (
            {
                one.end_ns: one.value
                for one in values_of(columns, point, ends_ns[0] - 1, ends_ns[-1], span)
                if one.valid
            }
            if ends_ns
            else {}
        )
        if found:
            yield Line(point, span, tuple(ends_ns), tuple(found.get(end_ns) for end_ns in ends_ns))


def _held(
    limit: Limit, span: Span, point: str, frame: Frame, columns: Columns, ambient: Sequence[str]
) -> LimitCheck:
    columns, assumed = at_reference([limit.point] if limit.point in ambient else [], columns)
    found = [
        one
        for one in values_of(columns, point, frame.begin_ns, frame.end_ns)
        if one.valid and limit in limits_on(frame.day_of(one.end_ns))
    ]
    return LimitCheck(
        point=point,
        limit_point=limit.point,
        span=span,
        limit=limit.value,
        source=limit.source,
        from_day=limit.from_day,
        judged=len(found),
        over=tuple(Peak(one.value, one.end_ns) for one in found if limit.is_exceeded(one.value)),
        highest=_peak(max, found),
        conversion=CONVERSION if limit.point in ambient else "",
        assumed=sum(one.end_ns in assumed for one in found),
    )


def _peak(choose: Callable[..., Value], values: Sequence[Value]) -> Peak | None:
    if not values:
        return None
    one = choose(values, key=lambda value: value.value)
    return Peak(one.value, one.end_ns)

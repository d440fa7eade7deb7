"""A station's last day or month as lines, an index and a wind rose. Pure."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum

from edge.air.averaging import averaging_of
from edge.air.derived import INDEX_HOURS, vn_hourly
from edge.air.longer import daily_index
from edge.air.report_points import values_of
from edge.air.report_wind import wind_rose
from edge.air.spans import HOUR_NS, SECOND_NS, begin_of
from edge.air.stations import Place
from edge.console.panels.air_panel import TITLES, label_of, ordered, unit_of
from edge.console.panels.air_shapes import AirSeriesOut, IndexLineOut, LineOut, RoseOut
from edge.core.air import Index, Span
from edge.core.air_columns import Columns

DAYS = 30
MS_NS = 1_000_000
DIGITS = 4
"""Significant digits of what is drawn."""


class Window(StrEnum):
    """How far back a chart looks."""

    DAY = "24h"
    MONTH = "30d"

    @property
    def span(self) -> Span:
        """The means that it is drawn with."""
        return Span.FIVE_MINUTES if self is Window.DAY else Span.HOUR

    @property
    def length_ns(self) -> int:
        """How long it is."""
        return (24 if self is Window.DAY else DAYS * 24) * HOUR_NS


def needs_of(window: Window, now_ns: int) -> dict[Span, tuple[int, int]]:
    """Means that a window needs: those whose end lies in (after, through], UTC ns."""
    begin_ns, end_ns = frame_of(window, now_ns)
    found = {window.span: (begin_ns, end_ns)}
    hours_after_ns = begin_ns - max(INDEX_HOURS, 24) * HOUR_NS
    found[Span.HOUR] = (hours_after_ns, end_ns)
    if window is Window.MONTH:
        found |= {Span.EIGHT_HOURS: (hours_after_ns, end_ns), Span.DAY: (hours_after_ns, end_ns)}
    return found


def frame_of(window: Window, now_ns: int) -> tuple[int, int]:
    """From when to when a window goes: up to the last whole span."""
    step_ns = window.span.seconds * SECOND_NS
    end_ns = now_ns // step_ns * step_ns
    return end_ns - window.length_ns, end_ns


def series_of(place: Place, window: Window, columns: Mapping[Span, Columns], now_ns: int) -> AirSeriesOut:
    """What a station's charts show."""
    begin_ns, end_ns = frame_of(window, now_ns)
    step_ns = window.span.seconds * SECOND_NS
    ends_ns = range(begin_ns + step_ns, end_ns + 1, step_ns)
    means = columns.get(window.span, Columns())
    rose = wind_rose(window.span, means, begin_ns, end_ns)
    return AirSeriesOut(
        station=place.id,
        span=window.span.value,
        from_ms=begin_ns // MS_NS,
        to_ms=end_ns // MS_NS,
        ends=[end // MS_NS for end in ends_ns],
        lines=_lines(window.span, means, ends_ns),
        index=_index(place, window, columns, begin_ns, end_ns),
        rose=None
        if rose is None
        else RoseOut(
            bounds=list(rose.bounds),
            calm_below=rose.calm_below,
            counts=[list(row) for row in rose.counts],
            calm=rose.calm,
        ),
    )


def _lines(span: Span, means: Columns, ends_ns: range) -> list[LineOut]:
    found = []
    for point in ordered(list(means.values)):
        if averaging_of(point) is None:
            continue
        values = values_of(means, point, ends_ns[0] - 1, ends_ns[-1], span)
        valid = {one.end_ns: one.value for one in values if one.valid}
        if not valid:
            continue
        row = [_short(valid.get(end_ns)) for end_ns in ends_ns]
        complete = round(len(valid) / len(ends_ns), 4)
        found.append(
            LineOut(point=point, unit=unit_of(point), label=label_of(point), values=row, complete=complete)
        )
    return found


def _index(
    place: Place, window: Window, columns: Mapping[Span, Columns], begin_ns: int, end_ns: int
) -> IndexLineOut:
    hours = columns.get(Span.HOUR, Columns())
    if window is Window.DAY:
        scheme, last_ns = "vn_hour", end_ns // HOUR_NS * HOUR_NS
        found = vn_hourly(place, hours, range(last_ns - 23 * HOUR_NS, last_ns + 1, HOUR_NS))
    else:
        scheme = "vn_day"
        found = [_day(place, columns, one) for one in _midnights(place, begin_ns, end_ns)]
    return IndexLineOut(
        scheme=scheme,
        title=TITLES[scheme],
        ends=[one.at_ns // MS_NS for one in found],
        values=[one.value for one in found],
        categories=[one.category for one in found],
    )


def _day(place: Place, columns: Mapping[Span, Columns], end_ns: int) -> Index:
    spans = {span: columns.get(span, Columns()) for span in (Span.HOUR, Span.EIGHT_HOURS, Span.DAY)}
    return daily_index(place, spans, begin_of(Span.DAY, end_ns, place.zone), end_ns)


def _midnights(place: Place, begin_ns: int, end_ns: int) -> Sequence[int]:
    """The local midnights that end the days of a window, oldest first."""
    found, end = [], begin_of(Span.DAY, end_ns + 1, place.zone)
    while end > begin_ns:
        found.append(end)
        end = begin_of(Span.DAY, end, place.zone)
    return found[::-1]


def _short(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")

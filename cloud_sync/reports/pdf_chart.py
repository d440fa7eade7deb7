"""Plots as lines on the sheet: curves over time, and bars of days or hours."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cloud_sync.reports.pdf_sheet import BLACK, GREY, LINE, RED, WHITE, Colour, Sheet
from edge.core.air_report import Line

COLOURS: tuple[Colour, ...] = ((0, 90, 160), (214, 120, 0), (0, 130, 95), (150, 60, 140))
"""Of the curves of one plot; told apart also by those who see no red or green."""

LEFT_MM, BOTTOM_MM, TOP_MM = 9.0, 5.0, 5.0
MARK_REACH = 0.5
"""A limit is drawn if some value reaches this part of it."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a plot and what it is called."""

    name: str
    line: Line


@dataclass(frozen=True, slots=True)
class Mark:
    """A level that is drawn across: a limit. Far above all values it is left out, unless it `is_shown`."""

    value: float
    name: str
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """Where a plot stands on the page, in mm."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Axes:
    """A plot's time (UTC ns, local zone) and values, and where they come to stand."""

    box: Box
    begin_ns: int
    end_ns: int
    zone: ZoneInfo
    low: float
    high: float
    step: float

    def x(self, at_ns: int) -> float:
        """Where a moment stands."""
        part = (at_ns - self.begin_ns) / (self.end_ns - self.begin_ns)
        return self.box.x + LEFT_MM + part * (self.box.width - LEFT_MM)

    def y(self, value: float) -> float:
        """Where a value stands."""
        part = (value - self.low) / (self.high - self.low)
        return self.bottom - part * (self.bottom - self.top)

    @property
    def top(self) -> float:
        """The upper edge of the field."""
        return self.box.y + TOP_MM

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.box.y + self.box.height - BOTTOM_MM


def plot(
    sheet: Sheet,
    box: Box,
    title: str,
    time_ns: tuple[int, int],
    zone: ZoneInfo,
    curves: Sequence[Curve],
    marks: Sequence[Mark] = (),
    bars: bool = False,
    dots: bool = False,
    written: Callable[[str], str] = str,
) -> None:
    """Curves over time; with `bars` as columns over each mean's span, with `dots` as unjoined points."""
    values = [value for curve in curves for value in curve.line.values if value is not None]
    reach = max(values, default=0.0) / MARK_REACH
    marks = [mark for mark in marks if mark.value <= reach or mark.is_shown]
    low, high, step = scale([*values, *(mark.value * 1.001 for mark in marks)], bars)
    axes = Axes(box, *time_ns, zone, low, high, step)
    sheet.ink(7.5, bold=True)
    sheet.label(box.x, box.y + 2.6, title)
    _grid(sheet, axes, written)
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        if bars:
            _bars(sheet, axes, curve, colour, number, len(curves))
        elif dots:
            _dots(sheet, axes, curve, colour)
        else:
            _curve(sheet, axes, curve, colour)
    for mark in marks:
        _mark(sheet, axes, mark)
    if len(curves) > 1:
        _legend(sheet, box, [curve.name for curve in curves], COLOURS)


def scale(values: Sequence[float], from_zero: bool) -> tuple[float, float, float]:
    """Low and high end of an axis, and the step between its lines."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if from_zero or 0 <= low <= 0.5 * high:
        low = min(0.0, low)
    spread = (high - low) or max(abs(high) * 0.1, 1.0)
    high = low + spread
    rough = spread / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough * 0.999)
    bottom = math.floor(low / step + 1e-9) * step
    top = math.ceil(high / step - 1e-9) * step
    return bottom, top if top > bottom else bottom + step, step


def _grid(sheet: Sheet, axes: Axes, written: Callable[[str], str]) -> None:
    sheet.set_draw_color(*LINE)
    sheet.set_line_width(0.12)
    left, right = axes.box.x + LEFT_MM, axes.box.x + axes.box.width
    sheet.ink(6, GREY)
    for number in range(round((axes.high - axes.low) / axes.step) + 1):
        value = axes.low + number * axes.step
        sheet.line(left, axes.y(value), right, axes.y(value))
        sheet.label(left - 1, axes.y(value) + 0.8, written(f"{value:.10g}"), "R")
    for at_ns, text in _ticks(axes):
        sheet.line(axes.x(at_ns), axes.bottom, axes.x(at_ns), axes.bottom + 1)
        if text:
            is_last = at_ns == axes.end_ns
            sheet.label(axes.x(at_ns), axes.bottom + 3.4, text, "R" if is_last else "C")


def _ticks(axes: Axes) -> list[tuple[int, str]]:
    """Hours of a day, days of a month; the label of a day stands in its middle."""
    begin = datetime.fromtimestamp(axes.begin_ns // 1_000_000_000, axes.zone)
    end = datetime.fromtimestamp(axes.end_ns // 1_000_000_000, axes.zone)
    days = (end.date() - begin.date()).days
    if days <= 1:
        return [
            (axes.begin_ns + hour * 3_600_000_000_000, f"{hour:02d}:00")
            for hour in range(0, 25, 3 if axes.box.width > 100 else 6)
        ]
    step = 1 if axes.box.width > 100 else 5
    found: list[tuple[int, str]] = []
    for number in range(days):
        day = begin.date() + timedelta(days=number)
        start_ns, after_ns = _start_ns(day, axes.zone), _start_ns(day + timedelta(days=1), axes.zone)
        found.append((start_ns, ""))
        if day.day == 1 or day.day % step == 0:
            found.append(((start_ns + after_ns) // 2, str(day.day)))
    return found


def _start_ns(day: date, zone: ZoneInfo) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1_000_000_000


def _curve(sheet: Sheet, axes: Axes, curve: Curve, colour: Colour) -> None:
    """A mean stands in the middle of its span; where one lacks, the line is broken."""
    half_ns = curve.line.span.seconds * 500_000_000
    sheet.set_draw_color(*colour)
    sheet.set_fill_color(*colour)
    sheet.set_line_width(0.35)
    run: list[tuple[float, float]] = []
    for end_ns, value in [*zip(curve.line.ends_ns, curve.line.values, strict=True), (0, None)]:
        if value is not None:
            run.append((axes.x(end_ns - half_ns), axes.y(value)))
            continue
        if len(run) > 1:
            sheet.polyline(run)
        elif run:
            sheet.ellipse(run[0][0] - 0.4, run[0][1] - 0.4, 0.8, 0.8, style="F")
        run = []


def _dots(sheet: Sheet, axes: Axes, curve: Curve, colour: Colour) -> None:
    half_ns = curve.line.span.seconds * 500_000_000
    sheet.set_fill_color(*colour)
    for end_ns, value in zip(curve.line.ends_ns, curve.line.values, strict=True):
        if value is not None:
            sheet.rect(axes.x(end_ns - half_ns) - 0.3, axes.y(value) - 0.3, 0.6, 0.6, style="F")


def _bars(sheet: Sheet, axes: Axes, curve: Curve, colour: Colour, number: int, count: int) -> None:
    span_ns = curve.line.span.seconds * 1_000_000_000
    sheet.set_fill_color(*colour)
    for end_ns, value in zip(curve.line.ends_ns, curve.line.values, strict=True):
        if value is None:
            continue
        left, right = axes.x(end_ns - span_ns), axes.x(end_ns)
        width = (right - left) * 0.8 / count
        x = left + (right - left) * 0.1 + number * width
        sheet.rect(x, axes.y(value), width, axes.y(axes.low) - axes.y(value), style="F")


def _mark(sheet: Sheet, axes: Axes, mark: Mark) -> None:
    sheet.set_draw_color(*RED)
    sheet.set_line_width(0.3)
    sheet.set_dash_pattern(1.6, 1.0)
    right = axes.box.x + axes.box.width
    sheet.line(axes.box.x + LEFT_MM, axes.y(mark.value), right, axes.y(mark.value))
    sheet.set_dash_pattern()
    sheet.ink(6, RED)
    width = sheet.get_string_width(mark.name) + 1
    sheet.set_fill_color(*WHITE)
    sheet.rect(right - width, axes.y(mark.value) - 3.0, width, 2.6, style="F")
    sheet.label(right - 0.5, axes.y(mark.value) - 0.9, mark.name, "R")


def _legend(sheet: Sheet, box: Box, names: Sequence[str], colours: Sequence[Colour]) -> None:
    x = box.x + box.width
    sheet.ink(6.5)
    for name, colour in reversed([*zip(names, colours, strict=False)]):
        x -= sheet.get_string_width(name)
        sheet.set_text_color(*BLACK)
        sheet.label(x, box.y + 2.6, name)
        x -= 4
        sheet.set_fill_color(*colour)
        sheet.rect(x, box.y + 1.2, 3, 1.2, style="F")
        x -= 3

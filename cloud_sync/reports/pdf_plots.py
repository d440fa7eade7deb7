"""Which plots an air report has, and how they stand on its pages. No plot has two indices, or two units."""

from zoneinfo import ZoneInfo

from cloud_sync.reports.pdf_chart import Box, Curve, Mark, plot
from cloud_sync.reports.pdf_rose import rose
from cloud_sync.reports.pdf_sheet import MARGIN_MM, WIDTH_MM, Sheet
from cloud_sync.reports.report_words import SPANS, Language, label_of, on_paper, one_of, short_of, unit_of
from edge.core.air import Span
from edge.core.air_report import AirReport, Line, Period, Said

PARTICLES = ("pm2_5", "pm2_5_corrected", "pm10")
GASES = ("o3", "no2", "so2")
ALONE = ("co", "co2", "temperature", "relative_humidity", "wind_speed", "noise_laeq", "atmospheric_pressure")
HOURLY_ONLY = frozenset({"pm2_5_corrected"})
"""Corrected from hours on, so finer means do not have them."""

RAIN = "rainfall"
ROSE = Said("Hoa gió", "Wind rose")
LIMIT = Said("giới hạn", "limit")
WIDE_MM, SMALL_MM, ROSE_MM, GAP_MM = 49.0, 35.0, 56.0, 6.0


def plots(sheet: Sheet, report: AirReport) -> None:
    """All plots for which there is data."""
    sheet.heading(Said("Biểu đồ", "Plots"), WIDE_MM)
    _wide(sheet, report, PARTICLES)
    _wide(sheet, report, GASES)
    small = [name for name in (*ALONE, RAIN) if _finest(report, name) is not None]
    lone = small.pop() if len(small) % 2 else None
    for left, right in zip(small[::2], small[1::2], strict=True):
        sheet.room(SMALL_MM + 2)
        top = sheet.get_y()
        _small(sheet, report, left, _half(top, 0, SMALL_MM))
        _small(sheet, report, right, _half(top, 1, SMALL_MM))
        sheet.set_xy(MARGIN_MM, top + SMALL_MM + 2)
    _last(sheet, report, lone)


def _last(sheet: Sheet, report: AirReport, lone: str | None) -> None:
    """The wind rose, beside the plot that is left over."""
    height = ROSE_MM if report.rose is not None else SMALL_MM if lone else 0.0
    sheet.room(height)
    top = sheet.get_y()
    if lone is not None:
        _small(sheet, report, lone, _half(top, 0, SMALL_MM))
    if report.rose is not None:
        of = one_of(SPANS[report.rose.span], sheet.language)
        title = f"{one_of(ROSE, sheet.language)} ({of})"
        box = _half(top, 0 if lone is None else 1, ROSE_MM)
        rose(sheet, box, title, report.rose, lambda text: on_paper(text, sheet.language))
    sheet.set_xy(MARGIN_MM, top + height)


def _half(top: float, place: int, height: float) -> Box:
    """The left or the right half of the page."""
    width = (WIDTH_MM - GAP_MM) / 2
    return Box(MARGIN_MM + place * (width + GAP_MM), top, width, height)


def _wide(sheet: Sheet, report: AirReport, names: tuple[str, ...]) -> None:
    """Several quantities of one unit over the whole width; days of a month as columns with their limits."""
    is_month = report.period is Period.MONTH
    if names == PARTICLES and is_month:
        _draw(sheet, report, _all(report, names, Span.DAY), bars=True)
    _draw(sheet, report, [line for name in names if (line := _finest(report, name))], bars=False)


def _draw(sheet: Sheet, report: AirReport, lines: list[Line], bars: bool) -> None:
    if not lines:
        return
    sheet.room(WIDE_MM + 3)
    top = sheet.get_y()
    spans = "/".join(dict.fromkeys(one_of(SPANS[line.span], sheet.language) for line in lines))
    mean = Said(f"trung bình {spans}", f"means of {spans}")
    names = ", ".join(short_of(line.point, sheet.language) for line in lines)
    plot(
        sheet,
        Box(MARGIN_MM, top, WIDTH_MM, WIDE_MM),
        f"{names}, {unit_of(lines[0].point)} ({one_of(mean, sheet.language)})",
        (report.begin_ns, report.end_ns),
        ZoneInfo(report.zone),
        [Curve(short_of(line.point, sheet.language), line) for line in lines],
        _marks(report, lines, sheet.language),
        bars=bars,
        written=lambda text: on_paper(text, sheet.language),
    )
    sheet.set_xy(MARGIN_MM, top + WIDE_MM + 3)


def _small(sheet: Sheet, report: AirReport, name: str, box: Box) -> None:
    line = _finest(report, name)
    assert line is not None
    is_rain = name == RAIN
    plot(
        sheet,
        box,
        f"{label_of(name, sheet.language)}, {unit_of(name)} ({one_of(SPANS[line.span], sheet.language)})",
        (report.begin_ns, report.end_ns),
        ZoneInfo(report.zone),
        [Curve(name, line)],
        bars=is_rain,
        written=lambda text: on_paper(text, sheet.language),
    )


def _marks(report: AirReport, lines: list[Line], language: Language) -> list[Mark]:
    """Limits of these quantities: those of the means that are drawn, and for particles those of 24 h."""
    drawn = {(line.point, line.span) for line in lines}
    names: dict[tuple[float, Span, bool], list[str]] = {}
    for row in report.limits:
        is_particle = row.point in PARTICLES and any(row.point == line.point for line in lines)
        if (row.point, row.span) in drawn or (is_particle and row.span is Span.DAY):
            key = (row.limit, row.span, is_particle)
            names.setdefault(key, []).append(short_of(row.limit_point, language))
    return [
        Mark(
            limit,
            f"{one_of(LIMIT, language)} {', '.join(found)} {one_of(SPANS[span], language)}: {limit:g}",
            is_shown=is_particle,
        )
        for (limit, span, is_particle), found in names.items()
    ]


def _all(report: AirReport, names: tuple[str, ...], span: Span) -> list[Line]:
    return [line for name in names for line in report.lines if line.point == name and line.span is span]


def _finest(report: AirReport, name: str) -> Line | None:
    """Rain by the hour and, in a month, by the day; else the finest mean there is."""
    lines = [line for line in report.lines if line.point == name]
    if name == RAIN:
        wanted = Span.DAY if report.period is Period.MONTH else Span.HOUR
        lines = [line for line in lines if line.span is wanted]
    elif lines:
        lines = [line for line in lines if line.span is not Span.DAY]
    return min(lines, key=lambda line: line.span.seconds, default=None)

"""The index in the colours of its categories: the hours of a day, the calendar of a month."""

from datetime import date
from zoneinfo import ZoneInfo

from cloud_sync.reports.pdf_sheet import BLACK, GREY, LINE, MARGIN_MM, PALE, WHITE, WIDTH_MM, Colour, Sheet
from cloud_sync.reports.report_words import Language, local, one_of, short_of
from edge.core.air_report import AirReport, IndexCell

WEEK = {
    Language.VI: ("Thứ 2", "Thứ 3", "Thứ 4", "Thứ 5", "Thứ 6", "Thứ 7", "Chủ nhật"),
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
HOUR_MM, DAY_MM = 9.0, 12.0


def hours_of_day(sheet: Sheet, report: AirReport) -> None:
    """24 cells, each with the end of its hour beneath."""
    zone, width = ZoneInfo(report.zone), WIDTH_MM / max(1, len(report.hours))
    sheet.room(HOUR_MM + 6)
    top = sheet.get_y()
    for number, cell in enumerate(report.hours):
        x = MARGIN_MM + number * width
        ink = _box(sheet, report, cell, x, top, width, HOUR_MM)
        sheet.ink(7, ink, bold=True)
        sheet.label(x + width / 2, top + 5.6, _value(cell), "C")
        sheet.ink(5.5, GREY)
        hour = local(cell.end_ns, zone).hour or 24
        sheet.label(x + width / 2, top + HOUR_MM + 3, f"{hour}:00", "C")
    sheet.set_xy(MARGIN_MM, top + HOUR_MM + 5)


def calendar(sheet: Sheet, report: AirReport) -> None:
    """The days of a month in weeks from Monday on."""
    zone, width = ZoneInfo(report.zone), WIDTH_MM / 7
    days = [(local(cell.end_ns - 1, zone).date(), cell) for cell in report.days]
    weeks = (days[0][0].weekday() + len(days) + 6) // 7
    sheet.room(weeks * DAY_MM + 6)
    top = sheet.get_y()
    sheet.ink(6.5, GREY)
    for number, name in enumerate(WEEK[sheet.language]):
        sheet.label(MARGIN_MM + (number + 0.5) * width, top + 2.6, name, "C")
    top += 4
    for day, cell in days:
        row = (days[0][0].weekday() + day.day - 1) // 7
        _day(sheet, report, day, cell, MARGIN_MM + day.weekday() * width, top + row * DAY_MM, width)
    sheet.set_xy(MARGIN_MM, top + weeks * DAY_MM + 2)


def _day(
    sheet: Sheet, report: AirReport, day: date, cell: IndexCell, x: float, y: float, width: float
) -> None:
    ink = _box(sheet, report, cell, x, y, width, DAY_MM)
    sheet.ink(6.5, ink)
    sheet.label(x + 1.2, y + 3, str(day.day))
    sheet.ink(11, ink, bold=True)
    sheet.label(x + width / 2, y + 7.6, _value(cell), "C")
    if cell.main:
        sheet.ink(5.5, ink)
        sheet.label(x + width / 2, y + 10.8, short_of(cell.main, sheet.language), "C")


def shades(sheet: Sheet, report: AirReport) -> None:
    """What the colours mean."""
    width = WIDTH_MM / max(1, len(report.shades))
    sheet.room(8)
    top = sheet.get_y()
    for number, shade in enumerate(report.shades):
        x = MARGIN_MM + number * width
        sheet.set_fill_color(*shade.colour)
        sheet.rect(x, top, 3.2, 3.2, style="F")
        sheet.ink(6.5)
        sheet.label(x + 4.2, top + 2.6, one_of(shade.name, sheet.language))
        sheet.ink(5.5, GREY)
        english = f" {shade.name.en}" if sheet.language is Language.VI else ""
        sheet.label(x + 4.2, top + 5.4, f"{shade.low}–{shade.high}{english}")
    sheet.set_xy(MARGIN_MM, top + 7.5)


def ink_on(colour: Colour) -> Colour:
    """Black or white, whichever is read better on a colour (by its luminance)."""
    red, green, blue = colour
    return BLACK if 0.299 * red + 0.587 * green + 0.114 * blue > 110 else WHITE


def _value(cell: IndexCell) -> str:
    return "–" if cell.value is None else str(cell.value)


def _box(
    sheet: Sheet, report: AirReport, cell: IndexCell, x: float, y: float, width: float, height: float
) -> Colour:
    """A coloured box; gives the colour of the text on it."""
    shade = report.shade(cell)
    colour = PALE if shade is None else shade.colour
    sheet.set_fill_color(*colour)
    sheet.set_draw_color(*(LINE if shade is None else WHITE))
    sheet.set_line_width(0.3)
    sheet.rect(x, y, width, height, style="DF")
    return GREY if shade is None else ink_on(colour)

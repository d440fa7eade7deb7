"""The wind rose as lines on the sheet."""

import math
from collections.abc import Callable
from itertools import pairwise

from cloud_sync.reports.pdf_chart import Box
from cloud_sync.reports.pdf_sheet import BLACK, GREY, LINE, Colour, Sheet
from cloud_sync.reports.report_words import Language
from edge.core.air_report import WindRose

WINDS: tuple[Colour, ...] = ((190, 220, 240), (125, 180, 220), (60, 130, 190), (20, 80, 145), (90, 20, 90))
SKY = {
    Language.VI: ("B", "ĐB", "Đ", "ĐN", "N", "TN", "T", "TB"),
    Language.EN: ("N", "NE", "E", "SE", "S", "SW", "W", "NW"),
}
"""The eight directions; Vietnamese N is nam, south."""

CALM_WORD = {Language.VI: "lặng gió", Language.EN: "calm"}


def rose(sheet: Sheet, box: Box, title: str, wind: WindRose, written: Callable[[str], str]) -> None:
    """Whence the wind came and how fast: 16 sectors, the radius is how often."""
    sheet.ink(7.5, bold=True)
    sheet.label(box.x, box.y + 2.6, title)
    radius = min(box.height - 14, box.width * 0.62) / 2
    x, y = box.x + radius + 6, box.y + 8 + radius
    top = math.ceil(20 * max(sum(counts) for counts in wind.counts) / wind.total) / 20 or 0.05
    for sector, counts in enumerate(wind.counts):
        angle, inner = sector * 2 * math.pi / len(wind.counts), 0.0
        for number, count in enumerate(counts):
            outer = inner + count / wind.total / top * radius
            if count:
                sheet.set_fill_color(*WINDS[number % len(WINDS)])
                sheet.polygon(_wedge(x, y, inner, outer, angle, len(wind.counts)), style="F")
            inner = outer
    _rings(sheet, x, y, radius, top, written)
    _legend(sheet, box, wind, written)


def _rings(
    sheet: Sheet, x: float, y: float, radius: float, top: float, written: Callable[[str], str]
) -> None:
    sheet.set_draw_color(*LINE)
    sheet.set_line_width(0.12)
    for part in (0.5, 1.0):
        ring = part * radius
        sheet.ellipse(x - ring, y - ring, 2 * ring, 2 * ring)
        sheet.ink(5.5, GREY)
        away = ring * math.sin(math.pi / 8)
        sheet.label(
            x + away + 0.4, y - ring * math.cos(math.pi / 8) - 0.4, f"{written(f'{100 * part * top:g}')} %"
        )
    sheet.ink(6.5, BLACK, bold=True)
    for number, name in enumerate(SKY[sheet.language]):
        angle = number * math.pi / 4
        sheet.label(
            x + (radius + 2.6) * math.sin(angle), y - (radius + 2.6) * math.cos(angle) + 0.9, name, "C"
        )


def _legend(sheet: Sheet, box: Box, wind: WindRose, written: Callable[[str], str]) -> None:
    bounds = [written(f"{bound:g}") for bound in wind.bounds]
    calm_below = written(f"{wind.calm_below:g}")
    names = [f"{calm_below}–{bounds[0]} m/s"]
    names += [f"{low}–{high} m/s" for low, high in pairwise(bounds)]
    names.append(f"> {bounds[-1]} m/s")
    x, y = box.x + box.width - 24, box.y + 12.0
    sheet.ink(6.5)
    for name, colour in zip(names, WINDS, strict=False):
        sheet.set_fill_color(*colour)
        sheet.rect(x, y - 1.9, 3, 2.2, style="F")
        sheet.label(x + 4, y, name)
        y += 4
    calm = written(f"{100 * wind.calm / wind.total:.0f}")
    sheet.label(x, y + 1, f"{CALM_WORD[sheet.language]} (< {calm_below}): {calm} %")


def _wedge(
    x: float, y: float, inner: float, outer: float, angle: float, sectors: int
) -> list[tuple[float, float]]:
    """A piece of a ring around a direction, 0 being north."""
    half = math.pi / sectors * 0.85
    steps = [angle - half + number * half / 3 for number in range(7)]
    arc = [(x + outer * math.sin(one), y - outer * math.cos(one)) for one in steps]
    return arc + [(x + inner * math.sin(one), y - inner * math.cos(one)) for one in reversed(steps)]

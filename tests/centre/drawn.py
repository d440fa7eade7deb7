"""Plain stand-ins for Grafana's panels, drawn from the panel's own JSON and what its queries answered."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import matplotlib.dates as mdates
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.centre.filled import Json, Series

BACK, CARD, INK, FAINT, TRACK = "#111217", "#181b1f", "#d8d9da", "#7d8590", "#24292e"
PALETTE = (
    "#73bf69",
    "#f2cc0c",
    "#8ab8ff",
    "#ff780a",
    "#f2495c",
    "#5794f2",
    "#b877d9",
    "#705da0",
    "#37872d",
    "#fade2a",
)
NAMED = {
    "green": "#3d8b40",
    "yellow": "#e0b400",
    "orange": "#e8710a",
    "red": "#d9363e",
    "blue": "#3274d9",
    "text": CARD,
    "transparent": CARD,
}
ZONE = timezone(timedelta(hours=7))
COLUMN_IN, ROW_IN = 0.75, 0.38
"""A board has 24 columns; a row of it is 30 pixels."""

PLAIN = {
    "percent": (1, " %"),
    "percentunit": (100, " %"),
    "watt": (1, " W"),
    "kwatth": (1, " kWh"),
    "volt": (1, " V"),
    "amp": (1, " A"),
    "celsius": (1, " °C"),
    "con\u03bcgm3": (1, " µg/m³"),
    "velocityms": (1, " m/s"),
    "degree": (1, "°"),
    "dB": (1, " dB"),
    "lux": (1, " lx"),
    "Wm2": (1, " W/m²"),
    "lengthmm": (1, " mm"),
    "pressurehpa": (1, " hPa"),
    "ppm": (1, " ppm"),
    "conppb": (1, " ppb"),
    "hertz": (1, " Hz"),
    "voltamp": (1, " VA"),
    "voltampreact": (1, " var"),
    "none": (1, ""),
}
"""Factor and what stands behind the number."""

TIMES = ((86_400, "d"), (3600, "h"), (60, "min"))
Points = list[tuple[float, float]]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Drawing:
    """One panel with its answers: where it stands in the figure, and from when to when it looks."""

    figure: Figure
    axes: Axes
    panel: Json
    answers: list[tuple[Json, list[Series]]]
    box: Box
    span: tuple[float, float]

    @property
    def defaults(self) -> Json:
        found: Json = self.panel["fieldConfig"]["defaults"]
        return found

    @property
    def steps(self) -> list[Json]:
        found: list[Json] = self.defaults["thresholds"]["steps"]
        return found

    @property
    def rows(self) -> int:
        return int(self.panel["gridPos"]["h"])

    def word(self, x: float, y: float, text: str, colour: str = INK, size: float = 9, **more: Any) -> None:
        self.axes.text(
            x, y, text, color=colour, size=size, va="center", transform=self.axes.transAxes, **more
        )


def named_series(drawing: Drawing) -> list[tuple[str, Points]]:
    """Series as Grafana names them: one for each column of each group."""
    found = []
    for target, series in drawing.answers:
        for one in series:
            for at, column in enumerate(one.columns[1:], start=1):
                points = [(row[0] / 1000, row[at]) for row in one.rows if isinstance(row[at], int | float)]
                if points:
                    found.append((named(target["alias"], one.tags, column), points))
    return found


def named(alias: str, tags: dict[str, str], column: str) -> str:
    for tag in re.findall(r"\$tag_(\w+)", alias):
        alias = alias.replace(f"$tag_{tag}", tags.get(tag, ""))
    return alias.replace("$col", column)


def colour_of(steps: Sequence[Json], value: float) -> str:
    passed = [step["color"] for step in steps if step["value"] is None or value >= step["value"]]
    return NAMED.get(passed[-1], passed[-1])


def said(value: Any, unit: str, decimals: int | None = None) -> str:
    """A value as Grafana writes it, nearly."""
    if not isinstance(value, int | float):
        return "" if value is None else str(value)
    if unit in ("decbytes", "bps"):
        power = min(4, int(math.log10(abs(value)) // 3)) if abs(value) >= 1 else 0
        return f"{value / 1000**power:.3g} {('', 'k', 'M', 'G', 'T')[power]}{'b/s' if unit == 'bps' else 'B'}"
    if unit == "s":
        size, name = next(((size, name) for size, name in TIMES if value >= size), (1, "s"))
        return f"{value / size:.3g} {name}"
    if unit == "dateTimeAsLocal":
        return datetime.fromtimestamp(value / 1000, ZONE).strftime("%d.%m. %H:%M")
    behind = f" {unit.removeprefix('suffix:').strip()}"
    factor, behind = (1, behind) if unit.startswith("suffix:") else PLAIN[unit]
    number = value * factor
    digits = decimals if decimals is not None else (0 if abs(number) >= 100 or number == int(number) else 1)
    return f"{number:,.{digits}f}{behind}"


def stat(drawing: Drawing) -> None:
    series, defaults = named_series(drawing), drawing.defaults
    text = defaults.get("noValue", "No data")
    if series:
        value = series[0][1][-1][1]
        text = said(value, defaults["unit"], defaults.get("decimals"))
        if drawing.panel["options"]["colorMode"] == "background":
            drawing.axes.set_facecolor(colour_of(drawing.steps, value))
    drawing.word(0.5, 0.42, text, "white", 30, weight="bold", ha="center")


def series(drawing: Drawing) -> None:
    found = named_series(drawing)
    if not found:
        drawing.word(0.5, 0.45, "No data", FAINT, 14, ha="center")
        return
    custom, legend = drawing.defaults["custom"], drawing.panel["options"]["legend"]["showLegend"]
    axes = plot(drawing, legend)
    stacked = custom["stacking"]["mode"] == "normal"
    below: dict[float, float] = {}
    for at, (name, points) in enumerate(found):
        _draw(axes, custom, (at, len(found)), name, points, below if stacked else None)
    _bounds(drawing, axes)
    if legend:
        _legend(drawing, axes, [name for name, _ in found])


def plot(drawing: Drawing, legend: bool = False, left: float = 0.045) -> Axes:
    """Axes of time inside a panel; `left` is what the names of its values take of the whole board."""
    x, y, width, height = drawing.box
    foot = (1.9 if legend else 1.0) / drawing.rows
    place = (x + left, y + height * foot, width - left - 0.006, height * (1 - foot - 1.0 / drawing.rows))
    axes = drawing.figure.add_axes(place, facecolor=CARD)
    axes.tick_params(colors=FAINT, labelsize=8, length=0)
    axes.grid(color="#2c3235", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_xlim(*(number(one) for one in drawing.span))
    bare(axes)
    locator = mdates.AutoDateLocator(tz=ZONE, maxticks=max(3, int(12 * width)))
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, tz=ZONE, show_offset=False))
    return axes


def number(at_s: float) -> float:
    return float(mdates.date2num(datetime.fromtimestamp(at_s, UTC)))


def bare(axes: Axes) -> None:
    for side in axes.spines.values():
        side.set_visible(False)


def _draw(
    axes: Axes, custom: Json, at: tuple[int, int], name: str, points: Points, below: dict[float, float] | None
) -> None:
    colour = PALETTE[at[0] % len(PALETTE)]
    times, values = [number(one) for one, _ in points], [value for _, value in points]
    bases = [below.get(time, 0.0) for time in times] if below is not None else [0.0] * len(times)
    tops = [base + value for base, value in zip(bases, values, strict=True)]
    if custom["drawStyle"] == "bars":
        gap = min((after - before for before, after in pairwise(times)), default=1.0)
        share = 1 if below is not None else at[1]
        places = [time + (0 if below is not None else at[0] * gap * 0.8 / share) for time in times]
        axes.bar(places, values, gap * 0.8 / share, bases, color=colour, align="edge", label=name)
    elif custom["drawStyle"] == "points":
        axes.plot(times, values, color=colour, linewidth=0, marker="o", markersize=3.5, label=name)
    else:
        if below is not None:
            axes.fill_between(times, bases, tops, color=colour, alpha=0.45, linewidth=0)
        whole = _broken(times, tops, custom["spanNulls"] / 86_400_000)
        axes.plot(*whole, color=colour, linewidth=1.4, label=name)
    if below is not None:
        below.update(zip(times, tops, strict=True))


def _broken(times: list[float], values: list[float], gap: float) -> tuple[list[float], list[float]]:
    """A line with holes where nothing was told for longer than Grafana joins."""
    x, y = times[:1], values[:1]
    for (before, now), value in zip(pairwise(times), values[1:], strict=True):
        if now - before > gap:
            x.append(before)
            y.append(math.nan)
        x.append(now)
        y.append(value)
    return x, y


def _bounds(drawing: Drawing, axes: Axes) -> None:
    defaults, custom = drawing.defaults, drawing.defaults["custom"]
    low, high = axes.get_ylim()
    low, high = defaults.get("min", low), defaults.get("max", high + (high - low) * 0.04)
    steps = [step for step in drawing.steps if step["value"] is not None]
    if custom["thresholdsStyle"]["mode"] != "off" and steps:
        high = max(high, steps[0]["value"] * 1.1) if len(steps) == 1 else high
        for step, after in zip(steps, [*(one["value"] for one in steps[1:]), high], strict=True):
            colour = NAMED.get(step["color"], step["color"])
            if "area" in custom["thresholdsStyle"]["mode"]:
                axes.axhspan(max(low, step["value"]), max(low, after), color=colour, alpha=0.14, linewidth=0)
            axes.axhline(step["value"], color=colour, linewidth=1, linestyle="--", alpha=0.8)
    axes.set_ylim(low, high)
    axes.yaxis.set_major_formatter(lambda value, _: said(value, defaults["unit"]))


def _legend(drawing: Drawing, axes: Axes, names: list[str]) -> None:
    room, shown = drawing.box[2] * 24 * COLUMN_IN * 9.5, 0
    handles = axes.get_legend_handles_labels()[0]
    while shown < min(len(names), len(handles)) and room > len(names[shown]) + 5:
        room -= len(names[shown]) + 5
        shown += 1
    more = {"handlelength": 1, "columnspacing": 1, "fontsize": 8, "frameon": False, "labelcolor": INK}
    place = (-0.02, -0.7 / drawing.rows - 0.06)
    axes.legend(
        handles[:shown], names[:shown], loc="upper left", bbox_to_anchor=place, ncols=shown or 1, **more
    )


def states(drawing: Drawing) -> None:
    found = sorted(named_series(drawing))[: drawing.panel["options"]["perPage"]]
    left = max((len(name) for name, _ in found), default=0) * 0.0042 + 0.008
    axes = plot(drawing, left=left)
    axes.grid(visible=False)
    for row, (_, points) in enumerate(found):
        runs = [(number(at_s), colour_of(drawing.steps, value)) for at_s, value in points]
        kept = [run for before, run in pairwise([(0.0, ""), *runs]) if run[1] != before[1]]
        for (begin, colour), (until, _) in pairwise([*kept, (number(drawing.span[1]), "")]):
            axes.barh(row, until - begin, 0.85, begin, color=colour, linewidth=0)
    axes.set_yticks(range(len(found)), [name for name, _ in found])
    axes.set_ylim(len(found) - 0.4, -0.6)
    right = 0.99
    for mapping in reversed(drawing.defaults["mappings"]):
        result = mapping["options"]["result"]
        words = f"■ {result['text']}"
        colour = NAMED.get(result["color"], result["color"])
        drawing.word(right, 1 - 0.45 / drawing.rows, words, colour, 9, ha="right")
        right -= (len(words) + 2) * 0.1 / (drawing.box[2] * 24 * COLUMN_IN)


def table(drawing: Drawing) -> None:
    rows = [
        one.tags | dict(zip(("Time" if name == "time" else name for name in one.columns), row, strict=True))
        for _, found in drawing.answers
        for one in found
        for row in one.rows
    ]
    shown = {
        one["matcher"]["options"]: {each["id"]: each["value"] for each in one["properties"]}
        for one in drawing.panel["fieldConfig"]["overrides"]
    }
    names = [name for name in shown if not rows or any(name in row for row in rows)]
    cells = [[_cell(row.get(name), shown[name]) for name in names] for row in rows]
    heads = [(shown[name]["displayName"], "") for name in names]
    widths = [max(4, *(len(row[at][0]) for row in (heads, *cells))) + 3 for at in range(len(names))]
    room = drawing.box[2] * 24 * COLUMN_IN * 12
    for line, row in enumerate([heads, *cells][: int((drawing.rows - 1) / 0.8)]):
        x, y = 0.012, 1 - (1.35 + line * 0.8) / drawing.rows
        for (text, colour), width in zip(row, widths, strict=True):
            share = width / sum(widths) * 0.98
            if colour not in ("", CARD):
                half = 0.38 / drawing.rows
                drawing.axes.axhspan(y - half, y + half, x - 0.004, x + share - 0.008, color=colour, lw=0)
            most = int(share * room) - 1
            words = text if len(text) <= most else f"{text[: most - 1]}…"
            drawing.word(x, y, words, "#6ea8fe" if line == 0 else INK)
            x += share
    drawing.axes.set_xlim(0, 1)
    drawing.axes.set_ylim(0, 1)
    if not rows:
        drawing.word(0.5, 0.45, "No data", FAINT, 14, ha="center")


def _cell(value: Any, shown: Json) -> tuple[str, str]:
    for mapping in shown.get("mappings", []):
        if str(value) in mapping["options"]:
            return mapping["options"][str(value)]["text"], ""
    is_coloured = "thresholds" in shown and isinstance(value, int | float)
    colour = colour_of(shown["thresholds"]["steps"], value) if is_coloured else ""
    return said(value, shown.get("unit", "none"), shown.get("decimals")), colour


def gauges(drawing: Drawing) -> None:
    found, defaults = sorted(named_series(drawing)), drawing.defaults
    left = max((len(name) for name, _ in found), default=0) * 0.0047 + 0.008
    x, y, width, height = drawing.box
    place = (x + left, y + height * 0.05, width - left - 0.05, height * (0.95 - 1.1 / drawing.rows))
    axes = drawing.figure.add_axes(place, facecolor=CARD)
    axes.tick_params(colors=INK, labelsize=9, length=0)
    axes.set_xticks([])
    bare(axes)
    top = defaults.get("max", 1)
    for row, (_, points) in enumerate(found):
        value = points[-1][1]
        axes.barh(row, top, 0.62, color=TRACK)
        axes.barh(row, min(value, top), 0.62, color=colour_of(drawing.steps, value))
        words = said(value, defaults["unit"])
        axes.text(top * 1.02, row, words, color=INK, size=11, weight="bold", va="center")
    axes.set_yticks(range(len(found)), [name for name, _ in found])
    axes.set_xlim(0, top)
    axes.set_ylim(max(2, len(found)) - 0.4, -0.6)


def text(drawing: Drawing) -> None:
    for line, words in enumerate(drawing.panel["options"]["content"].split("\n\n")):
        x, y = 0.012, 1 - (1.6 + line * 1.1) / drawing.rows
        bands = re.findall(r'<span style="color:(#\w+)">⬤</span> ([^<&]+)', words)
        if not bands:
            drawing.word(x, y, words, size=10)
        for colour, band in bands:
            drawing.word(x, y, "⬤", colour, 11)
            drawing.word(x + 0.015, y, band.strip(), size=10)
            x += 0.16


DRAWERS: dict[str, Callable[[Drawing], None]] = {
    "stat": stat,
    "timeseries": series,
    "state-timeline": states,
    "table": table,
    "bargauge": gauges,
    "text": text,
}

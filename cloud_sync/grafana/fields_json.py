"""How values are shown, in Grafana's words: units, thresholds, names of values, links. Pure."""

from collections.abc import Sequence
from typing import Any

from cloud_sync.grafana.shapes import Column, Kind, Language, Leads, Panel, Step

PLAIN = "text"
"""The colour of what means nothing."""

LINE_WIDTH, BAR_FILL, LINE_FILL = 2, 80, 8

PATHS = {
    Leads.LAMP: "lighting?choose={gateway}/{device}",
    Leads.STATION: "air?station={device}",
    Leads.HOTSPOT: "wifi",
    Leads.DEVICE: "?thing={gateway}/{device}",
    Leads.GATEWAY: "?q={gateway}",
}
"""The pages of the console, below its address."""


def field_config(panel: Panel, language: Language) -> dict[str, Any]:
    """The panel's `fieldConfig`."""
    defaults: dict[str, Any] = {
        "unit": panel.unit,
        "thresholds": thresholds(panel.steps),
        "mappings": range_names(panel.steps, language) if panel.kind is Kind.STATES else [],
        "color": {"mode": _colours(panel)},
        "custom": _custom(panel),
    }
    for key, value in (("min", panel.low), ("max", panel.high), ("decimals", panel.decimals)):
        if value is not None:
            defaults[key] = value
    if panel.nothing:
        defaults["noValue"] = panel.nothing
    if panel.leads is not None and panel.kind is not Kind.TABLE:
        defaults["links"] = [link(panel.leads, language, "__field.labels")]
    overrides = [
        _override(column, panel.leads if at == 0 else None, language)
        for at, column in enumerate(panel.columns)
    ]
    return {"defaults": defaults, "overrides": overrides}


def thresholds(steps: Sequence[Step]) -> dict[str, Any]:
    """Steps as thresholds; Grafana wants the first to have no value."""
    first: list[Step] = [] if steps and steps[0].value is None else [Step(None, PLAIN)]
    found = [{"color": step.colour, "value": step.value} for step in (*first, *steps)]
    return {"mode": "absolute", "steps": found}


def range_names(steps: Sequence[Step], language: Language) -> list[dict[str, Any]]:
    """The names of the steps, for where a value is shown by what it means."""
    found = []
    ends = [*(step.value for step in steps[1:]), None]
    for at, (step, end) in enumerate(zip(steps, ends, strict=True)):
        if name := step.meaning.said(language):
            result = {"text": name, "color": step.colour, "index": at}
            bounds = {"from": step.value, "to": None if end is None else end - 1e-6, "result": result}
            found.append({"type": "range", "options": bounds})
    return found


def link(leads: Leads, language: Language, of: str) -> dict[str, Any]:
    """The way to the console's page of what was clicked; `of` is where Grafana has the tags."""
    path = PATHS[leads].format(gateway=f"${{{of}.gateway}}", device=f"${{{of}.device}}")
    title = "Mở trong bảng điều khiển Gianh" if language is Language.VI else "Open in the Gianh console"
    return {"title": title, "url": f"${{console}}/{path}", "targetBlank": True}


def _colours(panel: Panel) -> str:
    by_value = panel.steps and panel.kind in (Kind.STAT, Kind.GAUGES, Kind.STATES)
    return "thresholds" if by_value else "palette-classic"


def _custom(panel: Panel) -> dict[str, Any]:
    if panel.kind is Kind.TABLE:
        return {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}
    if panel.kind is Kind.STATES:
        return {"lineWidth": 0, "fillOpacity": 85}
    if panel.kind not in (Kind.SERIES, Kind.BARS):
        return {}
    bars = panel.kind is Kind.BARS
    style = ("dashed+area" if panel.banded else "dashed") if panel.steps else "off"
    return {
        "drawStyle": "points" if panel.dots else "bars" if bars else "line",
        "lineInterpolation": "linear",
        "lineWidth": 1 if bars else LINE_WIDTH,
        "fillOpacity": BAR_FILL if bars else LINE_FILL * (5 if panel.stacked else 1),
        "showPoints": "always" if panel.dots else "never",
        "pointSize": 6,
        "spanNulls": 7_200_000,
        "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": style},
        "axisSoftMin": 0 if panel.low is None and bars else None,
    }


def _override(column: Column, leads: Leads | None, language: Language) -> dict[str, Any]:
    properties: list[dict[str, Any]] = [{"id": "displayName", "value": column.title.said(language)}]
    if column.unit:
        properties.append({"id": "unit", "value": column.unit})
    if column.decimals is not None:
        properties.append({"id": "decimals", "value": column.decimals})
    if column.steps:
        properties += [
            {"id": "thresholds", "value": thresholds(column.steps)},
            {"id": "color", "value": {"mode": "thresholds"}},
            {"id": "custom.cellOptions", "value": {"type": "color-background", "mode": "basic"}},
        ]
    if column.names:
        options = {
            value: {"text": text.said(language), "index": at} for at, (value, text) in enumerate(column.names)
        }
        properties.append({"id": "mappings", "value": [{"type": "value", "options": options}]})
    if leads is not None:
        properties.append({"id": "links", "value": [link(leads, language, "__data.fields")]})
    return {"matcher": {"id": "byName", "options": column.name}, "properties": properties}

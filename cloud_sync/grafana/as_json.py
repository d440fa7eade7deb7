"""A board as Grafana's classic dashboard JSON, which every version reads. Pure.

Fields after the public schema of `grafana-foundation-sdk`; tests hold what is written against its models.
"""

import json
from hashlib import sha256
from typing import Any

from cloud_sync.grafana.fields_json import field_config
from cloud_sync.grafana.layout import Placed, placed
from cloud_sync.grafana.names import DATASOURCE, DATASOURCE_TYPE, TAG, board_uid
from cloud_sync.grafana.shapes import Board, Kind, Language, Panel, Query, Row, Variable

SCHEMA_VERSION = 39
"""Of Grafana 11; later ones bring it forward by themselves."""

SOURCE = {"type": DATASOURCE_TYPE, "uid": DATASOURCE}

STATES_PER_PAGE = 24
"""Rows of states that can be read at once; more are turned over (Grafana 11.2 and later)."""

LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def dashboard(board: Board, language: Language, timezone: str, console: str) -> dict[str, Any]:
    """The dashboard of a board in one language; `console` is where its links lead."""
    variables = [_variable(one, language) for one in board.variables]
    return {
        "id": None,
        "uid": board_uid(board.slug, language),
        "title": board.title.said(language),
        "description": board.about.said(language),
        "tags": [TAG, f"{TAG}-{language.value}"],
        "timezone": timezone,
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,
        "weekStart": "monday",
        "refresh": board.refresh,
        "time": {"from": board.since, "to": "now"},
        "timepicker": {},
        "annotations": {"list": []},
        "links": [_others(language)],
        "templating": {"list": [*variables, _console(console)]},
        "panels": [_placed(one, language) for one in placed(board.rows)],
    }


def fingerprint(content: dict[str, Any]) -> str:
    """Short, and another one for every other content."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]


def as_text(content: Any) -> str:
    """As a file holds it; JSON is YAML too."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _placed(one: Placed, language: Language) -> dict[str, Any]:
    place = {"x": one.x, "y": one.y, "w": one.width, "h": one.height}
    if isinstance(one.what, Row):
        title = one.what.title.said(language)
        return {
            "id": one.id,
            "type": "row",
            "title": title,
            "collapsed": one.what.folded,
            "gridPos": place,
            "panels": [_placed(panel, language) for panel in one.inside],
        }
    return {"id": one.id, "gridPos": place} | _panel(one.what, language)


def _panel(panel: Panel, language: Language) -> dict[str, Any]:
    kind = Kind.SERIES if panel.kind is Kind.BARS else panel.kind
    found: dict[str, Any] = {
        "type": kind.value,
        "title": panel.title.said(language),
        "description": panel.about.said(language),
        "options": _options(panel, language),
    }
    if panel.kind is Kind.TEXT:
        return found
    found |= {
        "datasource": SOURCE,
        "targets": [_target(chr(ord("A") + at), query, language) for at, query in enumerate(panel.queries)],
        "fieldConfig": field_config(panel, language),
    }
    if panel.recent:
        found |= {"timeFrom": panel.recent, "hideTimeOverride": True}
    if panel.columns:
        found["transformations"] = _organised(panel)
    return found


def _target(name: str, query: Query, language: Language) -> dict[str, Any]:
    alias = query.alias if isinstance(query.alias, str) else query.alias.said(language)
    return {
        "refId": name,
        "datasource": SOURCE,
        "rawQuery": True,
        "query": query.text,
        "resultFormat": "table" if query.table else "time_series",
        "alias": alias,
    }


def _options(panel: Panel, language: Language) -> dict[str, Any]:
    several = len(panel.queries) > 1 or "GROUP BY" in "".join(query.text for query in panel.queries)
    if panel.kind is Kind.TEXT:
        return {"mode": "markdown", "content": panel.content.said(language)}
    if panel.kind is Kind.STAT:
        return {
            "reduceOptions": LAST,
            "colorMode": "background" if panel.steps else "value",
            "graphMode": "none",
            "textMode": "auto",
            "justifyMode": "center",
            "orientation": "auto",
            "wideLayout": True,
        }
    if panel.kind is Kind.GAUGES:
        return {
            "reduceOptions": LAST,
            "displayMode": "basic",
            "orientation": "horizontal",
            "showUnfilled": True,
            "valueMode": "text",
            "namePlacement": "left",
            "sizing": "auto",
        }
    if panel.kind is Kind.TABLE:
        return {"showHeader": True, "cellHeight": "sm"}
    tooltip = {"mode": "multi", "sort": "desc"}
    if panel.kind is Kind.STATES:
        legend = {"displayMode": "list", "placement": "bottom", "showLegend": False}
        return {
            "mergeValues": True,
            "perPage": STATES_PER_PAGE,
            "showValue": "auto",
            "rowHeight": 0.85,
            "legend": legend,
            "tooltip": tooltip,
        }
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": several, "calcs": []}
    return {"legend": legend, "tooltip": tooltip}


def _organised(panel: Panel) -> list[dict[str, Any]]:
    """The columns in their order; those that nobody asked for left out."""
    order = {column.name: at for at, column in enumerate(panel.columns)}
    rest = {
        name: True for name in ("Time", "gateway", "commune", "device", "site", "kind") if name not in order
    }
    options = {"excludeByName": rest, "indexByName": order, "renameByName": {}}
    return [{"id": "merge", "options": {}}, {"id": "organize", "options": options}]


def _variable(one: Variable, language: Language) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": one.name,
        "label": one.title.said(language),
        "hide": 0,
        "skipUrlSync": False,
    }
    if one.choices:
        options = [
            {"text": text.said(language), "value": value, "selected": at == 0}
            for at, (value, text) in enumerate(one.choices)
        ]
        first = {"text": options[0]["text"], "value": options[0]["value"], "selected": True}
        asked = ",".join(f"{text.said(language)} : {value}" for value, text in one.choices)
        more = {"type": "custom", "query": asked, "options": options, "current": first}
        return found | more | {"multi": False, "includeAll": False}
    everything = {"selected": True, "text": ["All"], "value": ["$__all"]} if one.several else {}
    return found | {
        "type": "query",
        "datasource": SOURCE,
        "query": one.query,
        "definition": one.query,
        "refresh": 2,
        "regex": "",
        "sort": 1,
        "multi": one.several,
        "includeAll": one.several,
        "allValue": (one.every or None) if one.several else None,
        "current": everything,
        "options": [],
    }


def _console(url: str) -> dict[str, Any]:
    """Where the links lead: hidden, and changed by `?var-console=`."""
    value = url.rstrip("/")
    current = {"text": value, "value": value, "selected": True}
    return {
        "name": "console",
        "label": "console",
        "type": "textbox",
        "hide": 2,
        "skipUrlSync": False,
        "query": value,
        "current": current,
        "options": [current],
    }


def _others(language: Language) -> dict[str, Any]:
    return {
        "type": "dashboards",
        "title": "Gianh",
        "tags": [f"{TAG}-{language.value}"],
        "asDropdown": True,
        "includeVars": True,
        "keepTime": True,
        "icon": "external link",
        "targetBlank": False,
        "tooltip": "",
        "url": "",
    }

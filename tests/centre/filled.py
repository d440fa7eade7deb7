"""Queries as Grafana sends them: macros and variables filled in, and what InfluxDB answers."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.centre.week import END_S, week_lines
from tests.servers import Influxd

DATABASE = "town"
BODY_LINES = 5000
SPANS_S = {"m": 60, "h": 3600, "d": 86_400}

Json = dict[str, Any]


@dataclass(frozen=True)
class Series:
    """One series of an answer; times in seconds."""

    name: str
    tags: dict[str, str]
    columns: list[str]
    rows: list[list[Any]]

    def column(self, name: str) -> list[Any]:
        return [row[self.columns.index(name)] for row in self.rows]


def span_s(text: str) -> float:
    """`now-7d` and `10m` in seconds."""
    found = re.fullmatch(r"(?:now-)?(\d+)([mhd])", text)
    assert found is not None, text
    return float(found[1]) * SPANS_S[found[2]]


def interval(seconds: float, points: int = 400) -> str:
    """What Grafana takes for `$__interval`: never less than twenty minutes, as far apart as rows are."""
    steps = [1200, 1800, 3600, 7200, 10_800]
    return f"{next((step for step in steps if seconds / step <= points), 10_800)}s"


def filled(query: str, values: dict[str, str], from_s: float, to_s: float) -> str:
    """The query as it goes over the wire; a variable that nobody defined stays, and fails."""
    text = query.replace(
        "$timeFilter", f"time >= {round(from_s * 1000)}ms and time <= {round(to_s * 1000)}ms"
    )
    text = text.replace("$__interval", interval(to_s - from_s))
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
        text = re.sub(rf"\${name}(?![A-Za-z0-9_])", value.replace("\\", r"\\"), text)
    return text


def variables_of(dashboard: Json, server: Influxd) -> dict[str, str]:
    """What Grafana fills in at first: everything, or the first of one that is single, in their order."""
    values: dict[str, str] = {}
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            values[variable["name"]] = str(variable["current"]["value"])
            continue
        found = [
            str(value)
            for one in ask(server, filled(variable["query"], values, 0, END_S))
            for value in one.column("value")
        ]
        assert found, f"{dashboard['uid']}: nothing to choose for {variable['name']}: {variable['query']}"
        names = sorted(set(found))
        if not variable["multi"]:
            values[variable["name"]] = names[0]
        else:
            values[variable["name"]] = variable["allValue"] or f"({'|'.join(map(re.escape, names))})"
    return values


def ask(server: Influxd, query: str) -> list[Series]:
    """What InfluxDB answers; its errors are ours."""
    asked = urllib.parse.urlencode({"db": DATABASE, "epoch": "ms", "q": query})
    try:
        with urllib.request.urlopen(f"{server.url}/query?{asked}", timeout=60) as reply:
            answer = json.loads(reply.read())
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{error.read().decode()}\n{query}") from error
    found: list[Series] = []
    for result in answer["results"]:
        assert "error" not in result, f"{result['error']}\n{query}"
        for one in result.get("series", []):
            found.append(Series(one.get("name", ""), one.get("tags", {}), one["columns"], one["values"]))
    return found


def load_week(server: Influxd, folder: Path) -> int:
    """Make the database and write the week; says how many lines."""
    server.query(f"CREATE DATABASE {DATABASE}")
    lines = list(week_lines(folder))
    for start in range(0, len(lines), BODY_LINES):
        body = "\n".join(lines[start : start + BODY_LINES]).encode()
        request = urllib.request.Request(f"{server.url}/write?db={DATABASE}", body, method="POST")
        with urllib.request.urlopen(request, timeout=60) as reply:
            assert reply.status == 204
    return len(lines)


def window(dashboard: Json, panel: Json) -> tuple[float, float]:
    """From when to when a panel looks, at the end of the week."""
    return END_S - span_s(panel.get("timeFrom") or dashboard["time"]["from"]), END_S


def panels_of(dashboard: Json) -> list[Json]:
    """The panels that ask something."""
    return [panel for panel in unfolded(dashboard) if panel["type"] not in ("row", "text")]


def unfolded(dashboard: Json) -> list[Json]:
    """All panels, those in folded rows too."""
    return [one for panel in dashboard["panels"] for one in (panel, *panel.get("panels", ()))]

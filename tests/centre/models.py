"""Grafana's own models of the classic dashboard; the SDK warns that its newer form is preferred.

Ours is the classic form on purpose: every version of Grafana reads it, and both ways of provisioning take it.
"""

import json
import warnings
from typing import Any

from tests.centre.filled import Json

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models import (
        bargauge,
        dashboard,
        stat,
        statetimeline,
        table,
        text,
        timeseries,
    )

DASHBOARD: Any = dashboard.Dashboard
OPTIONS: dict[str, Any] = {
    "stat": stat.Options,
    "timeseries": timeseries.Options,
    "state-timeline": statetimeline.Options,
    "table": table.Options,
    "bargauge": bargauge.Options,
    "text": text.Options,
}
CUSTOM: dict[str, Any] = {"timeseries": timeseries.FieldConfig, "state-timeline": statetimeline.FieldConfig}


def again(model: Any, content: Json) -> Json:
    """What Grafana's own model makes of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found: Json = json.loads(json.dumps(model.from_json(content), cls=JSONEncoder))
    return found


def lost(ours: object, theirs: object, at: str = "") -> list[str]:
    """What we wrote and their model did not know."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = [
            f"{at}.{key}"
            for key, value in ours.items()
            if key not in theirs and value not in (None, [], {}, "")
        ]
        for key in ours.keys() & theirs.keys():
            found += lost(ours[key], theirs[key], f"{at}.{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list):
        return [one for mine, his in zip(ours, theirs, strict=True) for one in lost(mine, his, at)]
    return [] if ours == theirs else [f"{at}: {ours!r} became {theirs!r}"]

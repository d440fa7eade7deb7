"""History of points out of InfluxDB. Into a query goes an id, a name of the vocabulary, or a number."""

import re

from edge.console.centre.influx import Influx
from edge.console.town.sight import Origin, Series, Span
from edge.console.town.things import Thing
from edge.core.errors import PermanentError
from edge.core.sayings import say

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CLASS = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class InfluxHistory:
    """Asks for means, least and greatest values."""

    def __init__(self, influx: Influx) -> None:
        self._influx = influx

    async def series(self, thing: Thing, point: str, span: Span) -> Series:
        """A point's past by steps. Raises TransientError without an answer, PermanentError for a refusal."""
        found = await self._influx.ask(query_of(thing, point, span))
        rows = found[0].rows if found else []
        whole = [(int(at), *values) for at, *values in rows if None not in values and len(values) == 3]
        return Series(
            origin=Origin.INFLUX,
            at_ns=[row[0] for row in whole],
            mean=[float(row[1]) for row in whole],
            low=[float(row[2]) for row in whole],
            high=[float(row[3]) for row in whole],
        )


def query_of(thing: Thing, point: str, span: Span) -> str:
    """The query. Raises PermanentError for names that no row of ours can have."""
    measurement = {"station": "air_index" if point.startswith("aqi") else "air_1h"}.get(
        thing.classed, thing.classed
    )
    if not _NAME.fullmatch(point) or not _CLASS.fullmatch(measurement):
        raise PermanentError(say("history_lacks", thing=thing.id, point=f"{point!r}"))
    return (
        f'SELECT mean("{point}"), min("{point}"), max("{point}") FROM "{measurement}" '
        f"WHERE \"gateway\" = '{thing.gateway.id}' AND \"device\" = '{thing.device}' "
        f"AND time >= {span.from_ns} AND time < {span.to_ns} "
        f"GROUP BY time({span.step_s}s, {span.from_ns}ns) fill(none)"
    )

"""What a point was before: out of InfluxDB where console.toml names one, else what this console saw."""

from array import array
from collections import OrderedDict

from edge.console.centre.history import InfluxHistory
from edge.console.town.sight import Origin, Series, Span
from edge.console.town.steps import gathered
from edge.console.town.things import Thing
from edge.core.ports import Clock

EVERY_NS = 60 * 1_000_000_000
"""Of each thing at most one row a minute is remembered."""

ROWS_MAX = 1_440
"""Rows of one thing: a day of minutes."""

BYTES_MAX = 48_000_000
"""What is remembered in all; the things that were silent for longest are forgotten first."""

POINTS_MAX = 12
"""Points of one thing that are remembered."""


class _Rows:
    """Times and values of one thing, one after the other in one array of numbers."""

    __slots__ = ("body", "names")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.body = array("d")

    @property
    def width(self) -> int:
        return 1 + len(self.names)


class Past:
    """Remembers what it sees of things that are no lamps, and of those lamps that somebody looked at."""

    def __init__(self, clock: Clock, influx: InfluxHistory | None = None) -> None:
        self._clock, self.influx = clock, influx
        self.since_ns = clock.utc_ns()
        self.bytes = 0
        self._rows: OrderedDict[str, _Rows] = OrderedDict()
        self._looked_at: OrderedDict[str, None] = OrderedDict()

    def see(self, thing: Thing) -> None:
        """Remember a thing's values, where that is due."""
        if self.influx is not None or thing.last_ns is None:
            return
        if thing.classed == "lamp" and thing.id not in self._looked_at:
            return
        names = tuple(thing.values)[:POINTS_MAX]
        rows = self._rows.get(thing.id)
        if rows is None or rows.names != names:
            self._forget(thing.id)
            rows = self._rows[thing.id] = _Rows(names)
        at_ns = float(thing.last_ns)
        if rows.body and at_ns - rows.body[-rows.width] < EVERY_NS:
            return
        rows.body.append(at_ns)
        rows.body.extend(thing.values[name] for name in names)
        self.bytes += 8 * rows.width
        if len(rows.body) > ROWS_MAX * rows.width:
            del rows.body[: rows.width]
            self.bytes -= 8 * rows.width
        self._rows.move_to_end(thing.id)
        while self.bytes > BYTES_MAX:
            self._forget(next(iter(self._rows)))

    async def series(self, thing: Thing, point: str, span: Span) -> Series:
        """The past of a point. Raises GianhError where InfluxDB does not give it now."""
        if self.influx is not None:
            return await self.influx.series(thing, point, span)
        self._looked_at[thing.id] = None
        while len(self._looked_at) > 2_000:
            self._looked_at.popitem(last=False)
        self.see(thing)
        rows = self._rows.get(thing.id)
        if rows is None or point not in rows.names:
            return gathered((), span, Origin.SEEN, self.since_ns)
        at, step = 1 + rows.names.index(point), rows.width
        pairs = zip(rows.body[::step], rows.body[at::step], strict=True)
        return gathered(((int(at_ns), value) for at_ns, value in pairs), span, Origin.SEEN, self.since_ns)

    def _forget(self, thing: str) -> None:
        rows = self._rows.pop(thing, None)
        if rows is not None:
            self.bytes -= 8 * len(rows.body)

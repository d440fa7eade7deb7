"""An SNMP agent: the scalars and columns that a profile's paths need, in as few requests as they fit."""

from collections.abc import Sequence

from drivers.access_points import snmp
from drivers.access_points.figures import Figures
from drivers.access_points.snmp_agent import Agent
from edge.config.schema import Bus
from edge.core.ports import Breathe

ROWS = 20
"""Rows of a table in one answer."""


class SnmpSource:
    """One access point or controller with an SNMP agent."""

    requests = 3

    def __init__(self, bus: Bus) -> None:
        self._agent = Agent(bus)

    async def open(self) -> None:
        """Ask something, to see whether it answers us."""
        await self._agent.open()
        await self.probe()

    async def close(self) -> None:
        """Leave."""
        await self._agent.close()

    async def figures(self, paths: Sequence[str], only: Sequence[str], breathe: Breathe) -> Figures:
        """The scalars, then the columns, some rows at a time."""
        scalars, columns = snmp.asked(paths, only)
        values = dict(await self._agent.get(scalars)) if scalars else {}
        walk = snmp.Walk(columns)
        while asks := walk.asks():
            await breathe()
            walk.take(await self._agent.bulk(asks, ROWS))
        told = {oid: value for oid, value in values.items() if value is not None}
        return snmp.figures_in(told | walk.values, paths, only)

    async def probe(self) -> None:
        """Its uptime."""
        await self._agent.get([snmp.UPTIME])

"""What a unit of a running line may be: the questions of `gianh identify`, asked between the polls."""

import asyncio

from drivers.coded import Table
from drivers.device_model import DriverKind, Profile
from drivers.modbus.driver import ModbusDriver
from drivers.profile import load_profile, profile_ids
from edge.config.commissioning_view import Candidate, Choices, Commune, Identified, Model
from edge.config.schema import Bus, BusKind
from edge.core.errors import ConfigError, ProtocolError, TransientError
from edge.core.places import PLACES
from edge.core.ports import Breathe, Driver
from edge.core.sayings import say
from edge.runtime.bus import BusRunner
from edge.runtime.gateway import Gateway
from provisioning.identify.work import Verdict, identify
from provisioning.scan.plan import Choice

LONGEST_S = 60.0
"""Longest identification."""

SHOWN = 4
"""So many profiles are named of a unit."""


class Recogniser:
    """Knows the profiles, and asks units by the lines of the running gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._profiles: dict[str, Profile] = {}
        self._loading = asyncio.Lock()

    async def choices(self) -> Choices:
        """The profiles, the wards and communes."""
        models = (
            Model(id=one.id, vi=one.title.vi, en=one.title.en, lamp=one.lamp is not None)
            for one in await self._known()
        )
        communes = tuple(Commune(id=one.id, name=one.name) for one in PLACES)
        return Choices(models=tuple(models), communes=communes)

    async def identify(self, bus: str, address: int) -> Identified:
        """What the unit at `address` may be.

        Raises ConfigError where the running gateway has no such Modbus line, TransientError where the unit
        does not answer, or not in time.
        """
        runner = self._gateway.buses.get(bus)
        section = next((one for one in self._gateway.config.bus if one.id == bus), None)
        if runner is None or section is None:
            raise ConfigError(say("line_not_written", bus=f"{bus!r}"))
        if not isinstance(runner.driver, ModbusDriver):
            raise ConfigError(say("line_no_modbus", bus=bus))
        fit = [one for one in await self._known() if one.driver is DriverKind.MODBUS and one.identify]
        try:
            async with asyncio.timeout(LONGEST_S):
                found = await identify(_Line(runner), address, _choice(section), fit)
        except TimeoutError as error:
            raise TransientError(say("not_identified", unit=address, seconds=f"{LONGEST_S:g}")) from error
        candidates = (
            Candidate(
                profile=one.profile,
                score=round(min(max(one.score / 100, 0.0), 1.0), 3),
                evidence=one.evidence,
                values=one.values,
            )
            for one in found.matches[:SHOWN]
        )
        sure = found.verdict is Verdict.SURE
        return Identified(bus=bus, address=address, sure=sure, candidates=tuple(candidates))

    async def _known(self) -> tuple[Profile, ...]:
        """All profiles; read once, other work goes on between two of them."""
        async with self._loading:
            for profile_id in profile_ids():
                if profile_id not in self._profiles:
                    self._profiles[profile_id] = load_profile(profile_id)
                    await asyncio.sleep(0)
        return tuple(self._profiles.values())


class _Line:
    """A running line as identification asks it."""

    def __init__(self, runner: BusRunner) -> None:
        self._runner = runner

    async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
        """One question by the bus's own task."""

        async def job(driver: Driver, _breathe: Breathe) -> bytes:
            if not isinstance(driver, ModbusDriver):
                raise ProtocolError(say("line_changed"))
            return await driver.link.read(unit, table, address, count)

        return await self._runner.ask(job)


def _choice(bus: Bus) -> Choice | None:
    """The line's settings; none where there is no serial line in between."""
    if bus.kind is not BusKind.RTU:
        return None
    return Choice(bus.baudrate, bus.parity, bus.stop_bits)

"""Lamps and relays of one Modbus bus on its link: the waiting half of LampDriver."""

from collections.abc import Mapping, Sequence

from drivers.coded import ProfileCommand, ProfilePoint
from drivers.modbus.decode import Decoder, encode
from drivers.modbus.lamp_plan import LampPlan
from drivers.modbus.lamp_ways import Configured, fade_code
from drivers.modbus.link import ModbusLink
from drivers.modbus.plan import Block
from edge.config.schema import Bus
from edge.core.errors import ConfigError, ProtocolError
from edge.core.lighting import Lamp, LampFrame, LampRead
from edge.core.ports import Breathe
from edge.core.sayings import say


class ModbusLamps:
    """Tells and asks the lamps of one bus, as their profiles say. Only that bus's own task may wait here."""

    def __init__(self, bus: Bus, devices: Configured, link: ModbusLink) -> None:
        self._bus, self._devices, self._link = bus, devices, link
        self._plan = LampPlan(bus, devices)
        self._fades: dict[str, int] = {}

    @property
    def lamps(self) -> Sequence[Lamp]:
        """The lamps on this bus."""
        return self._plan.lamps

    def frames(self, levels: Mapping[str, float]) -> Sequence[LampFrame]:
        """As LampDriver. Raises ConfigError for what is no lamp, Refused for what is no level."""
        return self._plan.frames(levels)

    async def send(self, frame: LampFrame, fade_s: float, breathe: Breathe) -> None:
        """Write one frame; a lamp that fades by its profile is told how fast before, if that is new to it."""
        way, words = self._plan.words(frame)
        if len(way.devices) == 1:
            await self._fade(way.devices[0], fade_s, breathe)
        command = way.command
        await self._link.write(way.address, command.table, command.address, words, many=command.multiple)

    async def read_level(self, device: str, breathe: Breathe) -> float:
        """As LampDriver. Raises ConfigError where the profile has no point that shows the level."""
        for read in self._plan.reads([device]):
            found = await self.read_levels(read, breathe)
            if device not in found:
                raise ProtocolError(say("knows_no_level_or_lamp", device=device))
            return found[device]
        raise ConfigError(say("no_point_back", device=device))

    def reads(self, devices: Sequence[str]) -> Sequence[LampRead]:
        """As LampDriver."""
        return self._plan.reads(devices)

    async def read_levels(self, read: LampRead, breathe: Breathe) -> Mapping[str, float]:
        """As LampDriver; the level of a lamp that only switches is 0 or 100."""
        asked = self._plan.level_block(read)
        values = await self._values(asked.address, asked.block, asked.points)
        found = {name: value for name, value in zip(asked.devices, values, strict=True) if value is not None}
        return {
            name: value if self._plan.fixture(name).lamp.dimmable else 100.0 * (value > 0)
            for name, value in found.items()
        }

    def same(self, device: str, wanted: float, actual: float) -> bool:
        """As LampDriver."""
        return self._plan.same(device, wanted, actual)

    async def switch(self, device: str, point: str, on: bool, breathe: Breathe) -> None:
        """As LampDriver. Raises ConfigError for a relay that there is not."""
        address, command, _ = self._relay(device, point)
        words = encode(command, command.range[on])
        await self._link.write(address, command.table, command.address, words, many=command.multiple)

    async def read_switch(self, device: str, point: str, breathe: Breathe) -> bool:
        """As LampDriver. Raises ConfigError for a relay that does not say its state."""
        address, command, shows = self._relay(device, point)
        if shows is None:
            raise ConfigError(say("cannot_be_asked", device=device, point=command.name))
        block = Block(shows.table, shows.address, shows.count)
        (value,) = await self._values(address, block, (shows,))
        if value is None:
            raise ProtocolError(say("state_unknown", device=device, point=point))
        return value > 0

    async def _fade(self, device: str, fade_s: float, breathe: Breathe) -> None:
        fixture = self._plan.fixture(device)
        code = fade_code(fade_s)
        if fixture.fade is None or self._fades.get(device) == code:
            return
        fade = fixture.fade
        await self._link.write(fixture.device.address, fade.table, fade.address, encode(fade, code))
        self._fades[device] = code
        await breathe()

    async def _values(
        self, address: int, block: Block, points: Sequence[ProfilePoint]
    ) -> Sequence[float | None]:
        data = await self._link.read(address, block.table, block.address, block.count)
        return Decoder(points, [block]).decode([data])[0]

    def _relay(self, device: str, point: str) -> tuple[int, ProfileCommand, ProfilePoint | None]:
        if device not in self._devices:
            raise ConfigError(say("no_device_on_bus", device=device, bus=self._bus.id))
        configured, profile = self._devices[device]
        names = [one.name for one in profile.commands if point in (one.name, one.reads_back)]
        command = profile.command(names[0] if names else point, configured.channel, configured.sub_address)
        points = profile.points_of(configured.channel, configured.sub_address)
        shows = next((one for one in points if one.name == command.reads_back), None)
        return configured.address, command, shows

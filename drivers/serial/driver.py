"""Raw serial sensors as the runtime sees them. The first is the Plantower PMS5003."""

from collections.abc import Callable, Sequence
from types import MappingProxyType

from drivers.coded import ProfilePoint, Table
from drivers.device_model import DriverKind
from drivers.layout import by_interval, layout_of, unit_of
from drivers.modbus.decode import Decoder
from drivers.modbus.plan import Block
from drivers.modbus.timing import WireTiming
from drivers.profile import Profile, load_profile
from drivers.serial.frame import Frame, FrameParser
from drivers.serial.link import SerialLink
from drivers.serial.pms5003 import FRAME_BYTES_MAX, Pms5003Parser
from edge.config.schema import Bus, Device, Gateway
from edge.core.errors import ConfigError, Refused
from edge.core.model import Poll, Reading
from edge.core.ports import Breathe, Clock, Memory

FRAME_INTERVAL_S = 2.3
"""Longest time between two frames of a PMS5003 in active mode."""

PARSERS: MappingProxyType[DriverKind, Callable[[], FrameParser]] = MappingProxyType(
    {DriverKind.PMS5003: Pms5003Parser}
)
"""Which parser reads which kind of sensor."""


class SerialDriver:
    """Listens to the one sensor of a raw serial bus.

    A successor on the same line (changed configuration) is given the open `link` of the one before.
    Raises ConfigError where the bus cannot be what the configuration says.
    """

    def __init__(
        self,
        bus: Bus,
        devices: Sequence[Device],
        gateway: Gateway,
        memory: Memory,
        clock: Clock,
        link: SerialLink | None = None,
        load: Callable[[str], Profile] = load_profile,
    ) -> None:
        if len(devices) != 1:
            raise ConfigError(
                f"bus {bus.id} is a raw serial line and carries one device, not {len(devices)}: "
                "give each its own"
            )
        device = devices[0]
        profile = load(device.profile)
        parser = PARSERS.get(profile.driver)
        if parser is None:
            raise ConfigError(
                f"device {device.id}: profile {profile.id} is not for a raw serial bus ({bus.id})"
            )
        self.link = SerialLink(bus, parser) if link is None else link
        self._clock = clock
        self._within_s = FRAME_INTERVAL_S + bus.timeout_s
        wire_s = WireTiming.of(bus).wire_s(FRAME_BYTES_MAX)
        groups = by_interval(device, profile)
        self._points = dict(groups)
        self._polls = tuple(
            Poll(
                device=device.id,
                unit=unit_of(bus, device),
                layout=layout_of(gateway, device, profile, points),
                interval_s=interval_s,
                requests=1,
                wire_s=wire_s,
            )
            for interval_s, points in groups
        )

    @property
    def polls(self) -> Sequence[Poll]:
        """One for each interval of the sensor."""
        return self._polls

    async def open(self) -> None:
        """Open the line. Raises LinkDown."""
        await self.link.open()

    async def close(self) -> None:
        """Close the line; safe at any time, also twice."""
        await self.link.close()

    async def read(self, poll: Poll, breathe: Breathe) -> Reading:
        """The next frame's values. Raises NoAnswer, ProtocolError or LinkDown."""
        frame = await self.link.next_frame(self._within_s)
        stamp = self._clock.stamp()
        values, flags = _decoder(self._points[poll.interval_s], frame).decode([frame.data])
        return Reading(stamp, values, flags)

    async def probe(self, poll: Poll) -> None:
        """Whether the sensor sends frames. Raises as `read` does."""
        await self.link.next_frame(self._within_s)

    async def write(self, device: str, what: str, value: float, breathe: Breathe) -> None:
        """Always raises Refused: these sensors are only listened to."""
        raise Refused(f"device {device} is a sensor and cannot be told {what}")


def _decoder(points: Sequence[ProfilePoint], frame: Frame) -> Decoder:
    return Decoder(points, [Block(Table.FRAME, 0, len(frame.data))])

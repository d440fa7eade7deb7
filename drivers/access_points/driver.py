"""Access points as the runtime sees them: polls that bring counts and volumes, and no commands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from drivers.access_points.few import counts_hidden, without_few
from drivers.access_points.figures import Rates, judged
from drivers.access_points.paths import counter_of
from drivers.access_points.source import Source
from drivers.coded import ProfilePoint
from drivers.layout import by_interval, layout_of, unit_of
from drivers.profile import Profile, load_profile
from edge.config.schema import Bus, BusKind, Device, Gateway
from edge.core.errors import ConfigError, GianhError, LinkDown, NoAnswer, PermanentError, Refused
from edge.core.model import Poll, Reading
from edge.core.ports import Breathe, Clock
from edge.core.sayings import say

REQUEST_S = 0.05
"""What one request over the network is taken to cost when nothing was measured."""

GROUP_MIN = 5
"""Smallest number of people that is told unless the configuration says otherwise."""


def _openwrt(bus: Bus) -> Source:
    # Loaded here: httpx takes 3 MB, which only a gateway with such access points or InfluxDB shall carry.
    from drivers.access_points.openwrt_source import OpenWrtSource

    return OpenWrtSource(bus)


def _mikrotik(bus: Bus) -> Source:
    # Loaded here: as _openwrt.
    from drivers.access_points.mikrotik_source import MikrotikSource

    return MikrotikSource(bus)


def _snmp(bus: Bus) -> Source:
    # Loaded here: pysnmp takes 20 MB, which only a gateway with such access points shall carry.
    from drivers.access_points.snmp_source import SnmpSource

    return SnmpSource(bus)


SOURCES: Mapping[BusKind, Callable[[Bus], Source]] = MappingProxyType(
    {
        BusKind.OPENWRT: _openwrt,
        BusKind.MIKROTIK: _mikrotik,
        BusKind.SNMP: _snmp,
    }
)


@dataclass(slots=True)
class _Round:
    """One poll: what is asked, of which interfaces, and the counters of the one before."""

    poll: Poll
    points: tuple[ProfilePoint, ...]
    only: tuple[str, ...]
    rates: Rates = field(default_factory=Rates)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(counter_of(point.path) for point in self.points))


class AccessPointDriver:
    """Reads one access point, or those behind one controller, each by its interfaces.

    Fewer than `group_min` people have no number (`few.py`). A successor on the same bus (changed
    configuration) is given the open `source` of the one before.
    Raises ConfigError for a device that its profile cannot be.
    """

    def __init__(
        self,
        bus: Bus,
        devices: Sequence[Device],
        gateway: Gateway,
        clock: Clock,
        source: Source | None = None,
        load: Callable[[str], Profile] = load_profile,
        group_min: int = GROUP_MIN,
    ) -> None:
        self.source = SOURCES[bus.kind](bus) if source is None else source
        self._bus, self._gateway, self._clock, self._group_min = bus, gateway, clock, group_min
        rounds = [made for device in devices for made in self._rounds_of(device, load(device.profile))]
        self._polls = tuple(made.poll for made in rounds)
        self._rounds = {(made.poll.device, made.poll.interval_s): made for made in rounds}

    @property
    def polls(self) -> Sequence[Poll]:
        """One for each device and interval."""
        return self._polls

    async def open(self) -> None:
        """Get in. Raises LinkDown."""
        try:
            await self.source.open()
        except LinkDown:
            raise
        except GianhError as error:
            raise LinkDown(str(error)) from None

    async def close(self) -> None:
        """Leave; safe at any time, also twice."""
        await self.source.close()

    async def read(self, poll: Poll, breathe: Breathe) -> Reading:
        """One round. Raises NoAnswer, ProtocolError, Refused or LinkDown; a rate is there from the second
        round on."""
        made = self._rounds[poll.device, poll.interval_s]
        try:
            figures = await self.source.figures(made.paths, made.only, breathe)
        except Refused:
            raise
        except PermanentError as error:
            raise LinkDown(str(error)) from None
        stamp = self._clock.stamp()
        figures = made.rates.joined((point.path for point in made.points), figures, stamp.mono_ns)
        values, flags = judged(made.points, without_few(figures, self._group_min))
        return Reading(stamp, counts_hidden(made.points, values, self._group_min), flags)

    async def probe(self, poll: Poll) -> None:
        """Whether it lives. Raises as `read`, but LinkDown for silence: behind it nothing can be reached, and
        a lost bus is tried again soon."""
        try:
            await self.source.probe()
        except NoAnswer as silence:
            raise LinkDown(str(silence)) from None
        except Refused:
            raise
        except PermanentError as error:
            raise LinkDown(str(error)) from None

    async def write(self, device: str, what: str, value: float, breathe: Breathe) -> None:
        """Always raises Refused: access points are only looked at."""
        raise Refused(say("access_point_not_told", device=device, command=what))

    def _rounds_of(self, device: Device, profile: Profile) -> list[_Round]:
        if profile.driver.value != self._bus.kind.value:
            raise ConfigError(
                f"device {device.id}: profile {profile.id} needs a bus of kind {profile.driver}, and "
                f"{self._bus.id} is of kind {self._bus.kind}"
            )
        return [
            _Round(self._poll(device, profile, interval_s, points), points, device.interfaces)
            for interval_s, points in by_interval(device, profile)
        ]

    def _poll(
        self, device: Device, profile: Profile, interval_s: float, points: tuple[ProfilePoint, ...]
    ) -> Poll:
        requests = self.source.requests
        return Poll(
            device=device.id,
            unit=unit_of(self._bus, device),
            layout=layout_of(self._gateway, device, profile, points),
            interval_s=interval_s,
            requests=requests,
            wire_s=requests * REQUEST_S,
        )

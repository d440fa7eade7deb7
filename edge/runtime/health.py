"""The gateway's own health as samples, once a minute: for dashboards, and to miss it by."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from edge.core.alarms import Alarm, AlarmKind
from edge.core.model import Layout, Sample, Severity, Stamp
from edge.core.ports import Clock
from edge.runtime.bus import BusStatus
from edge.runtime.forward import ForwardStatus
from edge.runtime.status import Status

EVERY_S = 60.0
"""How often health is told, in seconds of UTC."""

GATEWAY_POINTS = (
    "uptime",
    "devices_online",
    "devices_lost",
    "alarms_standing",
    "warnings_standing",
    "lamps_failed",
    "store_bytes",
    "store_pending",
    "store_dropped",
    "store_quarantined",
    "store_written",
)
BUS_POINTS = (
    "bus_open",
    "bus_utilisation",
    "bus_requests",
    "bus_errors",
    "bus_timeouts",
    "bus_skipped",
    "bus_silent_units",
)
DELIVERY_POINTS = ("delivery_up", "store_pending", "rows_delivered", "rows_refused")
HEALTH = {"gateway": GATEWAY_POINTS, "bus": BUS_POINTS, "delivery": DELIVERY_POINTS}
"""What is told in which measurement."""

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A gateway at one moment: its status, the alarms that stand, and the place tags of its rows."""

    status: Status
    alarms: Sequence[Alarm]
    place: Tags


@dataclass(slots=True)
class Teller:
    """Makes the samples; the use of a bus is that since the last telling. Pure but for what it remembers."""

    _busy_s: dict[str, float] = field(default_factory=dict)
    _before_ns: int | None = None

    def samples(self, picture: Picture, stamp: Stamp) -> Iterator[Sample]:
        """One row of the gateway, of each bus and of each target."""
        status = picture.status
        passed_s = 0.0 if self._before_ns is None else (stamp.mono_ns - self._before_ns) / 1e9
        self._before_ns = stamp.mono_ns
        yield _sample(picture, "gateway", status.gateway, _gateway(picture), stamp)
        for bus in status.buses:
            yield _sample(picture, "bus", bus.id, self._bus(bus, passed_s), stamp)
        for target in status.targets:
            pending = status.outbox.pending.get(target.target, 0)
            yield _sample(picture, "delivery", target.target, _delivery(target, pending), stamp)

    def _bus(self, bus: BusStatus, passed_s: float) -> dict[str, float]:
        before_s = self._busy_s.get(bus.id)
        self._busy_s[bus.id] = bus.busy_s
        counted: dict[str, float] = {
            "bus_open": bus.open,
            "bus_requests": bus.requests,
            "bus_errors": bus.errors,
            "bus_timeouts": bus.timeouts,
            "bus_skipped": bus.skipped,
            "bus_silent_units": len(bus.silent),
        }
        if before_s is None or passed_s <= 0 or bus.busy_s < before_s:
            return counted
        return counted | {"bus_utilisation": min(1.0, (bus.busy_s - before_s) / passed_s)}


class Health:
    """A service that tells how the gateway is; `look` gives the picture, `keep` stores a sample."""

    name = "health"

    def __init__(self, look: Callable[[], Picture], keep: Callable[[Sample], None], clock: Clock) -> None:
        self._look, self._keep, self._clock = look, keep, clock
        self._teller = Teller()

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await self._clock.sleep(EVERY_S / self._clock.rate)
            for sample in self._teller.samples(self._look(), self._clock.stamp()):
                self._keep(sample)


def _gateway(picture: Picture) -> dict[str, float]:
    status, outbox = picture.status, picture.status.outbox
    severe = sum(alarm.severity is Severity.ALARM for alarm in picture.alarms)
    return {
        "uptime": status.uptime_s,
        "devices_online": sum(device.online is True for device in status.devices),
        "devices_lost": sum(device.online is False for device in status.devices),
        "alarms_standing": severe,
        "warnings_standing": len(picture.alarms) - severe,
        "lamps_failed": sum(alarm.kind is AlarmKind.LAMP_FAILURE for alarm in picture.alarms),
        "store_bytes": outbox.bytes,
        "store_pending": max(outbox.pending.values(), default=0),
        "store_dropped": outbox.dropped,
        "store_quarantined": outbox.quarantined,
        "store_written": outbox.bytes_written,
    }


def _delivery(target: ForwardStatus, pending: int) -> dict[str, float]:
    return {
        "delivery_up": not target.trouble,
        "store_pending": pending,
        "rows_delivered": target.delivered,
        "rows_refused": target.rejected,
    }


def _sample(picture: Picture, measurement: str, of: str, values: Mapping[str, float], stamp: Stamp) -> Sample:
    tags = tuple(sorted((*picture.place, ("device", of), ("gateway", picture.status.gateway))))
    names = HEALTH[measurement]
    layout = Layout(of, measurement, names, tags, f"health/{measurement}")
    found = tuple(float(values[name]) if name in values else None for name in names)
    return Sample(layout, stamp, found)

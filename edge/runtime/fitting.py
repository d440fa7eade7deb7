"""What the runtime asks of the wiring: drivers for buses, targets for the outbox."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from edge.config.schema import Bus, Config, Device
from edge.core.air import AirBoard, Judge, MeanStore
from edge.core.alarms import AlarmBoard
from edge.core.fleet import ConfigBoard
from edge.core.lighting import LampAccount, LightBoard, Luminaires, NightBoard, Relays
from edge.core.model import Event, Sample
from edge.core.ports import Aside, Clock, Desk, Driver, Live, Memory, Publisher, Report, Service
from edge.core.wifi import UsageStore, WifiBoard
from edge.runtime.commands import Handler


class Lamps(Luminaires, Relays, Protocol):
    """All lamps and relays of the gateway."""


@dataclass(frozen=True, slots=True)
class Target:
    """A place where data goes: its publisher, how it likes its rows, and what else runs for it.

    `refresh` tells it of a configuration in which its own section did not change but the devices did;
    `close` lets go of its connection once nothing runs for it any more.
    """

    publisher: Publisher
    section: object
    batch_max: int
    linger_s: float = 0.0
    services: Sequence[Service] = ()
    refresh: Callable[[Config], None] | None = None
    close: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What drivers, rooms and targets may use of the runtime; the boards are there for targets only.

    `keep` stores a derived sample, which is owed to every target like one that was read.
    """

    clock: Clock
    memory: Memory
    live: Live
    desk: Desk
    report: Report
    boot_id: str
    version: str
    lamps: Lamps
    keep: Callable[[Sample], None]
    means: MeanStore
    usage: UsageStore
    aside: Aside
    lights: LightBoard | None = None
    alarms: AlarmBoard | None = None
    air: AirBoard | None = None
    wifi: WifiBoard | None = None
    configs: ConfigBoard | None = None


@dataclass(frozen=True, slots=True)
class Rooms:
    """The town's rules: what runs for them, the verbs that they carry out, and what they show.

    The services start once the buses do and stop before them; `hears` is told of every event; `refresh` of
    another configuration; `judge` sees every sample before it is kept or shown.
    """

    services: Sequence[Service] = ()
    verbs: Mapping[str, Handler] = field(default_factory=dict)
    lights: LightBoard | None = None
    alarms: AlarmBoard | None = None
    air: AirBoard | None = None
    wifi: WifiBoard | None = None
    judge: Judge | None = None
    accounts: Callable[[], Sequence[LampAccount]] | None = None
    nights: NightBoard | None = None
    hears: Callable[[Event], None] | None = None
    refresh: Callable[[Config], None] | None = None


class Fitter(Protocol):
    """Makes the concrete things that a configuration names."""

    def driver(
        self,
        config: Config,
        bus: Bus,
        devices: Sequence[Device],
        around: Surroundings,
        previous: Driver | None = None,
    ) -> Driver:
        """A driver for a bus; `previous` gives over its open line when only devices changed."""

    def rooms(self, config: Config, around: Surroundings) -> Rooms:
        """The town's rules for this configuration; made once, before there is any bus."""

    def targets(self, config: Config, around: Surroundings) -> Sequence[Target]:
        """All targets that the configuration names."""

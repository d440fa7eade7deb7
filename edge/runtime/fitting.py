"""What the runtime asks of the wiring: drivers for buses, targets for the outbox."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.config.schema import Bus, Config, Device
from edge.core.ports import Clock, Desk, Driver, Live, Memory, Publisher, Report, Service


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
    """What drivers and targets may use of the runtime."""

    clock: Clock
    memory: Memory
    live: Live
    desk: Desk
    report: Report
    boot_id: str
    version: str


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

    def targets(self, config: Config, around: Surroundings) -> Sequence[Target]:
        """All targets that the configuration names."""

"""What the gateway says of itself: one frozen picture, for status, metrics, health and the console."""

from dataclasses import dataclass

from edge.core.model import DeviceState
from edge.runtime.bus import BusStatus
from edge.runtime.forward import ForwardStatus


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """The store in numbers. `pending` is what each target is still owed, samples and events together."""

    stored: int
    pending: dict[str, int]
    dropped: int
    quarantined: int
    undated: int
    bytes: int
    bytes_written: int
    values: int
    trouble: str


@dataclass(frozen=True, slots=True)
class Status:
    """The gateway now. `not_ready` says in words what keeps it from polling and storing."""

    gateway: str
    version: str
    uptime_s: float
    clock_set: bool
    devices: tuple[DeviceState, ...]
    buses: tuple[BusStatus, ...]
    targets: tuple[ForwardStatus, ...]
    outbox: OutboxStatus
    not_ready: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether it polls and stores."""
        return not self.not_ready

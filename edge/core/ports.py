"""Ports: what the runtime asks of the world, and what the world may ask of the runtime."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from edge.core.errors import GianhError
from edge.core.model import (
    Command,
    DeviceState,
    Event,
    EventRow,
    Outcome,
    Poll,
    Reading,
    Rejection,
    SampleRow,
    Stamp,
)

Breathe = Callable[[], Awaitable[None]]
"""A driver awaits this between two transactions of one poll; waiting commands go first there."""

Report = Callable[[Event], None]
"""Takes an event in; never blocks, never raises."""

Aside = Callable[[Callable[[], None]], Awaitable[None]]
"""Has short work that blocks, such as a sync, done by the store's thread; what it raises comes through."""


class Clock(Protocol):
    """Time. UTC counts only once it is set; intervals and deadlines use the monotonic clock alone."""

    @property
    def rate(self) -> float:
        """How fast UTC runs against the monotonic clock: 1, but in a sped-up simulation."""

    def mono_ns(self) -> int:
        """Nanoseconds since boot; never steps."""

    def utc_ns(self) -> int:
        """Nanoseconds since 1970, as the system has it, right or wrong."""

    def is_set(self) -> bool:
        """Whether UTC can be believed."""

    def stamp(self) -> Stamp:
        """Now."""

    async def sleep(self, seconds: float) -> None:
        """Wait at least `seconds` of monotonic time."""


class Driver(Protocol):
    """Reads and writes the devices of one bus. Only that bus's own task calls it."""

    @property
    def polls(self) -> Sequence[Poll]:
        """What is to be polled, as the profiles and the configuration say; fixed for a driver's life."""

    async def open(self) -> None:
        """Open the line. Raises LinkDown with the reason and the remedy."""

    async def close(self) -> None:
        """Close the line; safe at any time, also twice."""

    async def read(self, poll: Poll, breathe: Breathe) -> Reading:
        """One round of a poll.

        Raises NoAnswer, ProtocolError, Busy, Refused or LinkDown; never gives a value that was not
        answered to this very question.
        """

    async def probe(self, poll: Poll) -> None:
        """The cheapest question that shows whether the unit lives; raises as `read` does."""

    async def write(self, device: str, what: str, value: float, breathe: Breathe) -> None:
        """Carry out one of the profile's commands (`what`, e.g. `level`) without reading back."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of some rows: `done` by receipt of the far end, `rejected` for ever, else still owed.

    `trouble` says why some are still owed: TransientError waits and retries, PermanentError alarms and
    retries slowly. `wait_s` is the least wait that the far end asked for. `logged` marks a trouble that a log
    line tells already, so that there is one line for each change of state.
    """

    done: Sequence[int]
    rejected: Sequence[Rejection] = ()
    trouble: GianhError | None = None
    wait_s: float = 0.0
    logged: bool = False


class Publisher(Protocol):
    """Brings stored rows to one target. One call at a time."""

    @property
    def id(self) -> str:
        """The target's id, which is also its name in the outbox: `mqtt`, or the influx target's id."""

    async def deliver_samples(self, rows: Sequence[SampleRow]) -> Delivery:
        """Send rows, oldest first; returns when each has its receipt or will get none now."""

    async def deliver_events(self, rows: Sequence[EventRow]) -> Delivery:
        """As `deliver_samples`; a target that has no use for events says that they are done."""


class Service(Protocol):
    """Something that runs as long as the gateway does."""

    @property
    def name(self) -> str:
        """A name for its task, in logs and health."""

    async def run(self) -> None:
        """Run until cancelled; heals itself, ends only by cancellation."""


class Desk(Protocol):
    """The command desk: the one door for commands."""

    def submit(self, command: Command, reply: Callable[[Outcome], None]) -> None:
        """Take a command in; `reply` is called for every report on it, the last being terminal."""


class Live(Protocol):
    """The latest values, for whoever shows them."""

    def states(self) -> Sequence[DeviceState]:
        """All devices, in configured order."""

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[DeviceState]]:
        """States as they change; a slow watcher gets the newest of each device, not every one."""


class Memory(Protocol):
    """What a driver learnt about its devices and keeps over restarts (small: a few keys a device)."""

    def recall(self, key: str) -> str | None:
        """What was remembered under `key`, or None."""

    def remember(self, key: str, value: str) -> None:
        """Keep `value` under `key` durably, soon."""

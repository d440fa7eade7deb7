"""From the outbox to one target: events first, oldest first, gone only by the far end's receipt."""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.core.backoff import Backoff, Chance
from edge.core.errors import GianhError, PermanentError
from edge.core.model import Event, EventKind, EventRow, Rejection, SampleRow, Severity, Stream
from edge.core.ports import Clock, Delivery, Publisher, Report
from edge.core.sayings import say

log = logging.getLogger(__name__)

RETRY = Backoff(first_s=1.0, cap_s=60.0, floor=0.1)
"""Waits while a target cannot be reached."""

SLOW_RETRY = Backoff(first_s=10.0, cap_s=300.0, floor=0.5)
"""Waits while a target refuses us: wrong password, missing database, no right to publish."""

EVENTS_MAX = 100
"""Events handed to a publisher at once."""


class Outbox(Protocol):
    """What a forwarder asks of the store."""

    async def owed_samples(self, target: str, limit: int) -> Sequence[SampleRow]:
        """Oldest samples that the target has not taken; waits until there is one."""

    async def owed_events(self, target: str, limit: int) -> Sequence[EventRow]:
        """Oldest events that the target has not taken; waits until there is one."""

    def settle(self, target: str, stream: Stream, done: Sequence[int], rejected: Sequence[Rejection]) -> None:
        """Strike rows off by their ids."""


@dataclass(frozen=True, slots=True)
class ForwardStatus:
    """How the way to a target is: `trouble` is empty while it works."""

    target: str
    trouble: str
    refused: bool
    delivered: int
    rejected: int
    last_delivery_mono_ns: int | None


class Forwarder:
    """Brings what one target is owed to its publisher, for ever.

    `linger_s` lets samples gather for a moment when the target has kept up, so that a request carries
    more than one; with a backlog nothing lingers.
    """

    def __init__(
        self,
        publisher: Publisher,
        outbox: Outbox,
        report: Report,
        clock: Clock,
        batch_max: int,
        linger_s: float = 0.0,
        chance: Chance = random.random,
    ) -> None:
        self.target = publisher.id
        self.name = f"forward {publisher.id}"
        self._publisher, self._outbox, self._report, self._clock = publisher, outbox, report, clock
        self._batch_max, self._linger_s, self._chance = batch_max, linger_s, chance
        self._turn = asyncio.Lock()
        self._failures = dict.fromkeys(Stream, 0)
        # By stream: a target that has no use for events takes them also while it cannot be reached.
        self._troubles: dict[Stream, GianhError] = {}
        self._logged = False
        self._delivered = self._rejected = 0
        self._last_ns: int | None = None

    def status(self) -> ForwardStatus:
        """How the way to the target is now."""
        troubles = sorted(self._troubles.values(), key=_is_refusal, reverse=True)
        return ForwardStatus(
            target=self.target,
            trouble=str(troubles[0]) if troubles else "",
            refused=bool(troubles) and _is_refusal(troubles[0]),
            delivered=self._delivered,
            rejected=self._rejected,
            last_delivery_mono_ns=self._last_ns,
        )

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._events(), name=f"{self.name} events")
            group.create_task(self._samples(), name=f"{self.name} samples")

    async def _events(self) -> None:
        while True:
            rows = await self._outbox.owed_events(self.target, EVENTS_MAX)
            async with self._turn:
                delivery = await self._publisher.deliver_events(rows)
                wait_s = await self._settle(Stream.EVENT, delivery)
            if wait_s:
                await self._clock.sleep(wait_s)

    async def _samples(self) -> None:
        while True:
            rows = await self._outbox.owed_samples(self.target, self._batch_max)
            async with self._turn:
                delivery = await self._publisher.deliver_samples(rows)
                wait_s = await self._settle(Stream.SAMPLE, delivery)
            if not delivery.trouble and len(rows) < self._batch_max:
                wait_s = self._linger_s
            if wait_s:
                await self._clock.sleep(wait_s)

    async def _settle(self, stream: Stream, delivery: Delivery) -> float:
        """Keep the books; says how long this stream now waits, while the other may have its turn."""
        if delivery.done or delivery.rejected:
            self._outbox.settle(self.target, stream, delivery.done, delivery.rejected)
            self._delivered += len(delivery.done)
            self._last_ns = self._clock.mono_ns()
        if delivery.rejected:
            self._quarantined(delivery.rejected)
        if delivery.trouble is None:
            self._recovered(stream)
            return 0.0
        self._troubled(stream, delivery.trouble, delivery.logged)
        self._failures[stream] = failures = 1 if delivery.done else self._failures[stream] + 1
        retry = SLOW_RETRY if _is_refusal(delivery.trouble) else RETRY
        # What the far end asks for holds for both streams.
        if delivery.wait_s:
            await self._clock.sleep(delivery.wait_s)
        return max(0.0, retry.wait_s(failures, self._chance) - delivery.wait_s)

    def _quarantined(self, rejections: Sequence[Rejection]) -> None:
        self._rejected += len(rejections)
        first = rejections[0]
        text = say("set_aside", target=self.target, rows=len(rejections), why=first.reason)
        log.warning("%s", text)
        fields = (("count", len(rejections)), ("first_seq", first.seq), ("reason", first.reason))
        self._tell(EventKind.QUARANTINED, Severity.WARNING, text, fields)

    def _recovered(self, stream: Stream) -> None:
        self._failures[stream] = 0
        if self._troubles.pop(stream, None) is not None and not self._troubles:
            text = say("target_back", target=self.target)
            log.log(logging.DEBUG if self._logged else logging.INFO, "%s", text)
            self._tell(EventKind.TARGET_BACK, Severity.INFO, text)

    def _troubled(self, stream: Stream, trouble: GianhError, logged: bool) -> None:
        known = {_is_refusal(before) for before in self._troubles.values()}
        self._troubles[stream] = trouble
        if _is_refusal(trouble) in known:
            log.debug("%s: %s", self.target, trouble)
            return
        self._logged = logged
        log.log(logging.DEBUG if logged else logging.WARNING, "%s: %s", self.target, trouble)
        if _is_refusal(trouble):
            self._tell(EventKind.TARGET_REFUSES, Severity.ALARM, str(trouble))
        else:
            self._tell(EventKind.TARGET_LOST, Severity.WARNING, str(trouble))

    def _tell(
        self,
        kind: EventKind,
        severity: Severity,
        text: str,
        fields: tuple[tuple[str, str | int | float | bool | None], ...] = (),
    ) -> None:
        self._report(Event(self._clock.stamp(), kind, self.target, severity, text, fields))


def _is_refusal(trouble: GianhError) -> bool:
    return isinstance(trouble, PermanentError)

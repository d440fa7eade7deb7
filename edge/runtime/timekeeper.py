"""Watches the clock: gives early samples their true time once it is set, and tells of steps."""

import logging
from typing import Protocol

from edge.core.clock import StepWatch
from edge.core.model import Event, EventKind, Severity
from edge.core.ports import Clock, Report
from edge.core.sayings import say

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class Dated(Protocol):
    """What the timekeeper asks of the store."""

    async def clock_was_set(self, utc_minus_mono_ns: int) -> int:
        """Give rows of this boot their true time; says how many."""


class Timekeeper:
    """A service that looks at the clock once a second."""

    name = "timekeeper"

    def __init__(self, clock: Clock, store: Dated, report: Report, gateway: str) -> None:
        self._clock, self._store, self._report, self._gateway = clock, store, report, gateway

    async def run(self) -> None:
        """Run until cancelled."""
        if not self._clock.is_set():
            log.warning("the clock is not set yet: samples are kept and get their true time once it is")
            while not self._clock.is_set():
                await self._clock.sleep(LOOK_EVERY_S)
        utc_ns, mono_ns = self._clock.utc_ns(), self._clock.mono_ns()
        dated = await self._store.clock_was_set(utc_ns - mono_ns)
        if dated:
            self._tell(EventKind.CLOCK_SET, say("clock_set", rows=dated))
        steps = StepWatch(utc_ns, mono_ns, self._clock.rate)
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            step_ns = steps.step_ns(self._clock.utc_ns(), self._clock.mono_ns())
            if step_ns:
                self._tell(EventKind.CLOCK_STEPPED, say("clock_stepped", seconds=f"{step_ns / 1e9:+.3f}"))

    def _tell(self, kind: EventKind, text: str) -> None:
        log.warning("%s", text)
        self._report(Event(self._clock.stamp(), kind, self._gateway, Severity.WARNING, text))

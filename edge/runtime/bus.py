"""One task owns one bus: waiting jobs first, else the next due poll, else a look at a silent unit."""

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from edge.core.backoff import Backoff, Chance
from edge.core.errors import Asleep, Busy, GianhError, LinkDown, NoAnswer, Refused, TargetSilent
from edge.core.model import Layout, Poll, Reading
from edge.core.ports import Breathe, Clock, Driver
from edge.core.sayings import say
from edge.runtime.loan import Loan, new_loan
from edge.runtime.schedule import Schedule
from edge.runtime.units import Units
from edge.runtime.watch import Watch

log = logging.getLogger(__name__)
T = TypeVar("T")

JOBS_MAX = 256
"""Most jobs that may wait for one bus; one more is refused as busy."""

REOPEN = Backoff(first_s=0.5, cap_s=30.0, floor=0.5)
"""Waits between attempts to open a line that is gone."""

REFUSED_RETRY_S = 30.0
"""A poll that the device itself refuses is asked again after at least so many seconds."""

LEND_S = 8.0
"""Longest wait for what is under way to end before the bus is lent."""

Job = Callable[[Driver, Breathe], Awaitable[T]]
"""Something to do with the driver, by the bus's own task."""


class Sink(Protocol):
    """Where readings go."""

    def take(self, layout: Layout, reading: Reading) -> None:
        """Take a reading."""


@dataclass(frozen=True, slots=True)
class BusStatus:
    """How a bus does. `utilisation` is the share of time, 0 to 1, that it was busy since it started.

    `busy_s` is how long that was; it begins anew when the bus is made anew.
    """

    id: str
    open: bool
    trouble: str
    utilisation: float
    busy_s: float
    requests: int
    errors: int
    timeouts: int
    skipped: int
    silent: tuple[str, ...]
    silent_share: float
    lent: str = ""


class BusRunner:
    """Runs one bus for ever: opens it, serves it, opens it again when it was lost."""

    def __init__(
        self,
        bus_id: str,
        driver: Driver,
        sink: Sink,
        watch: Watch,
        clock: Clock,
        dead_share: float = 0.1,
        chance: Chance = random.random,
    ) -> None:
        now_ns = clock.mono_ns()
        self.id = bus_id
        self.name = f"bus {bus_id}"
        self.progressed_ns = self.turned_ns = now_ns
        self._driver = driver
        self._successor: Driver | None = None
        self._sink, self._watch, self._clock, self._chance = sink, watch, clock, chance
        self._polls = keyed(driver.polls)
        self._schedule = Schedule(_intervals(self._polls), now_ns)
        self._units = Units(dead_share, now_ns, chance)
        self._held: dict[str, int] = {}
        self._jobs: deque[tuple[Job[Any], asyncio.Future[Any]]] = deque()
        self._wake: asyncio.Future[None] | None = None
        self._started_ns = now_ns
        self._busy_ns = 0
        self._loan: Loan | None = None
        self._left: asyncio.Future[None] | None = None
        self._open = False
        self._trouble = "not opened yet"
        self._requests = self._errors = self._timeouts = 0

    @property
    def driver(self) -> Driver:
        """The driver in use."""
        return self._driver

    def status(self) -> BusStatus:
        """How the bus does now."""
        passed_ns = max(self._clock.mono_ns() - self._started_ns, 1)
        return BusStatus(
            id=self.id,
            open=self._open,
            trouble=self._trouble,
            utilisation=min(1.0, self._busy_ns / passed_ns),
            busy_s=self._busy_ns / 1e9,
            requests=self._requests,
            errors=self._errors,
            timeouts=self._timeouts,
            skipped=self._schedule.skipped,
            silent=self._units.silent(),
            silent_share=min(1.0, self._units.lost_s * 1e9 / passed_ns),
            lent=self._loan.sentence(self.id) if self._loan is not None else "",
        )

    async def ask(self, job: Job[T]) -> T:
        """Have the bus's task do `job` next: it waits for at most the one transaction in flight.

        Raises Busy when too many wait already, LinkDown when the line is gone, else what the job raises.
        """
        if self._loan is not None:
            raise Busy(self._loan.sentence(self.id))
        if not self._open:
            raise LinkDown(say("bus_closed", bus=self.id, why=self._trouble))
        if len(self._jobs) >= JOBS_MAX:
            raise Busy(say("jobs_waiting", bus=self.id, jobs=JOBS_MAX))
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.append((job, answer))
        self._stir()
        return await answer

    async def lend(self, token: str, by: str, why: str, for_s: float) -> float:
        """Leave the line to somebody else, once what is under way has ended; gives the seconds it is lent.

        Waiting jobs go first; polls pause, and nothing counts as missed. Raises Busy if it is lent already.
        """
        if self._loan is not None:
            raise Busy(self._loan.sentence(self.id))
        self._loan = new_loan(token, by, why, for_s, self._clock.mono_ns())
        self._left = left = asyncio.get_running_loop().create_future()
        self._stir()
        try:
            async with asyncio.timeout(LEND_S):
                await asyncio.shield(left)
        except TimeoutError as late:
            self._loan = None
            raise Busy(say("no_rest", bus=self.id)) from late
        return self._loan.left_s(self._clock.mono_ns()) if self._loan is not None else 0.0

    def renew(self, token: str, for_s: float) -> float:
        """Lend it on. Raises Busy where that loan is over."""
        if self._loan is None or self._loan.token != token:
            raise Busy(say("not_lent", bus=self.id))
        now_ns = self._clock.mono_ns()
        self._loan = self._loan.renewed(for_s, now_ns)
        return self._loan.left_s(now_ns)

    def give_back(self, token: str) -> None:
        """The loan is over; another one's, or one that is over already, stays as it is."""
        if self._loan is not None and self._loan.token == token:
            self._loan = None
            self._stir()

    def succeed(self, driver: Driver) -> None:
        """Go on with another driver for the same line, from the next quiet moment; polls that stay as
        they were keep their times."""
        self._successor = driver
        self._stir()

    async def run(self) -> None:
        """Run until cancelled."""
        failures = 0
        while True:
            await self._sit_out()
            self.turned_ns = self._clock.mono_ns()
            try:
                await self._driver.open()
                failures = 0
                await self._serve()
            except LinkDown as down:
                self._lost(down)
            finally:
                self._open = False
                self._fail_jobs()
                await self._driver.close()
            if self._loan is None:
                failures += 1
                await self._pause(REOPEN.wait_s(failures, self._chance))

    async def _sit_out(self) -> None:
        """While the bus is lent: the line is closed, and nothing counts as missed."""
        if self._loan is None:
            return
        self._trouble = self._loan.sentence(self.id)
        self._watch.bus_lent(self.id, self._trouble)
        if self._left is not None and not self._left.done():
            self._left.set_result(None)
        while self._loan is not None:
            now_ns = self.progressed_ns = self.turned_ns = self._clock.mono_ns()
            if (left_s := self._loan.left_s(now_ns)) <= 0:
                self._loan = None
                break
            await self._pause(left_s)
        self._watch.bus_returned(self.id, say("bus_returned", bus=self.id))

    def _lost(self, down: LinkDown) -> None:
        self._errors += 1
        self._trouble = str(down)
        self._watch.bus_lost(self.id, self._trouble)
        for poll in self._polls.values():
            self._watch.missed(poll.device, self._trouble, certain=True)

    async def _serve(self) -> None:
        self._open, self._trouble = True, ""
        self._watch.bus_back(self.id)
        while True:
            self._adopt()
            await self._do_jobs()
            if self._loan is not None:
                return
            now_ns = self._clock.mono_ns()
            self.progressed_ns = self.turned_ns = now_ns
            if (key := self._schedule.due(now_ns)) is not None:
                await self._poll(key, now_ns)
            elif (unit := self._units.due(now_ns)) is not None:
                await self._probe(unit)
            else:
                await self._rest(now_ns)

    def _adopt(self) -> None:
        if self._successor is None:
            return
        self._driver, self._successor = self._successor, None
        self._polls = keyed(self._driver.polls)
        self._schedule.replace(_intervals(self._polls), self._clock.mono_ns())
        self._units.keep_only(poll.unit for poll in self._polls.values())
        self._held = {key: until for key, until in self._held.items() if key in self._polls}

    async def _poll(self, key: str, now_ns: int) -> None:
        poll = self._polls[key]
        if self._units.is_silent(poll.unit):
            self._schedule.done(key, now_ns)
            self._watch.missed(poll.device, say("unit_silent", unit=poll.unit))
            return
        if self._held.get(key, 0) > now_ns:
            self._schedule.done(key, now_ns)
            return
        reading: Reading | None = None
        try:
            reading = await self._timed(poll, self._driver.read(poll, self._breathe))
        except Refused as refused:
            self._held[key] = self._clock.mono_ns() + round(REFUSED_RETRY_S * 1e9)
            self._watch.missed(poll.device, str(refused), certain=True)
        except LinkDown:
            raise
        except Asleep as asleep:
            log.debug("%s: %s", poll.device, asleep)
        except GianhError as error:
            self._watch.missed(poll.device, str(error))
            if isinstance(error, TargetSilent) and self._watch.is_lost(poll.device):
                self._held[key] = self._clock.mono_ns() + round(REFUSED_RETRY_S * 1e9)
        finally:
            self._schedule.done(key, self._clock.mono_ns())
        if reading is not None:
            self._held.pop(key, None)
            self._sink.take(poll.layout, reading)
            self._watch.answered(poll.device)

    async def _probe(self, unit: str) -> None:
        poll = next(poll for poll in self._polls.values() if poll.unit == unit)
        try:
            await self._timed(poll, self._driver.probe(poll))
        except LinkDown:
            raise
        except GianhError as error:
            log.debug("%s: %s", unit, error)

    async def _timed(self, poll: Poll, work: Awaitable[T]) -> T:
        """Do `work` for a poll's unit, and keep the books of the bus and of the unit."""
        began_ns = self._clock.mono_ns()
        self._requests += poll.requests
        try:
            result = await work
        except NoAnswer as silence:
            self._timeouts += 1
            if isinstance(silence, TargetSilent) and self._stands_for_several(poll.unit):
                self._alive(poll.unit)
                raise
            now_ns = self._clock.mono_ns()
            self._units.missed(poll.unit, (now_ns - began_ns) / 1e9, now_ns)
            raise
        except Asleep:
            self._alive(poll.unit)
            raise
        except GianhError as error:
            self._errors += 1
            if isinstance(error, Busy | Refused):
                self._alive(poll.unit)
            raise
        finally:
            self._busy_ns += self._clock.mono_ns() - began_ns
        self._alive(poll.unit)
        return result

    def _stands_for_several(self, unit: str) -> bool:
        """Whether a unit is a gateway with several devices behind it: one of them may be silent alone."""
        return len({poll.device for poll in self._polls.values() if poll.unit == unit}) > 1

    def _alive(self, unit: str) -> None:
        if self._units.answered(unit):
            now_ns = self._clock.mono_ns()
            for key, poll in self._polls.items():
                if poll.unit == unit:
                    self._schedule.hasten(key, now_ns)

    async def _breathe(self) -> None:
        if self._jobs:
            await self._do_jobs()

    async def _do_jobs(self) -> None:
        while self._jobs:
            job, answer = self._jobs.popleft()
            if answer.done():
                continue
            began_ns = self._clock.mono_ns()
            try:
                result = await job(self._driver, _no_breath)
            except GianhError as error:
                if not answer.done():
                    answer.set_exception(error)
                if isinstance(error, LinkDown):
                    raise
            except asyncio.CancelledError:
                answer.cancel()
                raise
            else:
                if not answer.done():
                    answer.set_result(result)
            finally:
                self._requests += 1
                self._busy_ns += self._clock.mono_ns() - began_ns

    def _fail_jobs(self) -> None:
        while self._jobs:
            _, answer = self._jobs.popleft()
            if not answer.done():
                why = self._trouble or "it is closing"
                answer.set_exception(LinkDown(say("bus_lost", bus=self.id, why=why)))

    async def _rest(self, now_ns: int) -> None:
        times = [at for at in (self._schedule.next_ns(), self._units.next_ns(now_ns)) if at is not None]
        until_ns = min(times, default=now_ns + 1_000_000_000)
        await self._pause(max(0.0, (until_ns - now_ns) / 1e9))

    async def _pause(self, seconds: float) -> None:
        """Sleep, or until something stirs the bus."""
        loop = asyncio.get_running_loop()
        self._wake = wake = loop.create_future()
        timer = loop.call_later(seconds, _release, wake)
        try:
            await wake
        finally:
            timer.cancel()
            self._wake = None

    def _stir(self) -> None:
        if self._wake is not None:
            _release(self._wake)


async def _no_breath() -> None:
    """A job is not interrupted by other jobs."""


def _release(wake: "asyncio.Future[None]") -> None:
    if not wake.done():
        wake.set_result(None)


def keyed(polls: Sequence[Poll]) -> dict[str, Poll]:
    """Polls under keys that stay the same as long as their device does."""
    seen: Counter[str] = Counter()
    result: dict[str, Poll] = {}
    for poll in polls:
        seen[poll.device] += 1
        result[f"{poll.device}#{seen[poll.device]}"] = poll
    return result


def _intervals(polls: dict[str, Poll]) -> list[tuple[str, float]]:
    return [(key, poll.interval_s) for key, poll in polls.items()]

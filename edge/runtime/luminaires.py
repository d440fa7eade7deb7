"""All lamps of the gateway over all buses: levels out, levels back, by the buses' own tasks."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from edge.config.lighting import Segment
from edge.core.errors import Busy, ConfigError, GianhError, LinkDown, NoAnswer, Refused, TargetSilent
from edge.core.lighting import Lamp, LampDriver, LampFrame, LampRead, LampReport
from edge.core.ports import Breathe, Driver
from edge.core.sayings import say
from edge.runtime.bus import BusRunner, Job
from edge.runtime.feeders import feeder_lamps

T = TypeVar("T")

MISSES_MAX = 2
"""A unit that kept silent so often in one pass is not asked again in it: its other lamps fail with it."""

Buses = Callable[[], Mapping[str, BusRunner]]
"""The buses as they are now, by id."""

BusOf = Callable[[str], BusRunner]
"""The bus that a device is on; raises ConfigError where there is no such device."""

FULL = 100.0


@dataclass(slots=True)
class _Pass:
    """What one pass over one bus has brought so far."""

    reports: dict[str, LampReport] = field(default_factory=dict)
    misses: Counter[str] = field(default_factory=Counter)
    silent: dict[str, NoAnswer] = field(default_factory=dict)


class BusLuminaires:
    """Luminaires and Relays over BusRunners; a segment that is a lamp itself is told by its relay.

    Buses go side by side; on each, one frame at a time is handed to its task, so that polls and other
    commands come between two frames. Of two passes that want different levels of a lamp, the newer wins.
    """

    def __init__(
        self, buses: Buses, bus_of: BusOf, segments: Callable[[], Sequence[Segment]] = tuple
    ) -> None:
        self._buses, self._bus_of, self._segments = buses, bus_of, segments
        self._known: tuple[object, ...] = ()
        self._feeders: dict[str, Segment] = {}
        self._lamps: dict[str, Lamp] = {}
        self._passes = 0
        self._newest: dict[str, int] = {}

    @property
    def lamps(self) -> Mapping[str, Lamp]:
        """The lamps by device id."""
        drivers, segments = tuple(runner.driver for runner in self._buses().values()), self._segments()
        if (drivers, segments) != self._known:
            self._known = drivers, segments
            telling = [driver for driver in drivers if isinstance(driver, LampDriver)]
            own = {lamp.device: lamp for driver in telling for lamp in driver.lamps}
            feeders = feeder_lamps(segments, lambda relay: self._bus_of(relay).id)
            self._feeders = {one.id: one for one in segments if one.id in feeders}
            self._lamps = own | dict(feeders)
            self._newest = {one: number for one, number in self._newest.items() if one in self._lamps}
        return self._lamps

    async def apply(self, levels: Mapping[str, float], fade_s: float) -> Mapping[str, LampReport]:
        """Write these levels; errors per lamp are in its report, none are raised."""
        self._passes += 1
        number = self._passes
        self._newest.update({device: number for device in levels if device in self.lamps})
        return await self._side_by_side(levels, lambda bus, those: self._apply(bus, those, fade_s, number))

    async def verify(self, levels: Mapping[str, float]) -> Mapping[str, LampReport]:
        """Read these lamps back and compare; errors per lamp are in its report, none are raised."""
        return await self._side_by_side(levels, self._verify)

    async def switch(self, device: str, point: str, on: bool) -> LampReport:
        """Switch a relay and read it back; errors are in the report."""
        wanted, applied = FULL * on, False
        try:
            await self._turn(device, point, on)
            applied = True
            actual = FULL * await self.read_switch(device, point)
        except GianhError as error:
            return LampReport(device, wanted, applied, verified=False, error=error)
        return LampReport(device, wanted, applied, verified=actual == wanted, actual=actual)

    async def _turn(self, device: str, point: str, on: bool) -> None:
        async def tell(driver: Driver, breathe: Breathe) -> None:
            await _telling(driver).switch(device, point, on, breathe)

        await _ask(self._bus_now(device), tell)

    async def read_switch(self, device: str, point: str) -> bool:
        """Whether the relay says that it is closed. Raises GianhError where it does not say."""

        async def ask(driver: Driver, breathe: Breathe) -> bool:
            return await _telling(driver).read_switch(device, point, breathe)

        return await _ask(self._bus_now(device), ask)

    def _bus_now(self, device: str) -> BusRunner:
        try:
            return self._bus_of(device)
        except KeyError:
            raise LinkDown(say("bus_anew", device=device)) from None

    async def _side_by_side(
        self,
        levels: Mapping[str, float],
        work: Callable[[BusRunner, Mapping[str, float]], Awaitable[Mapping[str, LampReport]]],
    ) -> Mapping[str, LampReport]:
        lamps, buses = self.lamps, self._buses()
        by_bus: dict[str, dict[str, float]] = {}
        reports: dict[str, LampReport] = {}
        for device, level in levels.items():
            if device in lamps:
                by_bus.setdefault(lamps[device].bus, {})[device] = level
            else:
                reports[device] = _failed(device, level, ConfigError(say("no_lamp_here", device=device)))
        done = await asyncio.gather(*(work(buses[bus], those) for bus, those in by_bus.items()))
        for found in done:
            reports |= found
        return {device: reports[device] for device in levels}

    async def _apply(
        self, bus: BusRunner, levels: Mapping[str, float], fade_s: float, number: int
    ) -> Mapping[str, LampReport]:
        made, feeders = _Pass(), self._feeders
        for one in levels.keys() & feeders.keys():
            made.reports[one] = await self._feed(feeders[one], levels[one], number)
        waiting = _planned(bus, _without(feeders, levels), made)
        while waiting:
            if stale := [one for one in waiting[0].devices if self._newest.get(one, number) != number]:
                # A frame to a group would bring the others along; what is left is planned anew.
                left = {one: levels[one] for frame in waiting for one in frame.devices if one not in stale}
                for one in stale:
                    made.reports[one] = _failed(one, levels[one], Busy(say("newer_level", device=one)))
                waiting = _planned(bus, left, made)
                continue
            frame = waiting.pop(0)
            error = await self._send(bus, frame, fade_s, made)
            for one in frame.devices:
                made.reports[one] = LampReport(one, levels[one], error is None, verified=False, error=error)
        return made.reports

    async def _send(self, bus: BusRunner, frame: LampFrame, fade_s: float, made: _Pass) -> GianhError | None:
        async def job(driver: Driver, breathe: Breathe) -> None:
            await _telling(driver).send(frame, fade_s, breathe)

        try:
            await _asked(bus, job, frame.unit, made)
        except GianhError as error:
            return error
        return None

    async def _verify(self, bus: BusRunner, levels: Mapping[str, float]) -> Mapping[str, LampReport]:
        made, feeders = _Pass(), self._feeders
        for one in levels.keys() & feeders.keys():
            made.reports[one] = await self._fed(feeders[one], levels[one])
        levels, driver = _without(feeders, levels), bus.driver
        if not levels:
            return made.reports
        if not isinstance(driver, LampDriver):
            return made.reports | {one: _failed(one, level, _changed(bus)) for one, level in levels.items()}
        reads = list(driver.reads(list(levels)))
        asked = {device for read in reads for device in read.devices}
        for device in levels.keys() - asked:
            error = Refused(say("no_point_back", device=device))
            made.reports[device] = _failed(device, levels[device], error)
        while reads:
            read = reads.pop(0)
            try:
                found = await self._levels(bus, read, made)
            except Refused as refused:
                if len(read.devices) > 1:
                    # Perhaps only one of them: each for itself says which.
                    reads = [one for device in read.devices for one in driver.reads([device])] + reads
                    continue
                made.reports |= {one: _failed(one, levels[one], refused) for one in read.devices}
            except GianhError as error:
                made.reports |= {one: _failed(one, levels[one], error) for one in read.devices}
            else:
                made.reports |= {
                    one: _compared(driver, one, levels[one], found.get(one)) for one in read.devices
                }
        return made.reports

    async def _feed(self, feeder: Segment, level: float, number: int) -> LampReport:
        """Close the relay of a feeder for any light, open it for none."""
        one = feeder.id
        if self._newest.get(one, number) != number:
            return _failed(one, level, Busy(say("newer_level", device=one)))
        try:
            await self._turn(feeder.relay, feeder.point, level > 0)
        except GianhError as error:
            return _failed(one, level, error)
        return LampReport(one, level, applied=True, verified=False)

    async def _fed(self, feeder: Segment, level: float) -> LampReport:
        one = feeder.id
        try:
            closed = await self.read_switch(feeder.relay, feeder.point)
        except GianhError as error:
            return _failed(one, level, error)
        return LampReport(one, level, True, verified=closed is (level > 0), actual=FULL * closed)

    async def _levels(self, bus: BusRunner, read: LampRead, made: _Pass) -> Mapping[str, float]:
        async def job(driver: Driver, breathe: Breathe) -> Mapping[str, float]:
            return await _telling(driver).read_levels(read, breathe)

        return await _asked(bus, job, read.unit, made)


def _without(feeders: Mapping[str, Segment], levels: Mapping[str, float]) -> dict[str, float]:
    return {one: level for one, level in levels.items() if one not in feeders}


async def _ask(bus: BusRunner, job: Job[T]) -> T:
    """As BusRunner.ask; a bus that ends meanwhile is a lost one, not a cancellation of who asks."""
    try:
        return await bus.ask(job)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise LinkDown(say("bus_closed_meanwhile", bus=bus.id)) from None


async def _asked(bus: BusRunner, job: Job[T], unit: str, made: _Pass) -> T:
    """Have the bus do a job, unless its unit kept silent too often in this pass already."""
    if unit in made.silent:
        raise made.silent[unit]
    try:
        return await _ask(bus, job)
    except NoAnswer as silence:
        if isinstance(silence, TargetSilent) and unit not in bus.status().silent:
            raise
        made.misses[unit] += 1
        if unit and made.misses[unit] >= (1 if unit in bus.status().silent else MISSES_MAX):
            made.silent[unit] = silence
        raise


def _planned(bus: BusRunner, levels: Mapping[str, float], made: _Pass) -> list[LampFrame]:
    """The frames for these levels; lamps whose level cannot be are reported, the others planned."""
    driver = bus.driver
    if not isinstance(driver, LampDriver):
        made.reports |= {one: _failed(one, level, _changed(bus)) for one, level in levels.items()}
        return []
    try:
        return list(driver.frames(levels))
    except GianhError:
        good = {one: level for one, level in levels.items() if _can_be(driver, one, level, made)}
        return list(driver.frames(good))


def _can_be(driver: LampDriver, device: str, level: float, made: _Pass) -> bool:
    try:
        driver.frames({device: level})
    except GianhError as error:
        made.reports[device] = _failed(device, level, error)
        return False
    return True


def _compared(driver: LampDriver, device: str, wanted: float, actual: float | None) -> LampReport:
    if actual is None:
        return _failed(device, wanted, Refused(say("knows_no_level", device=device)))
    return LampReport(device, wanted, True, driver.same(device, wanted, actual), actual)


def _failed(device: str, wanted: float, error: GianhError) -> LampReport:
    return LampReport(device, wanted, applied=False, verified=False, error=error)


def _changed(bus: BusRunner) -> LinkDown:
    return LinkDown(say("bus_without_lamps", bus=bus.id))


def _telling(driver: Driver) -> LampDriver:
    """The bus's driver as one that has lamps; it can have been replaced since the frame was planned."""
    if not isinstance(driver, LampDriver):
        raise ConfigError(say("bus_without_relays"))
    return driver

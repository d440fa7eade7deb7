"""Brings every lamp to what is wanted of it: writes what differs, reads it back, tries again."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.config.lighting import Lighting
from edge.core.backoff import Chance
from edge.core.errors import GianhError
from edge.core.lighting import LampReport, Luminaires
from edge.core.ports import Clock
from edge.lighting.lamp import NEVER_NS, Act, LampRecord, Patience
from edge.lighting.lanes import BusLanes, Flight, Rules, next_flight

log = logging.getLogger(__name__)

TICK_S = 1.0
"""Longest sleep: so soon a stepped clock is noticed."""

STOP_S = 2.0
"""Longest wait at the end for what is on the wire."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the engine asks of who knows what the lamps shall have.

    `renew` says anew what is wanted where that may have changed, and when to ask again (monotonic ns);
    `may_lower` whether a lamp may become darker without anybody waiting for it; `told` hears of every lamp
    that something happened to; `too_late` of one whose command expired before it could be written.
    """

    renew: Callable[[], int]
    may_lower: Callable[[LampRecord], bool]
    told: Callable[[LampRecord], None]
    too_late: Callable[[LampRecord], None]


class Engine:
    """The one writer to all lamps. A lamp is in one flight at a time, which finds its level as it starts."""

    def __init__(
        self,
        luminaires: Luminaires,
        settings: Lighting,
        clock: Clock,
        orders: Orders,
        chance: Chance = random.random,
        tick_s: float = TICK_S,
    ) -> None:
        self._luminaires, self._clock, self._orders = luminaires, clock, orders
        self._chance, self._tick_s = chance, tick_s
        self.records: dict[str, LampRecord] = {}
        self._lanes: dict[str, BusLanes] = {}
        self._by_bus: dict[str, list[LampRecord]] = {}
        self._flights: set[asyncio.Task[None]] = set()
        self._broken: BaseException | None = None
        self._wake = asyncio.Event()
        self._listeners: set[asyncio.Event] = set()
        self._again_ns: dict[str, int] = {}
        self.use(settings)

    def use(self, settings: Lighting) -> None:
        """Take other settings, and the lamps as they are now; those that stay keep what is known of them."""
        self._settings = settings
        self.patience = Patience(settings.retries, settings.refresh_s, self._chance)
        old, self.records = self.records, {}
        self._by_bus = {}
        for device, lamp in self._luminaires.lamps.items():
            record = old.get(device)
            if record is None or record.lamp.bus != lamp.bus:
                record = LampRecord(lamp)
            record.lamp = lamp
            self.records[device] = record
            self._by_bus.setdefault(lamp.bus, []).append(record)
        self._lanes = {bus: self._lanes.get(bus) or BusLanes(bus) for bus in self._by_bus}
        self.stir()

    def stir(self, bus: str | None = None) -> None:
        """Look at all lamps again, now, or at those of one bus."""
        if bus is None:
            self._again_ns.clear()
        else:
            self._again_ns.pop(bus, None)
        self._wake.set()

    def listen(self) -> asyncio.Event:
        """An event that is set whenever something happened to lamps; give it back with `leave`."""
        event = asyncio.Event()
        self._listeners.add(event)
        return event

    def leave(self, event: asyncio.Event) -> None:
        """Stop listening."""
        self._listeners.discard(event)

    @property
    def all_tried(self) -> bool:
        """Whether every lamp that can be read was read, or that was tried."""
        return all(record.tried or not record.lamp.readable for record in self.records.values())

    @property
    def light_is_owed(self) -> bool:
        """Whether a lamp that has not failed yet is darker than it shall be."""
        now_ns = self._clock.mono_ns()
        return any(
            not record.failures and (record.busy or record.act(now_ns) is Act.RAISE)
            for record in self.records.values()
        )

    async def run(self) -> None:
        """Run until cancelled."""
        try:
            while self._broken is None:
                self._wake.clear()
                renew_ns = self._orders.renew()
                now_ns = self._clock.mono_ns()
                until_ns = min(renew_ns, self._start_flights(now_ns), now_ns + round(self._tick_s * 1e9))
                await self._pause((until_ns - self._clock.mono_ns()) / 1e9)
            broken, self._broken = self._broken, None
            raise broken
        finally:
            await self._land()

    def _start_flights(self, now_ns: int) -> int:
        rules = Rules(
            self._settings.stagger_lamps, round(self._settings.stagger_s * 1e9), self._orders.may_lower
        )
        for bus, lanes in self._lanes.items():
            if now_ns < self._again_ns.get(bus, 0):
                continue
            flight: Flight | None
            flight, again_ns = next_flight(lanes, self._by_bus[bus], now_ns, rules)
            while flight is not None:
                self._start(flight, lanes)
                flight, again_ns = next_flight(lanes, self._by_bus[bus], now_ns, rules)
            self._again_ns[bus] = again_ns
        return min(self._again_ns.values(), default=NEVER_NS)

    def _start(self, flight: Flight, lanes: BusLanes) -> None:
        for record in flight.records:
            record.busy = True
        work = self._fly(flight, lanes)
        task = asyncio.get_running_loop().create_task(work, name=f"lighting {flight.bus} {flight.lane.value}")
        self._flights.add(task)
        task.add_done_callback(self._flights.discard)
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken = error
            self.stir()

    async def _fly(self, flight: Flight, lanes: BusLanes) -> None:
        began_ns = self._clock.mono_ns()
        try:
            if flight.writes:
                await self._write(flight)
            else:
                await self._read(flight)
        finally:
            now_ns = self._clock.mono_ns()
            lanes.landed(flight, now_ns - began_ns, now_ns)
            for record in flight.records:
                record.busy = False
            self.stir(flight.bus)
        for record in flight.records:
            self._orders.told(record)
        for event in self._listeners:
            event.set()

    async def _write(self, flight: Flight) -> None:
        began_ns = self._clock.mono_ns()
        levels, proving = {}, {record.lamp.device for record in flight.records if record.only_proves}
        for record in flight.records:
            if record.force and began_ns > record.deadline_ns and not record.begun:
                record.force = record.urgent = False
                self._orders.too_late(record)
            elif record.wanted is not None:
                levels[record.lamp.device] = record.next_level()
                record.begun |= record.force and record.next_level() == record.reach(record.wanted.level)
        if not levels:
            return
        fade_s = self._settings.fade_s if flight.fade_s is None else flight.fade_s
        try:
            reports = await self._luminaires.apply(levels, fade_s)
        except GianhError as error:
            reports = _all_failed(levels, error)
        now_ns = self._clock.mono_ns()
        for record in flight.records:
            if (report := reports.get(record.lamp.device)) is not None:
                pause_s = self._settings.verify_after_s + (fade_s if record.lamp.fades else 0.0)
                record.written(report, now_ns, pause_s, self.patience)
                if report.applied and not record.force and record.lamp.device not in proving:
                    record.fade_s = None

    async def _read(self, flight: Flight) -> None:
        levels = {record.lamp.device: _compared_with(record) for record in flight.records}
        try:
            reports = await self._luminaires.verify(levels)
        except GianhError as error:
            reports = _all_failed(levels, error)
        now_ns = self._clock.mono_ns()
        for record in flight.records:
            if (report := reports.get(record.lamp.device)) is not None:
                record.read(report, now_ns, self.patience)

    async def _pause(self, seconds: float) -> None:
        timer = asyncio.get_running_loop().call_later(max(seconds, 0.0), self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    async def _land(self) -> None:
        flights = list(self._flights)
        for task in flights:
            task.cancel()
        if flights:
            await asyncio.wait(flights, timeout=STOP_S)


def _compared_with(record: LampRecord) -> float:
    """The level that a lamp is expected to have: what was written, else what is wanted."""
    if record.sent is not None:
        return record.sent
    if record.wanted is not None:
        return record.reach(record.wanted.level)
    return record.actual if record.actual is not None else 100.0


def _all_failed(levels: Mapping[str, float], error: GianhError) -> dict[str, LampReport]:
    return {
        one: LampReport(one, level, applied=False, verified=False, error=error)
        for one, level in levels.items()
    }

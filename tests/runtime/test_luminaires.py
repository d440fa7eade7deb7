"""Lamps over all buses: side by side, one frame at a time, polls between, the newest level wins."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from edge.config.lighting import Segment
from edge.core.errors import Busy, ConfigError, LinkDown, NoAnswer, Refused
from edge.core.lighting import Lamp, LampFrame, LampRead
from edge.core.model import Event, Layout, Poll, Reading
from edge.core.ports import Breathe
from edge.runtime.bus import BusRunner
from edge.runtime.live import LiveState
from edge.runtime.luminaires import MISSES_MAX, BusLuminaires
from edge.runtime.watch import Watch
from tests.virtual import VirtualClock, run_virtual

WIRE_S = 0.05


class LampBus:
    """A driver with lamps `{bus}-{n}` that takes the wire's time for everything."""

    def __init__(self, bus: str, count: int, clock: VirtualClock, grouped: bool = False) -> None:
        self.clock, self.grouped = clock, grouped
        self.lamps = [Lamp(f"{bus}-{n}", bus, dimmable=True, readable=True) for n in range(count)]
        layout = Layout(f"{bus}-meter", "meter", ("active_power",), ())
        self.polls = [Poll(f"{bus}-meter", f"{bus}/9", layout, 0.06, 1, WIRE_S)]
        self.levels = {lamp.device: 100.0 for lamp in self.lamps}
        self.silent: set[str] = set()
        self.unread: set[str] = set()
        self.done: list[str] = []
        self.relays = {"relay_1": True}
        self.stuck = False
        self.in_flight = 0

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def read(self, poll: Poll, breathe: Breathe) -> Reading:
        await self._transaction(poll.device)
        return Reading(self.clock.stamp(), (1.0,))

    async def probe(self, poll: Poll) -> None:
        await self._transaction(poll.device)

    async def write(self, device: str, what: str, value: float, breathe: Breathe) -> None:
        raise AssertionError("lamps are told by frames")

    def frames(self, levels: Mapping[str, float]) -> Sequence[LampFrame]:
        for device, level in levels.items():
            if level > 100:
                raise Refused(f"{device} takes up to 100")
        if self.grouped and levels.keys() == self.levels.keys() and len(set(levels.values())) == 1:
            return (LampFrame(tuple(levels), next(iter(levels.values())), "all", WIRE_S, "u"),)
        return tuple(LampFrame((one,), level, one, WIRE_S, "u") for one, level in levels.items())

    async def send(self, frame: LampFrame, fade_s: float, breathe: Breathe) -> None:
        await self._transaction(f"write {frame.key}", frame.devices)
        self.levels.update(dict.fromkeys(frame.devices, frame.level))

    async def read_level(self, device: str, breathe: Breathe) -> float:
        raise AssertionError("levels are read together")

    def reads(self, devices: Sequence[str]) -> Sequence[LampRead]:
        return (LampRead(tuple(devices), ",".join(devices), WIRE_S, "u"),) if devices else ()

    async def read_levels(self, read: LampRead, breathe: Breathe) -> Mapping[str, float]:
        await self._transaction(f"read {read.key}", read.devices)
        if self.unread & set(read.devices):
            raise Refused(f"{read.key} does not answer its gateway", 11)
        return {device: self.levels[device] for device in read.devices}

    def same(self, device: str, wanted: float, actual: float) -> bool:
        return abs(wanted - actual) <= 1

    async def switch(self, device: str, point: str, on: bool, breathe: Breathe) -> None:
        await self._transaction(f"switch {point}")
        if not self.stuck:
            self.relays[point] = on

    async def read_switch(self, device: str, point: str, breathe: Breathe) -> bool:
        await self._transaction(f"ask {point}")
        return self.relays[point]

    async def _transaction(self, what: str, devices: Sequence[str] = ()) -> None:
        assert self.in_flight == 0, "two transactions on one line at once"
        self.in_flight += 1
        try:
            self.done.append(what)
            await asyncio.sleep(WIRE_S)
            if self.silent & set(devices):
                raise NoAnswer(f"{what}: silence")
        finally:
            self.in_flight -= 1


class World:
    """Some buses that run, and the luminaires over them."""

    def __init__(self, buses: int, lamps: int, grouped: bool = False) -> None:
        clock, events = VirtualClock(), list[Event]()
        watch = Watch(LiveState(f"b{n}-meter" for n in range(buses)), events.append, clock)
        self.clock = clock
        self.drivers = [LampBus(f"b{n}", lamps, clock, grouped) for n in range(buses)]
        self.runners = {
            f"b{n}": BusRunner(f"b{n}", driver, self, watch, clock) for n, driver in enumerate(self.drivers)
        }
        self.segments: tuple[Segment, ...] = ()
        self.luminaires = BusLuminaires(
            lambda: self.runners, lambda device: self.runners[device[:2]], lambda: self.segments
        )
        self.tasks: list[asyncio.Task[None]] = []

    def take(self, layout: Layout, reading: Reading) -> None:
        pass

    def all_at(self, level: float) -> dict[str, float]:
        return dict.fromkeys(self.luminaires.lamps, level)

    async def start(self) -> None:
        self.tasks = [asyncio.create_task(runner.run()) for runner in self.runners.values()]
        await asyncio.sleep(1.0)

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def now_s(self) -> float:
        return self.clock.mono_ns() / 1e9


def in_world(
    act: Callable[[World], Awaitable[None]], buses: int = 1, lamps: int = 4, grouped: bool = False
) -> World:
    async def main() -> World:
        world = World(buses, lamps, grouped)
        await world.start()
        try:
            await act(world)
        finally:
            await world.stop()
        return world

    return run_virtual(main())


def test_all_lamps_get_their_level_and_it_is_read_back() -> None:
    async def act(world: World) -> None:
        applied = await world.luminaires.apply(world.all_at(40), 0)
        assert all(report.applied and report.error is None for report in applied.values())
        verified = await world.luminaires.verify(world.all_at(40))
        assert all(report.verified and report.actual == 40 for report in verified.values())
        assert list(verified) == list(world.luminaires.lamps)

    in_world(act, buses=3)


def test_buses_go_side_by_side() -> None:
    took_s: list[float] = []

    async def act(world: World) -> None:
        began_s = world.now_s()
        await world.luminaires.apply(world.all_at(40), 0)
        took_s.append(world.now_s() - began_s)

    in_world(act, buses=1)
    in_world(act, buses=8)
    assert took_s[1] == pytest.approx(took_s[0], abs=WIRE_S)


def test_polls_and_other_commands_come_between_two_frames() -> None:
    async def act(world: World) -> None:
        done = world.drivers[0].done
        done.clear()
        many = asyncio.create_task(world.luminaires.apply(world.all_at(40), 0))
        await asyncio.sleep(0.001)
        await world.luminaires.verify({"b0-0": 40})
        assert not many.done()
        await many
        writes = [n for n, what in enumerate(done) if what.startswith("write")]
        assert all(later - earlier > 1 for earlier, later in itertools.pairwise(writes))
        assert "b0-meter" in done

    in_world(act)


def test_what_is_no_lamp_or_no_level_is_reported_and_the_others_are_told() -> None:
    async def act(world: World) -> None:
        found = await world.luminaires.apply({"b0-0": 40, "b0-1": 400, "ghost": 40}, 0)
        assert found["b0-0"].applied
        assert isinstance(found["b0-1"].error, Refused)
        assert isinstance(found["ghost"].error, ConfigError)
        assert world.drivers[0].levels["b0-1"] == 100

    in_world(act)


def test_a_unit_that_keeps_silent_is_not_asked_for_every_lamp_behind_it() -> None:
    async def act(world: World) -> None:
        driver = world.drivers[0]
        driver.silent = set(driver.levels)
        driver.done.clear()
        found = await world.luminaires.apply(world.all_at(40), 0)
        assert all(isinstance(report.error, NoAnswer) for report in found.values())
        assert sum(what.startswith("write") for what in driver.done) == MISSES_MAX

    in_world(act, lamps=20)


def test_one_lamp_that_does_not_answer_does_not_hide_the_others() -> None:
    async def act(world: World) -> None:
        world.drivers[0].unread = {"b0-2"}
        found = await world.luminaires.verify(world.all_at(100))
        assert [device for device, report in found.items() if not report.verified] == ["b0-2"]
        assert isinstance(found["b0-2"].error, Refused)

    in_world(act)


def test_a_level_that_came_out_otherwise_is_not_verified() -> None:
    async def act(world: World) -> None:
        world.drivers[0].levels["b0-1"] = 62
        found = await world.luminaires.verify({"b0-1": 60})
        assert (found["b0-1"].verified, found["b0-1"].actual) == (False, 62)

    in_world(act)


@pytest.mark.parametrize("grouped", [False, True])
def test_an_older_pass_never_writes_over_a_newer_level(grouped: bool) -> None:
    async def act(world: World) -> None:
        older = asyncio.create_task(world.luminaires.apply(world.all_at(40), 0))
        await asyncio.sleep(0 if grouped else 0.001)
        newer = await world.luminaires.apply({"b0-3": 90}, 0)
        found = await older
        assert newer["b0-3"].applied
        assert world.drivers[0].levels == {"b0-0": 40, "b0-1": 40, "b0-2": 40, "b0-3": 90}
        if not grouped:
            assert isinstance(found["b0-3"].error, Busy)

    in_world(act, grouped=grouped)


def test_a_bus_that_ends_meanwhile_fails_its_lamps_and_cancels_nobody() -> None:
    async def act(world: World) -> None:
        waiting = asyncio.create_task(world.luminaires.apply(world.all_at(40), 0))
        await asyncio.sleep(0.06)
        await world.stop()
        found = await waiting
        assert any(isinstance(report.error, LinkDown) for report in found.values())

    in_world(act)


def test_who_asks_can_still_be_cancelled() -> None:
    async def act(world: World) -> None:
        waiting = asyncio.create_task(world.luminaires.apply(world.all_at(40), 0))
        await asyncio.sleep(0.06)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    in_world(act)


def test_lamps_follow_the_buses_that_there_are() -> None:
    async def act(world: World) -> None:
        assert len(world.luminaires.lamps) == 8
        del world.runners["b1"]
        assert set(world.luminaires.lamps) == {"b0-0", "b0-1", "b0-2", "b0-3"}

    in_world(act, buses=2)


def test_a_relay_is_switched_and_read_back() -> None:
    async def act(world: World) -> None:
        report = await world.luminaires.switch("b0-x", "relay_1", on=False)
        assert (report.applied, report.verified, report.actual) == (True, True, 0)
        assert not await world.luminaires.read_switch("b0-x", "relay_1")

    in_world(act)


def test_a_relay_that_is_stuck_is_not_verified() -> None:
    async def act(world: World) -> None:
        world.drivers[0].stuck = True
        report = await world.luminaires.switch("b0-x", "relay_1", on=False)
        assert (report.applied, report.verified, report.actual) == (True, False, 100)

    in_world(act)


MARKET = Segment(id="market", relay="b0-x", point="relay_1", nominal_w=1200)


def test_a_feeder_without_lamps_is_a_lamp_that_its_relay_switches() -> None:
    async def act(world: World) -> None:
        world.segments = (MARKET, Segment(id="north", relay="b0-x", point="relay_2", lamps=("b0-0",)))
        lamps = world.luminaires.lamps
        assert "north" not in lamps
        assert lamps["market"] == Lamp("market", "b0", dimmable=False, readable=True, nominal_w=1200)
        for level, closed in ((0, False), (30, True)):
            wanted = world.all_at(level)
            applied = await world.luminaires.apply(wanted, 0)
            assert all(report.applied for report in applied.values())
            assert world.drivers[0].relays["relay_1"] is closed
            report = (await world.luminaires.verify(wanted))["market"]
            assert (report.verified, report.actual) == (True, 100 * closed)
            assert set(world.drivers[0].levels.values()) == {level}

    in_world(act)


def test_a_feeder_whose_relay_is_stuck_is_not_verified() -> None:
    async def act(world: World) -> None:
        world.segments = (MARKET,)
        world.drivers[0].stuck = True
        assert (await world.luminaires.apply({"market": 0}, 0))["market"].applied
        report = (await world.luminaires.verify({"market": 0}))["market"]
        assert (report.verified, report.actual, report.error) == (False, 100, None)

    in_world(act)


def test_a_feeder_whose_bus_is_being_opened_anew_fails_and_does_not_raise() -> None:
    async def act(world: World) -> None:
        world.segments = (MARKET,)
        assert "market" in world.luminaires.lamps
        market = MARKET.model_copy(update={"id": "fair", "relay": "b9-x"})
        world.segments = (MARKET, market)
        assert "fair" not in world.luminaires.lamps
        report = await world.luminaires.switch("b9-x", "relay_1", on=True)
        assert not report.applied
        assert isinstance(report.error, LinkDown)

    in_world(act)

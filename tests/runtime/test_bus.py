"""A bus: one task, commands first, dead units aside, lost lines opened again."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import pytest

from edge.core.errors import Asleep, Busy, GianhError, LinkDown, NoAnswer, Refused, TargetSilent
from edge.core.model import Event, EventKind, Layout, Poll, Reading
from edge.core.ports import Breathe, Driver
from edge.runtime.bus import JOBS_MAX, BusRunner
from edge.runtime.live import LiveState
from edge.runtime.watch import Watch
from tests.virtual import VirtualClock, run_virtual


def a_poll(device: str, interval_s: float = 1.0, unit: str | None = None, wire_s: float = 0.05) -> Poll:
    layout = Layout(device, "meter", ("active_power",), (("device", device),))
    return Poll(device, unit or device, layout, interval_s, 1, wire_s)


class ScriptedDriver:
    """Answers after the wire's time, unless the unit is in `silent` or `answers` says otherwise."""

    def __init__(self, polls: list[Poll], clock: VirtualClock, timeout_s: float = 0.5) -> None:
        self.polls = polls
        self.clock, self.timeout_s = clock, timeout_s
        self.silent: set[str] = set()
        self.lost_once: set[str] = set()
        self.errors: dict[str, GianhError] = {}
        self.down: LinkDown | None = None
        self.asked: list[tuple[str, int]] = []
        self.in_flight = 0
        self.opened = self.closed = 0

    async def open(self) -> None:
        if self.down:
            raise self.down
        self.opened += 1

    async def close(self) -> None:
        self.closed += 1

    async def read(self, poll: Poll, breathe: Breathe) -> Reading:
        await self._transaction(poll)
        await breathe()
        return Reading(self.clock.stamp(), (1.0,))

    async def probe(self, poll: Poll) -> None:
        await self._transaction(poll)

    async def write(self, device: str, what: str, value: float, breathe: Breathe) -> None:
        await asyncio.sleep(0.03)

    async def _transaction(self, poll: Poll) -> None:
        assert self.in_flight == 0, "two transactions on one line at once"
        self.in_flight += 1
        try:
            self.asked.append((poll.unit, self.clock.mono_ns()))
            if self.down:
                raise self.down
            lost_once = poll.unit in self.lost_once
            self.lost_once.discard(poll.unit)
            if lost_once or poll.unit in self.silent:
                await asyncio.sleep(self.timeout_s)
                raise NoAnswer(f"{poll.unit} is silent")
            await asyncio.sleep(poll.wire_s)
            if error := self.errors.get(poll.device):
                raise error
        finally:
            self.in_flight -= 1


class World:
    """One bus with everything around it."""

    def __init__(self, polls: list[Poll], dead_share: float = 0.1) -> None:
        self.clock = VirtualClock()
        self.driver = ScriptedDriver(polls, self.clock)
        self.events: list[Event] = []
        self.taken: list[tuple[str, int]] = []
        self.live = LiveState(poll.device for poll in polls)
        watch = Watch(self.live, self.events.append, self.clock)
        self.bus = BusRunner("b", self.driver, self, watch, self.clock, dead_share, chance=lambda: 0.5)

    def take(self, layout: Layout, reading: Reading) -> None:
        self.taken.append((layout.device, reading.stamp.mono_ns))

    def kinds(self, device: str) -> list[EventKind]:
        return [event.kind for event in self.events if event.subject == device]

    def start(self) -> "asyncio.Task[None]":
        return asyncio.create_task(self.bus.run())

    async def stop(self, task: "asyncio.Task[None]") -> None:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def run_for(self, seconds: float) -> None:
        task = self.start()
        await asyncio.sleep(seconds)
        await self.stop(task)


def in_world(polls: list[Poll], act: Callable[[World], Awaitable[None]], **options: float) -> World:
    async def main() -> World:
        world = World(polls, **options)
        await act(world)
        return world

    return run_virtual(main())


def test_every_device_is_read_at_its_interval() -> None:
    world = in_world([a_poll("a", 1.0), a_poll("b", 5.0)], lambda world: world.run_for(60.0))
    taken = [device for device, _ in world.taken]
    assert 59 <= taken.count("a") <= 61
    assert 12 <= taken.count("b") <= 13


def test_a_command_waits_for_at_most_the_transaction_in_flight() -> None:
    waited: list[float] = []

    async def act(world: World) -> None:
        running = world.start()
        for _ in range(50):
            await asyncio.sleep(0.0371)
            began_ns = world.clock.mono_ns()
            await world.bus.ask(lambda driver, breathe: driver.write("a", "level", 1.0, breathe))
            waited.append((world.clock.mono_ns() - began_ns) / 1e9)
        await world.stop(running)

    in_world([a_poll(f"d{n}", 0.2, wire_s=0.05) for n in range(8)], act)
    assert max(waited) <= 0.05 + 0.03 + 1e-6


def test_a_silent_third_of_the_bus_does_not_slow_the_others() -> None:
    polls = [a_poll(f"d{n}", 5.0, wire_s=0.08) for n in range(32)]

    async def act(world: World) -> None:
        world.driver.silent = {f"d{n}" for n in range(0, 32, 3)}
        await world.run_for(600.0)

    world = in_world(polls, act)
    gaps = []
    for poll in polls:
        if poll.unit not in world.driver.silent:
            times = [at for device, at in world.taken if device == poll.device and at > 60e9]
            gaps += [(b - a) / 1e9 for a, b in itertools.pairwise(times)]
    gaps.sort()
    assert gaps[int(len(gaps) * 0.99)] <= 5.0 * 1.2
    status = world.bus.status()
    assert len(status.silent) == 11
    assert status.silent_share <= 0.1 + 11 * 0.5 / 600


def test_absence_is_told_once_and_the_return_once() -> None:
    async def act(world: World) -> None:
        task = world.start()
        await asyncio.sleep(5)
        world.driver.silent = {"a"}
        await asyncio.sleep(120)
        world.driver.silent = set()
        await asyncio.sleep(400)
        await world.stop(task)

    world = in_world([a_poll("a"), a_poll("b")], act)
    assert world.kinds("a") == [EventKind.DEVICE_LOST, EventKind.DEVICE_BACK]
    assert world.kinds("b") == []
    assert world.taken[-1][1] > 520e9


def test_one_answer_lost_to_noise_is_asked_for_again_at_once_and_nobody_hears_of_it() -> None:
    async def act(world: World) -> None:
        task = world.start()
        for _ in range(10):
            await asyncio.sleep(10)
            world.driver.lost_once = {"a"}
        await world.stop(task)

    world = in_world([a_poll("a"), a_poll("b")], act)
    assert world.events == []
    assert [device for device, _ in world.taken].count("a") >= 99


def test_all_devices_behind_a_dead_unit_are_lost_together() -> None:
    polls = [a_poll(f"lamp-{n}", 10.0, unit="gateway") for n in range(5)]

    async def act(world: World) -> None:
        world.driver.silent = {"gateway"}
        await world.run_for(60)

    world = in_world(polls, act)
    assert sorted(event.subject for event in world.events) == [f"lamp-{n}" for n in range(5)]
    assert len(world.driver.asked) < 12


def test_a_lamp_that_its_gateway_cannot_reach_is_lost_alone_and_asked_more_rarely() -> None:
    polls = [a_poll(f"lamp-{n}", 10.0, unit="gateway") for n in range(3)]

    async def act(world: World) -> None:
        task = world.start()
        world.driver.errors["lamp-1"] = TargetSilent("lamp-1 did not answer its gateway")
        await asyncio.sleep(600)
        assert world.kinds("lamp-1") == [EventKind.DEVICE_LOST]
        assert {device for device, _ in world.taken} == {"lamp-0", "lamp-2"}
        assert 135 < len(world.driver.asked) < 155
        del world.driver.errors["lamp-1"]
        await asyncio.sleep(60)
        await world.stop(task)

    world = in_world(polls, act)
    assert [event.subject for event in world.events] == ["lamp-1"] * 2
    assert world.kinds("lamp-1")[-1] is EventKind.DEVICE_BACK


def test_a_unit_of_one_device_behind_a_gateway_is_set_aside_as_any_silent_one() -> None:
    async def act(world: World) -> None:
        world.driver.errors["a"] = TargetSilent("a did not answer its gateway")
        await world.run_for(30)
        assert world.bus.status().silent == ("a",)

    in_world([a_poll("a"), a_poll("b")], act)


def test_a_lost_line_is_opened_again_and_told_once() -> None:
    async def act(world: World) -> None:
        task = world.start()
        await asyncio.sleep(3)
        world.driver.down = LinkDown("the adapter is gone")
        await asyncio.sleep(60)
        assert world.bus.status().trouble == "the adapter is gone"
        assert not world.bus.status().open
        world.driver.down = None
        await asyncio.sleep(60)
        await world.stop(task)

    world = in_world([a_poll("a")], act)
    assert world.kinds("b") == [EventKind.BUS_LOST, EventKind.BUS_BACK]
    assert world.kinds("a") == [EventKind.DEVICE_LOST, EventKind.DEVICE_BACK]
    assert world.bus.status().trouble == ""


def test_a_command_for_a_lost_line_fails_at_once() -> None:
    async def act(world: World) -> None:
        world.driver.down = LinkDown("the adapter is gone")
        task = world.start()
        await asyncio.sleep(1)
        with pytest.raises(LinkDown, match="the adapter is gone"):
            await world.bus.ask(lambda driver, breathe: driver.write("a", "level", 1.0, breathe))
        await world.stop(task)

    in_world([a_poll("a")], act)


def test_commands_beyond_the_queue_are_refused_as_busy() -> None:
    async def act(world: World) -> None:
        task = world.start()
        await asyncio.sleep(0.01)

        async def slow(driver: Driver, breathe: Breathe) -> None:
            await asyncio.sleep(1)

        waiting = [asyncio.create_task(world.bus.ask(slow)) for _ in range(JOBS_MAX + 1)]
        done, _ = await asyncio.wait(waiting, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
        assert [type(one.exception()) for one in done] == [Busy]
        await world.stop(task)
        await asyncio.gather(*waiting, return_exceptions=True)

    in_world([a_poll("a")], act)


def test_a_refusal_is_retried_slowly_and_the_unit_stays_alive() -> None:
    async def act(world: World) -> None:
        world.driver.errors["a"] = Refused("exception 02", 2)
        await world.run_for(100)

    world = in_world([a_poll("a", 1.0), a_poll("b", 1.0)], act)
    assert 3 <= sum(unit == "a" for unit, _ in world.driver.asked) <= 5
    assert world.kinds("a") == [EventKind.DEVICE_LOST]
    assert world.bus.status().silent == ()


def test_a_device_that_sleeps_by_plan_is_neither_lost_nor_an_error() -> None:
    async def act(world: World) -> None:
        task = world.start()
        await asyncio.sleep(5)
        world.driver.errors["a"] = Asleep("a sleeps by plan")
        await asyncio.sleep(50)
        world.driver.errors.clear()
        await asyncio.sleep(5)
        await world.stop(task)

    world = in_world([a_poll("a", 1.0)], act)
    assert world.kinds("a") == []
    assert world.bus.status().errors == 0
    times = [at for _, at in world.taken]
    assert max(b - a for a, b in itertools.pairwise(times)) > 49e9


def test_a_successor_takes_over_and_unchanged_polls_keep_their_times() -> None:
    async def act(world: World) -> None:
        task = world.start()
        await asyncio.sleep(20.5)
        successor = ScriptedDriver([a_poll("a", 10.0), a_poll("c", 10.0)], world.clock)
        world.bus.succeed(successor)
        await asyncio.sleep(40)
        world.driver = successor
        await world.stop(task)

    world = in_world([a_poll("a", 10.0), a_poll("b", 10.0)], act)
    times = [at for device, at in world.taken if device == "a"]
    gaps = {round((b - a) / 1e9) for a, b in itertools.pairwise(times)}
    assert gaps == {10}
    assert world.driver.opened == 0, "the line stays open"
    assert not [at for device, at in world.taken if device == "b" and at > 21e9]
    assert [at for device, at in world.taken if device == "c"]

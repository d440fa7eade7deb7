import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from edge.alarms.pace import paced
from edge.alarms.service import Alarms
from edge.config.alarms import RULES, Rule
from edge.core.alarms import Alarm, AlarmKind, Finding, Sign
from edge.core.errors import ConfigError
from edge.core.model import Command, CommandState, Event, EventKind, Severity, Stamp
from tests.virtual import FastClock, VirtualClock, run_virtual


class Notes:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def recall(self, key: str) -> str | None:
        return self.kept.get(key)

    def remember(self, key: str, value: str) -> None:
        self.kept[key] = value


class World:
    """A running alarm service on virtual time."""

    def __init__(self, memory: Notes, rules: Mapping[AlarmKind, Rule]) -> None:
        self.clock = VirtualClock()
        self.events: list[Event] = []
        self.alarms = Alarms(rules, ("cabinet-1", "bus-1"), memory, self.events.append, self.clock)

    def kinds(self) -> list[tuple[EventKind, str]]:
        return [(event.kind, event.subject) for event in self.events]


Story = Callable[[World], Awaitable[None]]


def play(story: Story, memory: Notes | None = None, rules: Mapping[AlarmKind, Rule] = RULES) -> World:
    async def whole() -> World:
        world = World(memory or Notes(), rules)
        task = asyncio.create_task(world.alarms.run())
        await asyncio.sleep(0.01)
        try:
            await story(world)
        finally:
            task.cancel()
            await asyncio.wait([task])
        assert task.cancelled()
        return world

    return run_virtual(whole())


DOOR = Finding(AlarmKind.CABINET_DOOR, "cabinet-1", Sign.TROUBLE, 1.0, "the door is open")
SHUT = Finding(AlarmKind.CABINET_DOOR, "cabinet-1", Sign.WELL)
NAME = "cabinet-door-cabinet-1"


def acknowledge(world: World, target: str) -> Command:
    return Command(
        "c1", "acknowledge", target, (("note", "on my way"),), "hoa", "local", world.clock.stamp(), 2**62
    )


def test_an_alarm_is_raised_acknowledged_and_cleared_and_each_is_an_event() -> None:
    async def story(world: World) -> None:
        world.alarms.see(DOOR)
        await asyncio.sleep(6)
        outcomes = [outcome async for outcome in world.alarms.acknowledge(acknowledge(world, NAME))]
        assert [outcome.state for outcome in outcomes] == [CommandState.VERIFIED]
        (alarm,) = world.alarms.active()
        assert alarm.acknowledged is not None
        assert (alarm.acknowledged.by, alarm.acknowledged.note) == ("hoa", "on my way")
        world.alarms.see(SHUT)
        await asyncio.sleep(6)
        assert world.alarms.active() == []

    world = play(story)
    assert world.kinds() == [
        (EventKind.ALARM_RAISED, "cabinet-1"),
        (EventKind.ALARM_ACKNOWLEDGED, "cabinet-1"),
        (EventKind.ALARM_CLEARED, "cabinet-1"),
    ]
    assert dict(world.events[0].fields) == {
        "alarm": NAME,
        "kind": "cabinet_door",
        "active": True,
        "value": 1.0,
    }
    assert dict(world.events[1].fields)["by"] == "hoa"


def test_acknowledging_what_does_not_stand_is_refused() -> None:
    async def story(world: World) -> None:
        with pytest.raises(ConfigError):
            _ = [one async for one in world.alarms.acknowledge(acknowledge(world, NAME))]

    play(story)


def test_an_alarm_stands_over_a_restart_without_being_raised_anew() -> None:
    memory = Notes()

    async def first(world: World) -> None:
        world.alarms.see(DOOR)
        await asyncio.sleep(6)
        _ = [one async for one in world.alarms.acknowledge(acknowledge(world, NAME))]

    async def second(world: World) -> None:
        assert [alarm.id for alarm in world.alarms.active()] == [NAME]
        world.alarms.see(DOOR)
        await asyncio.sleep(100)
        assert world.alarms.active()[0].acknowledged is not None
        world.alarms.see(SHUT)
        await asyncio.sleep(6)

    async def third(world: World) -> None:
        assert world.alarms.active() == []

    play(first, memory)
    world = play(second, memory)
    assert world.kinds() == [(EventKind.ALARM_CLEARED, "cabinet-1")]
    play(third, memory)


def bus(kind: EventKind) -> Event:
    return Event(Stamp(0, 0), kind, "bus-1", Severity.ALARM, "the line is gone")


def test_what_events_raise_ends_with_the_opposite_event_or_with_a_restart_that_finds_it_well() -> None:
    memory = Notes()

    async def lost(world: World) -> None:
        world.alarms.heard(bus(EventKind.BUS_LOST))
        await asyncio.sleep(11)
        assert [alarm.kind for alarm in world.alarms.active()] == [AlarmKind.BUS_LOST]

    async def lost_still(world: World) -> None:
        world.alarms.heard(bus(EventKind.BUS_LOST))
        await asyncio.sleep(60)
        assert world.alarms.active()

    async def well(world: World) -> None:
        await asyncio.sleep(11)
        assert world.alarms.active() == []

    play(lost, memory)
    assert play(lost_still, memory).events == []
    assert play(well, memory).kinds() == [(EventKind.ALARM_CLEARED, "bus-1")]


def test_who_watches_sees_what_stands_then_each_change_to_the_last() -> None:
    async def story(world: World) -> None:
        world.alarms.see(DOOR)
        await asyncio.sleep(6)
        seen: list[Alarm] = []
        async with world.alarms.watch() as changes:
            seen.append(await anext(changes))
            world.alarms.see(SHUT)
            seen.append(await anext(changes))
        assert [(alarm.id, alarm.active) for alarm in seen] == [(NAME, True), (NAME, False)]

    play(story)


def test_a_rule_that_is_switched_off_ends_its_alarms() -> None:
    async def story(world: World) -> None:
        world.alarms.see(DOOR)
        await asyncio.sleep(6)
        world.alarms.keep({}, ["cabinet-1"])
        assert world.alarms.active() == []

    assert play(story).kinds()[-1] == (EventKind.ALARM_CLEARED, "cabinet-1")


def test_what_was_switched_off_meanwhile_ends_at_the_start() -> None:
    memory = Notes()

    async def opened(world: World) -> None:
        world.alarms.see(DOOR)
        await asyncio.sleep(6)

    async def nothing(world: World) -> None:
        assert world.alarms.active() == []

    play(opened, memory)
    assert play(nothing, memory, {}).kinds() == [(EventKind.ALARM_CLEARED, "cabinet-1")]
    assert play(nothing, memory).events == []


def test_trouble_told_before_the_alarms_run_keeps_what_stood_standing() -> None:
    memory = Notes()

    async def lost(world: World) -> None:
        world.alarms.heard(bus(EventKind.BUS_LOST))
        await asyncio.sleep(11)

    play(lost, memory)

    async def whole() -> list[Event]:
        world = World(memory, RULES)
        world.alarms.heard(bus(EventKind.BUS_LOST))
        task = asyncio.create_task(world.alarms.run())
        await asyncio.sleep(100)
        assert [alarm.id for alarm in world.alarms.active()] == ["bus-lost-bus-1"]
        task.cancel()
        await asyncio.wait([task])
        return world.events

    assert run_virtual(whole()) == []


@pytest.mark.parametrize(
    ("rate", "delays"),
    [(1.0, {120.0, 5.0, 600.0}), (120.0, {10.0, 5.0}), (10.0, {12.0, 5.0, 60.0})],
)
def test_delays_follow_a_day_that_runs_fast_but_devices_must_have_been_asked(
    rate: float, delays: set[float]
) -> None:
    kinds = (AlarmKind.LAMP_FAILURE, AlarmKind.CABINET_DOOR, AlarmKind.POWER_FACTOR)
    assert {paced(RULES, rate)[kind].delay_s for kind in kinds} == delays
    assert rate != 1 or paced(RULES, rate) is RULES


def test_in_a_fast_day_an_alarm_is_not_raised_hours_late() -> None:
    async def story() -> list[float]:
        clock, raised = FastClock(120), list[float]()

        def report(event: Event) -> None:
            raised.append(clock.mono_ns() / 1e9)

        alarms = Alarms(RULES, ("lamp-1",), Notes(), report, clock)
        task = asyncio.create_task(alarms.run())
        await asyncio.sleep(0.01)
        alarms.see(Finding(AlarmKind.POWER_FACTOR, "lamp-1", Sign.TROUBLE, 0.5, "low"))
        await asyncio.sleep(30)
        task.cancel()
        await asyncio.wait([task])
        return raised

    assert run_virtual(story()) == [pytest.approx(10, abs=0.1)]

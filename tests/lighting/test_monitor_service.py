import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.alarms import RULES
from edge.config.lighting import Segment
from edge.core.alarms import AlarmKind, Finding, Sign
from edge.core.lighting import LightSource, LightState
from edge.core.model import Event, EventKind, Layout, Sample
from edge.core.watchers import Watchers
from edge.lighting.monitor import View
from edge.lighting.monitor_burn import Burn, burn_of, saving
from edge.lighting.monitor_service import Monitor, Watched
from edge.runtime.live import LiveState
from tests.virtual import EPOCH_NS, VirtualClock, run_virtual

HOUR_S = 3600


class Notes:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def recall(self, key: str) -> str | None:
        return self.kept.get(key)

    def remember(self, key: str, value: str) -> None:
        self.kept[key] = value


class Lights:
    def __init__(self) -> None:
        self.of: dict[str, LightState] = {}
        self.watchers: Watchers[LightState] = Watchers(self.of.get)

    def states(self) -> list[LightState]:
        return list(self.of.values())

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[LightState]]:
        return self.watchers.watch(list(self.of))

    def set(self, target: str, level: float) -> None:
        self.of[target] = LightState(target, level, LightSource.PROGRAM, None, True, 0)
        self.watchers.tell(target)


WATCHED = Watched(
    "gw-a",
    RULES,
    {"lamp-1": 100.0, "lamp-2": None, "market": 1000.0},
    (
        Segment(id="north", relay="relay-1", point="relay_1", lamps=("lamp-1",)),
        Segment(id="market", relay="relay-1", point="relay_4"),
    ),
)


class World:
    """A watched cabinet on virtual time; it is night for the first twelve hours."""

    def __init__(self, memory: Notes) -> None:
        self.clock = VirtualClock()
        self.live = LiveState(["lamp-1", "lamp-2", "relay-1"])
        self.lights = Lights()
        self.events: list[Event] = []
        self.findings: list[Finding] = []
        self.monitor = Monitor(
            WATCHED,
            self.live,
            self.lights,
            lambda utc_ns: utc_ns < EPOCH_NS + 12 * HOUR_S * 10**9,
            self.findings.append,
            memory,
            self.events.append,
            self.clock,
        )

    def read(self, device: str, **values: float) -> None:
        layout = Layout(device, "lamp", tuple(values), ())
        self.live.take(Sample(layout, self.clock.stamp(), tuple(values.values())))

    def last(self, device: str, kind: AlarmKind) -> Sign:
        return [one.sign for one in self.findings if (one.device, one.kind) == (device, kind)][-1]


def play(story: Callable[[World], Awaitable[None]], memory: Notes | None = None) -> World:
    async def whole() -> World:
        world = World(memory or Notes())
        task = asyncio.create_task(world.monitor.run())
        try:
            await asyncio.sleep(0.01)
            await story(world)
        finally:
            task.cancel()
            await asyncio.wait([task])
        assert task.cancelled()
        return world

    return run_virtual(whole())


def test_what_is_read_is_held_against_what_is_wanted_at_once_and_again_when_that_changes() -> None:
    async def story(world: World) -> None:
        world.lights.set("lamp-1", 100)
        world.read("lamp-1", active_power=0.5)
        await asyncio.sleep(0.01)
        assert world.last("lamp-1", AlarmKind.LAMP_FAILURE) is Sign.TROUBLE
        world.read("lamp-1", active_power=99)
        await asyncio.sleep(0.01)
        assert world.last("lamp-1", AlarmKind.LAMP_FAILURE) is Sign.WELL
        world.lights.set("lamp-1", 0)
        await asyncio.sleep(0.01)
        assert world.last("lamp-1", AlarmKind.LAMP_UNEXPECTED_ON) is Sign.TROUBLE

    play(story)


def test_a_feeder_that_is_open_while_its_lamp_is_to_shine_is_a_relay_failure() -> None:
    async def story(world: World) -> None:
        world.lights.set("lamp-1", 60)
        world.read("relay-1", relay_state_1=0)
        await asyncio.sleep(0.01)
        assert world.last("relay-1", AlarmKind.RELAY_FAILURE) is Sign.TROUBLE
        world.read("relay-1", relay_state_1=1)
        await asyncio.sleep(0.01)
        assert world.last("relay-1", AlarmKind.RELAY_FAILURE) is Sign.WELL

    play(story)


def test_a_feeder_that_is_a_lamp_itself_is_judged_by_its_relay_stuck_open_or_closed() -> None:
    async def story(world: World) -> None:
        def signs() -> list[Sign]:
            relay = world.last("relay-1", AlarmKind.RELAY_FAILURE)
            return [relay, world.last("market", AlarmKind.LAMP_UNEXPECTED_ON)]

        world.read("relay-1", relay_state_4=0)
        world.lights.set("market", 100)
        await asyncio.sleep(0.01)
        assert signs() == [Sign.TROUBLE, Sign.WELL]
        world.read("relay-1", relay_state_4=1)
        await asyncio.sleep(0.01)
        assert signs() == [Sign.WELL, Sign.WELL]
        world.lights.set("market", 0)
        await asyncio.sleep(0.01)
        assert signs() == [Sign.TROUBLE, Sign.TROUBLE]
        world.read("relay-1", relay_state_4=0)
        await asyncio.sleep(0.01)
        assert signs() == [Sign.WELL, Sign.WELL]

    world = play(story)
    assert ("market", AlarmKind.COMMUNICATION_FAILURE) not in {(f.device, f.kind) for f in world.findings}


def test_a_feeder_that_is_a_lamp_itself_has_burn_hours_and_energy() -> None:
    async def story(world: World) -> None:
        world.lights.set("market", 100)
        world.read("relay-1", relay_state_4=1)
        await asyncio.sleep(2 * HOUR_S)
        (account,) = [one for one in world.monitor.accounts() if one.device == "market"]
        assert account.operating_hours == pytest.approx(2, abs=0.02)
        assert account.active_energy == pytest.approx(2, abs=0.02)

    play(story)


def test_a_lamp_that_goes_off_and_on_by_itself_is_cycling() -> None:
    async def story(world: World) -> None:
        world.lights.set("lamp-1", 100)
        for power_w in (100, 0.5) * 7:
            world.read("lamp-1", active_power=power_w)
            await asyncio.sleep(60)
        assert world.last("lamp-1", AlarmKind.CYCLING) is Sign.TROUBLE

    play(story)


def test_a_night_at_half_power_saves_half_and_says_that_it_is_an_estimate() -> None:
    async def story(world: World) -> None:
        world.lights.set("lamp-1", 47)
        world.read("lamp-1", active_power=50)
        await asyncio.sleep(12 * HOUR_S + 60)

    world = play(story)
    (event,) = world.events
    fields = dict(event.fields)
    assert (event.kind, event.subject) == (EventKind.NIGHT_ENDED, "gw-a")
    assert fields["full_kwh"] == pytest.approx(1.2, rel=0.01)
    assert fields["used_kwh"] == pytest.approx(0.6, rel=0.01)
    assert fields["saved_percent"] == pytest.approx(50, abs=0.5)
    assert (fields["lamps"], fields["measured"], fields["estimate"]) == (1.0, pytest.approx(1), True)
    assert "estimate" in event.text


def test_burn_hours_starts_and_energy_are_counted_over_a_restart() -> None:
    memory = Notes()

    async def hour(world: World) -> None:
        world.lights.set("lamp-1", 100)
        world.read("lamp-1", active_power=0.5)
        await asyncio.sleep(2)
        world.read("lamp-1", active_power=100)
        await asyncio.sleep(HOUR_S)

    play(hour, memory)
    world = play(hour, memory)
    (account,) = [one for one in world.monitor.accounts() if one.device == "lamp-1"]
    assert account.operating_hours == pytest.approx(2, abs=0.02)
    assert account.active_energy == pytest.approx(0.2, rel=0.02)
    assert account.switch_on_counter == 2
    assert account.counted == ("operating_hours", "switch_on_counter", "active_energy")


def test_the_controllers_own_counters_go_before_what_was_counted() -> None:
    async def story(world: World) -> None:
        world.read("lamp-1", operating_hours=1234, active_power=100)
        await asyncio.sleep(60)
        (account,) = [one for one in world.monitor.accounts() if one.device == "lamp-1"]
        assert account.operating_hours == 1234
        assert account.counted == ("switch_on_counter", "active_energy")

    play(story)


def test_a_lamp_without_power_readings_is_counted_by_its_level_as_an_estimate() -> None:
    burn = Burn()
    view = View("a", {"level": 100}, True, True, 100, None, 100, True)
    burn.advance(view, 3600)
    night = saving([burn])
    assert (burn.burn_s, burn.used_kwh) == (3600, pytest.approx(0.1))
    assert (night.measured, night.lamps, night.saved_kwh) == (0, 1, pytest.approx(0))


@given(
    st.builds(
        Burn,
        *[st.floats(0, 1e9)],
        starts=st.integers(0, 10**6),
        used_kwh=st.floats(0, 1e6),
        lit=st.sampled_from([None, False, True]),
    )
)
def test_what_was_counted_comes_back(burn: Burn) -> None:
    again = burn_of(burn.text())
    assert (again.starts, again.lit) == (burn.starts, burn.lit)
    assert again.burn_s == pytest.approx(burn.burn_s, abs=1e-5)


@pytest.mark.parametrize("text", [None, "", "[]", "[1]", "{}", "nothing", '["a",1,1,1,1,1,1]'])
def test_what_was_kept_and_cannot_be_read_counts_from_zero(text: str | None) -> None:
    assert burn_of(text) == Burn()

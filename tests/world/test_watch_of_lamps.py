"""Simulated lamps with each of their faults, watched for a night and a day: who is reported, and who not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from edge.alarms.service import Alarms
from edge.config.alarms import RULES
from edge.config.lighting import Segment
from edge.core.alarms import AlarmKind
from edge.core.lighting import LightSource, LightState
from edge.core.model import Event, EventKind, Layout, Sample
from edge.core.watchers import Watchers
from edge.lighting.monitor_service import Monitor, Watched
from edge.runtime.live import LiveState
from simulators.lamps import broken, told
from simulators.models import value
from simulators.nature import LampFault, Nature, Trouble
from tests.virtual import EPOCH_NS, VirtualClock, run_virtual

HOUR_S = 3600.0
POLL_S = 60.0
NIGHT_S = 11 * HOUR_S
START_S = EPOCH_NS / 1e9
POINTS = ("level", "lamp_on", "lamp_failure", "active_power", "switch_on_counter", "operating_hours")
BLIND = ("level", "active_power")
"""What a poorer controller shows: no status bits, no counters."""

SOUND = [seed for seed in range(200) if not broken(Nature(seed))][:6]
EXPECTED = {
    None: set(),
    LampFault.DEAD: {AlarmKind.LAMP_FAILURE},
    LampFault.DAY_BURNER: {AlarmKind.DIMMING_FAILURE, AlarmKind.LAMP_UNEXPECTED_ON},
    LampFault.CYCLING: {AlarmKind.CYCLING},
    LampFault.DRIFTING: {AlarmKind.DIMMING_FAILURE},
    LampFault.NOT_DIMMING: {AlarmKind.DIMMING_FAILURE},
    LampFault.LOST: {AlarmKind.COMMUNICATION_FAILURE},
}


class Memory:
    def recall(self, key: str) -> str | None:
        return None

    def remember(self, key: str, value: str) -> None:
        pass


class Lights:
    def __init__(self) -> None:
        self.of: dict[str, LightState] = {}
        self.watchers: Watchers[LightState] = Watchers(self.of.get)

    def states(self) -> list[LightState]:
        return list(self.of.values())

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[LightState]]:
        return self.watchers.watch(list(self.of))


class Street:
    """Lamps by their natures, told a night of 100, 40 and 100 %, then dark for the day."""

    def __init__(self, troubles: dict[str, LampFault | None], points: tuple[str, ...]) -> None:
        self.clock, self.lights, self.points = VirtualClock(), Lights(), points
        self.faults = troubles
        self.natures = {
            lamp: replace(
                Nature(SOUND[nth % len(SOUND)], is_lamp=True, level=0.0, since_s=START_S - 60),
                troubles=(Trouble(fault, START_S + HOUR_S),) if fault else (),
            )
            for nth, (lamp, fault) in enumerate(troubles.items())
        }
        self.live = LiveState([*troubles, "relays"])
        self.events: list[Event] = []
        self.alarms = Alarms(RULES, [*troubles, "relays"], Memory(), self.events.append, self.clock)
        watched = Watched(
            "gw-a",
            RULES,
            dict.fromkeys(troubles, 80.0),
            (Segment(id="north", relay="relays", point="relay_1", lamps=tuple(troubles)),),
        )
        self.monitor = Monitor(
            watched,
            self.live,
            self.lights,
            lambda utc_ns: utc_ns < EPOCH_NS + NIGHT_S * 1e9,
            self.alarms.see,
            Memory(),
            self.events.append,
            self.clock,
        )
        self.relay_stuck = False

    def raised(self) -> list[tuple[str, str]]:
        raised = [event for event in self.events if event.kind is EventKind.ALARM_RAISED]
        return [(event.subject, str(dict(event.fields)["kind"])) for event in raised]

    async def run(self, hours: float) -> None:
        tasks = [asyncio.create_task(service.run()) for service in (self.alarms, self.monitor)]
        await asyncio.sleep(0.01)
        for step in range(round(hours * HOUR_S / POLL_S)):
            self._plan(step * POLL_S)
            self._poll()
            await asyncio.sleep(POLL_S)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    def _plan(self, elapsed_s: float) -> None:
        level = {0: 100.0, 3: 40.0, 8: 100.0, 11: 0.0}.get(int(elapsed_s // HOUR_S))
        if level is None or elapsed_s % HOUR_S:
            return
        now_s = self.clock.utc_ns() / 1e9
        for lamp, nature in self.natures.items():
            self.natures[lamp] = told(nature, level, now_s)
            self.lights.of[lamp] = LightState(lamp, level, LightSource.PROGRAM, None, True, 0)
            self.lights.watchers.tell(lamp)

    def _poll(self) -> None:
        now_s = self.clock.utc_ns() / 1e9
        for lamp, nature in self.natures.items():
            if nature.trouble(LampFault.LOST, now_s):
                self.live.lost(lamp)
            else:
                values = tuple(value(nature, point, now_s) for point in self.points)
                self.live.take(Sample(Layout(lamp, "lamp", self.points, ()), self.clock.stamp(), values))
        closed = 0.0 if self.relay_stuck else 1.0
        relay = Layout("relays", "cabinet", ("relay_state_1",), ())
        self.live.take(Sample(relay, self.clock.stamp(), (closed,)))


def watched(faults: dict[str, LampFault | None], points: tuple[str, ...], hours: float = 20) -> Street:
    async def whole() -> Street:
        street = Street(faults, points)
        await street.run(hours)
        return street

    return run_virtual(whole())


@pytest.mark.parametrize("points", [POINTS, BLIND])
@pytest.mark.parametrize("fault", EXPECTED)
def test_each_fault_of_a_lamp_is_reported_by_its_rule_once_and_its_neighbours_are_not(
    fault: LampFault | None, points: tuple[str, ...]
) -> None:
    street = watched({"lamp-1": None, "lamp-2": fault, "lamp-3": None}, points)
    assert sorted(street.raised()) == sorted(("lamp-2", kind.value) for kind in EXPECTED[fault])


def test_a_relay_that_stays_open_is_reported_and_cleared_once_it_closes() -> None:
    async def whole() -> list[EventKind]:
        street = Street({"lamp-1": None}, BLIND)
        street.relay_stuck = True
        work = asyncio.create_task(street.run(1))
        await asyncio.sleep(HOUR_S / 2)
        street.relay_stuck = False
        await work
        return [event.kind for event in street.events if event.subject == "relays"]

    assert run_virtual(whole()) == [EventKind.ALARM_RAISED, EventKind.ALARM_CLEARED]


def test_the_night_of_this_plan_saves_what_its_dimmed_hours_save() -> None:
    street = watched({"lamp-1": None, "lamp-2": None}, POINTS, 12)
    (night,) = [event for event in street.events if event.kind is EventKind.NIGHT_ENDED]
    fields = dict(night.fields)
    # Five of eleven hours at 40 % of light, which is 43.6 % of power.
    full_kwh, used_kwh = 2 * 0.08 * 11, 2 * 0.08 * (6 + 5 * 0.436)
    assert fields["full_kwh"] == pytest.approx(full_kwh, rel=0.02)
    assert fields["used_kwh"] == pytest.approx(used_kwh, rel=0.03)

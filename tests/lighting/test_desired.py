"""Who wins, and which sensor rules hold."""

from typing import Any

import pytest

from edge.config.lighting import Operation, Program
from edge.core.lighting import LightSource
from edge.core.model import DeviceState, Stamp
from edge.lighting.desired import EMPTY, Hold, Layers, Sensed, winner
from edge.lighting.plans import Planned
from edge.lighting.sensors import Sensors

NOW = Stamp(1_000, 5_000)


def hold(level: float, until_ns: int | None = None, until_mono_ns: int | None = None) -> Hold:
    return Hold("street", level, until_ns, until_mono_ns, "an", "c1")


def planned(level: float = 50, program: str | None = "evening", **more: Any) -> Planned:
    return Planned(level, "22:00", 9_000, program, **more)


def test_emergency_wins_over_override_over_program_over_default():
    layers = Layers(hold(100), hold(40), Sensed(80, Operation.MAX, "motion"))
    found = [
        winner(layers, planned(), NOW),
        winner(Layers(None, layers.override, layers.sensor), planned(), NOW),
        winner(Layers(None, None, layers.sensor), planned(), NOW),
        winner(EMPTY, planned(), NOW),
        winner(EMPTY, planned(100, None), NOW),
    ]
    assert [(one.level, one.source) for one in found if one] == [
        (100, LightSource.EMERGENCY),
        (40, LightSource.OVERRIDE),
        (80, LightSource.SENSOR),
        (50, LightSource.PROGRAM),
        (100, LightSource.DEFAULT),
    ]


@pytest.mark.parametrize(
    ("one", "now", "over"),
    [
        (hold(40, until_ns=5_001), NOW, False),
        (hold(40, until_ns=5_000), NOW, True),
        (hold(40, until_ns=5_000), Stamp(1_000, None), False),
        (hold(40, until_mono_ns=1_001), NOW, False),
        (hold(40, until_mono_ns=1_000), Stamp(1_000, None), True),
        (hold(40, until_ns=1, until_mono_ns=2_000), NOW, False),
        (hold(40), NOW, False),
    ],
)
def test_a_hold_ends_when_it_was_said_to_and_not_by_a_clock_that_is_not_set(
    one: Hold, now: Stamp, over: bool
):
    assert one.is_over(now) is over


def test_an_override_that_is_over_gives_way_to_the_plan():
    assert winner(Layers(None, hold(40, until_ns=4_000)), planned(), NOW) == winner(EMPTY, planned(), NOW)


def test_with_neither_command_nor_clock_nobody_says_anything():
    assert winner(EMPTY, None, Stamp(1_000, None)) is None


@pytest.mark.parametrize(
    ("step", "rule", "level"),
    [
        (planned(50), Sensed(80, Operation.MAX, "motion"), 80),
        (planned(50), Sensed(30, Operation.MAX, "motion"), 50),
        (planned(50), Sensed(30, Operation.MIN, "bright"), 30),
        (planned(50), Sensed(80, Operation.MIN, "bright"), 50),
        (planned(50), Sensed(20, Operation.SET, "closed"), 20),
        (planned(100, operation=Operation.MAX, bound=60), Sensed(20, Operation.SET, "closed"), 60),
        (planned(70, operation=Operation.MIN, bound=70), Sensed(90, Operation.SET, "closed"), 70),
    ],
)
def test_a_sensor_acts_as_the_program_states(step: Planned, rule: Sensed, level: float):
    found = winner(Layers(sensor=rule), step, NOW)
    assert found is not None
    assert found.level == level


def sensors() -> Sensors:
    rules = [{"device": "radar", "point": "traffic", "above": 3, "level": 90, "hold_s": 10}]
    return Sensors([Program.model_validate({"id": "evening", "steps": [], "sensor": rules})])


def seen(value: float, online: bool = True) -> DeviceState:
    return DeviceState("radar", online, None, (("traffic", value),))


def test_a_sensor_rule_holds_while_its_condition_does_and_some_time_after():
    watch = sensors()
    assert watch.sensed("evening", 0) is None
    assert watch.take(seen(5), 0)
    assert not watch.take(seen(6), 1)
    assert watch.sensed("evening", 10**12) == Sensed(90, Operation.MAX, "radar traffic")
    assert watch.take(seen(1), 10**12)
    assert watch.next_ns(10**12) == 10**12 + 10**10
    assert watch.sensed("evening", 10**12 + 10**10 - 1) is not None
    assert watch.sensed("evening", 10**12 + 10**10) is None
    assert watch.sensed("other", 0) is None


def test_a_sensor_that_falls_silent_says_nothing_once_its_hold_is_over():
    watch = sensors()
    watch.take(seen(5), 0)
    assert watch.take(seen(5, online=False), 0)
    assert watch.sensed("evening", 10**10) is None

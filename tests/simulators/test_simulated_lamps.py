"""Simulated lamps do what lamps do: warm up, count, fail each in its way, and go dark with their relay."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.decode import encode
from drivers.profile import Per, load_profile
from edge.core.errors import ConfigError
from simulators.devices import Occupant, SimulatedUnit, Spot
from simulators.lamp_faults import LampFaultPlan, parse_lamp_faults, with_lamp_faults
from simulators.lamps import CYCLE_S, Feeder, broken, told
from simulators.modbus import respond
from simulators.models import value
from simulators.nature import LampFault, Nature, Trouble
from simulators.rtu import RtuBus
from simulators.simulation import Simulation
from simulators.town import build_town

DAY_S = datetime.fromisoformat("2026-05-05T12:00:00+07:00").timestamp()
NIGHT_S = datetime.fromisoformat("2026-05-05T20:00:00+07:00").timestamp()
SOUND = next(Nature(seed, is_lamp=True) for seed in range(100) if not broken(Nature(seed)))
INTESIS = load_profile("intesis-dali")


def suffering(kind: LampFault, level: float, at_s: float = NIGHT_S) -> Nature:
    return replace(told(SOUND, level, at_s), troubles=(Trouble(kind, at_s),))


class Clock:
    """Simulated time that the test moves."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def utc_s(self) -> float:
        return self.now_s


def test_a_lamp_draws_more_while_it_is_cold():
    lamp = told(told(SOUND, 0, NIGHT_S - 60), 100, NIGHT_S)
    cold, warm = (value(lamp, "active_power", NIGHT_S + after_s) for after_s in (1, 1800))
    assert cold == pytest.approx(1.08 * SOUND.rated_w, rel=0.02)
    assert warm == pytest.approx(SOUND.rated_w, rel=0.02)


@pytest.mark.parametrize(("level", "watts"), [(0, 0.5), (40, 80 * 0.436), (100, 80)])
def test_power_follows_the_level(level: float, watts: float):
    lamp = told(SOUND, level, NIGHT_S)
    assert value(lamp, "active_power", NIGHT_S + 3600) == pytest.approx(watts, rel=0.02)


def test_a_dead_lamp_gives_no_light_and_says_so():
    lamp = suffering(LampFault.DEAD, 100)
    at_s = NIGHT_S + 10
    assert value(lamp, "lamp_failure", at_s) == 1
    assert value(lamp, "control_gear_status", at_s) == 2
    assert value(lamp, "active_power", at_s) < 1
    assert value(lamp, "level", at_s) == 100


def test_a_day_burner_burns_though_its_level_is_nought():
    lamp = suffering(LampFault.DAY_BURNER, 0, DAY_S)
    assert value(lamp, "level", DAY_S + 10) == 0
    assert value(lamp, "lamp_on", DAY_S + 10) == 1
    assert value(lamp, "active_power", DAY_S + 3600) == pytest.approx(SOUND.rated_w, rel=0.02)


def test_a_cycling_lamp_goes_off_and_on_and_counts_it():
    lamp = suffering(LampFault.CYCLING, 100)
    seen = [value(lamp, "lamp_on", NIGHT_S + n * 10) for n in range(200)]
    turns = sum(before < after for before, after in pairwise(seen))
    assert turns == 2000 // CYCLE_S
    counted = [value(lamp, "switch_on_counter", NIGHT_S + after_s) for after_s in (0, 2000)]
    assert counted[1] - counted[0] == pytest.approx(turns, abs=1)


def test_a_drifting_driver_draws_more_and_more():
    lamp = suffering(LampFault.DRIFTING, 100)
    watts = [value(lamp, "active_power", NIGHT_S + hours * 3600) for hours in (1, 3, 6, 9)]
    assert watts[0] < watts[1] < watts[2] == pytest.approx(1.35 * SOUND.rated_w, rel=0.02)
    assert watts[3] == pytest.approx(watts[2], rel=0.03)


def test_a_lamp_that_does_not_dim_takes_full_power_at_any_level():
    lamp = suffering(LampFault.NOT_DIMMING, 30)
    assert value(lamp, "level", NIGHT_S + 10) == 30
    assert value(lamp, "active_power", NIGHT_S + 3600) == pytest.approx(SOUND.rated_w, rel=0.02)


def test_a_fault_ends_when_it_is_over():
    lamp = replace(told(SOUND, 100, NIGHT_S), troubles=(Trouble(LampFault.DEAD, NIGHT_S, NIGHT_S + 60),))
    assert [value(lamp, "lamp_on", NIGHT_S + after_s) for after_s in (30, 90)] == [0, 1]


@given(
    st.lists(st.tuples(st.sampled_from(LampFault), st.floats(0, 9000), st.floats(0, 9000)), max_size=3),
    st.lists(st.tuples(st.floats(1, 3000), st.sampled_from([0.0, 30.0, 100.0])), max_size=5),
)
def test_counters_never_go_back(
    troubles: list[tuple[LampFault, float, float]], commands: list[tuple[float, float]]
):
    bad = tuple(Trouble(kind, NIGHT_S + from_s, NIGHT_S + from_s + for_s) for kind, from_s, for_s in troubles)
    lamp, at_s = replace(told(SOUND, 100, NIGHT_S), troubles=bad), NIGHT_S
    names = ("active_energy", "operating_hours")
    before = [value(lamp, name, at_s) for name in names]
    for after_s, level in [*commands, (3000, 0)]:
        for _ in range(3):
            at_s += after_s / 3
            now = [value(lamp, name, at_s) for name in names]
            assert all(new >= old - 1e-9 for new, old in zip(now, before, strict=True))
            before = now
        lamp = told(lamp, level, at_s)


def test_a_lost_lamp_is_silent_alone_and_does_not_hear_its_group():
    clock = Clock(NIGHT_S)
    lost = replace(SOUND, troubles=(Trouble(LampFault.LOST, to_s=NIGHT_S + 60),))
    unit = SimulatedUnit(
        [Occupant(INTESIS, lost, Spot(0, 1)), Occupant(INTESIS, SOUND, Spot(0, 2))], clock.utc_s
    )
    line = INTESIS.command("channel_level")
    unit.write(line.table, line.address, (20,))
    assert unit.value("intesis-dali", "level", Spot(0, 2)) == 20
    own = INTESIS.command("level", 0, 1)
    assert respond(unit, bytes((6,)) + own.address.to_bytes(2, "big") + b"\0\x14") == b"\x86\x0b"
    assert respond(unit, b"\x03\x00\x6a\x00\x01") == b"\x83\x0b"
    clock.now_s += 90
    assert unit.value("intesis-dali", "level", Spot(0, 1)) == 100


def test_a_group_reaches_the_lamps_that_are_said_to_be_in_it():
    spots = {Spot(0, 1): frozenset({5}), Spot(0, 2): frozenset({5, 6}), Spot(0, 5): frozenset[int]()}
    unit = SimulatedUnit(
        [Occupant(INTESIS, SOUND, spot, groups=groups) for spot, groups in spots.items()], lambda: NIGHT_S
    )
    group = INTESIS.command("group_level", group=5)
    unit.write(group.table, group.address, (20,))
    assert [unit.value("intesis-dali", "level", spot) for spot in spots] == [20, 20, 100]


def relay_and_lamp(clock: Clock, **troubles: Trouble) -> tuple[SimulatedUnit, SimulatedUnit]:
    """A board whose third relay feeds one lamp."""
    circuit = Feeder()
    board = Nature(1, troubles=tuple(troubles.values()))
    feeds = {"relay_state_3": circuit}
    relays = SimulatedUnit([Occupant(load_profile("waveshare-relay-8"), board, feeds=feeds)], clock.utc_s)
    lamps = SimulatedUnit([Occupant(INTESIS, SOUND, Spot(0, 1), circuit)], clock.utc_s)
    return relays, lamps


def switch(relays: SimulatedUnit, on: bool) -> None:
    command = load_profile("waveshare-relay-8").command("relay_3")
    relays.write(command.table, command.address, encode(command, on))


def test_a_relay_takes_the_power_of_its_lamps_and_they_come_back_at_full_light():
    clock, at = Clock(NIGHT_S), Spot(0, 1)
    relays, lamps = relay_and_lamp(clock)
    own = INTESIS.command("level", 0, 1)
    lamps.write(own.table, own.address, (30,))
    clock.now_s += 60
    switch(relays, on=False)
    clock.now_s += 60
    shown = [lamps.value("intesis-dali", name, at) for name in ("level", "active_power", "lamp_on")]
    assert shown == [0, 0, 0]
    lamps.write(own.table, own.address, (50,))
    clock.now_s += 60
    switch(relays, on=True)
    clock.now_s += 60
    assert lamps.value("intesis-dali", "level", at) == 100
    assert lamps.value("intesis-dali", "control_gear_status", at) == 4 + 128
    lamps.write(own.table, own.address, (50,))
    assert lamps.value("intesis-dali", "control_gear_status", at) == 4


def test_a_stuck_relay_answers_and_does_not_move():
    clock = Clock(NIGHT_S)
    stuck = Trouble(LampFault.STUCK_RELAY, point="relay_state_3")
    relays, lamps = relay_and_lamp(clock, stuck=stuck)
    switch(relays, on=False)
    assert relays.value("waveshare-relay-8", "relay_state_3") == 1
    assert lamps.value("intesis-dali", "lamp_on", Spot(0, 1)) == 1


def test_the_town_s_segment_hangs_on_its_relay_across_buses(tmp_path: Path):
    gateway = build_town(1, tmp_path).gateways[0]
    assert [bool(segment.lamps) for segment in gateway.segments] == [True, False]
    ids = {device.id for device in gateway.devices}
    for segment in gateway.segments:
        assert {segment.relay, *segment.lamps} <= ids
        relay = next(device for device in gateway.devices if device.id == segment.relay)
        command = load_profile(relay.profile).command(segment.command)
        assert (command.reads_back, command.per) == (segment.point, Per.UNIT)


def test_in_the_running_town_the_segment_s_lamps_go_dark_with_its_relay(tmp_path: Path):
    town = build_town(1, tmp_path)
    buses = Simulation(town, lambda: NIGHT_S).buses
    cabinet, lamps = buses["gw-ba-don", "cabinet"], buses["gw-ba-don", "lamps"]
    assert isinstance(cabinet, RtuBus)
    assert isinstance(lamps, RtuBus)
    relays, lit = cabinet.units[5], lamps.units[1]
    assert isinstance(relays, SimulatedUnit)
    assert isinstance(lit, SimulatedUnit)
    watts = [lit.value("ecodim-dali-gw2", "active_power", Spot(0, n)) for n in range(10)]
    assert all(watts)
    switch(relays, on=False)
    watts = [lit.value("ecodim-dali-gw2", "active_power", Spot(0, n)) for n in range(10)]
    assert not any(watts)


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("0.2", LampFaultPlan(7, 0.2)),
        ("0.2:dead,lost", LampFaultPlan(7, 0.2, (LampFault.DEAD, LampFault.LOST))),
        (
            "lamp-03=dead,relays=stuck_relay",
            LampFaultPlan(7, named=(("lamp-03", LampFault.DEAD), ("relays", LampFault.STUCK_RELAY))),
        ),
    ],
)
def test_lamp_faults_are_said_by_share_or_by_name(text: str, plan: LampFaultPlan):
    assert parse_lamp_faults(text, 7) == plan


@pytest.mark.parametrize("text", ["many", "2", "0.1:sleepy", "lamp-03=sleepy"])
def test_wrong_lamp_faults_are_refused_with_the_way_to_say_them(text: str):
    with pytest.raises(ConfigError, match="lamp faults"):
        parse_lamp_faults(text, 7)


def test_named_faults_are_there_all_the_time_and_others_by_seed(tmp_path: Path):
    town = build_town(16, tmp_path)
    named = with_lamp_faults(town, parse_lamp_faults("lamp-03=dead", 1), NIGHT_S)
    suffer = [device.id for gateway in named.gateways for device in gateway.devices if device.nature.troubles]
    assert suffer == ["lamp-03"] * 16
    plan = parse_lamp_faults("0.25", 1)
    chosen = with_lamp_faults(town, plan, NIGHT_S)
    assert chosen == with_lamp_faults(town, plan, NIGHT_S)
    kinds = [
        one.kind
        for gateway in chosen.gateways
        for device in gateway.devices
        for one in device.nature.troubles
    ]
    assert 60 < len(kinds) < 120
    assert set(kinds) >= set(LampFault) - {LampFault.STUCK_RELAY}
    with pytest.raises(ConfigError, match="no device lamp-99"):
        with_lamp_faults(town, parse_lamp_faults("lamp-99=dead", 1), NIGHT_S)

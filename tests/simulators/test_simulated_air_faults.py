"""Faulty sensors are stuck, spike, drift, lose their power, or say nothing: by name or by seed."""

from dataclasses import replace
from datetime import datetime
from math import isnan
from pathlib import Path

import pytest

from drivers.modbus.decode import Decoder
from drivers.modbus.plan import Block
from drivers.profile import Table, load_profile
from edge.core.errors import ConfigError
from simulators.air_faults import AirFaultPlan, parse_air_faults, with_air_faults, with_scenario
from simulators.air_history import history
from simulators.devices import Occupant, SimulatedUnit
from simulators.flaws import CYCLE, lost_s, silent
from simulators.modbus import answer
from simulators.models import value
from simulators.nature import AirFault, Flaw, Nature, Scenario
from simulators.town import build_town

BEGAN_S = datetime.fromisoformat("2026-05-05T12:00:00+07:00").timestamp()
SOUND = Nature(3, site=1, scenario=Scenario.WINTER)
READ_ALL = b"\x03\x00\x00\x00\x0a"


def suffering(kind: AirFault, to_s: float = float("inf")) -> Nature:
    return replace(SOUND, flaws=(Flaw(kind, BEGAN_S, to_s, step_s=60.0),))


def series(nature: Nature, name: str, count: int = 240) -> list[float]:
    return [value(nature, name, BEGAN_S + minute * 60) for minute in range(count)]


def test_a_stuck_sensor_shows_for_ever_what_it_showed_when_it_got_stuck() -> None:
    assert set(series(suffering(AirFault.STUCK), "pm2_5")) == {value(SOUND, "pm2_5", BEGAN_S)}


def test_a_spike_stands_alone_between_good_values() -> None:
    wrong = [
        bad > 3 * good
        for bad, good in zip(series(suffering(AirFault.SPIKE), "pm2_5"), series(SOUND, "pm2_5"), strict=True)
    ]
    assert 8 <= sum(wrong) <= 40
    assert any(wrong[index - 1 : index + 2] == [False, True, False] for index in range(1, 239))


def test_a_drifting_sensor_is_further_off_each_day() -> None:
    drifting = suffering(AirFault.DRIFT)
    days = [BEGAN_S + number * 86_400 for number in (0, 1, 2)]
    excess = [value(drifting, "pm2_5", day_s) / value(SOUND, "pm2_5", day_s) for day_s in days]
    assert excess == pytest.approx([1.0, 1.6, 2.2])


def test_a_sensor_with_an_offset_disagrees_with_its_twin() -> None:
    for name, apart in (("pm2_5", 20), ("temperature", 5), ("relative_humidity", 15)):
        assert abs(value(suffering(AirFault.OFFSET), name, BEGAN_S) - value(SOUND, name, BEGAN_S)) > apart


def test_a_sensor_that_loses_power_is_silent_and_then_wrong_until_it_is_warm() -> None:
    cold = suffering(AirFault.WARM_UP)
    away_s = lost_s(cold.flaws[0])
    again_s = BEGAN_S + CYCLE * away_s
    assert silent(cold, again_s + 1)
    back_s = again_s + away_s
    assert not silent(cold, back_s)
    excess = [value(cold, "pm2_5", at_s) / value(SOUND, "pm2_5", at_s) for at_s in (back_s, back_s + 120)]
    assert excess[0] > 2
    assert excess[1] == pytest.approx(1, abs=0.01)
    assert value(cold, "temperature", back_s) == value(SOUND, "temperature", back_s)


def test_a_fault_ends_when_it_is_over() -> None:
    brief = suffering(AirFault.OFFSET, BEGAN_S + 60)
    assert value(brief, "pm2_5", BEGAN_S + 90) == value(SOUND, "pm2_5", BEGAN_S + 90)


def test_counters_are_spared() -> None:
    for kind in set(AirFault) - {AirFault.STUCK}:
        assert value(suffering(kind), "rainfall", BEGAN_S + 600) == value(SOUND, "rainfall", BEGAN_S + 600)


def asked(kind: AirFault) -> bytes | None:
    profile = load_profile("jxct-3001")
    unit = SimulatedUnit([Occupant(profile, suffering(kind))], lambda: BEGAN_S + 1)
    return answer({1: unit}, 1, READ_ALL)


def test_a_silent_sensor_answers_nobody() -> None:
    assert asked(AirFault.SILENT) is None
    assert asked(AirFault.STUCK) is not None


def test_a_sentinel_is_never_taken_for_a_value() -> None:
    back = asked(AirFault.SENTINEL)
    assert back is not None
    points = load_profile("jxct-3001").points_of()
    values, flags = Decoder(points, [Block(Table.HOLDING, 0, 10)]).decode([back[2:]])
    assert values == (None,) * len(points)
    assert len(flags) == len(points)


def test_a_full_rain_counter_begins_anew() -> None:
    profile, wet = load_profile("jxct-rain"), Nature(1, scenario=Scenario.RAIN)
    late_s = BEGAN_S + 3 * 365 * 86_400
    assert value(wet, "rainfall", late_s) > 6553.6
    (word,) = SimulatedUnit([Occupant(profile, wet)], lambda: late_s).read(Table.HOLDING, 3, 1)
    assert word / 10 == pytest.approx(value(wet, "rainfall", late_s) % 6553.6, abs=0.06)


def test_a_history_has_the_faults_too() -> None:
    gone = replace(SOUND, flaws=(Flaw(AirFault.SILENT, BEGAN_S + 600, BEGAN_S + 1200),))
    column = history(gone, BEGAN_S, 0.02, ("pm2_5",)).column("pm2_5")
    assert [isnan(one) for one in column[:22]] == [False] * 9 + [True] * 10 + [False] * 3
    held = history(suffering(AirFault.STUCK), BEGAN_S - 600, 0.02, ("pm2_5",)).column("pm2_5")
    assert len(set(held[10:])) == 1


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("0.2", AirFaultPlan(7, 0.2)),
        ("0.2:stuck,spike", AirFaultPlan(7, 0.2, (AirFault.STUCK, AirFault.SPIKE))),
        (
            "air=stuck,noise=silent",
            AirFaultPlan(7, named=(("air", AirFault.STUCK), ("noise", AirFault.SILENT))),
        ),
    ],
)
def test_air_faults_are_said_by_share_or_by_name(text: str, plan: AirFaultPlan) -> None:
    assert parse_air_faults(text, 7) == plan


@pytest.mark.parametrize("text", ["many", "2", "0.1:sleepy", "air=sleepy"])
def test_wrong_air_faults_are_refused_with_the_way_to_say_them(text: str) -> None:
    with pytest.raises(ConfigError, match="air faults"):
        parse_air_faults(text, 7)


def test_named_sensors_are_at_fault_and_no_lamp_is(tmp_path: Path) -> None:
    town = build_town(2, tmp_path)
    bad = with_air_faults(town, parse_air_faults("air=drift,wind-speed=stuck", 1), BEGAN_S, speed=60)
    flaws = {d.id: d.nature.flaws for gateway in bad.gateways for d in gateway.devices if d.nature.flaws}
    assert flaws == {
        "air": (Flaw(AirFault.DRIFT, BEGAN_S + 1200, step_s=300.0),),
        "wind-speed": (Flaw(AirFault.STUCK, BEGAN_S + 1200, step_s=300.0),),
    }
    with pytest.raises(ConfigError, match="no sensor lamp-01"):
        with_air_faults(town, parse_air_faults("lamp-01=stuck", 1), BEGAN_S)


def test_faults_by_share_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    town = build_town(16, tmp_path)
    plan = parse_air_faults("0.5", 1)
    chosen = with_air_faults(town, plan, BEGAN_S)
    assert chosen == with_air_faults(town, plan, BEGAN_S)
    found = [d for gateway in chosen.gateways for d in gateway.devices if d.nature.flaws]
    assert 10 < len(found) < 35
    assert all(device.in_air for device in found)


def test_a_scenario_is_the_whole_town_s(tmp_path: Path) -> None:
    town = with_scenario(build_town(2, tmp_path), Scenario.BURNING)
    scenarios = {device.nature.scenario for gateway in town.gateways for device in gateway.devices}
    assert scenarios == {Scenario.BURNING}

"""The simulated day is believable, and the same for the same moment and seed."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.vocabulary import Kind, quantity, vocabulary
from edge.lighting.sun import elevation_deg, sunrise_s, sunset_s
from simulators import day
from simulators.models import Nature, broken, split, value
from simulators.nature import Scenario

LOCAL = timezone(timedelta(hours=7))
MOMENTS = st.floats(1_767_200_400.0, 1_893_430_800.0)
NAMES = st.sampled_from(
    [*vocabulary(), "phase1_supply_voltage", "phase3_active_power", "relay_state_1", "relay_state_8"]
)


def at(text: str) -> float:
    """UTC seconds of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).timestamp()


@pytest.mark.parametrize(
    ("when", "sunrise", "sunset"),
    [
        ("2026-03-20", "05:58:44", "18:05:10"),
        ("2026-06-21", "05:20:14", "18:31:53"),
        ("2026-09-23", "05:43:21", "17:49:57"),
        ("2026-12-21", "06:20:11", "17:24:15"),
    ],
)
def test_the_sun_rises_and_sets_within_five_seconds_of_the_almanac(
    when: str, sunrise: str, sunset: str
) -> None:
    place = (date.fromisoformat(when), day.LATITUDE, day.LONGITUDE, day.OFFSET_S)
    assert sunrise_s(*place) == pytest.approx(at(f"{when}T{sunrise}"), abs=5)
    assert sunset_s(*place) == pytest.approx(at(f"{when}T{sunset}"), abs=5)


@given(MOMENTS)
def test_the_lamps_burn_exactly_while_the_sun_is_down(utc_s: float) -> None:
    elevation = elevation_deg(utc_s, day.LATITUDE, day.LONGITUDE)
    if abs(elevation + 0.8333) > 0.1:
        assert (day.lit(utc_s) > 0) == (elevation < -0.8333)


@given(MOMENTS, st.integers(1, 86_400))
def test_burnt_time_is_the_integral_of_what_burns(utc_s: float, step_s: int) -> None:
    counted_s = sum(day.lit(utc_s + step_s * (n + 0.5) / 500) for n in range(500)) * step_s / 500
    assert day.lit_s(utc_s + step_s) - day.lit_s(utc_s) == pytest.approx(counted_s, abs=step_s / 500 * 4 + 1)


@given(st.integers(0, 1000), NAMES, MOMENTS, st.booleans())
def test_every_quantity_has_a_value_in_its_range(seed: int, name: str, utc_s: float, lamp: bool) -> None:
    known = quantity(name)
    assert known is not None
    found = value(Nature(seed, is_lamp=lamp), name, utc_s)
    assert known.low <= found <= known.high
    assert found == value(Nature(seed, is_lamp=lamp), name, utc_s)
    if known.kind is Kind.STATE:
        assert found in (0.0, 1.0)


@given(st.integers(0, 1000), NAMES, MOMENTS, st.floats(0, 1e7), st.booleans())
def test_counters_never_go_back(seed: int, name: str, utc_s: float, later_s: float, lamp: bool) -> None:
    nature, known = Nature(seed, is_lamp=lamp), quantity(name)
    if known is not None and known.kind is Kind.COUNTER:
        assert value(nature, name, utc_s + later_s) >= value(nature, name, utc_s)


@given(st.integers(0, 1000), MOMENTS)
def test_phases_add_up_to_the_whole(seed: int, utc_s: float) -> None:
    nature = Nature(seed)
    phases = sum(value(nature, f"phase{phase}_active_power", utc_s) for phase in (1, 2, 3))
    assert phases == pytest.approx(value(nature, "active_power", utc_s), rel=0.025)


def test_voltage_sags_when_the_town_cooks_and_watches() -> None:
    assert value(Nature(3), "supply_voltage", at("2026-05-05T19:30")) < value(
        Nature(3), "supply_voltage", at("2026-05-05T03:00")
    )


def test_nights_are_humid_and_afternoons_warm() -> None:
    night, noon = at("2026-05-05T04:00"), at("2026-05-05T14:00")
    dry = Nature(3, scenario=Scenario.BURNING)
    assert value(dry, "relative_humidity", night) > value(dry, "relative_humidity", noon) + 10
    assert value(dry, "temperature", noon) > value(dry, "temperature", night) + 3


def test_a_lamp_takes_power_by_its_level_and_more_while_cold() -> None:
    seed = next(seed for seed in range(100) if not broken(Nature(seed)))
    now = at("2026-05-05T12:00")

    def power(level: float, since_s: float) -> float:
        return value(Nature(seed, is_lamp=True, level=level, since_s=since_s), "active_power", now)

    long_ago = now - 10_000
    assert power(0, long_ago) == 0.5
    assert power(0, long_ago) < power(20, long_ago) < power(60, long_ago) < power(100, long_ago)
    assert power(100, now) > 1.04 * power(100, long_ago)


def test_a_broken_lamp_says_so_in_its_status_and_stays_dark() -> None:
    lamp = next(Nature(seed, is_lamp=True, level=100) for seed in range(500) if broken(Nature(seed)))
    now = at("2026-05-05T21:00")
    assert value(lamp, "lamp_failure", now) == 1
    assert value(lamp, "lamp_on", now) == 0
    assert value(lamp, "control_gear_status", now) == 0b10
    assert value(lamp, "active_power", now) == 0.5


def test_a_name_is_split_into_quantity_and_index() -> None:
    assert split("phase2_supply_voltage") == ("supply_voltage", 2)
    assert split("relay_state_4") == ("relay_state", 4)
    assert split("particles_0_3") == ("particles_0_3", 0)

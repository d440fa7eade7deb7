"""The simulated air follows streets, wind, rain, sun and burning straw, the same by moment and seed."""

import math
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.vocabulary import Averaging, Kind, quantity
from simulators import pollution, weather
from simulators.air_history import STATION, exactly, history
from simulators.air_models import AIR
from simulators.models import value
from simulators.nature import Nature, Scenario

LOCAL = timezone(timedelta(hours=7))
MOMENTS = st.floats(1_767_200_400.0, 1_893_430_800.0)
SEEDS = st.integers(0, 1000)
SCENARIOS = st.sampled_from(Scenario)
NAMES = st.sampled_from(sorted(AIR))
HOUR_S, DAY_S = 3600.0, 86_400.0
COLOURS_UG_M3 = (25, 50, 80, 150, 250)
"""Where PM2.5 changes its colour in VN_AQI (Decision 1459/QĐ-TCMT)."""


def at(text: str) -> float:
    """UTC seconds of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).timestamp()


def hours(name: str, begins: str, scenario: Scenario, site: int = 1) -> list[float]:
    """Means of the 24 hours from a local midnight on."""
    column = history(Nature(site, scenario=scenario), at(begins), 1, (name,)).column(name)
    return [math.fsum(column[hour * 60 : hour * 60 + 60]) / 60 for hour in range(24)]


@given(SEEDS, SCENARIOS, NAMES, MOMENTS, st.booleans())
def test_every_quantity_of_the_air_is_in_its_range_and_the_same_again(
    seed: int, scenario: Scenario, name: str, utc_s: float, optical: bool
) -> None:
    nature, known = Nature(seed, scenario=scenario, optical=optical), quantity(name)
    assert known is not None
    found = value(nature, name, utc_s)
    assert known.low <= found <= known.high
    assert found == value(nature, name, utc_s)


@given(SEEDS, SCENARIOS, NAMES, MOMENTS)
def test_the_air_does_not_jump_within_a_second(
    seed: int, scenario: Scenario, name: str, utc_s: float
) -> None:
    nature, known = Nature(seed, scenario=scenario), quantity(name)
    assert known is not None
    before, after = value(nature, name, utc_s), value(nature, name, utc_s + 1)
    if known.mean is Averaging.CIRCULAR:
        speed = min(value(nature, "wind_speed", utc_s + part / 10) for part in range(11))
        turn = abs((after - before + 180) % 360 - 180)
        assert turn < 5 or speed < 0.2
    elif name not in ("rain_intensity_max", "rainfall", "rain_duration"):
        steepest = 0.01 * (known.high - known.low) if name != "illuminance" else 0.02 * known.high
        assert abs(after - before) <= max(steepest, 0.03 * before)


@given(SEEDS, SCENARIOS, st.sampled_from(["rainfall", "rain_duration"]), MOMENTS, st.floats(0, 1e7))
def test_rain_that_fell_stays_fallen(
    seed: int, scenario: Scenario, name: str, utc_s: float, later_s: float
) -> None:
    nature = Nature(seed, scenario=scenario)
    assert value(nature, name, utc_s + later_s) >= value(nature, name, utc_s)


@given(SEEDS, MOMENTS)
def test_the_rain_that_fell_is_how_hard_it_rained_for_how_long(site: int, utc_s: float) -> None:
    steps = [weather.rain_intensity(site, Scenario.RAIN, utc_s + step * 60) for step in range(181)]
    fallen = weather.rainfall(site, Scenario.RAIN, utc_s + 180 * 60)
    fallen -= weather.rainfall(site, Scenario.RAIN, utc_s)
    assert fallen == pytest.approx(sum((a + b) / 2 for a, b in pairwise(steps)) / 60, abs=0.1)


def test_dust_peaks_with_the_traffic() -> None:
    dust = hours("pm2_5", "2026-07-07", Scenario.WINTER)
    assert max(dust[6:9]) > 1.3 * dust[14]
    assert max(dust[17:20]) > 1.3 * dust[14]


def test_a_burning_evening_passes_through_every_colour_of_the_index() -> None:
    dust = hours("pm2_5", "2026-05-05", Scenario.BURNING)
    colours = {sum(mean > limit for limit in COLOURS_UG_M3) for mean in dust}
    assert colours == {0, 1, 2, 3, 4, 5}
    assert 18 <= dust.index(max(dust)) <= 21


def test_straw_burns_only_on_some_evenings_after_the_harvests() -> None:
    evenings = [at("2026-01-01T19:50") + number * DAY_S for number in range(365)]
    smoky = [
        number for number, utc_s in enumerate(evenings, 1) if pollution.plume(1, Scenario.SEASON, utc_s) > 20
    ]
    assert 5 <= len(smoky) <= 35
    assert all(140 <= number <= 162 or 244 <= number <= 265 for number in smoky)


def test_rain_washes_the_dust_out() -> None:
    dust = hours("pm2_5", "2026-10-10", Scenario.RAIN)
    assert dust[8] < 0.5 * dust[5]


def test_the_breeze_comes_from_the_sea_by_day_and_from_the_land_by_night() -> None:
    def from_east(when: str) -> float:
        days = range(20)
        return sum(weather.wind(1, Scenario.SEASON, at(when) + one * DAY_S)[0] for one in days) / 20

    assert from_east("2026-05-01T15:00") > 0.5
    assert from_east("2026-05-01T03:00") < -0.5


def test_ozone_is_highest_in_the_early_afternoon_and_low_in_fresh_exhaust() -> None:
    ozone = hours("o3", "2026-07-07", Scenario.WINTER)
    assert 12 <= ozone.index(max(ozone)) <= 16
    assert ozone[7] < 0.5 * max(ozone)


def test_streets_are_louder_by_day() -> None:
    noise = hours("noise_laeq", "2026-05-05", Scenario.CLEAN)
    assert math.fsum(noise[7:19]) / 12 > math.fsum(noise[0:5]) / 5 + 8


@pytest.mark.parametrize("scenario", [Scenario.CLEAN, Scenario.RAIN])
def test_days_that_are_clean_stay_green_and_yellow(scenario: Scenario) -> None:
    assert max(hours("pm2_5", "2026-05-05", scenario)) < 50


def test_sensors_of_one_site_are_in_the_same_air() -> None:
    utc_s = at("2026-05-05T08:00")
    one, other = Nature(11, site=1), Nature(12, site=1)
    assert value(one, "pm2_5", utc_s) != value(other, "pm2_5", utc_s)
    assert value(one, "pm2_5", utc_s) == pytest.approx(value(other, "pm2_5", utc_s), rel=0.04)
    assert value(one, "wind_direction", utc_s) == value(other, "wind_direction", utc_s)


def test_an_optical_sensor_takes_moisture_for_dust() -> None:
    humid, dry = at("2026-05-05T04:00"), at("2026-05-05T14:00")
    analyser = Nature(1, scenario=Scenario.BURNING)
    cheap = Nature(1, scenario=Scenario.BURNING, optical=True)
    excess = [
        value(cheap, "pm2_5_standard", when) / value(analyser, "pm2_5_standard", when)
        for when in (humid, dry)
    ]
    assert excess[0] > excess[1] + 0.15 > 1.2


def test_a_history_is_what_the_simulation_shows_but_for_noise() -> None:
    nature, begins_s = Nature(5, scenario=Scenario.WINTER), at("2026-03-03")
    quick, slow = history(nature, begins_s, 1), exactly(nature, begins_s, 1)
    assert quick == history(nature, begins_s, 1)
    assert len(quick) == 1440
    assert quick.at_ns(0) == round((begins_s + 60) * 1e9)
    for name in STATION:
        known = quantity(name)
        if known is None or known.mean is Averaging.CIRCULAR:
            continue
        middle = math.fsum(slow.column(name)) / 1440
        assert math.fsum(quick.column(name)) / 1440 == pytest.approx(middle, rel=0.05), name
        assert all(known.low <= one <= known.high for one in quick.column(name))
        if known.kind is Kind.COUNTER:
            assert all(a <= b for a, b in pairwise(quick.column(name)))

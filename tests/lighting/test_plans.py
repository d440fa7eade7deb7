"""What the plan wants of a lamp at any moment, and which plans are refused."""

import time
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.schema import Config
from edge.core.errors import ConfigError
from edge.lighting.energy import full_energy_kwh, night_energy_kwh
from edge.lighting.plans import NIGHTS_MAX, Plans
from edge.lighting.times import SECOND_NS
from tests.lighting.plan_files import program, town

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY_NS = 86_400 * SECOND_NS
MOMENTS = st.integers(1_577_836_800, 2_208_988_800).map(lambda utc_s: utc_s * SECOND_NS)
PLANS = Plans(town(follows={"gw": "town", "lamp-2": "feast"}))


def ns(text: str, zone: ZoneInfo = HANOI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * SECOND_NS


def one_program(*steps: Any, **sections: Any) -> Config:
    return town(program=[program("p", *steps)], calendar=[{"id": "town", "default": "p"}], **sections)


@pytest.mark.parametrize(
    ("at", "level", "why"),
    [
        ("2026-12-21T12:00", 0, "sunrise-10m"),
        ("2026-12-21T17:34:16", 0, "sunrise-10m"),
        ("2026-12-21T17:34:17", 100, "sunset+10m"),
        ("2026-12-21T22:29:59", 100, "sunset+10m"),
        ("2026-12-21T22:30", 60, "22:30"),
        ("2026-12-22T02:00", 60, "22:30"),
        ("2026-12-22T05:00", 100, "04:30"),
        ("2026-12-22T11:59", 0, "sunrise-10m"),
    ],
)
def test_the_latest_step_at_or_before_now_holds(at: str, level: float, why: str) -> None:
    planned = PLANS.level_at("lamp-1", ns(at))
    assert (planned.level, planned.why, planned.program) == (level, why, "evening")


def test_before_the_first_step_the_last_of_the_night_before_holds_also_across_programs() -> None:
    plans = Plans(
        town(
            program=[program("late", ("23:00", 20), ("05:00", 40)), program("plain", ("18:00", 100))],
            calendar=[
                {"id": "town", "default": "plain", "rules": [{"program": "late", "weekdays": ["sat"]}]}
            ],
        )
    )
    saturday = plans.level_at("lamp-1", ns("2026-11-28T20:00"))
    assert (saturday.level, saturday.program) == (100, "plain")
    sunday = plans.level_at("lamp-1", ns("2026-11-29T17:59"))
    assert (sunday.level, sunday.why, sunday.program) == (40, "05:00", "late")
    assert sunday.until_ns == ns("2026-11-29T18:00")


def test_a_lamp_that_follows_nothing_has_the_default_level() -> None:
    plans = Plans(town(follows={}, lighting={"default_level": 70}))
    planned = plans.level_at("lamp-1", ns("2026-12-21T13:00"))
    assert (planned.level, planned.why, planned.program) == (70, "default level", None)
    assert planned.until_ns > ns("2026-12-21T13:00")
    assert plans.level_at("nobody", ns("2026-12-21T13:00")).level == 70


@given(MOMENTS, st.sampled_from(["lamp-1", "lamp-2"]))
def test_a_level_holds_until_the_moment_that_is_said_and_changes_there(at_ns: int, lamp: str) -> None:
    planned = PLANS.level_at(lamp, at_ns)
    assert at_ns < planned.until_ns <= at_ns + 2 * DAY_NS
    before = PLANS.level_at(lamp, planned.until_ns - 1)
    assert (before.level, before.why) == (planned.level, planned.why)
    assert PLANS.level_at(lamp, planned.until_ns).why != planned.why


@given(MOMENTS)
def test_the_next_change_is_the_first_of_all_lamps(at_ns: int) -> None:
    lamps = ("lamp-1", "lamp-2", "lamp-3")
    assert PLANS.next_change_ns(at_ns) == min(PLANS.level_at(lamp, at_ns).until_ns for lamp in lamps)


@given(MOMENTS)
def test_it_is_night_until_the_end_of_the_night_and_never_at_noon(at_ns: int) -> None:
    end_ns = PLANS.night_end_ns(at_ns)
    assert at_ns < end_ns <= at_ns + DAY_NS + 3600 * SECOND_NS
    assert not PLANS.is_night(end_ns)
    assert PLANS.is_night(end_ns - SECOND_NS)
    assert not PLANS.is_night(PLANS.night("gw", PLANS.evening(at_ns)).from_ns)


def test_night_is_from_sunset_to_sunrise() -> None:
    night = PLANS.night("gw", date(2026, 12, 21))
    moments = [night.sunset_ns - 1, night.sunset_ns, night.sunrise_ns - 1, night.sunrise_ns]
    assert [PLANS.is_night(moment) for moment in moments] == [False, True, True, False]
    assert PLANS.night_end_ns(night.sunset_ns) == PLANS.night_end_ns(night.from_ns) == night.sunrise_ns


def test_in_the_small_hours_the_running_night_is_meant_and_by_day_the_coming_one() -> None:
    assert PLANS.evening(ns("2026-12-22T03:00")) == date(2026, 12, 21)
    assert PLANS.evening(ns("2026-12-22T09:00")) == date(2026, 12, 22)
    assert PLANS.evening(ns("2026-12-22T20:00")) == date(2026, 12, 22)


def test_the_narrowest_target_wins() -> None:
    names = ("gw", "north", "east", "lamp-1")
    sections: dict[str, Any] = {
        "segment": [{"id": "north", "relay": "lamp-3", "point": "relay_1", "lamps": ["lamp-1", "lamp-2"]}],
        "group": [{"id": "east", "devices": ["lamp-1", "lamp-2"]}],
        "program": [program(name, ("18:00", level)) for level, name in enumerate(names)],
        "calendar": [{"id": name, "default": name} for name in names],
    }
    for count in range(1, 5):
        plans = Plans(town(follows={name: name for name in names[:count]}, **sections))
        assert plans.level_at("lamp-1", ns("2026-06-21T20:00")).level == count - 1
        assert plans.level_at("lamp-2", ns("2026-06-21T20:00")).level == min(count, 3) - 1
        assert plans.level_at("lamp-3", ns("2026-06-21T20:00")).level == 0


def test_who_joins_a_group_while_running_follows_its_plan() -> None:
    config = town(follows={"gw": "town", "east": "feast"}, group=[{"id": "east", "devices": ["lamp-1"]}])
    plans, midnight_ns = Plans(config), ns("2026-12-22T00:00")
    assert [plans.level_at(lamp, midnight_ns).level for lamp in ("lamp-1", "lamp-2")] == [80, 60]
    plans.set_members("east", ["lamp-2"])
    assert [plans.level_at(lamp, midnight_ns).level for lamp in ("lamp-1", "lamp-2")] == [60, 80]
    assert Plans(config, {"east": ("lamp-2",)}).level_at("lamp-2", midnight_ns).level == 80


def test_the_night_of_a_group_is_its_own_or_that_of_its_lamps_and_refused_where_they_disagree() -> None:
    group = [{"id": "east", "devices": ["lamp-1", "lamp-2"]}]
    day = date(2026, 12, 21)
    assert Plans(town(group=group)).night("east", day).program == "evening"
    assert Plans(town(group=group, follows={"east": "feast"})).night("east", day).program == "festive"
    with pytest.raises(ConfigError, match="different calendars"):
        Plans(town(group=group, follows={"lamp-1": "feast"})).night("east", day)
    with pytest.raises(ConfigError, match="east"):
        Plans(town(group=group)).night("west", day)


def test_max_and_min_bound_the_sensors_level_and_the_default() -> None:
    plans = Plans(one_program(("sunset", 100), ("22:00", 40, "min"), ("23:00", 30, "max"), ("sunrise", 0)))
    late, later = (plans.level_at("lamp-1", ns(f"2026-12-21T{hour}:30")) for hour in (22, 23))
    assert (late.level, late.on(20), late.on(80)) == (40, 20, 40)
    assert (later.level, later.on(20), later.on(80)) == (100, 30, 80)


def test_where_the_clocks_jump_every_night_still_has_its_steps_once() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    place = {"latitude": 52.5, "longitude": 13.4, "timezone": "Europe/Berlin"}
    plans = Plans(one_program(("sunset", 100), ("02:30", 50), ("sunrise", 0), gateway=place))
    for day in (date(2026, 3, 28), date(2026, 10, 24)):
        night = plans.night("gw", day)
        assert [one.why for one in night.switchings] == ["sunset", "02:30", "sunrise"]
    spring = plans.night("gw", date(2026, 3, 28)).switchings[1].at_ns
    assert spring == ns("2026-03-29T03:00", berlin)


def test_unknown_programs_and_calendars_leave_the_default_level_and_raise_nothing() -> None:
    plans = Plans(town(calendar=[{"id": "town", "default": "gone"}]))
    assert plans.level_at("lamp-1", 0).level == 100
    assert Plans(town(follows={"gw": "gone"})).level_at("lamp-1", 0).level == 100


def test_asking_for_a_level_is_quick_and_what_is_remembered_is_bounded() -> None:
    plans = Plans(town(lamps=[f"lamp-{n}" for n in range(30)]))
    for n in range(2 * NIGHTS_MAX):
        plans.level_at("lamp-1", n * DAY_NS)
    start_s = time.process_time()
    for n in range(2000):
        plans.level_at(f"lamp-{n % 30}", n * 30 * SECOND_NS)
    assert (time.process_time() - start_s) / 2000 < 200e-6
    assert plans._night.cache_info().currsize <= NIGHTS_MAX


@given(st.floats(0, 100), st.floats(0, 100))
def test_energy_grows_with_the_level_and_is_full_at_full_light(low: float, high: float) -> None:
    low, high = sorted((low, high))
    first, second = (
        Plans(one_program(("sunset", level), ("sunrise", 0))).night("gw", date(2026, 12, 21))
        for level in (low, high)
    )
    assert night_energy_kwh(first, 80, 100) <= night_energy_kwh(second, 80, 100) <= full_energy_kwh(first, 80)


def test_energy_at_full_light_is_power_times_the_length_of_the_night() -> None:
    night = Plans(one_program(("sunset", 100), ("sunrise", 0))).night("gw", date(2026, 12, 21))
    assert night_energy_kwh(night, 80, 100) == pytest.approx(0.08 * 12.94, rel=1e-3)
    assert night_energy_kwh(night, 80, 100) == pytest.approx(full_energy_kwh(night, 80))


def test_a_lamp_that_cannot_be_dimmed_so_low_uses_what_its_lowest_level_takes() -> None:
    dim = Plans(one_program(("sunset", 5), ("sunrise", 0))).night("gw", date(2026, 12, 21))
    least = Plans(one_program(("sunset", 20), ("sunrise", 0))).night("gw", date(2026, 12, 21))
    assert night_energy_kwh(dim, 80, 100, minimum_level=20) == night_energy_kwh(least, 80, 100)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_the_stretches_of_a_night_cover_it_once(day: date) -> None:
    night = PLANS.night("gw", day)
    pieces = list(night.pieces(100))
    assert pieces[0][0] == night.from_ns
    assert pieces[-1][1] == night.to_ns
    assert all(one[1] == other[0] for one, other in pairwise(pieces))
    assert all(PLANS.level_at("lamp-1", from_ns).level == level for from_ns, _, level in pieces)
    assert night.day + timedelta(days=1) == PLANS.night("gw", day + timedelta(days=1)).day

"""The steps of a program within one night."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.lighting import Operation, Program
from edge.lighting.night import Frame, Site, bounded, frame_of
from edge.lighting.program import problems_of_program, routine
from edge.lighting.times import SECOND_NS
from tests.lighting.plan_files import EVENING, program

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SITE = Site(17.7556, 106.4231, HANOI)
LONDON = Site(51.5, -0.1, ZoneInfo("Europe/London"))
LEVELS = st.floats(0, 100)
STEPS = st.builds(
    lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59)
) | st.builds(
    lambda sun, sign, minutes: f"{sun}{sign}{minutes}m",
    st.sampled_from(["sunset", "sunrise"]),
    st.sampled_from("+-"),
    st.integers(0, 360),
)


def switched(steps: dict[str, Any], day: str, site: Site = SITE) -> list[tuple[str, float, str]]:
    """(local time, level, why) of a program's switchings."""
    frame = frame_of(date.fromisoformat(day), site)
    return [
        (f"{datetime.fromtimestamp(one.at_ns // SECOND_NS, site.zone):%d %H:%M:%S}", one.level, one.why)
        for one in routine(Program.model_validate(steps)).switchings(frame, site.zone)
    ]


def problems(*steps: tuple[str, float]) -> list[tuple[Any, str]]:
    return list(problems_of_program(Program.model_validate(program("p", *steps))))


def test_a_night_runs_from_noon_to_noon_so_that_the_small_hours_are_the_next_days() -> None:
    assert switched(EVENING, "2026-12-21") == [
        ("21 17:34:17", 100, "sunset+10m"),
        ("21 22:30:00", 60, "22:30"),
        ("22 04:30:00", 100, "04:30"),
        ("22 06:10:41", 0, "sunrise-10m"),
    ]


def test_midnight_and_the_last_minute_before_noon_are_at_the_end_and_noon_is_at_the_start() -> None:
    steps = program("p", ("12:00", 1), ("23:59", 2), ("00:00", 3), ("11:59", 4))
    assert [(at, level) for at, level, _ in switched(steps, "2026-06-21")] == [
        ("21 12:00:00", 1),
        ("21 23:59:00", 2),
        ("22 00:00:00", 3),
        ("22 11:59:00", 4),
    ]


def test_a_step_that_the_sun_passes_is_taken_in_the_order_of_time() -> None:
    steps = program("p", ("sunset", 100), ("21:00", 50), ("sunrise", 0))
    assert [why for *_, why in switched(steps, "2026-06-21", LONDON)] == ["21:00", "sunset", "sunrise"]
    assert [why for *_, why in switched(steps, "2026-12-21", LONDON)] == ["sunset", "21:00", "sunrise"]


def test_of_two_steps_at_one_moment_the_one_that_stands_later_holds() -> None:
    gap = date(2026, 3, 28)  # London's clocks jump from 01:00 to 02:00 on the 29th
    steps = program("p", ("01:15", 10), ("01:45", 20))
    assert [level for _, level, _ in switched(steps, gap.isoformat(), LONDON)] == [20]


@given(
    st.lists(st.tuples(STEPS, LEVELS), max_size=8),
    st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    st.sampled_from([SITE, LONDON, Site(78.2, 15.6, ZoneInfo("Europe/Oslo"))]),
)
def test_whatever_the_steps_the_switchings_are_in_order_and_within_their_night(
    steps: list[tuple[str, float]], day: date, site: Site
) -> None:
    frame = frame_of(day, site)
    found = routine(Program.model_validate(program("p", *steps))).switchings(frame, site.zone)
    moments = [one.at_ns for one in found]
    assert moments == sorted(set(moments))
    assert all(frame.from_ns <= moment < frame.to_ns for moment in moments)
    assert bool(found) == bool(steps)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.sampled_from([SITE, LONDON]))
def test_the_nights_follow_each_other_without_gap(day: date, site: Site) -> None:
    tonight, tomorrow = (frame_of(day + timedelta(days=n), site) for n in (0, 1))
    assert tonight.to_ns == tomorrow.from_ns
    assert tonight.from_ns < tonight.sunset_ns < tonight.sunrise_ns < tonight.to_ns


def test_a_night_is_an_hour_shorter_when_the_clocks_go_forward() -> None:
    frame = frame_of(date(2026, 3, 28), LONDON)
    assert (frame.to_ns - frame.from_ns) / SECOND_NS == 23 * 3600
    assert isinstance(frame, Frame)
    assert datetime.fromtimestamp(frame.from_ns / SECOND_NS, UTC).hour == 12


@given(LEVELS, LEVELS)
def test_set_takes_the_place_of_the_weaker_layer_max_and_min_bound_it(level: float, weaker: float) -> None:
    assert bounded(Operation.SET, level, weaker) == level
    assert bounded(Operation.MAX, level, weaker) >= level
    assert bounded(Operation.MIN, level, weaker) <= level
    assert {bounded(operation, level, weaker) for operation in Operation} <= {level, weaker}


def test_a_program_without_steps_is_refused() -> None:
    ((path, message),) = problems()
    assert path == ("steps",)
    assert "at least one" in message


def test_a_time_that_cannot_be_read_is_refused_at_its_step() -> None:
    ((path, message),) = problems(("sunset", 100), ("half past ten", 50), ("sunrise", 0))
    assert path == ("steps", 1, "at")
    assert "half past ten" in message


@pytest.mark.parametrize(("one", "other"), [("22:30", "22:30"), ("sunset+60m", "sunset+1h")])
def test_two_steps_at_one_time_are_refused(one: str, other: str) -> None:
    ((path, message),) = problems((one, 100), (other, 50))
    assert path == ("steps", 1, "at")
    assert one in message


@pytest.mark.parametrize(
    ("one", "other"),
    [("22:30", "18:00"), ("04:30", "22:30"), ("sunset+1h", "sunset"), ("sunrise", "sunrise-1h")],
)
def test_steps_that_are_not_in_the_order_of_the_night_are_refused(one: str, other: str) -> None:
    ((path, message),) = problems((one, 100), (other, 50))
    assert path == ("steps", 1, "at")
    assert "order of the night" in message


def test_a_usual_night_is_sound() -> None:
    assert list(problems_of_program(Program.model_validate(EVENING))) == []

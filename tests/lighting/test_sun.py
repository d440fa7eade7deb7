"""The sun over the gateway, against values found by NREL's SPA (elevation of -0.8333 degrees crossed)."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.lighting.sun import elevation_deg, sunrise_s, sunset_s

LATITUDE, LONGITUDE = 17.7556, 106.4231
OFFSET_S = 7 * 3600.0
LOCAL = timezone(timedelta(seconds=OFFSET_S))
YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).timestamp()


def rise(day: date) -> float:
    return sunrise_s(day, LATITUDE, LONGITUDE, OFFSET_S)


def fall(day: date) -> float:
    return sunset_s(day, LATITUDE, LONGITUDE, OFFSET_S)


def wall(utc_s: float) -> str:
    """To the nearest minute."""
    return f"{datetime.fromtimestamp(utc_s + 30, LOCAL):%H:%M}"


@pytest.mark.parametrize(
    ("day", "sunrise", "sunset"),
    [
        ("2026-03-20", "05:58:44", "18:05:10"),
        ("2026-06-21", "05:20:14", "18:31:53"),
        ("2026-09-23", "05:43:21", "17:49:57"),
        ("2026-12-21", "06:20:11", "17:24:15"),
    ],
)
def test_sunrise_and_sunset_are_within_five_seconds_of_the_reference(
    day: str, sunrise: str, sunset: str
) -> None:
    assert rise(date.fromisoformat(day)) == pytest.approx(at(f"{day}T{sunrise}"), abs=5)
    assert fall(date.fromisoformat(day)) == pytest.approx(at(f"{day}T{sunset}"), abs=5)


def test_over_a_year_the_sun_keeps_within_the_hours_of_ba_don() -> None:
    rises, falls = sorted(wall(rise(day)) for day in YEAR), sorted(wall(fall(day)) for day in YEAR)
    assert (rises[0], rises[-1]) == ("05:18", "06:28")
    assert (falls[0], falls[-1]) == ("17:17", "18:34")


def test_lamps_from_sunset_to_sunrise_burn_4329_hours_a_year() -> None:
    assert sum(rise(day + timedelta(days=1)) - fall(day) for day in YEAR) / 3600 == pytest.approx(4329, abs=1)
    nights_h = [24 - (fall(day) - rise(day)) / 3600 for day in YEAR]
    assert min(nights_h) == pytest.approx(10.81, abs=0.01)
    assert max(nights_h) == pytest.approx(12.93, abs=0.01)


@given(
    st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    st.floats(-60, 60),
    st.floats(90, 120),
)
def test_the_sun_rises_and_sets_on_the_local_day_that_was_asked_for(
    day: date, latitude: float, longitude: float
) -> None:
    sunrise, sunset = (
        datetime.fromtimestamp(of(day, latitude, longitude, OFFSET_S), LOCAL) for of in (sunrise_s, sunset_s)
    )
    assert sunrise.date() == sunset.date() == day
    assert sunrise.hour < 12 <= sunset.hour


def test_the_sun_rises_on_every_local_day_of_twenty_years() -> None:
    for n in range((date(2041, 1, 1) - date(2020, 1, 1)).days):
        day = date(2020, 1, 1) + timedelta(days=n)
        assert datetime.fromtimestamp(rise(day), LOCAL).date() == day
        assert datetime.fromtimestamp(fall(day), LOCAL).date() == day


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.floats(-55, 55), st.floats(-180, 180))
def test_at_both_moments_the_upper_rim_stands_on_the_horizon(
    day: date, latitude: float, longitude: float
) -> None:
    for of in (sunrise_s, sunset_s):
        moment = of(day, latitude, longitude, longitude * 240)
        assert elevation_deg(moment, latitude, longitude) == pytest.approx(-0.8333, abs=0.01)


def test_where_the_sun_stays_down_the_night_fills_the_day_and_where_it_stays_up_there_is_none() -> None:
    winter, summer = date(2026, 12, 21), date(2026, 6, 21)
    assert sunrise_s(winter, 80, 105, OFFSET_S) == pytest.approx(sunset_s(winter, 80, 105, OFFSET_S), abs=60)
    long_s = sunset_s(summer, 80, 105, OFFSET_S) - sunrise_s(summer, 80, 105, OFFSET_S)
    assert long_s == pytest.approx(86_400, abs=60)

"""When a step is: what may be written, and what the clocks of a zone make of it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import ConfigError
from edge.lighting.times import SECOND_NS, Anchor, local_ns, parsed_at

ZONES = st.sampled_from(
    [
        "Asia/Ho_Chi_Minh",
        "Europe/Berlin",
        "America/New_York",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Asia/Tehran",
        "Africa/Casablanca",
        "Pacific/Apia",
    ]
)
DAYS = st.dates(date(2005, 1, 1), date(2037, 12, 31))
BERLIN = ZoneInfo("Europe/Berlin")


def wall(utc_ns: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(utc_ns // SECOND_NS, zone).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("text", "anchor", "offset_s"),
    [
        ("22:30", Anchor.CLOCK, 81_000),
        ("00:00", Anchor.CLOCK, 0),
        ("sunset", Anchor.SUNSET, 0),
        ("sunset+10m", Anchor.SUNSET, 600),
        ("sunset + 10m", Anchor.SUNSET, 600),
        ("sunrise-1h", Anchor.SUNRISE, -3600),
        ("sunrise-1h30m15s", Anchor.SUNRISE, -5415),
        ("sunset-90s", Anchor.SUNSET, -90),
    ],
)
def test_a_time_of_day_or_the_sun_with_an_offset_is_understood(
    text: str, anchor: Anchor, offset_s: int
) -> None:
    found = parsed_at(text)
    assert (found.anchor, found.offset_s) == (anchor, offset_s)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24:00",
        "22:60",
        "9:30",
        "22:30:00",
        "noon",
        "sunset10m",
        "sunset+",
        "sunset+10",
        "sunrise-7h",
        "+1h",
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ConfigError, match=r"22:30"):
        parsed_at(text)


@given(st.text(max_size=20))
def test_no_text_is_answered_by_another_error(text: str) -> None:
    try:
        found = parsed_at(text)
    except ConfigError:
        return
    assert abs(found.offset_s) < 86_400


@given(DAYS, st.integers(0, 86_399), ZONES)
def test_a_local_time_is_the_first_moment_at_which_the_clock_shows_it_or_later(
    day: date, second: int, name: str
) -> None:
    zone = ZoneInfo(name)
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(seconds=second)
    moment = local_ns(day, second, zone)
    assert wall(moment, zone) >= wanted
    earlier = (moment - seconds * SECOND_NS for seconds in (1, *range(60, 4 * 3600, 300)))
    assert all(wall(ns, zone) < wanted for ns in earlier)


@given(DAYS, st.integers(0, 86_399), st.integers(0, 86_399), ZONES)
def test_a_later_time_of_a_day_never_comes_earlier(day: date, one: int, other: int, name: str) -> None:
    zone = ZoneInfo(name)
    first, second = sorted((one, other))
    assert local_ns(day, first, zone) <= local_ns(day, second, zone)


def test_a_time_that_the_clocks_skip_is_the_moment_of_the_jump() -> None:
    jump = int(datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN).timestamp()) * SECOND_NS
    assert local_ns(date(2026, 3, 29), 2 * 3600 + 1800, BERLIN) == jump


def test_a_time_that_the_clocks_show_twice_is_the_first_of_the_two() -> None:
    first = int(datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0).timestamp()) * SECOND_NS
    assert local_ns(date(2026, 10, 25), 2 * 3600 + 1800, BERLIN) == first

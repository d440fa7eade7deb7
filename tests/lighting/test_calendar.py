"""Which program a night follows."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.lighting import Calendar, Holiday
from edge.core.errors import ConfigError
from edge.lighting.calendar import almanac, parsed_span, problems_of_calendar, problems_of_holiday

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
TET = Holiday(id="tet", dates=("2026-02-16..2026-02-20", "2027-02-05..2027-02-09"))


def chosen(day: str, *rules: dict[str, Any]) -> str:
    calendar = Calendar.model_validate({"id": "town", "default": "plain", "rules": rules})
    return almanac(calendar, [TET]).program_on(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("2026-09-02", ["2026-09-02"], ["2026-09-01", "2026-09-03", "2027-09-02"]),
        ("09-02", ["2026-09-02", "2031-09-02"], ["2026-09-01", "2026-09-03"]),
        ("2026-06-01..2026-08-31", ["2026-06-01", "2026-08-31"], ["2026-05-31", "2026-09-01", "2027-07-01"]),
        (
            "12-20..01-05",
            ["2026-12-20", "2026-12-31", "2027-01-05"],
            ["2026-12-19", "2027-01-06", "2026-07-01"],
        ),
        ("02-29", ["2028-02-29"], ["2026-02-28", "2026-03-01"]),
        ("2026-12-30..2027-01-02", ["2026-12-31", "2027-01-02"], ["2027-12-31", "2027-01-03"]),
    ],
)
def test_a_span_has_both_its_ends_and_nothing_beyond(
    text: str, inside: list[str], outside: list[str]
) -> None:
    span = parsed_span(text)
    assert all(span.has(date.fromisoformat(day)) for day in inside)
    assert not any(span.has(date.fromisoformat(day)) for day in outside)


@given(DAYS, DAYS, DAYS)
def test_a_dated_span_has_exactly_the_days_between(first: date, last: date, day: date) -> None:
    first, last = sorted((first, last))
    assert parsed_span(f"{first}..{last}").has(day) == (first <= day <= last)


@given(DAYS, DAYS)
def test_a_yearly_span_and_the_one_from_its_end_to_its_start_cover_the_year(one: date, other: date) -> None:
    there, back = parsed_span(f"{one:%m-%d}..{other:%m-%d}"), parsed_span(f"{other:%m-%d}..{one:%m-%d}")
    if f"{one:%m-%d}" != f"{other:%m-%d}":
        assert all(
            there.has(day) or back.has(day) for day in (date(2028, 1, 1) + timedelta(n) for n in range(366))
        )


@given(DAYS, st.integers(0, 800), DAYS)
def test_a_span_may_have_the_days_that_it_has_in_some_year(first: date, length: int, day: date) -> None:
    last = first + timedelta(days=length)
    inside = {f"{first + timedelta(days=n):%m-%d}" for n in range(length + 1)}
    if "02-29" not in (f"{day:%m-%d}", f"{first:%m-%d}", f"{last:%m-%d}"):
        assert parsed_span(f"{first}..{last}").may_have(day) == (f"{day:%m-%d}" in inside)


@pytest.mark.parametrize(
    "text", ["", "2026-02-30", "02-30", "1-1", "2026-02-01..", "02-01..2026-03-01", "tet"]
)
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parsed_span(text)


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ConfigError, match="turn it round"):
        parsed_span("2026-03-01..2026-02-01")


def test_the_first_rule_that_fits_wins() -> None:
    rules = [{"program": "one", "dates": "02-17"}, {"program": "two", "dates": "02-01..02-28"}]
    assert chosen("2026-02-17", *rules) == "one"
    assert chosen("2026-02-18", *rules) == "two"
    assert chosen("2026-03-01", *rules) == "plain"


def test_all_conditions_of_a_rule_must_hold() -> None:
    rule = {"program": "late", "dates": "02-01..02-28", "weekdays": ["sat"], "holiday": "tet"}
    assert chosen("2026-02-21", rule) == "plain"  # a Saturday of February after the holiday
    assert chosen("2026-02-17", rule) == "plain"  # a Tuesday of the holiday
    assert chosen("2027-02-06", rule) == "late"  # a Saturday of the holiday


def test_weekdays_are_those_on_which_the_night_begins() -> None:
    rule = {"program": "late", "weekdays": ["fri", "sat"]}
    assert [chosen(f"2026-11-{day}", rule) for day in (26, 27, 28, 29)] == ["plain", "late", "late", "plain"]


def test_a_rule_that_cannot_be_read_fits_no_night() -> None:
    assert chosen("2026-02-17", {"program": "x", "dates": "soon"}) == "plain"
    assert chosen("2026-02-17", {"program": "x", "holiday": "unknown"}) == "plain"


def test_a_rule_without_conditions_and_a_holiday_without_days_are_refused() -> None:
    calendar = Calendar.model_validate({"id": "c", "default": "p", "rules": [{"program": "q"}]})
    ((path, message),) = problems_of_calendar(calendar)
    assert path == ("rules", 0)
    assert "every night" in message
    ((path, message),) = problems_of_holiday(Holiday(id="h", dates=()))
    assert path == ("dates",)
    ((path, _),) = problems_of_holiday(Holiday(id="h", dates=("2026-02-16", "soon")))
    assert path == ("dates", 1)

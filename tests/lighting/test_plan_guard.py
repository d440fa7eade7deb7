"""A changed plan that leaves many lamps dark in the night is found, on the night on which it does."""

from datetime import date
from functools import reduce
from typing import Any

from edge.config.schema import Config
from edge.lighting.plan_changes import plan_changes
from edge.lighting.plan_guard import Darkness, dark_nights, in_words, too_dark, worse
from tests.lighting.plan_files import program, town

LAMPS = tuple(f"lamp-{number}" for number in range(1, 13))
FIRST = date(2026, 11, 28)


def with_programs(*programs: object, **sections: Any) -> Config:
    calendars = [{"id": "town", "default": "evening"}]
    return town(LAMPS, **{"program": list(programs), "calendar": calendars} | sections)


def worst(now: Config, draft: Config) -> Darkness | None:
    return reduce(worse, dark_nights(now, draft, LAMPS, FIRST), None)


BRIGHT = program("evening", ("sunset", 100), ("22:00", 60), ("sunrise", 0))
DARK = program("evening", ("sunset", 100), ("22:00", 10), ("04:00", 60), ("sunrise", 0))


def test_a_street_that_gets_dark_is_found_with_its_hours() -> None:
    found = worst(with_programs(BRIGHT), draft := with_programs(DARK))
    assert found is not None
    assert too_dark(found, draft)
    assert in_words(found, draft) == (
        "on the night of 28/11/2026 12 lamps would be below 30 % from 22:00 to 04:00 (program evening); "
        "more than 10 need a second word"
    )


def test_one_that_is_dark_already_or_dark_in_twilight_alone_needs_no_second_word() -> None:
    assert worst(with_programs(DARK), with_programs(DARK)) is None
    late = program("evening", ("sunset+30m", 100), ("sunrise-45m", 0))
    assert worst(with_programs(BRIGHT), with_programs(late)) is None


def test_a_single_night_of_the_year_is_found() -> None:
    rules = [{"program": "off", "dates": "2027-03-27"}]  # an hour for the earth
    draft = with_programs(
        BRIGHT,
        program("off", ("sunset", 100), ("20:30", 0), ("21:30", 100), ("sunrise", 0)),
        calendar=[{"id": "town", "default": "evening", "rules": rules}],
    )
    found = worst(with_programs(BRIGHT), draft)
    assert found is not None
    assert (found.day, found.lamps, found.program) == (date(2027, 3, 27), 12, "off")


def test_changes_are_told_in_the_words_of_the_file() -> None:
    old = with_programs(BRIGHT)
    new = with_programs(
        DARK,
        program("feast", ("sunset", 80)),
        calendar=[
            {"id": "town", "default": "evening", "rules": [{"program": "feast", "dates": "12-24..01-01"}]}
        ],
        holiday=[{"id": "tet", "dates": ["2027-02-05..2027-02-11"]}],
        assignment=[{"target": "lamp-1", "calendar": "town"}],
        lighting={"fade_s": 5},
    )
    assert plan_changes(old, new) == [
        "program evening: 22:00 60 % -> 22:00 10 %, 04:00 60 %",
        "program feast added: sunset 80 %",
        "calendar town: adds 12-24..01-01 feast",
        "holiday tet added: 2027-02-05..2027-02-11",
        "gw follows no calendar of its own",
        "lamp-1 follows calendar town",
        "fade 3 s -> 5 s",
    ]
    assert plan_changes(new, new) == []

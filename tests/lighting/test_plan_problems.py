"""Which plans are refused, where in the file, and with which words."""

from pathlib import Path
from typing import Any

import pytest

from edge.config.checks import problems_across
from edge.config.faults import ConfigErrors
from edge.config.load import load
from edge.config.salvage import written_ids
from edge.config.schema import Config
from edge.lighting.problems import problems_of_plans
from tests.lighting.plan_files import program, town

LONDON = {"latitude": 51.5, "longitude": -0.1, "timezone": "Europe/London"}
FIRST = {"id": "east", "devices": ["lamp-1", "lamp-2"]}
SECOND = {"id": "west", "devices": ["lamp-2", "lamp-3"]}


def problems(**sections: Any) -> list[tuple[tuple[str | int, ...], str]]:
    return problems_of_plans(town(**sections))


def of_program(*steps: Any, gateway: dict[str, Any] | None = None) -> list[tuple[tuple[str | int, ...], str]]:
    return problems(
        program=[program("p", *steps)], calendar=[{"id": "town", "default": "p"}], gateway=gateway
    )


def across(**sections: Any) -> list[tuple[tuple[str | int, ...], str]]:
    config = town(**sections)
    return problems_across(config, written_ids(config.model_dump(mode="json")))


def test_a_usual_town_is_sound() -> None:
    assert problems() == []
    assert across() == []


def test_steps_are_judged_with_their_place_in_the_file() -> None:
    ((path, _),) = of_program(("sunset", 100), ("late", 50), ("sunrise", 0))
    assert path == ("program", 0, "steps", 1, "at")


def test_a_program_that_leaves_the_lamps_dark_long_after_sunset_is_a_gap() -> None:
    ((path, message),) = of_program(("22:00", 60), ("sunrise", 0))
    assert path == ("program", 0, "steps")
    assert "hours after sunset" in message
    assert "begin with a step at sunset" in message


@pytest.mark.parametrize(
    "steps",
    [
        [("18:00", 100), ("05:00", 0)],  # at most 43 minutes after sunset
        [("22:00", 60), ("sunrise", 100)],  # the lamps burn on till then
        [("sunset", 100), ("23:00", 0)],  # dark because it says so
        [("12:00", 100)],
    ],
)
def test_light_that_goes_on_and_darkness_that_is_asked_for_are_no_gap(steps: list[tuple[str, float]]) -> None:
    assert of_program(*steps) == []


def test_a_gap_between_two_programs_of_a_calendar_is_found() -> None:
    off, late = program("off", ("sunset", 100), ("sunrise", 0)), program("late", ("22:00", 60), ("04:00", 30))
    rules = [{"program": "late", "weekdays": ["sat"]}]
    calendar = [{"id": "town", "default": "off", "rules": rules}]
    ((path, message),) = problems(program=[off, late], calendar=calendar)
    assert path == ("program", 1, "steps")
    assert "program off leaves" in message


@pytest.mark.parametrize(
    ("dates", "gaps"), [("05-01..08-31", 0), ("2027-05-01..2027-08-31", 0), ("05-01..11-30", 1), (None, 1)]
)
def test_a_program_is_judged_on_the_nights_that_may_follow_it(dates: str | None, gaps: int) -> None:
    summer = program("summer", ("18:45", 100), ("sunrise", 0))  # more than an hour after sunset in winter
    rules = [{"program": "summer", "dates": dates, "weekdays": ["mon"]}]
    calendar = [{"id": "town", "default": "evening", "rules": rules}]
    evening = program("evening", ("sunset", 100), ("sunrise", 0))
    assert len(problems(program=[summer, evening], calendar=calendar)) == gaps


def test_a_program_of_no_calendar_is_judged_by_itself() -> None:
    late = program("late", ("22:00", 100), ("sunrise", 0))
    evening = program("evening", ("sunset", 100), ("sunrise", 0))
    calendar = [{"id": "town", "default": "evening"}]
    assert [path for path, _ in problems(program=[evening, late], calendar=calendar)] == [
        ("program", 1, "steps")
    ]


def test_steps_of_the_sun_and_the_clock_in_the_wrong_order_all_year_are_refused() -> None:
    ((path, message),) = of_program(("sunset", 100), ("sunrise", 0), ("22:30", 60))
    assert path == ("program", 0, "steps", 2, "at")
    assert "order of the night" in message


def test_a_step_that_the_sun_passes_in_some_nights_only_is_no_fault() -> None:
    assert of_program(("sunset", 100), ("21:00", 50), ("sunrise", 0), gateway=LONDON) == []


def test_a_longitude_of_another_part_of_the_world_is_refused() -> None:
    ((path, message),) = problems(gateway={"longitude": -106.4})
    assert path == ("gateway", "longitude")
    assert "Asia/Ho_Chi_Minh" in message


def test_two_groups_of_one_lamp_with_different_calendars_are_refused_with_both_names() -> None:
    ((path, message),) = problems(group=[FIRST, SECOND], follows={"east": "town", "west": "feast"})
    assert path == ("assignment", 1, "target")
    assert all(name in message for name in ("lamp-2", "east", "west", "town", "feast"))


@pytest.mark.parametrize(
    "follows",
    [
        {"east": "town", "west": "town"},
        {"east": "town", "west": "feast", "lamp-2": "town"},
        {"east": "town", "gw": "feast"},
    ],
)
def test_groups_that_agree_and_lamps_of_their_own_mind_are_no_rivals(follows: dict[str, str]) -> None:
    assert problems(group=[FIRST, SECOND], follows=follows) == []


def test_two_segments_of_one_lamp_with_different_calendars_are_refused() -> None:
    segments = [
        {"id": name, "relay": "lamp-3", "point": "relay_1", "lamps": ["lamp-1"]}
        for name in ("north", "south")
    ]
    ((_, message),) = problems(segment=segments, follows={"north": "town", "south": "feast"})
    assert "segments north and south" in message


@pytest.mark.parametrize(
    ("sections", "path", "words"),
    [
        ({"calendar": [{"id": "town", "default": "evning"}]}, ("calendar", 0, "default"), "'evening'"),
        (
            {
                "calendar": [
                    {"id": "town", "default": "evening", "rules": [{"program": "x", "dates": "02-01"}]}
                ]
            },
            ("calendar", 0, "rules", 0, "program"),
            "'x'",
        ),
        (
            {
                "calendar": [
                    {"id": "town", "default": "evening", "rules": [{"program": "festive", "holiday": "tet"}]}
                ]
            },
            ("calendar", 0, "rules", 0, "holiday"),
            "'tet'",
        ),
        ({"follows": {"gw": "twn"}}, ("assignment", 0, "calendar"), "'town'"),
        ({"follows": {"lamp-9": "town"}}, ("assignment", 0, "target"), "'lamp-9'"),
        (
            {"segment": [{"id": "s", "relay": "r", "point": "relay_1", "lamps": ["lamp-1"]}]},
            ("segment", 0, "relay"),
            "'r'",
        ),
        (
            {"segment": [{"id": "s", "relay": "lamp-1", "point": "relay_1", "lamps": ["lamp-8"]}]},
            ("segment", 0, "lamps", 0),
            "'lamp-8'",
        ),
        (
            {"segment": [{"id": "lamp-1", "relay": "lamp-1", "point": "relay_1", "lamps": []}]},
            ("segment", 0, "id"),
            "[[device]]",
        ),
        ({"group": [{"id": "gw"}]}, ("group", 0, "id"), "the gateway has the id"),
        ({"program": [program("evening"), program("evening")]}, ("program", 1, "id"), "program[0]"),
    ],
)
def test_a_name_that_nothing_has_or_several_have_is_refused_where_it_stands(
    sections: dict[str, Any], path: tuple[str | int, ...], words: str
) -> None:
    found = dict(across(**sections))
    assert words in found[path]


def test_a_target_that_is_assigned_twice_is_refused() -> None:
    twice = [{"target": "gw", "calendar": "town"}, {"target": "gw", "calendar": "feast"}]
    assert [path for path, _ in across(assignment=twice)] == [("assignment", 1, "target")]


def test_a_sensor_rule_without_a_threshold_is_refused() -> None:
    rule = {"device": "lamp-1", "point": "level", "level": 80}
    found = across(program=[{**program("evening", ("sunset", 1)), "sensor": [rule]}, program("festive")])
    assert [path for path, _ in found] == [("program", 0, "sensor", 0)]


def test_a_level_out_of_range_is_refused_with_its_line_and_hides_no_other_fault(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(
        '[gateway]\nid = "gw"\nlatitude = 17.7\nlongitude = 106.4\n'
        '[[program]]\nid = "p"\nsteps = [{ at = "sunset", level = 120 }]\n'
        '[[program]]\nid = "q"\nsteps = [{ at = "soon", level = 20 }]\n'
        '[[calendar]]\nid = "town"\ndefault = "p"\n'
        '[[assignment]]\ntarget = "gw"\ncalendar = "town"\n'
    )
    with pytest.raises(ConfigErrors) as caught:
        load(file, problems_of_plans)
    assert [(fault.line, fault.key) for fault in caught.value.faults] == [
        (7, "program[0].steps[0].level"),
        (10, "program[1].steps[0].at"),
    ]


def test_a_faulty_gateway_section_hides_the_place_and_not_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(
        '[gateway]\nid = "gw"\nlatitude = 170\nlongitude = 106.4\n'
        '[[program]]\nid = "p"\nsteps = [{ at = "soon", level = 20 }]\n'
        '[[calendar]]\nid = "town"\ndefault = "p"\n'
        '[[assignment]]\ntarget = "gw"\ncalendar = "town"\n'
    )
    with pytest.raises(ConfigErrors) as caught:
        load(file, problems_of_plans)
    assert [fault.line for fault in caught.value.faults] == [3, 7]


def test_without_any_lighting_there_is_nothing_to_judge() -> None:
    gateway = {"id": "gw", "latitude": 0, "longitude": -120}
    assert problems_of_plans(Config.model_validate({"gateway": gateway})) == []

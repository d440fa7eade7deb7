"""The plan is written into gateway.toml as a person would: what was not changed stays, comments too."""

import copy
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.cutting import without
from edge.config.plan import plan_in, with_plan
from edge.core.errors import ConfigError

TEXT = """\
# Cabinet of the market, Quảng Long
[gateway]
id = "gw-a"   # never change this
latitude = 17.7
longitude = 106.4

# the streets
[[program]]
id = "main"  # with the police agreed
title = "Đường chính"
steps = [
    {at = "sunset", level = 100},   # full for the market
    # then less
    {at = "22:00", level = 60},
    {at = "sunrise", level = 0},    # off
]

[[program.sensor]]
device = "meter-1"
point = "illuminance"
below = 5
level = 100

# the lanes
[[program]]
id = "side"
[[program.steps]]
at = "sunset"  # as dark falls
level = 100
[[program.steps]]
at = "sunrise"
level = 0

[[calendar]]
id = "town"
default = "main"
rules = [{program = "side", weekdays = ["sat", "sun"]}]  # the weekend

# the line of the cabinet
[[bus]]
id = "b"
kind = "tcp"
host = "127.0.0.1"

[[assignment]]
target = "gw-a"
calendar = "town"
"""


def plan() -> dict[str, list[dict[str, Any]]]:
    return copy.deepcopy(plan_in(tomllib.loads(TEXT)))


def test_a_plan_that_is_as_it_was_leaves_every_letter() -> None:
    assert with_plan(TEXT, plan()) == TEXT


def test_one_level_changes_one_number() -> None:
    wanted = plan()
    wanted["program"][0]["steps"][1]["level"] = 40
    assert with_plan(TEXT, wanted) == TEXT.replace("level = 60", "level = 40")


def test_a_step_that_goes_takes_its_own_comment_and_no_other() -> None:
    wanted = plan()
    del wanted["program"][0]["steps"][0]
    written = with_plan(TEXT, wanted)
    assert written == TEXT.replace('    {at = "sunset", level = 100},   # full for the market\n', "")


def test_a_step_that_moves_keeps_its_comment() -> None:
    wanted = plan()
    wanted["program"][0]["steps"][2]["at"] = "sunrise-10m"
    assert '{at = "sunrise-10m", level = 0},    # off' in with_plan(TEXT, wanted)


def test_a_new_step_stands_in_its_place_in_either_way_of_writing() -> None:
    wanted = plan()
    wanted["program"][0]["steps"].insert(2, {"at": "04:30", "level": 80})
    wanted["program"][1]["steps"].insert(1, {"at": "23:00", "level": 30, "operation": "max"})
    written = with_plan(TEXT, wanted)
    assert '    {at = "22:00", level = 60},\n    {at = "04:30", level = 80},\n    {at = "sunrise"' in written
    assert '[[program.steps]]\nat = "23:00"\nlevel = 30\noperation = "max"\n[[program.steps]]' in written


def test_a_table_that_goes_leaves_the_comments_of_its_neighbours() -> None:
    wanted = plan()
    del wanted["program"][1]
    wanted["calendar"], wanted["assignment"] = [], []
    written = with_plan(TEXT, wanted)
    assert "# the lanes" not in written
    assert "# the line of the cabinet\n[[bus]]" in written
    assert "# the streets\n[[program]]" in written


def test_new_tables_stand_apart_from_what_is_around_them() -> None:
    wanted = plan()
    wanted["program"].append({"id": "tet", "steps": [{"at": "sunset", "level": 100}]})
    wanted["holiday"].append({"id": "new-year", "dates": ["02-16..02-22"]})
    written = with_plan(TEXT, wanted, 5)
    assert '\n\n[[program]]\nid = "tet"\nsteps = [\n    {at = "sunset", level = 100},\n]\n\n[[cal' in written
    assert written.endswith(
        '\n\n[[holiday]]\nid = "new-year"\ndates = ["02-16..02-22"]\n\n[lighting]\nfade_s = 5\n'
    )


def test_a_list_on_one_line_stays_on_it_while_it_does_not_grow() -> None:
    wanted = plan()
    wanted["calendar"][0]["rules"][0]["weekdays"] = ["sun"]
    assert 'rules = [{program = "side", weekdays = ["sun"]}]  # the weekend' in with_plan(TEXT, wanted)


def test_two_of_one_name_are_refused() -> None:
    wanted = plan()
    wanted["program"].append(wanted["program"][0])
    with pytest.raises(ConfigError, match="two of the program have one id"):
        with_plan(TEXT, wanted)


def test_a_plan_written_in_braces_is_refused_with_the_remedy() -> None:
    text = 'program = [{id = "a", steps = [{at = "sunset", level = 1}]}]\n'
    with pytest.raises(ConfigError, match=r"write each as \[\[program\]\]"):
        with_plan(text, {name: [] for name in plan()} | {"program": [{"id": "b", "steps": []}]})


def test_a_header_inside_a_text_is_no_header() -> None:
    text = '[[a]]\nid = "x"\nnote = """\n[[a]]\n# no comment\n"""\n[[a]]\nid = "y"\n'
    assert without(text, "a", {1}) == text.replace('[[a]]\nid = "y"\n', "")
    assert without(text, "a", {0}) == '[[a]]\nid = "y"\n'


ids = st.sampled_from(["main", "side", "a", "b", "tet"])
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
levels = st.integers(0, 100) | st.floats(0, 100).filter(lambda level: not level.is_integer())
steps = st.fixed_dictionaries(
    {"at": st.sampled_from(["sunset", "22:00", "04:30", "sunrise", "23:15"]), "level": levels},
    optional={"operation": st.sampled_from(["max", "min"])},
)
rules = st.fixed_dictionaries(
    {"program": ids},
    optional={"dates": words, "weekdays": st.lists(st.sampled_from(["mon", "sat"]), min_size=1, max_size=2)},
)


def tables(key: str, inner: Any) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(inner, max_size=4, unique_by=lambda one: one[key])


plans = st.fixed_dictionaries(
    {
        "program": tables(
            "id",
            st.fixed_dictionaries(
                {"id": ids, "steps": st.lists(steps, max_size=5)}, optional={"title": words}
            ),
        ),
        "holiday": tables("id", st.fixed_dictionaries({"id": ids, "dates": st.lists(words, max_size=3)})),
        "calendar": tables(
            "id",
            st.fixed_dictionaries(
                {"id": ids, "default": ids}, optional={"rules": st.lists(rules, max_size=4)}
            ),
        ),
        "assignment": tables("target", st.fixed_dictionaries({"target": ids, "calendar": ids})),
    }
)


@settings(max_examples=40)
@given(plans, plans)
def test_any_plan_after_any_other_is_written_and_all_else_stays(one: Any, other: Any) -> None:
    # with_plan judges itself by what tomllib reads; that it never gives up is what is shown here.
    written = with_plan(with_plan(TEXT, one), other)
    for line in ('id = "gw-a"   # never change this', "# the line of the cabinet", "# Cabinet of the market"):
        assert line in written
    assert with_plan(written, other) == written

"""Which lamps a target stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import ConfigError
from edge.lighting.targets import Targets
from tests.lighting.plan_files import lamps_of, town

CONFIG = town(
    lamps=("lamp-3", "lamp-1", "lamp-2", "meter"),
    group=[{"id": "east", "devices": ["lamp-2", "lamp-3", "meter"]}, {"id": "empty"}],
    segment=[{"id": "north", "relay": "meter", "point": "relay_1", "lamps": ["lamp-1", "lamp-3"]}],
)
LAMPS = ("lamp-3", "lamp-1", "lamp-2")


def targets() -> Targets:
    return Targets(CONFIG, {name: lamp for name, lamp in lamps_of(CONFIG).items() if name in LAMPS})


@pytest.mark.parametrize(
    ("target", "lamps"),
    [
        ("lamp-1", ("lamp-1",)),
        ("east", ("lamp-3", "lamp-2")),
        ("empty", ()),
        ("north", ("lamp-3", "lamp-1")),
        ("gw", LAMPS),
    ],
)
def test_a_target_is_its_lamps_in_the_order_of_the_file(target: str, lamps: tuple[str, ...]) -> None:
    assert targets().resolve(target) == lamps


@pytest.mark.parametrize("target", ["lamp-9", "meter", ""])
def test_what_is_no_target_is_refused_and_those_that_there_are_are_named(target: str) -> None:
    with pytest.raises(ConfigError) as caught:
        targets().resolve(target)
    assert all(name in str(caught.value) for name in (*LAMPS, "east", "north", "gateway gw"))


def test_an_error_names_some_of_many_lamps() -> None:
    config = town(lamps=[f"lamp-{n:02}" for n in range(60)])
    with pytest.raises(ConfigError, match="and 48 more"):
        Targets(config, lamps_of(config)).resolve("x")


def test_membership_changes_while_running_and_is_asked_anew() -> None:
    here = targets()
    here.set_members("east", ["lamp-1", "lamp-1"])
    assert here.resolve("east") == ("lamp-1",)
    assert here.groups["east"] == ("lamp-1",)
    assert targets().resolve("east") == ("lamp-3", "lamp-2")


def test_only_lamps_join_and_only_groups_that_there_are() -> None:
    with pytest.raises(ConfigError, match="no group 'west'"):
        targets().set_members("west", ["lamp-1"])
    with pytest.raises(ConfigError, match="no lamp 'lamp-9'"):
        targets().set_members("east", ["lamp-9"])


def test_a_lamp_knows_what_it_belongs_to_the_narrowest_first() -> None:
    assert targets().covering("lamp-3") == ("lamp-3", "east", "north", "gw")
    assert targets().covering("lamp-1") == ("lamp-1", "north", "gw")


@given(st.lists(st.sampled_from(LAMPS)))
def test_a_group_is_exactly_who_is_in_it_once(members: list[str]) -> None:
    here = targets()
    here.set_members("east", members)
    found = here.resolve("east")
    assert set(found) == set(members)
    assert len(found) == len(set(found))
    assert list(found) == [lamp for lamp in LAMPS if lamp in found]

"""Which frames bring lamps to their levels: the fewest, and never one that reaches a lamp it should not."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.lamp_plan import LampPlan
from drivers.modbus.lamp_ways import fade_code
from drivers.profile import Profile, load_profile, parse_profile
from edge.config.schema import Bus, BusKind, Device
from edge.core.errors import ConfigError, Refused

SWITCH = """
id = "pole-switch"
class = "lamp"
driver = "modbus"
interval_s = 10
title = { vi = "a", en = "a" }
source = { title = "none", verified = false }
[[points]]
name = "relay_state_1"
table = "coil"
address = 0
type = "coil"
[[commands]]
name = "relay_1"
table = "coil"
address = 0
type = "coil"
range = [0, 1]
reads_back = "relay_state_1"
broadcast = true
[lamp]
level = "relay_1"
[[samples]]
from = "worked out"
note = "one coil"
blocks = [{ table = "coil", address = 0, hex = "01" }]
[samples.values]
relay_state_1 = 1
"""


DIMMER = """
id = "dimmer"
class = "lamp"
driver = "modbus"
interval_s = 10
title = {{ vi = "a", en = "a" }}
source = {{ title = "none", verified = false }}
[[points]]
name = "level"
table = "holding"
address = 0
type = "u16"
{scale}
[[commands]]
name = "level"
table = "holding"
address = 1
type = "u16"
range = [0, 100]
reads_back = "level"
{scale}
[lamp]
[[samples]]
from = "worked out"
note = "off"
blocks = [{{ table = "holding", address = 0, hex = "0000" }}]
[samples.values]
level = 0
"""

LINEAR_DALI = "scale = 100\ndivisor = 254"
MILLIVOLTS = "scale = 0.01"
"""0 to 10 V in millivolts."""


def line(**settings: object) -> Bus:
    return Bus.model_validate({"id": "b", "kind": BusKind.RTU, "port": "/dev/null", **settings})


def lamp(n: int, groups: tuple[int, ...] = (), profile: str = "ecodim-dali-gw2", **more: object) -> Device:
    given = {"address": 1, "sub_address": n, "lamp_groups": groups, **more}
    return Device.model_validate({"id": f"lamp-{n}", "profile": profile, "bus": "b", **given})


def plan(bus: Bus, *devices: Device, profile: Profile | None = None) -> LampPlan:
    return LampPlan(bus, {one.id: (one, profile or load_profile(one.profile)) for one in devices})


def keys(planned: LampPlan, levels: Mapping[str, float]) -> list[str]:
    return [frame.key for frame in planned.frames(levels)]


def test_lamps_without_a_common_way_are_written_one_by_one():
    assert keys(plan(line(), lamp(1), lamp(2)), {"lamp-1": 40, "lamp-2": 40}) == [
        "lamp:lamp-1",
        "lamp:lamp-2",
    ]


def test_a_group_whose_lamps_all_get_one_level_takes_one_frame():
    planned = plan(line(), lamp(1, (3,)), lamp(2, (3,)), lamp(4))
    frames = planned.frames({"lamp-1": 40, "lamp-2": 40, "lamp-4": 40})
    assert [(frame.key, frame.devices) for frame in frames] == [
        ("group:1/0/3", ("lamp-1", "lamp-2")),
        ("lamp:lamp-4", ("lamp-4",)),
    ]


def test_a_group_frame_is_not_used_where_a_lamp_of_the_group_was_not_asked_for():
    planned = plan(line(), lamp(1, (3,)), lamp(2, (3,)), lamp(4, (3,)))
    assert keys(planned, {"lamp-1": 40, "lamp-2": 40}) == ["lamp:lamp-1", "lamp:lamp-2"]


def test_a_group_frame_is_not_used_where_one_lamp_cannot_go_as_low_as_the_others():
    planned = plan(line(), lamp(1, (3,)), lamp(2, (3,), minimum_level=10))
    assert [frame.level for frame in planned.frames({"lamp-1": 5, "lamp-2": 5})] == [5, 10]
    assert keys(planned, {"lamp-1": 20, "lamp-2": 20}) == ["group:1/0/3"]


def test_a_whole_line_is_set_at_once_only_where_the_configuration_says_that_all_its_lamps_are_here():
    lamps = [lamp(n) for n in range(64)]
    levels = {one.id: 0.0 for one in lamps}
    assert len(keys(plan(line(), *lamps), levels)) == 64
    assert keys(plan(line(whole_line=True), *lamps), levels) == ["line:1/0"]


def test_a_whole_line_is_not_set_at_once_while_one_of_its_lamps_is_left_out():
    planned = plan(line(whole_line=True), lamp(1), lamp(2), lamp(3))
    assert len(keys(planned, {"lamp-1": 0, "lamp-2": 0})) == 2


def test_two_lines_of_one_gateway_are_set_by_a_frame_each():
    lamps = [lamp(n, profile="intesis-dali", channel=n % 2) for n in range(6)]
    planned = plan(line(whole_line=True), *lamps)
    frames = planned.frames({one.id: 70.0 for one in lamps})
    assert {frame.key: set(frame.devices) for frame in frames} == {
        "line:1/0": {"lamp-0", "lamp-2", "lamp-4"},
        "line:1/1": {"lamp-1", "lamp-3", "lamp-5"},
    }


def test_two_hundred_lamps_on_one_bus_are_set_in_one_frame_where_the_profile_allows_the_broadcast():
    profile = parse_profile("pole-switch", SWITCH)
    lamps = [lamp(n, profile="pole-switch", address=n, sub_address=0) for n in range(1, 201)]
    levels = {one.id: 100.0 for one in lamps}
    (frame,) = plan(line(whole_line=True), *lamps, profile=profile).frames(levels)
    assert (frame.key, len(frame.devices), frame.unit) == ("all:0", 200, "")
    assert len(keys(plan(line(), *lamps, profile=profile), levels)) == 200


def test_the_broadcast_to_all_units_is_not_used_where_something_else_is_on_the_bus():
    profile = parse_profile("pole-switch", SWITCH)
    lamps = [lamp(n, profile="pole-switch", address=n, sub_address=0) for n in (1, 2)]
    meter = Device(id="meter", profile="eastron-sdm120", bus="b", address=9)
    devices = {one.id: (one, profile) for one in lamps} | {"meter": (meter, load_profile(meter.profile))}
    planned = LampPlan(line(whole_line=True), devices)
    assert len(keys(planned, {"lamp-1": 100, "lamp-2": 100})) == 2


def test_a_lamp_that_only_switches_is_full_or_dark():
    profile = parse_profile("pole-switch", SWITCH)
    planned = plan(line(), lamp(1, profile="pole-switch", sub_address=0), profile=profile)
    assert not planned.lamps[0].dimmable
    for wanted, told, coil in ((0.0, 0.0, 0), (1.0, 100.0, 1), (100.0, 100.0, 1)):
        (frame,) = planned.frames({"lamp-1": wanted})
        assert (frame.level, planned.words(frame)[1]) == (told, (coil,))


@pytest.mark.parametrize(
    ("profile", "level", "word"),
    [
        ("ecodim-dali-gw2", 100, 254),
        ("ecodim-dali-gw2", 50, 229),
        ("ecodim-dali-gw2", 0.01, 1),
        ("ecodim-dali-gw2", 0, 0),
        ("intesis-dali", 50, 50),
    ],
)
def test_percent_becomes_the_scale_of_the_profile(profile: str, level: float, word: int):
    planned = plan(line(), lamp(1, profile=profile))
    (frame,) = planned.frames({"lamp-1": level})
    assert planned.words(frame)[1] == (word,)


@pytest.mark.parametrize(
    ("scale", "level", "word"),
    [
        (LINEAR_DALI, 100, 254),
        (LINEAR_DALI, 50, 127),
        (MILLIVOLTS, 100, 10_000),
        (MILLIVOLTS, 35.5, 3_550),
        (MILLIVOLTS, 0, 0),
    ],
)
def test_a_linear_curve_is_the_scale_of_its_profile(scale: str, level: float, word: int):
    profile = parse_profile("dimmer", DIMMER.format(scale=scale))
    planned = plan(line(), lamp(1, profile="dimmer", sub_address=0), profile=profile)
    (frame,) = planned.frames({"lamp-1": level})
    assert planned.words(frame)[1] == (word,)


@pytest.mark.parametrize("profile", ["ecodim-dali-gw2", "intesis-dali"])
def test_the_least_light_is_never_written_as_off(profile: str):
    planned = plan(line(), lamp(1, profile=profile))
    (frame,) = planned.frames({"lamp-1": 0.01})
    assert planned.words(frame)[1] == (1,)


def test_a_level_below_the_least_that_a_lamp_holds_becomes_that_and_off_stays_off():
    planned = plan(line(), lamp(1, minimum_level=10))
    assert [planned.frames({"lamp-1": level})[0].level for level in (0, 3, 10, 60)] == [0, 10, 10, 60]


def test_equal_is_within_one_step_and_light_is_never_dark():
    planned = plan(line(), lamp(1), lamp(2, minimum_level=10))
    assert planned.same("lamp-1", 50, 49.26)
    assert planned.same("lamp-1", 50, 51.2)
    assert not planned.same("lamp-1", 50, 47.5)
    assert not planned.same("lamp-1", 0.1, 0)
    assert not planned.same("lamp-1", 0, 0.1)
    assert planned.same("lamp-2", 5, 10)


@pytest.mark.parametrize("level", [-1, 100.5, float("nan"), float("inf")])
def test_what_is_no_level_is_refused(level: float):
    with pytest.raises(Refused, match="0 to 100"):
        plan(line(), lamp(1)).frames({"lamp-1": level})


def test_what_is_no_lamp_is_said_so():
    with pytest.raises(ConfigError, match="no lamp"):
        plan(line(), lamp(1)).frames({"meter": 1})


def test_the_levels_of_a_line_come_in_few_questions():
    lamps = [lamp(n) for n in range(32)]
    reads = plan(line(), *lamps).reads([one.id for one in lamps])
    assert [len(read.devices) for read in reads] == [12, 12, 8]


@pytest.mark.parametrize(
    ("fade_s", "code"), [(0, 0), (0.3, 0), (0.7, 1), (1, 2), (3, 5), (90, 15), (600, 15)]
)
def test_a_fade_time_becomes_the_nearest_code_of_dali(fade_s: float, code: int):
    assert fade_code(fade_s) == code


BRIGHTNESS = st.sampled_from([0.0, 20.0, 50.0, 100.0])


@given(
    st.booleans(),
    st.lists(st.sets(st.integers(0, 3), max_size=2), min_size=1, max_size=12),
    st.data(),
)
def test_whatever_is_asked_each_lamp_gets_its_level_once_and_no_other_lamp_is_reached(
    whole: bool, groups: list[set[int]], data: st.DataObject
):
    lamps = [lamp(n, tuple(sorted(those))) for n, those in enumerate(groups)]
    asked = data.draw(st.sets(st.sampled_from([one.id for one in lamps])))
    levels = {one: data.draw(BRIGHTNESS) for one in sorted(asked)}
    planned = plan(line(whole_line=whole), *lamps)
    frames = planned.frames(levels)
    assert sorted(device for frame in frames for device in frame.devices) == sorted(levels)
    for frame in frames:
        assert {levels.get(device) for device in planned.way(frame.key).devices} == {frame.level}
    assert len(frames) <= len(levels)


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ("[lamp]\n", '[lamp]\nlevel = "glow"\n', "lamp.level: glow is not a command"),
        ("[lamp]\n", '[lamp]\ngroup = "level"\n', "lamp.group: level is per unit"),
        ("[lamp]\n", '[lamp]\nfade = "slow"\n', "lamp.fade: slow is not a command"),
        ("[lamp]\n", "[lamp]\nfades = true\n", "lamp.fades: without fade"),
        ("range = [0, 100]", "range = [0, 254]", "lamp.level: level has another range"),
    ],
)
def test_a_lamp_section_that_cannot_be_is_refused_with_the_reason(was: str, becomes: str, fault: str):
    text = DIMMER.format(scale="").replace(was, becomes)
    with pytest.raises(ConfigError, match=fault):
        parse_profile("dimmer", text)


def test_a_line_command_of_another_scale_than_the_lamp_s_own_is_refused():
    other = '[[commands]]\nname = "all"\ntable = "holding"\naddress = 9\ntype = "u16"\nrange = [0, 100]\n'
    text = DIMMER.format(scale=MILLIVOLTS).replace("[lamp]\n", f'{other}[lamp]\nline = "all"\n')
    with pytest.raises(ConfigError, match=r"lamp.line: all is written otherwise than level"):
        parse_profile("dimmer", text)

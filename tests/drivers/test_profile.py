import pytest

from drivers.profile import Type, load_profile, parse_profile, profile_ids
from drivers.profile_check import check_profile, sample_problems
from edge.core.errors import ConfigError

GOOD = """
id = "meter-x"
class = "meter"
driver = "modbus"
interval_s = 5

[title]
vi = "Công tơ"
en = "Meter"

[source]
title = "Manual, table 3"
verified = true

[addressing]
sub_address_stride = 100
sub_address_max = 63
channel_stride = 7000
channel_max = 1
group_stride = 20
group_max = 15

[[points]]
name = "supply_voltage"
table = "input"
address = 0
type = "u16"
scale = 0.1

[[points]]
name = "level"
table = "holding"
address = 6
type = "u16"
per = "sub_address"
interval_s = 60

[[commands]]
name = "level"
table = "holding"
address = 15
type = "u16"
per = "sub_address"
range = [0, 100]
reads_back = "level"

[[commands]]
name = "group_level"
table = "holding"
address = 6400
type = "u16"
per = "group"
range = [0, 100]

[[samples]]
from = "worked out"
note = "by the table"
blocks = [{ table = "input", address = 0, hex = "08fe" }, { table = "holding", address = 6, hex = "0032" }]

[samples.values]
supply_voltage = 230.2
level = 50
"""


def faults(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_profile("meter-x", text)
    return str(caught.value)


def test_a_good_profile_loads():
    profile = parse_profile("meter-x", GOOD)
    assert profile.measurement == "meter"
    assert [point.type for point in profile.points] == [Type.U16, Type.U16]
    assert [profile.interval_of_s(point) for point in profile.points] == [5, 60]
    assert sample_problems(profile, profile.samples[0]) == []


def test_points_and_commands_get_the_address_of_the_device_behind_the_unit():
    profile = parse_profile("meter-x", GOOD)
    assert [point.address for point in profile.points_of(channel=1, sub_address=3)] == [0, 7306]
    assert profile.command("level", channel=1, sub_address=63).address == 13315
    assert profile.command("group_level", channel=1, group=2).address == 13440


def test_a_place_that_the_device_does_not_have_is_refused_in_words():
    profile = parse_profile("meter-x", GOOD)
    with pytest.raises(ConfigError, match="channels 0 to 1, not 2"):
        profile.points_of(channel=2)
    with pytest.raises(ConfigError, match="sub-addresses 0 to 63, not 64"):
        profile.points_of(sub_address=64)
    with pytest.raises(ConfigError, match="no command dim; it can be told: level, group_level"):
        profile.command("dim")
    with pytest.raises(ConfigError, match="groups 0 to 15, not 16"):
        profile.command("group_level", group=16)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('id = "meter-x"', 'id = "meter-y"', "id: 'meter-y' differs from the file's name"),
        ('class = "meter"', "", "class: this key is missing"),
        ('name = "supply_voltage"', 'name = "volts"', "points volts: it is not in the vocabulary"),
        ("scale = 0.1", "scale = 0", "points supply_voltage: scale 0"),
        ("scale = 0.1", "bit = 3", "points supply_voltage: type bit and key bit"),
        ("scale = 0.1", "range = [5, 1]", "points supply_voltage: range is empty"),
        ("scale = 0.1", "scales = 0.1", "points[1].scales: this key is not known here"),
        ("scale = 0.1", 'scale = "0.1"', "points[1].scale"),
        ('table = "input"', 'table = "coil"', "type coil and table coil or discrete go together"),
        ('table = "input"', 'table = "frame"', "table frame is for raw serial drivers"),
        ("address = 0\n", "address = 70000\n", "points[1].address"),
        ("sub_address_stride = 100\n", "", "per = sub_address needs addressing.sub_address_stride"),
        ("channel_stride = 7000", "channel_stride = 60000", "goes beyond 65535"),
        ('reads_back = "level"', 'reads_back = "levels"', "reads_back levels is not a point"),
        ("address = 15\n", "address = 15\nbroadcast = true\n", "broadcast reaches whole units"),
        ('"08fe"', '"08f"', "is not hexadecimal"),
        ('"08fe"', '"08fe01"', "ends in the middle of a register"),
        ("level = 50\n", "", "samples: none has a value of level"),
        ("level = 50\n", "level = 50\nlevels = 1\n", "levels is not a point of this profile"),
        ("[source]", "[source", "this is not TOML"),
        ('en = "Meter"', 'en = ""', "title.en: it is empty"),
    ],
)
def test_every_fault_is_told_with_file_key_and_remedy(before, after, told):
    assert before in GOOD
    text = faults(GOOD.replace(before, after, 1))
    assert told in text
    assert all(line.startswith("meter-x.toml: ") for line in text.splitlines())


def test_all_faults_of_a_file_are_told_at_once():
    text = GOOD.replace('name = "supply_voltage"', 'name = "volts"').replace('"08fe"', '"zz"')
    assert len(faults(text.replace('reads_back = "level"', 'reads_back = "x"')).splitlines()) >= 4


def test_a_profile_without_points_or_samples_is_refused():
    head = GOOD[: GOOD.index("[[points]]")]
    text = faults(head.replace("interval_s = 5", "interval_s = 5\npoints = []"))
    assert "points: there is none" in text
    assert "samples: there is none" in text


def test_a_name_that_is_there_twice_is_refused():
    text = faults(GOOD.replace('name = "group_level"', 'name = "level"'))
    assert "commands: level is there 2 times" in text


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("supply_voltage = 230.2", "supply_voltage = 231", "supply_voltage is 230.2 instead of 231"),
        ('"08fe"', '"ffff"', "supply_voltage is 6553.5 instead of 230.2"),
        ("level = 50\n", "level = 50\n", ""),
    ],
)
def test_a_sample_that_decodes_to_something_else_is_told(before, after, told):
    text = GOOD.replace("scale = 0.1", "scale = 0.1\nrange = [0, 10000]").replace(before, after)
    profile = parse_profile("meter-x", text)
    problems = sample_problems(profile, profile.samples[0])
    assert [p for p in problems if told in p] if told else problems == []


def test_a_value_that_ought_to_be_bad_and_is_not_is_told():
    text = GOOD.replace('note = "by the table"', 'note = "by the table"\nbad = ["level"]')
    text = text.replace("level = 50\n", "")
    more = GOOD[GOOD.index("[[samples]]") :]
    profile = parse_profile("meter-x", text + more)
    assert "level is 50.0 instead of bad" in sample_problems(profile, profile.samples[0])[0]


def test_bad_is_no_word_for_what_the_sample_does_not_hold():
    text = GOOD.replace('note = "by the table"', 'note = "by the table"\nbad = ["level"]')
    text = text.replace(', { table = "holding", address = 6, hex = "0032" }', "").replace("level = 50\n", "")
    profile = parse_profile("meter-x", text + GOOD[GOOD.index("[[samples]]") :])
    assert sample_problems(profile, profile.samples[0]) == ["level is not in the sample's bytes: add them"]


def test_an_unknown_profile_names_those_that_there_are():
    with pytest.raises(ConfigError, match=r"there is no profile nothing; known are: .*eastron-sdm630"):
        load_profile("nothing")
    assert check_profile("nothing")[0].startswith("there is no profile nothing")


def test_profiles_are_found_by_their_files():
    assert list(profile_ids()) == sorted(profile_ids())
    assert "__init__" not in profile_ids()

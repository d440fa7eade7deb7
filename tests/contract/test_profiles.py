"""Every profile there is must hold; nothing here is edited for a new one."""

from pathlib import Path

import pytest

from drivers.modbus.decode import Decoder, encode
from drivers.modbus.plan import plan_blocks
from drivers.profile import Coded, Profile, Table, Type, load_profile, profile_ids
from drivers.profile_check import check_profile, profile_rounds
from drivers.profile_docs import devices_markdown

DOCS = Path(__file__).parents[2] / "docs" / "devices.md"

each_profile = pytest.mark.parametrize(
    "profile", [load_profile(i) for i in profile_ids()], ids=lambda p: p.id
)


def test_the_models_of_the_first_release_are_there():
    assert {
        "eastron-sdm120",
        "eastron-sdm630",
        "pzem-016",
        "selec-em2m",
        "xy-md02",
        "xy-md02-x100",
        "waveshare-relay-8",
        "intesis-dali",
        "ecodim-dali-gw2",
        "pms5003",
        "openwrt-ap",
        "mikrotik-ap",
        "snmp-ap",
    } <= set(profile_ids())


@each_profile
def test_a_profile_has_nothing_wrong_with_it(profile: Profile):
    assert check_profile(profile.id) == []


@each_profile
def test_a_profile_is_immutable_all_through(profile: Profile):
    assert isinstance(hash(profile), int)


@each_profile
def test_what_is_written_for_a_point_is_what_is_read_from_it(profile: Profile):
    for point in profile.points_of():
        if point.table in (Table.FRAME, Table.ANSWER):
            continue
        low, high = point.valid
        value = max(low, min(high, 1.0))
        blocks = plan_blocks([point], 0, 125)
        values, flags = Decoder([point], blocks).decode([_bytes(point, encode(point, value))])
        assert flags == ()
        assert values[0] == pytest.approx(value, abs=abs(point.scale / point.divisor) / 2, rel=0.03)


@each_profile
def test_the_bounds_of_every_command_fit_its_register(profile: Profile):
    for command in profile.commands:
        for value in command.range:
            words = encode(command, value)
            assert len(words) == command.count
            assert all(0 <= word <= 0xFFFF for word in words)


@each_profile
def test_a_round_takes_less_of_an_idle_bus_than_its_interval(profile: Profile):
    assert all(0 < cost.wire_s < cost.interval_s for cost in profile_rounds(profile))


def test_the_page_of_devices_is_the_one_that_the_profiles_make():
    assert DOCS.read_text("utf-8") == devices_markdown(), (
        "run: python -m drivers.profile_docs docs/devices.md, and commit it"
    )


def _bytes(coded: Coded, words: tuple[int, ...]) -> bytes:
    if coded.type is Type.COIL:
        return bytes(words)
    return b"".join(word.to_bytes(2, "big") for word in words)

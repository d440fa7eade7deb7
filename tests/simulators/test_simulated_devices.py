"""Every profile is simulated as it stands, and simulated devices do what they are told."""

from datetime import datetime

import pytest

from drivers.modbus.decode import Decoder, encode
from drivers.modbus.plan import plan_blocks
from drivers.profile import DriverKind, Table, load_profile, profile_ids
from simulators.devices import Occupant, SimulatedUnit, Spot
from simulators.modbus import Code, Refusal, respond
from simulators.models import Nature, value
from simulators.sensor import plantower_frame

NIGHT_S = datetime.fromisoformat("2026-05-05T20:00:00+07:00").timestamp()
MODBUS = [one for one in profile_ids() if load_profile(one).driver is DriverKind.MODBUS]
PLANTOWER = [one for one in profile_ids() if load_profile(one).driver is DriverKind.PMS5003]
READS = {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}


def unit_of(profile: str, *spots: Spot, nature: Nature | None = None) -> SimulatedUnit:
    loaded = load_profile(profile)
    nature = nature or Nature(4, is_lamp=loaded.measurement == "lamp")
    return SimulatedUnit([Occupant(loaded, nature, spot) for spot in spots or (Spot(),)], lambda: NIGHT_S)


def read_all(unit: SimulatedUnit, profile: str, spot: Spot) -> dict[str, float | None]:
    """All points, asked for over Modbus as a gateway does."""
    loaded = load_profile(profile)
    points = loaded.points_of(spot.channel, spot.sub_address)
    blocks = plan_blocks(points, loaded.limits.gap_max, loaded.limits.count_max)
    raw = []
    for block in blocks:
        request = bytes((READS[block.table],)) + block.address.to_bytes(2, "big")
        back = respond(unit, request + block.count.to_bytes(2, "big"))
        assert back[0] == READS[block.table], f"{block} was refused"
        raw.append(back[2:])
    values, flags = Decoder(points, blocks).decode(raw)
    assert flags == ()
    return dict(zip((point.name for point in points), values, strict=True))


@pytest.mark.parametrize("profile", MODBUS)
def test_every_modbus_profile_reads_what_its_model_says(profile: str) -> None:
    found = read_all(unit_of(profile), profile, Spot())
    loaded = load_profile(profile)
    nature = Nature(4, is_lamp=loaded.measurement == "lamp")
    for point in loaded.points:
        expected = value(nature, point.name, NIGHT_S)
        assert found[point.name] == pytest.approx(expected, rel=1e-3, abs=0.51 * point.scale), point.name


@pytest.mark.parametrize("profile", MODBUS)
def test_what_no_profile_names_is_refused(profile: str) -> None:
    with pytest.raises(Refusal) as refusal:
        unit_of(profile).read(Table.INPUT, 0xFFF0, 1)
    assert refusal.value.code is Code.ILLEGAL_ADDRESS


@pytest.mark.parametrize("profile", MODBUS)
def test_every_command_that_is_read_back_shows_what_it_said(profile: str) -> None:
    loaded = load_profile(profile)
    for command in loaded.commands:
        if command.reads_back is None:
            continue
        unit = unit_of(profile)
        low, high = command.range
        for said in (high, low):
            unit.write(command.table, command.address, encode(command, said))
            assert read_all(unit, profile, Spot())[command.reads_back] == pytest.approx(said)


def test_a_value_out_of_a_command_s_range_is_refused_with_exception_03() -> None:
    assert respond(unit_of("intesis-dali"), b"\x06\x00\x0f\x00\x65") == b"\x86\x03"


def test_lamps_behind_one_gateway_are_told_apart() -> None:
    here, there = Spot(0, 3), Spot(1, 3)
    unit = unit_of("intesis-dali", here, there)
    command = load_profile("intesis-dali").command("level", 1, 3)
    unit.write(command.table, command.address, (25,))
    assert read_all(unit, "intesis-dali", there)["level"] == 25
    assert read_all(unit, "intesis-dali", here)["level"] == 100


def test_a_channel_s_broadcast_reaches_its_lamps_only() -> None:
    spots = (Spot(0, 0), Spot(0, 1), Spot(1, 0))
    unit = unit_of("intesis-dali", *spots)
    command = load_profile("intesis-dali").command("channel_level", 0)
    unit.write(command.table, command.address, (0,))
    assert [read_all(unit, "intesis-dali", spot)["level"] for spot in spots] == [0, 0, 100]


def test_a_group_reaches_the_lamps_of_its_number() -> None:
    spots = (Spot(0, 2), Spot(0, 18), Spot(0, 3))
    unit = unit_of("intesis-dali", *spots)
    command = load_profile("intesis-dali").command("group_level", group=2)
    unit.write(command.table, command.address, (40,))
    assert [read_all(unit, "intesis-dali", spot)["level"] for spot in spots] == [40, 40, 100]


def test_all_relays_follow_the_coil_that_means_all() -> None:
    unit = unit_of("waveshare-relay-8")
    assert respond(unit, b"\x05\x00\xff\xff\x00") == b"\x05\x00\xff\xff\x00"
    assert respond(unit, b"\x01\x00\x00\x00\x08") == b"\x01\x01\xff"


def test_several_coils_are_set_by_one_request() -> None:
    unit = unit_of("waveshare-relay-8")
    respond(unit, b"\x0f\x00\x00\x00\x08\x01\xa5")
    assert respond(unit, b"\x01\x00\x00\x00\x08") == b"\x01\x01\xa5"


def test_one_bad_address_in_a_write_changes_nothing() -> None:
    unit = unit_of("waveshare-relay-8")
    before = respond(unit, b"\x01\x00\x00\x00\x08")
    assert respond(unit, b"\x0f\x00\x07\x00\x02\x01\x03") == b"\x8f\x02"
    assert respond(unit, b"\x01\x00\x00\x00\x08") == before


def test_a_hole_in_the_map_is_refused_though_its_neighbours_answer() -> None:
    loaded = load_profile("eastron-sdm630")
    hole = (Table.INPUT, 2)
    unit = SimulatedUnit([Occupant(loaded, Nature(1))], lambda: NIGHT_S, frozenset({hole}))
    assert respond(unit, b"\x04\x00\x00\x00\x04") == b"\x84\x02"
    assert respond(unit, b"\x04\x00\x00\x00\x02")[0] == 4


@pytest.mark.parametrize("profile", PLANTOWER)
def test_plantower_frames_carry_the_model_s_values_and_a_right_checksum(profile: str) -> None:
    loaded, nature = load_profile(profile), Nature(9)
    raw = plantower_frame(loaded, nature, NIGHT_S)
    assert raw[:4] == b"\x42\x4d\x00" + (b"\x24" if profile == "pms5003st" else b"\x1c")
    assert len(raw) == 4 + raw[3]
    assert sum(raw[:-2]) == int.from_bytes(raw[-2:], "big")
    fields = {name: int.from_bytes(raw[at : at + 2], "big") for name, at in (("pm2_5", 12), ("pm10", 14))}
    for name, found in fields.items():
        assert found == pytest.approx(value(nature, name, NIGHT_S), abs=0.51)

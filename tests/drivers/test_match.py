"""Finding the answer in whatever a line brings."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.coded import Table
from drivers.modbus.frame import Ask, read_ask, rtu_frame, tcp_frame, write_ask
from drivers.modbus.match import find_answer, sort_rubbish, strip_echo
from simulators.frames import frame

ASK = read_ask(1, Table.HOLDING, 0, 2)
REQUEST = rtu_frame(ASK)
GOOD = frame(1, bytes.fromhex("03 04 03F2 03F3"))
DATA = bytes.fromhex("03F203F3")


def found_data(ask: Ask, heard: bytes) -> bytes | None:
    found = find_answer(ask, heard)
    return None if found is None else found.data


def test_requests_are_the_bytes_of_the_standard() -> None:
    assert rtu_frame(read_ask(17, Table.HOLDING, 107, 3)).hex() == "1103006b00037687"
    assert write_ask(17, Table.COIL, 172, [1]).pdu.hex() == "0500acff00"
    assert write_ask(17, Table.HOLDING, 1, [3]).pdu.hex() == "0600010003"
    assert write_ask(17, Table.HOLDING, 1, [10, 258]).pdu.hex() == "100001000204000a0102"
    assert write_ask(17, Table.COIL, 19, [1, 0, 1, 1, 0, 0, 1, 1, 1, 0]).pdu.hex() == "0f0013000a02cd01"
    assert tcp_frame(read_ask(9, Table.INPUT, 4, 1), 0x1501).hex() == "150100000006090400040001"


@pytest.mark.parametrize(
    ("table", "address", "count"),
    [(Table.HOLDING, 0, 0), (Table.INPUT, 0, 126), (Table.COIL, 0, 2001), (Table.HOLDING, 65535, 2)],
)
def test_what_modbus_cannot_say_is_not_asked(table: Table, address: int, count: int) -> None:
    with pytest.raises(ValueError):
        read_ask(1, table, address, count)


@pytest.mark.parametrize(
    ("table", "values"),
    [(Table.INPUT, [1]), (Table.HOLDING, []), (Table.HOLDING, [65536]), (Table.COIL, [2])],
)
def test_what_modbus_cannot_write_is_not_written(table: Table, values: list[int]) -> None:
    with pytest.raises(ValueError):
        write_ask(1, table, 0, values)


def test_a_good_frame_is_the_answer() -> None:
    assert found_data(ASK, GOOD) == DATA


@pytest.mark.parametrize("end", range(len(GOOD)))
def test_a_part_of_a_frame_is_no_answer_yet(end: int) -> None:
    assert find_answer(ASK, GOOD[:end]) is None


@pytest.mark.parametrize("flip", range(len(GOOD) * 8))
def test_one_wrong_bit_is_never_an_answer(flip: int) -> None:
    spoilt = bytearray(GOOD)
    spoilt[flip // 8] ^= 1 << flip % 8
    assert find_answer(ASK, bytes(spoilt)) is None


def test_a_good_frame_is_found_behind_noise_and_before_garbage() -> None:
    found = find_answer(ASK, b"\x00\xff\x01" + GOOD + b"\x55")
    assert found is not None
    assert (found.data, found.before, found.after) == (DATA, b"\x00\xff\x01", b"\x55")


def test_a_good_frame_is_found_behind_a_broken_one_of_the_same_shape() -> None:
    assert found_data(ASK, GOOD[:-3] + GOOD) == DATA


def test_a_frame_of_another_unit_is_passed_over() -> None:
    other = frame(2, bytes.fromhex("03 04 0001 0002"))
    assert find_answer(ASK, other) is None
    assert found_data(ASK, other + GOOD) == DATA
    assert sort_rubbish(ASK, REQUEST, other).wrong_unit == 1


def test_another_function_code_is_passed_over() -> None:
    other = frame(1, bytes.fromhex("04 04 0007 0008"))
    assert find_answer(ASK, other) is None
    assert sort_rubbish(ASK, REQUEST, other).wrong_function == 1


def test_another_count_is_passed_over() -> None:
    other = frame(1, bytes.fromhex("03 02 0007"))
    assert find_answer(ASK, other) is None
    assert sort_rubbish(ASK, REQUEST, other).wrong_count == 1


def test_an_exception_is_an_answer_without_data() -> None:
    found = find_answer(ASK, frame(1, b"\x83\x06"))
    assert found is not None
    assert (found.exception, found.data) == (6, b"")


def test_an_exception_to_another_function_is_passed_over() -> None:
    assert find_answer(ASK, frame(1, b"\x84\x02")) is None


def test_our_own_echo_is_stripped_once() -> None:
    assert strip_echo(REQUEST, REQUEST + GOOD) == (True, GOOD)
    assert strip_echo(REQUEST, GOOD) == (False, GOOD)
    assert sort_rubbish(ASK, REQUEST, REQUEST).echoes == 1


def test_an_answer_inside_the_frame_of_another_unit_is_payload() -> None:
    inner = frame(1, bytes.fromhex("03 04 DEAD BEEF"))
    outer = frame(2, bytes((4, len(inner) + 3)) + b"\0\0" + inner + b"\0")
    assert find_answer(ASK, outer) is None
    assert found_data(ASK, outer + GOOD) == DATA


def test_two_answers_that_differ_are_ambiguous_and_two_equal_ones_are_not() -> None:
    twice = find_answer(ASK, GOOD + GOOD)
    differing = find_answer(ASK, GOOD + frame(1, bytes.fromhex("03 04 0001 0002")))
    assert twice is not None
    assert not twice.ambiguous
    assert differing is not None
    assert differing.ambiguous


def test_a_write_is_confirmed_only_by_its_own_address_and_value() -> None:
    ask = write_ask(1, Table.HOLDING, 7, [40])
    assert find_answer(ask, frame(1, struct.pack(">BHH", 6, 7, 40))) is not None
    assert find_answer(ask, frame(1, struct.pack(">BHH", 6, 8, 40))) is None
    assert find_answer(ask, frame(1, struct.pack(">BHH", 6, 7, 41))) is None


def test_a_write_of_many_is_confirmed_by_address_and_count() -> None:
    ask = write_ask(1, Table.HOLDING, 7, [40, 41])
    assert find_answer(ask, frame(1, struct.pack(">BHH", 16, 7, 2))) is not None
    assert find_answer(ask, frame(1, struct.pack(">BHH", 16, 7, 1))) is None


def test_only_single_writes_mirror_their_request() -> None:
    assert write_ask(1, Table.HOLDING, 7, [40]).mirrors
    assert write_ask(1, Table.COIL, 7, [1]).mirrors
    assert not write_ask(1, Table.COIL, 7, [1], many=True).mirrors
    assert not ASK.mirrors


@given(st.binary(max_size=300))
def test_random_bytes_never_raise_and_are_all_accounted_for(noise: bytes) -> None:
    found = find_answer(ASK, noise)
    rubbish = sort_rubbish(ASK, REQUEST, noise)
    if found is not None:
        payload = bytes((0x83, found.exception)) if found.exception else b"\x03\x04" + found.data
        assert found.before + frame(1, payload) + found.after == noise
    assert 0 <= rubbish.noise_bytes <= len(noise)


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(min_size=4, max_size=4))
def test_noise_around_a_good_frame_gives_the_right_value_or_none(
    before: bytes, after: bytes, data: bytes
) -> None:
    good = frame(1, b"\x03\x04" + data)
    found = find_answer(ASK, before + good + after)
    assert found is None or found.ambiguous or found.exception or found.data == data


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from([1, 2, 3, 4]), st.binary(min_size=1, max_size=20)),
        max_size=5,
    ),
    st.binary(min_size=4, max_size=4),
)
def test_frames_of_others_before_the_answer_never_stand_in_for_it(
    others: list[tuple[int, int, bytes]], data: bytes
) -> None:
    foreign = [
        frame(unit, bytes((function, len(payload))) + payload)
        for unit, function, payload in others
        if (unit, function, len(payload)) != (1, 3, 4)
    ]
    found = find_answer(ASK, b"".join(foreign) + frame(1, b"\x03\x04" + data))
    assert found is not None
    assert found.data == data
    assert sort_rubbish(ASK, REQUEST, found.before).frames == len(foreign)

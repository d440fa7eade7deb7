"""Frames of the PMS5003 in whatever its line brings."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.profile import load_profile
from drivers.serial.pms5003 import FRAME_BYTES_MAX, Pms5003Parser


def frame(*words: int, length: int = 28) -> bytes:
    body = b"\x42\x4d" + struct.pack(f">{1 + len(words)}H", length, *words)
    return body + struct.pack(">H", sum(body))


WORDS = (12, 25, 31, 11, 24, 30, 2340, 680, 152, 18, 4, 1, 0x9700)
GOOD = frame(*WORDS)
SHORT = frame(1, 2, 3, 4, 5, 6, 0, 0, 0, length=20)
LONG = frame(*range(17), length=36)


def test_the_profiles_sample_is_a_frame() -> None:
    data = load_profile("pms5003").samples[0].blocks[0].data
    (found,) = Pms5003Parser().feed(data)
    assert found.data == data[:28]


@pytest.mark.parametrize(("whole", "usable"), [(GOOD, 28), (SHORT, 16), (LONG, 36)])
def test_every_variant_is_cut_where_its_values_end(whole: bytes, usable: int) -> None:
    (found,) = Pms5003Parser().feed(whole)
    assert found.data == whole[:usable]


def test_a_frame_in_pieces_is_put_together() -> None:
    parser = Pms5003Parser()
    found = [frames for byte in GOOD for frames in parser.feed(bytes((byte,)))]
    assert [each.data for each in found] == [GOOD[:28]]


@pytest.mark.parametrize("flip", range(len(GOOD) * 8))
def test_one_wrong_bit_is_never_a_frame_and_the_next_frame_is_found(flip: int) -> None:
    spoilt = bytearray(GOOD)
    spoilt[flip // 8] ^= 1 << flip % 8
    found = Pms5003Parser().feed(bytes(spoilt) + LONG + LONG)
    assert [each.data for each in found][-1] == LONG[:36]
    assert all(each.data == LONG[:36] for each in found)


def test_an_unknown_length_is_no_frame() -> None:
    assert Pms5003Parser().feed(frame(*WORDS, 0, 0, length=32)) == []


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([GOOD, SHORT, GOOD[:9], b"BM"]))))
def test_any_bytes_in_any_portions_never_raise_and_are_bounded(portions: list[bytes]) -> None:
    parser = Pms5003Parser()
    in_portions = [each for portion in portions for each in parser.feed(portion)]
    assert in_portions == Pms5003Parser().feed(b"".join(portions))
    assert len(parser._buffer) < FRAME_BYTES_MAX


@given(st.binary(max_size=60), st.lists(st.integers(0, 0xFFFF), min_size=13, max_size=13))
def test_a_frame_behind_noise_is_found_when_the_next_has_come(noise: bytes, words: list[int]) -> None:
    good = frame(*words)
    found = Pms5003Parser().feed(noise + good * 4)
    assert good[:28] in [each.data for each in found]

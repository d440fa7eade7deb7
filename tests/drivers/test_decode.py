import math
import struct
from math import inf, nan

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from drivers.modbus.decode import Decoder, encode
from drivers.modbus.plan import Block, plan_blocks
from drivers.modbus.shortest import shorten
from drivers.profile import Curve, ProfilePoint, Table, Type, WordOrder
from edge.core.errors import ConfigError, ProtocolError
from edge.core.model import Quality

WIDE = (-1e39, 1e39)
LIMITS = {
    Type.U16: (0, 2**16 - 1),
    Type.S16: (-(2**15), 2**15 - 1),
    Type.U32: (0, 2**32 - 1),
    Type.S32: (-(2**31), 2**31 - 1),
    Type.U64: (0, 2**53),
    Type.S64: (-(2**53), 2**53),
}
SCALES = (1.0, 0.1, 0.01, 0.001, 10.0, 0.5, 1000.0, 0.003, -1.0)


def point(kind=Type.U16, address=0, **more) -> ProfilePoint:
    more = {"name": "active_power", "table": Table.INPUT, "range": WIDE, **more}
    return ProfilePoint(address=address, type=kind, **more)


def read(one: ProfilePoint, words) -> float | None:
    data = struct.pack(f">{len(words)}H", *words)
    values, _ = Decoder([one], plan_blocks([one], 0, 125)).decode([data])
    return values[0]


def f32(number: float) -> float:
    return struct.unpack(">f", struct.pack(">f", number))[0]


def shortest(number: float) -> float:
    numbers = [number]
    shorten(numbers, (0,))
    return numbers[0]


@given(st.data(), st.sampled_from(sorted(LIMITS)), st.sampled_from(WordOrder), st.sampled_from(SCALES))
def test_whole_numbers_come_back_as_they_were_written(data, kind, order, scale):
    raw = data.draw(st.integers(*LIMITS[kind]))
    assume(abs(raw * scale) < 2**53)
    offset = data.draw(st.sampled_from((0.0, -40.0, 0.5)))
    one = point(kind, word_order=order, scale=scale, offset=offset)
    plain = read(point(kind, word_order=order), encode(point(kind, word_order=order), raw))
    assert plain == raw
    value = read(one, encode(point(kind, word_order=order), raw))
    if kind not in (Type.U64, Type.S64):
        assert read(one, encode(one, value)) == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.sampled_from(WordOrder))
def test_32_bit_floats_come_back_as_the_same_32_bit_float(number, order):
    one = point(Type.F32, word_order=order)
    value = read(one, encode(one, number))
    assert f32(value) == number
    assert read(one, encode(one, value)) == value


@given(st.floats(-1e300, 1e300), st.sampled_from(WordOrder))
def test_64_bit_floats_come_back_unchanged(number, order):
    one = point(Type.F64, word_order=order, range=(-inf, inf))
    assert read(one, encode(one, number)) == number


@given(st.integers(-999_999, 999_999), st.integers(0, 6))
def test_a_decimal_of_six_digits_survives_a_32_bit_float(digits, decimals):
    number = digits / 10**decimals
    assert shortest(f32(number)) == number


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
@example(2.0**-7)
@example(f32(9.5367431640625e-07))
@example(f32(8388609.5))
@example(f32(0.1))
@example(f32(1e-40))
def test_no_shorter_decimal_is_the_same_32_bit_float(number):
    found = shortest(number)
    assert f32(found) == number
    if not number.is_integer():
        candidates = (float(f"{number:.{digits}g}") for digits in range(1, 10))
        best = next(c for c in candidates if fits(c, number))
        assert len(repr(abs(found)).replace(".", "").lstrip("0")) <= len(
            repr(abs(best)).replace(".", "").lstrip("0")
        )


def fits(candidate: float, number: float) -> bool:
    try:
        return f32(candidate) == number
    except OverflowError:
        return False


@pytest.mark.parametrize("number", [16777216.0, 12345678.0, 123456792.0, 0.0, 1.0, -4096.0])
def test_a_counter_that_a_32_bit_float_says_exactly_stays_exact(number):
    assert shortest(number) == number


def test_powers_of_two_whose_lower_neighbour_is_nearer_are_the_same_32_bit_float_too():
    for exponent in range(-149, 24):
        number = 2.0**exponent
        assert f32(shortest(number)) == number
        assert f32(shortest(-number)) == -number


def test_230_1_volts_are_230_1():
    assert shortest(f32(230.1)) == 230.1
    assert read(point(Type.F32), (0x4366, 0x3333)) == 230.2


def test_minus_zero_is_zero():
    assert math.copysign(1, shortest(-0.0)) == 1


def test_the_word_orders_are_the_ones_that_manuals_name():
    orders = {
        WordOrder.ABCD: (0x0001, 0x86A0),
        WordOrder.CDAB: (0x86A0, 0x0001),
        WordOrder.BADC: (0x0100, 0xA086),
        WordOrder.DCBA: (0xA086, 0x0100),
    }
    for order, words in orders.items():
        assert read(point(Type.U32, word_order=order), words) == 100_000


def test_a_scale_makes_no_digits_of_its_own():
    assert read(point(scale=0.1), (231,)) == 23.1
    assert read(point(scale=0.001), (2302,)) == 2.302
    assert read(point(Type.F32, scale=1000.0), encode(point(Type.F32), 4.35)) == 4350.0
    assert read(point(Type.U32, divisor=3600), (0x0036, 0xEE80)) == 1000.0


def test_the_bits_of_a_status_register_are_points_of_their_own():
    points = [point(name="control_gear_status"), *(point(Type.BIT, bit=bit) for bit in (0, 1, 2))]
    blocks = plan_blocks(points, 0, 125)
    assert blocks == (Block(Table.INPUT, 0, 1),)
    assert Decoder(points, blocks).decode([b"\x00\x05"]) == ((5.0, 1.0, 0.0, 1.0), ())


def test_values_that_overlap_are_each_read():
    points = [point(Type.U32), point(Type.U16, 1), point(Type.U16, 0, word_order=WordOrder.BADC)]
    values, _ = Decoder(points, plan_blocks(points, 0, 125)).decode([b"\x01\x02\x03\x04"])
    assert values == (0x01020304, 0x0304, 0x0201)


def test_coils_come_lowest_address_in_the_lowest_bit():
    points = [point(Type.COIL, address, table=Table.COIL) for address in (3, 4, 12)]
    values, _ = Decoder(points, [Block(Table.COIL, 3, 10)]).decode([bytes([0b10, 0b10])])
    assert values == (0.0, 1.0, 1.0)


def test_values_come_in_the_order_of_the_points_not_of_the_registers():
    points = [point(address=7), point(address=2), point(address=5)]
    data = struct.pack(">6H", 2, 3, 4, 5, 6, 7)
    assert Decoder(points, [Block(Table.INPUT, 2, 6)]).decode([data])[0] == (7, 2, 5)


def test_a_block_that_failed_makes_no_values_and_never_zeros():
    points = [point(Type.F32), point(address=50), point(Type.BIT, 51, bit=3), point(address=60, invalid=(9,))]
    blocks = [Block(Table.INPUT, 0, 2), Block(Table.INPUT, 50, 11)]
    values, flags = Decoder(points, blocks).decode([b"\x43\x66\x33\x33", None])
    assert values == (230.2, None, None, None)
    assert flags == ((1, Quality.BAD), (2, Quality.BAD), (3, Quality.BAD))


def test_a_point_that_no_block_covers_has_no_value():
    points = [point(), point(address=9)]
    values, flags = Decoder(points, [Block(Table.INPUT, 0, 1)]).decode([b"\x00\x07"])
    assert values == (7.0, None)
    assert flags == ((1, Quality.BAD),)


@pytest.mark.parametrize("number", [nan, inf, -inf])
@pytest.mark.parametrize("kind", [Type.F32, Type.F64])
@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_what_is_not_a_number_is_no_value(number, kind, scale):
    data = struct.pack({Type.F32: ">f", Type.F64: ">d"}[kind], number)
    one = point(kind, scale=scale)
    values, flags = Decoder([one], plan_blocks([one], 0, 125)).decode([data])
    assert values == (None,)
    assert flags == ((0, Quality.BAD),)


def test_a_sentinel_is_no_value():
    one = point(Type.S16, invalid=(-32768, 0x7FFF), scale=0.1)
    assert read(one, (0x8000,)) is None
    assert read(one, (0x7FFF,)) is None
    assert read(one, (0x7FFE,)) == 3276.6


def test_what_cannot_be_true_is_no_value():
    one = point(name="relative_humidity", range=None)
    assert read(one, (100,)) == 100
    assert read(one, (101,)) is None


@given(st.binary(max_size=9).filter(lambda data: len(data) != 4))
def test_an_answer_of_the_wrong_length_is_a_protocol_error(data):
    one = point(Type.U32)
    with pytest.raises(ProtocolError):
        Decoder([one], [Block(Table.INPUT, 0, 2)]).decode([data])


@given(st.binary(min_size=20, max_size=20))
def test_no_bytes_at_all_make_a_value_outside_what_can_be_true(data):
    points = [
        point(Type.F32, 0, name="supply_voltage", range=None),
        point(Type.S16, 2, name="temperature", range=None, scale=0.1),
        point(Type.F32, 3, name="power_factor", range=None, word_order=WordOrder.CDAB),
        point(Type.U16, 5, name="level", range=None, curve=Curve.DALI),
        point(Type.F64, 6, name="frequency", range=None, word_order=WordOrder.DCBA),
    ]
    values, flags = Decoder(points, [Block(Table.INPUT, 0, 10)]).decode([data])
    bad = {place for place, _ in flags}
    for place, (one, value) in enumerate(zip(points, values, strict=True)):
        low, high = one.valid
        assert (value is None) is (place in bad)
        assert value is None or low <= value <= high


def test_dali_levels_follow_the_standard_curve():
    one = point(name="level", curve=Curve.DALI, range=None)
    published = {1: 0.1, 10: 0.128, 85: 0.991, 100: 1.492, 128: 3.206, 150: 5.845, 200: 22.892, 254: 100}
    for level, percent in published.items():
        assert read(one, (level,)) == pytest.approx(percent, rel=0.004)
    assert [encode(one, percent)[0] for percent in (0, 10, 25, 50, 75, 90, 100)] == [
        0,
        170,
        203,
        229,
        243,
        250,
        254,
    ]
    assert read(one, (255,)) is None


@given(st.integers(0, 254))
def test_every_dali_level_comes_back(level):
    one = point(name="level", curve=Curve.DALI, range=None)
    assert encode(one, read(one, (level,))) == (level,)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Type.U16, 65536),
        (Type.U16, -1),
        (Type.S16, 40000),
        (Type.F32, 1e39),
        (Type.U16, nan),
        (Type.U32, inf),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(kind, value):
    with pytest.raises(ConfigError, match=r"active_power = .* does not fit"):
        encode(point(kind), value)


def test_a_bit_is_set_in_its_place_and_a_coil_is_one_or_zero():
    assert encode(point(Type.BIT, bit=5), 1) == (32,)
    assert encode(point(Type.COIL, table=Table.COIL), 1) == (1,)
    assert encode(point(Type.COIL, table=Table.COIL), 0) == (0,)

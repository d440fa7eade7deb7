"""What holds for every parser of a serial sensor, whatever its line brings."""

import struct
from dataclasses import dataclass
from random import Random
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.device_model import DriverKind
from drivers.serial.frame import VALUES, Frame
from drivers.serial.sensors import SENSORS
from tests.drivers.sensor_frames import mhz, nmea, pms, sds, shdlc, sps

Made = tuple[bytes, bytes]
"""A frame on the wire, and the data that must be found in it."""


@dataclass(frozen=True)
class Kind:
    """How frames of a kind are made by chance, and what its checksum lets through of random bytes.

    `starts` are pieces that make a parser believe that a frame begins; `odds` is the part of all places in
    random bytes at which a false frame may end.
    """

    driver: DriverKind
    frames: st.SearchStrategy[Made]
    starts: tuple[bytes, ...]
    held_max: int
    odds: float


def word(high: int = 0xFFFF) -> st.SearchStrategy[int]:
    return st.integers(0, high)


def pms_made(words: list[int]) -> Made:
    wire = pms(words)
    return wire, wire[:28]


def sds_made(pair: tuple[int, int]) -> Made:
    wire = sds(*pair)
    return wire, wire[: 6 if any(pair) else 2]


def sps_made(values: list[float]) -> Made:
    return sps(values), bytes((0, 3, 0, 40)) + struct.pack(">10f", *values)


def nmea_made(body: str) -> Made:
    return nmea(body), body.encode("ascii")


BODIES = st.builds(
    "{}{},{},{},{},{},A".format,
    st.sampled_from(["WI", "II", "YX"]),
    st.sampled_from(["MWV", "MWD", "XDR", "MDA"]),
    st.floats(0, 360).map("{:.1f}".format),
    st.sampled_from(["R", "T", "C"]),
    st.floats(0, 99).map("{:.2f}".format),
    st.sampled_from("NMK"),
)

KINDS = (
    Kind(
        DriverKind.PMS5003,
        st.lists(word(), min_size=13, max_size=13).map(pms_made),
        (b"BM", b"BM\x00\x1c", b"B", b"BM\x00\x14" + bytes(9)),
        39,
        3 * 2.0**-48,
    ),
    Kind(
        DriverKind.SDS011,
        st.tuples(word(), word()).map(sds_made),
        (b"\xaa", b"\xaa\xc0", b"\xaa\xc0\xaa"),
        9,
        2.0**-32,
    ),
    Kind(
        DriverKind.SPS30,
        st.lists(st.floats(0, 1e5, width=32), min_size=10, max_size=10).map(sps_made),
        (b"\x7e", b"\x7e\x00\x03", b"\x7d", b"\x7e\x7d"),
        91,
        2.0**-32 * 4 * 40,
    ),
    Kind(
        DriverKind.MHZ19,
        word().map(lambda ppm: (mhz(ppm), mhz(ppm)[:4])),
        (b"\xff", b"\xff\x86", b"\xff\xff"),
        8,
        2.0**-24,
    ),
    Kind(
        DriverKind.NMEA,
        BODIES.map(nmea_made),
        (b"$", b"$WIMWV,", b"$WI*16\r\n", b"\r\n"),
        257,
        2.0**-32,
    ),
)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.driver)
"""SPS30: address, length, code and checksum must fit between two flags; NMEA: four letters and more."""


def found(kind: Kind, *portions: bytes) -> list[Frame]:
    parser = SENSORS[kind.driver].parser()
    return [frame for portion in portions for frame in parser.feed(portion)]


def held(kind: Kind, portions: list[bytes]) -> int:
    """The most that the parser holds between two calls."""
    parser, most = SENSORS[kind.driver].parser(), 0
    for portion in portions:
        parser.feed(portion)
        kept: list[bytes | None] = [
            value for value in vars(parser).values() if isinstance(value, bytes | None)
        ]
        most = max(most, *(len(value or b"") for value in kept))
    return most


def test_there_is_a_kind_for_every_sensor() -> None:
    assert {kind.driver for kind in KINDS} == set(SENSORS)


@each_kind
@given(data=st.data())
def test_frames_are_found_whole_and_in_order(kind: Kind, data: st.DataObject) -> None:
    made = data.draw(st.lists(kind.frames, min_size=1, max_size=4))
    frames = found(kind, b"".join(wire for wire, _ in made))
    assert [frame.data for frame in frames] == [inner for _, inner in made]
    assert {frame.kind for frame in frames} == {VALUES}


@each_kind
@given(data=st.data())
def test_a_frame_behind_any_rubbish_is_found(kind: Kind, data: st.DataObject) -> None:
    wire, inner = data.draw(kind.frames)
    junk = st.lists(st.one_of(st.binary(max_size=60), st.sampled_from(kind.starts)), max_size=4).map(b"".join)
    rubbish = data.draw(junk)
    # What looks like the beginning of a frame may take the frames behind it for its own end: those that
    # follow push it out.
    pushing = wire * (2 + SENSORS[kind.driver].frame_bytes_max // len(wire))
    assert inner in [frame.data for frame in found(kind, rubbish + wire + pushing)]


@each_kind
@given(data=st.data())
def test_a_false_start_inside_a_frame_does_not_hide_the_next(kind: Kind, data: st.DataObject) -> None:
    wire, inner = data.draw(kind.frames)
    cut = data.draw(st.integers(1, len(wire) - 1))
    frames = found(kind, wire[:cut] + wire * 6)
    assert [frame.data for frame in frames].count(inner) >= 5


@each_kind
@given(data=st.data())
def test_any_split_of_the_stream_gives_the_same_frames(kind: Kind, data: st.DataObject) -> None:
    piece = st.one_of(
        kind.frames.map(lambda made: made[0]), st.binary(max_size=300), st.sampled_from(kind.starts)
    )
    stream = b"".join(data.draw(st.lists(piece, max_size=6)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    portions = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole = found(kind, stream)
    assert found(kind, *portions) == whole
    assert found(kind, *(bytes((byte,)) for byte in stream)) == whole


@each_kind
@given(data=st.data())
def test_any_bytes_never_raise_and_the_buffer_is_bounded(kind: Kind, data: st.DataObject) -> None:
    piece = st.one_of(
        st.binary(max_size=600), st.sampled_from(kind.starts), kind.frames.map(lambda made: made[0])
    )
    assert held(kind, data.draw(st.lists(piece))) <= kind.held_max


@each_kind
@given(data=st.data())
def test_one_wrong_bit_is_no_frame_of_other_values(kind: Kind, data: st.DataObject) -> None:
    wire, inner = data.draw(kind.frames)
    bit = data.draw(st.integers(0, len(wire) * 8 - 1))
    spoilt = bytearray(wire)
    spoilt[bit // 8] ^= 1 << bit % 8
    # Bits outside the checksum (line ends, the case of hexadecimal digits) change nothing.
    assert {frame.data for frame in found(kind, bytes(spoilt))} <= {inner}


def fuzz(kind: Kind, total: int, seed: int) -> tuple[int, float]:
    """False frames in so many random bytes, and the seconds that they took."""
    chance, parser, began_s, frames = Random(seed), SENSORS[kind.driver].parser(), monotonic(), 0
    left = total
    while left:
        portion = min(left, chance.choice((1, 7, 64, 512, 4096, 4096, 4096)))
        frames += len(parser.feed(chance.randbytes(portion)))
        left -= portion
    return frames, monotonic() - began_s


def allowed(kind: Kind, total: int) -> float:
    """As many as the checksum's strength lets expect, and five standard deviations, and one."""
    expected = total * kind.odds
    return expected + 5 * expected**0.5 + 1


@each_kind
def test_ten_million_random_bytes_bring_no_more_false_frames_than_the_checksum_allows(kind: Kind) -> None:
    frames, _ = fuzz(kind, 10_000_000, 1)
    assert frames <= allowed(kind, 10_000_000)


@pytest.mark.long
@each_kind
def test_so_do_a_thousand_million(kind: Kind) -> None:
    frames, seconds = fuzz(kind, 1_000_000_000, 2)
    print(f"{kind.driver}: {frames} false frames in 10^9 random bytes, {seconds:.1f} s")
    assert frames <= allowed(kind, 1_000_000_000)


def test_an_answer_of_the_wrong_code_is_no_frame() -> None:
    assert found(KINDS[1], sds(5, 6, code=0xC5)) == []
    assert found(KINDS[3], mhz(500, code=0x79)) == []
    assert found(KINDS[2], shdlc(0xD0, b"\x01")) == []
    assert found(KINDS[2], shdlc(1, address=1)) == []

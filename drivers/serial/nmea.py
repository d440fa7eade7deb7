"""Weather stations that speak NMEA 0183: sentences MWV, MWD, MDA and XDR, made one reading. Pure.

A sentence is `$`, talker and formatter, fields between commas, `*` and the exclusive or of all between in
hexadecimal. What is empty, has a unit that is not known here, or has status V, is no value.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import reduce
from math import nan
from operator import xor
from types import MappingProxyType

from drivers.serial.frame import VALUES, Frame
from drivers.serial.sensor import Sensor

SENTENCE_BYTES_MAX = 256
"""The standard allows 82; some stations send more."""

SENTENCE = re.compile(rb"\$([A-Z]{2}([A-Z]{3}),[ -#%-)+-~]*)\*([0-9A-Fa-f]{2})")
NUMBER = re.compile(r"-?\d{1,7}(?:\.\d{0,7})?|-?\.\d{1,7}")


class Item(StrEnum):
    """What a station can say, in the order of the record that the profile reads."""

    WIND_SPEED = "wind_speed"
    WIND_DIRECTION = "wind_direction"
    TEMPERATURE = "temperature"
    HUMIDITY = "relative_humidity"
    PRESSURE = "atmospheric_pressure"
    DEW_POINT = "dew_point"


RECORD = struct.Struct(f">{len(Item)}d")

SPEED = MappingProxyType({"M": 1.0, "N": 1852 / 3600, "K": 1 / 3.6, "S": 0.447_04})
"""m/s for each unit: metres a second, knots, km/h, miles an hour."""

PRESSURE = MappingProxyType({"B": 1000.0, "P": 0.01, "H": 1.0, "I": 33.863_886_67, "M": 1.333_223_87})
"""hPa for each unit: bar, pascal, hectopascal, inches and millimetres of mercury (at 0 degrees Celsius)."""

PERCENT = MappingProxyType({"P": 1.0, "": 1.0})
DEGREES = MappingProxyType({"D": 1.0})

AIR = frozenset({"", "0", "TEMP", "AIR", "AIRTEMP", "TEMPAIR", "AIRT", "ENVTEMP", "ENV_OUTSIDE_T"})
"""Names under which XDR sends the temperature of the air; others are of housings, wind chill, heat index."""

Found = Iterator[tuple[int, Item, float]]
"""Rank (the higher is believed), what it is, value."""


class NmeaParser:
    """Finds the sentences of weather in whatever the line brings.

    Each is a frame, its data the text between $ and *. Other sentences, as of a compass, are left out.

    Between two calls it holds at most one byte more than the longest sentence.
    """

    def __init__(self) -> None:
        self._line = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The sentences that `data` completes, oldest first."""
        *lines, tail = (self._line + data).replace(b"\r", b"\n").split(b"\n")
        begun = tail.rfind(b"$")
        self._line = tail[begun:][: SENTENCE_BYTES_MAX + 1] if begun >= 0 else b""
        return [Frame(body) for line in lines if (body := _body(line)) is not None]


def record_of(frames: Sequence[Frame]) -> Frame:
    """What sentences say together: 64-bit floats in the order of Item, NaN where nothing does.

    Of two sentences that say the same, wind against the earth goes before wind against the station, and
    the newer before the older.
    """
    ranks, values = dict.fromkeys(Item, -1), dict.fromkeys(Item, nan)
    for frame in frames:
        _, *fields = frame.data.decode("ascii").split(",")
        for rank, item, value in READERS[frame.data[2:5]](fields):
            if rank >= ranks[item]:
                ranks[item], values[item] = rank, value
    return Frame(RECORD.pack(*values.values()), VALUES)


def full_round(frames: Sequence[Frame]) -> Frame | None:
    """The record, once a sentence has come that had come before: then each was heard that there is."""
    if len(frames) > 1 and _key(frames[-1]) in {_key(frame) for frame in frames[:-1]}:
        return record_of(frames)
    return None


def _body(line: bytes) -> bytes | None:
    begin = line.rfind(b"$")
    if begin < 0 or len(line) - begin > SENTENCE_BYTES_MAX:
        return None
    hit = SENTENCE.fullmatch(line, begin)
    if hit is None or reduce(xor, hit[1]) != int(hit[3], 16) or hit[2] not in READERS:
        return None
    body: bytes = hit[1]
    return body


def _key(frame: Frame) -> bytes:
    """What tells a sentence from others; XDR by its transducers' names too, for long lists come in parts."""
    fields = frame.data.split(b",")
    if fields[0].endswith(b"XDR"):
        return b",".join((fields[0], *fields[1::4], *fields[4::4]))
    return b",".join((fields[0], *fields[2:3])) if fields[0].endswith(b"MWV") else fields[0]


def _mwv(fields: Sequence[str]) -> Found:
    """Angle, R or T, speed, its unit, A or V."""
    if len(fields) < 5 or fields[4] != "A":
        return
    rank = 1 if fields[1] == "T" else 0
    yield from _direction(rank, fields[0])
    yield from _scaled(rank, Item.WIND_SPEED, fields[2], fields[3], SPEED)


def _mwd(fields: Sequence[str]) -> Found:
    """Direction against true north, T, against magnetic, M, knots, N, m/s, M."""
    yield from _against_earth(fields)


def _mda(fields: Sequence[str]) -> Found:
    """Pressure twice, air, water, humidity relative and absolute, dew point, wind as in MWD."""
    for rank, at in ((2, 0), (1, 2)):
        yield from _scaled(rank, Item.PRESSURE, *_pair(fields, at), PRESSURE)
    for item, at in ((Item.TEMPERATURE, 4), (Item.DEW_POINT, 10)):
        value, unit = _pair(fields, at)
        if unit == "C":
            yield from _plain(1, item, value)
    yield from _plain(1, Item.HUMIDITY, _pair(fields, 8)[0])
    yield from _against_earth(fields[12:])


def _xdr(fields: Sequence[str]) -> Found:
    """Kind, value, unit and name, again and again; of two alike, the first counts."""
    seen: set[Item] = set()
    for at in range(0, len(fields) - 2, 4):
        kind, value, unit = fields[at : at + 3]
        name = fields[at + 3].strip().upper() if at + 3 < len(fields) else ""
        for found in _transducer(kind, value, unit, name):
            if found[1] not in seen:
                seen.add(found[1])
                yield found


def _transducer(kind: str, value: str, unit: str, name: str) -> Found:
    match kind, unit:
        case "P", _:
            yield from _scaled(0, Item.PRESSURE, value, unit, PRESSURE)
        case "H", _:
            yield from _scaled(0, Item.HUMIDITY, value, unit, PERCENT)
        case "C", "C" if name in AIR:
            yield from _plain(0, Item.TEMPERATURE, value)


READERS: Mapping[bytes, Callable[[Sequence[str]], Found]] = MappingProxyType(
    {b"MWV": _mwv, b"MWD": _mwd, b"MDA": _mda, b"XDR": _xdr}
)


def _against_earth(fields: Sequence[str]) -> Found:
    value, unit = _pair(fields, 0)
    if unit == "T":
        yield from _direction(2, value)
    for at in (4, 6):
        yield from _scaled(2, Item.WIND_SPEED, *_pair(fields, at), SPEED)


def _direction(rank: int, text: str) -> Found:
    yield from _scaled(rank, Item.WIND_DIRECTION, text, "D", DEGREES)


def _plain(rank: int, item: Item, text: str) -> Found:
    yield from _scaled(rank, item, text, "", {"": 1.0})


def _scaled(rank: int, item: Item, text: str, unit: str, units: Mapping[str, float]) -> Found:
    factor = units.get(unit)
    if factor is not None and NUMBER.fullmatch(text.strip()):
        # The field's own digits say how exact it is: more would be the conversion's.
        yield rank, item, round(float(text) * factor, 4)


def _pair(fields: Sequence[str], at: int) -> tuple[str, str]:
    return (fields[at], fields[at + 1]) if at + 1 < len(fields) else ("", "")


NMEA = Sensor(
    parser=NmeaParser,
    frame_bytes_max=SENTENCE_BYTES_MAX,
    interval_s=2.5,
    warm_up_s=0.0,
    keeps=True,
    gather=full_round,
    last=lambda frames: record_of(frames) if frames else None,
)

"""Sensors with frames of their own, as they behave: what they send by themselves, and what they answer.

Their frames are made here from the makers' layouts, not with what Gianh reads them by.
"""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from drivers.device_model import DriverKind
from drivers.modbus.decode import encode
from drivers.profile import Profile
from edge.core.errors import ConfigError
from simulators.devices import UtcSeconds
from simulators.models import value
from simulators.nature import Nature
from simulators.sensors_weather import NmeaStation

PLANTOWER_ORDER = re.compile(rb"\x42\x4d([\xe1\xe2\xe4])\x00([\x00\x01])..", re.DOTALL)
NOVA_ORDER = re.compile(rb"\xaa\xb4(.{13}\xff\xff)(.)\xab", re.DOTALL)
WINSEN_ORDER = re.compile(rb"\xff(\x01(.)(.).{4})(.)", re.DOTALL)
SHDLC_ORDER = re.compile(rb"\x7e([^\x7e]+)\x7e")
SHDLC_SPECIAL = re.compile(rb"[\x7e\x7d\x11\x13]")
ORDER_BYTES_MAX = 64

NOVA_ID = b"\xa1\x60"
NOT_NOW, UNKNOWN = 0x43, 0x02


class SimulatedSensor(Protocol):
    """What stands at the far end of a raw serial line."""

    def tell(self) -> bytes:
        """What it sends by itself now, if anything."""

    def answer(self, data: bytes) -> bytes:
        """What it answers to bytes that came, if anything."""


def simulated_sensor(profile: Profile, nature: Nature, utc_s: UtcSeconds) -> SimulatedSensor:
    """The sensor that a profile describes, just switched on."""
    return MAKERS[profile.driver](profile, nature, utc_s)


def plantower_frame(profile: Profile, nature: Nature, utc_s: float) -> bytes:
    """A Plantower frame: header, length, the profile's points in place, checksum over all before it."""
    length = 36 if any(point.end > 28 for point in profile.points) else 28
    body = bytearray(4 + length - 2)
    body[:2] = b"\x42\x4d"
    body[2:4] = length.to_bytes(2, "big")
    for point in profile.points:
        raw = _wire(profile, point.name, nature, utc_s)
        body[point.address : point.address + len(raw)] = raw
    return bytes(body) + sum(body).to_bytes(2, "big")


class _Listener:
    """Finds whole orders in what comes, and does them."""

    def __init__(self, profile: Profile, nature: Nature, utc_s: UtcSeconds) -> None:
        self._profile, self._nature, self._utc_s = profile, nature, utc_s
        self._heard = b""

    def _orders(self, pattern: re.Pattern[bytes], data: bytes) -> list[re.Match[bytes]]:
        self._heard = (self._heard + data)[-ORDER_BYTES_MAX:]
        found = list(pattern.finditer(self._heard))
        if found:
            self._heard = self._heard[found[-1].end() :]
        return found


class Plantower(_Listener):
    """PMS5003 and its relatives: sends until told to be passive or to sleep, and then answers when asked."""

    def __init__(self, profile: Profile, nature: Nature, utc_s: UtcSeconds) -> None:
        super().__init__(profile, nature, utc_s)
        self.awake = self.active = True

    def tell(self) -> bytes:
        """A frame, in active mode."""
        return self._frame() if self.awake and self.active else b""

    def answer(self, data: bytes) -> bytes:
        """A frame when one was asked for in passive mode."""
        said = b""
        for order in self._orders(PLANTOWER_ORDER, data):
            code, wanted, whole = order[1][0], order[2][0], order[0]
            if sum(whole[:-2]) != int.from_bytes(whole[-2:], "big"):
                continue
            if code == 0xE4:
                # Waking up brings it back to how it leaves the factory.
                self.awake = bool(wanted)
                self.active = True
            elif code == 0xE1 and self.awake:
                self.active = bool(wanted)
            elif code == 0xE2 and self.awake and not self.active:
                said += self._frame()
        return said

    def _frame(self) -> bytes:
        return plantower_frame(self._profile, self._nature, self._utc_s())


class Nova(_Listener):
    """SDS011: as Plantower's; confirms every order, and says zero for both until it has measured."""

    def __init__(self, profile: Profile, nature: Nature, utc_s: UtcSeconds) -> None:
        super().__init__(profile, nature, utc_s)
        self.awake = self.active = True
        self._measured = False

    def tell(self) -> bytes:
        """A frame, in active mode."""
        return self._frame() if self.awake and self.active else b""

    def answer(self, data: bytes) -> bytes:
        """A frame when asked for, or that an order was heard."""
        said = b""
        for order in self._orders(NOVA_ORDER, data):
            what, writes, wanted = order[1][:3]
            if sum(order[1]) & 0xFF != order[2][0] or not (self.awake or what == 6):
                continue
            if what == 4:
                said += self._frame()
                continue
            if what == 6 and writes:
                self.awake, self._measured = bool(wanted), False
            elif what == 2 and writes:
                self.active = not wanted
            said += _nova(0xC5, bytes((what, writes, wanted, 0)))
        return said

    def _frame(self) -> bytes:
        if not self._measured:
            self._measured = True
            return _nova(0xC0, bytes(4))
        fields = {
            p.address: _wire(self._profile, p.name, self._nature, self._utc_s()) for p in self._profile.points
        }
        return _nova(0xC0, b"".join(fields[at] for at in sorted(fields)))


class Sensirion(_Listener):
    """SPS30: measures between start and stop, and answers everything."""

    def __init__(self, profile: Profile, nature: Nature, utc_s: UtcSeconds) -> None:
        super().__init__(profile, nature, utc_s)
        self.measures = False
        self.fault = False

    def tell(self) -> bytes:
        """It never speaks unasked."""
        return b""

    def answer(self, data: bytes) -> bytes:
        """The answer to each request."""
        return b"".join(self._answer(order[1]) for order in self._orders(SHDLC_ORDER, data))

    def _answer(self, stuffed: bytes) -> bytes:
        inner = re.sub(rb"\x7d(.)", lambda hit: bytes((hit[1][0] ^ 0x20,)), stuffed, flags=re.DOTALL)
        if len(inner) < 4 or ~sum(inner[:-1]) & 0xFF != inner[-1]:
            return b""
        state, data = self._obey(inner[1])
        body = bytes((0, inner[1], state | 0x80 * self.fault, len(data))) + data
        body += bytes((~sum(body) & 0xFF,))
        return (
            b"\x7e"
            + re.sub(rb"[\x7e\x7d\x11\x13]", lambda hit: bytes((0x7D, hit[0][0] ^ 0x20)), body)
            + b"\x7e"
        )

    def _obey(self, code: int) -> tuple[int, bytes]:
        if code not in (0x00, 0x01, 0x03):
            return UNKNOWN, b""
        if self.measures is (code == 0x00):
            return NOT_NOW, b""
        if code in (0x00, 0x01):
            self.measures = code == 0x00
        if code != 0x03:
            return 0, b""
        return 0, _all(self._profile, self._nature, self._utc_s())


class Winsen(_Listener):
    """MH-Z19: answers what it is asked."""

    def __init__(self, profile: Profile, nature: Nature, utc_s: UtcSeconds) -> None:
        super().__init__(profile, nature, utc_s)
        self.auto_baseline = True

    def tell(self) -> bytes:
        """It never speaks unasked."""
        return b""

    def answer(self, data: bytes) -> bytes:
        """The answer to each question for values; nothing to other orders."""
        said = b""
        for order in self._orders(WINSEN_ORDER, data):
            if -sum(order[1]) & 0xFF != order[4][0]:
                continue
            if order[2] == b"\x86":
                body = (
                    b"\x86" + _wire(self._profile, "co2", self._nature, self._utc_s()) + bytes((68, 0, 0, 0))
                )
                said += b"\xff" + body + bytes((-sum(body) & 0xFF,))
            elif order[2] == b"\x79":
                self.auto_baseline = order[3] == b"\xa0"
        return said


def _nova(code: int, data: bytes) -> bytes:
    body = data + NOVA_ID
    return bytes((0xAA, code)) + body + bytes((sum(body) & 0xFF, 0xAB))


def _all(profile: Profile, nature: Nature, utc_s: float) -> bytes:
    """Every point of a frame without gaps, in order."""
    points = sorted(profile.points, key=lambda point: point.address)
    return b"".join(_wire(profile, point.name, nature, utc_s) for point in points)


def _wire(profile: Profile, name: str, nature: Nature, utc_s: float) -> bytes:
    """A point as its profile writes it."""
    point = next(point for point in profile.points if point.name == name)
    try:
        words = encode(point, value(nature, name, utc_s))
    except ConfigError:
        # A faulty sensor's value that it has no way to write: it sends all ones.
        words = (0xFFFF,) * (point.count // 2)
    return b"".join(word.to_bytes(2, "big") for word in words)


MAKERS: Mapping[DriverKind, Callable[[Profile, Nature, UtcSeconds], SimulatedSensor]] = {
    DriverKind.PMS5003: Plantower,
    DriverKind.SDS011: Nova,
    DriverKind.SPS30: Sensirion,
    DriverKind.MHZ19: Winsen,
    DriverKind.NMEA: NmeaStation,
}

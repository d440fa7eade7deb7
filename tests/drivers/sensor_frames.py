"""Frames of serial sensors as their makers lay them out, made without what Gianh reads them by."""

import struct
from collections.abc import Sequence


def pms(words: Sequence[int], length: int = 28) -> bytes:
    """A Plantower frame."""
    body = b"\x42\x4d" + struct.pack(f">{1 + len(words)}H", length, *words)
    return body + struct.pack(">H", sum(body))


def sds(pm2_5: int, pm10: int, code: int = 0xC0) -> bytes:
    """An SDS011 frame, in tenths."""
    body = struct.pack("<HH", pm2_5, pm10) + b"\xa1\x60"
    return bytes((0xAA, code)) + body + bytes((sum(body) % 256, 0xAB))


def mhz(ppm: int, code: int = 0x86) -> bytes:
    """An MH-Z19 answer."""
    body = bytes((code,)) + ppm.to_bytes(2, "big") + b"\x44\x00\x00\x00"
    return b"\xff" + body + bytes((256 - sum(body) % 256 & 0xFF,))


def shdlc(code: int, data: bytes = b"", state: int = 0, address: int = 0) -> bytes:
    """An answer of an SHDLC device."""
    inner = bytes((address, code, state, len(data))) + data
    inner += bytes((0xFF - sum(inner) % 256,))
    wire = b"\x7e"
    for byte in inner:
        wire += bytes((0x7D, byte ^ 0x20)) if byte in (0x7E, 0x7D, 0x11, 0x13) else bytes((byte,))
    return wire + b"\x7e"


def sps(values: Sequence[float], state: int = 0) -> bytes:
    """An SPS30's answer with values."""
    return shdlc(3, struct.pack(">10f", *values), state)


def nmea(body: str) -> bytes:
    """A sentence with its checksum."""
    check = 0
    for letter in body:
        check ^= ord(letter)
    return f"${body}*{check:02X}\r\n".encode("ascii")

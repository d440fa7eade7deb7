"""Modbus RTU frames as a slave sees them. Pure; written apart from the gateway's, to be its witness."""

import struct

FIXED_REQUEST = frozenset({1, 2, 3, 4, 5, 6})
COUNTED_REQUEST = frozenset({15, 16})
FRAME_MAX = 256


def crc16(data: bytes) -> int:
    """CRC of Modbus over serial line V1.02 §6.2.2: polynomial A001, from FFFF, low byte sent first."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def frame(unit: int, pdu: bytes) -> bytes:
    """The frame of a PDU on a serial line."""
    body = bytes((unit,)) + pdu
    return body + struct.pack("<H", crc16(body))


def is_good(data: bytes) -> bool:
    """Whether `data` is a whole frame with the right CRC."""
    return len(data) >= 4 and crc16(data[:-2]) == int.from_bytes(data[-2:], "little")


def request_length(data: bytes) -> int | None:
    """How long the request that begins `data` is in bytes; None where that cannot be told (yet)."""
    if len(data) < 2:
        return None
    if data[1] in FIXED_REQUEST:
        return 8
    if data[1] in COUNTED_REQUEST and len(data) >= 7:
        return 9 + data[6]
    return None

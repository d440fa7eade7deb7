"""What a Modbus slave answers: request PDU in, answer PDU out. Pure but for what the unit remembers."""

import struct
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Protocol

from drivers.profile import Table
from edge.core.errors import GianhError

BROADCAST = 0
COILS_READ_MAX, REGISTERS_READ_MAX = 2000, 125
COILS_WRITE_MAX, REGISTERS_WRITE_MAX = 1968, 123
COIL_ON, COIL_OFF = 0xFF00, 0x0000


class Code(IntEnum):
    """Exception codes (Modbus application protocol V1.1b3 §7)."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    DEVICE_FAILURE = 4
    ACKNOWLEDGE = 5
    BUSY = 6
    GATEWAY_TARGET_SILENT = 11


class Refusal(GianhError):
    """A slave will not do what was asked; `code` is what it answers."""

    def __init__(self, code: Code) -> None:
        super().__init__(f"Modbus exception {code:02d}")
        self.code = code


class Silence(GianhError):
    """A slave does not answer at all."""


class Unit(Protocol):
    """One slave: four tables that can be read, two that can be written."""

    def read(self, table: Table, address: int, count: int) -> Sequence[int]:
        """Registers (0..65535) or bits (0, 1); raises Refusal for what is not there, or Silence."""

    def write(self, table: Table, address: int, values: Sequence[int]) -> None:
        """Set coils or holding registers; raises Refusal."""


_READS = {1: Table.COIL, 2: Table.DISCRETE, 3: Table.HOLDING, 4: Table.INPUT}
_BIT_TABLES = frozenset({Table.COIL, Table.DISCRETE})


def answer(units: Mapping[int, Unit], unit_id: int, pdu: bytes) -> bytes | None:
    """The answer PDU, or None where nobody answers: an absent unit, or a broadcast, which all obey."""
    if unit_id == BROADCAST:
        for unit in units.values():
            respond(unit, pdu)
        return None
    present = units.get(unit_id)
    try:
        return None if present is None else respond(present, pdu)
    except Silence:
        return None


def respond(unit: Unit, pdu: bytes) -> bytes:
    """What one unit answers to `pdu`."""
    function = pdu[0] if pdu else 0
    try:
        return _carry_out(unit, function, pdu[1:])
    except Refusal as refusal:
        return refuse(function, refusal.code)


def refuse(function: int, code: Code) -> bytes:
    """The PDU of an exception."""
    return bytes((function & 0x7F | 0x80, code))


def _carry_out(unit: Unit, function: int, body: bytes) -> bytes:
    if function in _READS:
        return bytes((function,)) + _read(unit, _READS[function], body)
    if function in (5, 6):
        return bytes((function,)) + _write_one(unit, function, body)
    if function in (15, 16):
        return bytes((function,)) + _write_many(unit, function, body)
    raise Refusal(Code.ILLEGAL_FUNCTION)


def _read(unit: Unit, table: Table, body: bytes) -> bytes:
    if len(body) != 4:
        raise Refusal(Code.ILLEGAL_VALUE)
    address, count = struct.unpack(">HH", body)
    bits = table in _BIT_TABLES
    if not 1 <= count <= (COILS_READ_MAX if bits else REGISTERS_READ_MAX):
        raise Refusal(Code.ILLEGAL_VALUE)
    if address + count > 0x10000:
        raise Refusal(Code.ILLEGAL_ADDRESS)
    values = unit.read(table, address, count)
    packed = pack_bits(values) if bits else struct.pack(f">{count}H", *values)
    return bytes((len(packed),)) + packed


def _write_one(unit: Unit, function: int, body: bytes) -> bytes:
    if len(body) != 4:
        raise Refusal(Code.ILLEGAL_VALUE)
    address, value = struct.unpack(">HH", body)
    if function == 6:
        unit.write(Table.HOLDING, address, (value,))
    elif value in (COIL_ON, COIL_OFF):
        unit.write(Table.COIL, address, (int(value == COIL_ON),))
    else:
        raise Refusal(Code.ILLEGAL_VALUE)
    return body


def _write_many(unit: Unit, function: int, body: bytes) -> bytes:
    if len(body) < 5:
        raise Refusal(Code.ILLEGAL_VALUE)
    address, count, size = struct.unpack(">HHB", body[:5])
    bits = function == 15
    wanted = (count + 7) // 8 if bits else 2 * count
    count_max = COILS_WRITE_MAX if bits else REGISTERS_WRITE_MAX
    if not 1 <= count <= count_max or size != wanted or len(body) != 5 + size:
        raise Refusal(Code.ILLEGAL_VALUE)
    if address + count > 0x10000:
        raise Refusal(Code.ILLEGAL_ADDRESS)
    if bits:
        unit.write(Table.COIL, address, unpack_bits(body[5:], count))
    else:
        unit.write(Table.HOLDING, address, struct.unpack(f">{count}H", body[5:]))
    return body[:4]


def pack_bits(values: Sequence[int]) -> bytes:
    """Bits as Modbus packs them: the first in the lowest bit of the first byte."""
    packed = bytearray((len(values) + 7) // 8)
    for index, value in enumerate(values):
        if value:
            packed[index >> 3] |= 1 << (index & 7)
    return bytes(packed)


def unpack_bits(data: bytes, count: int) -> tuple[int, ...]:
    """The first `count` bits of `data`."""
    return tuple(data[index >> 3] >> (index & 7) & 1 for index in range(count))

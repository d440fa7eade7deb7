"""Modbus questions and their frames; the only place that knows pymodbus.

pymodbus builds the request and its checksum. Its client is not used: on RTU it compares the unit alone, so
that a late answer, an answer with another function code or with fewer registers passes for a good one
(seen with 3.16.1). What may count as an answer is written down here instead, in `Ask`, and checked by
`drivers.modbus.match`.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from drivers.coded import Table

BROADCAST = 0
"""Unit id that all hear and none answers."""

EXCEPTION = 0x80
"""Added to the function code of an answer that refuses."""

EXCEPTION_FRAME_BYTES = 5
MBAP_BYTES = 7
"""Header of Modbus TCP: transaction, protocol, length, unit (Modbus messaging on TCP/IP V1.0b §3.1.3)."""

ASKS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, and the only thing that may answer it.

    `head` are the answer's bytes from the unit id on that are known beforehand: unit, function code, and
    the byte count (reads) or the echoed fields (writes). `answer_bytes` is the answer's length from the
    unit id on, without checksum; `data_at` is where its payload begins (equal to `answer_bytes` for writes).
    """

    unit: int
    pdu: bytes
    head: bytes
    answer_bytes: int
    data_at: int

    @property
    def function(self) -> int:
        """The function code."""
        return self.pdu[0]

    @property
    def refusal_head(self) -> bytes:
        """How an exception answer to this question begins."""
        return bytes((self.unit, self.pdu[0] | EXCEPTION))

    @property
    def mirrors(self) -> bool:
        """Whether the right answer is byte for byte the request itself (FC 5 and 6)."""
        return self.answer_bytes == len(self.head) == len(self.pdu) + 1


def crc(data: bytes) -> bytes:
    """The two check bytes of an RTU frame, in the order of the wire."""
    return FramerRTU.compute_CRC(data).to_bytes(2, "big")


def rtu_frame(ask: Ask) -> bytes:
    """The whole request on a serial line."""
    body = bytes((ask.unit,)) + ask.pdu
    return body + crc(body)


def tcp_frame(ask: Ask, transaction: int) -> bytes:
    """The whole request on TCP."""
    return struct.pack(">HHHB", transaction, 0, len(ask.pdu) + 1, ask.unit) + ask.pdu


@lru_cache(maxsize=ASKS_KEPT)
def read_ask(unit: int, table: Table, address: int, count: int) -> Ask:
    """A read by FC 1 to 4. Raises ValueError for a count or address that Modbus cannot say."""
    bits = table in (Table.COIL, Table.DISCRETE)
    if table is Table.FRAME:
        raise ValueError("a frame is not a Modbus table")
    if not 1 <= count <= (2000 if bits else 125) or not 0 <= address <= 65536 - count:
        raise ValueError(f"{count} from {table} {address} cannot be asked in one Modbus request")
    kinds = {
        Table.COIL: ReadCoilsRequest,
        Table.DISCRETE: ReadDiscreteInputsRequest,
        Table.HOLDING: ReadHoldingRegistersRequest,
        Table.INPUT: ReadInputRegistersRequest,
    }
    pdu = _pdu(kinds[table](address=address, count=count, dev_id=unit))
    payload_bytes = (count + 7) // 8 if bits else 2 * count
    return Ask(unit, pdu, bytes((unit, pdu[0], payload_bytes)), 3 + payload_bytes, 3)


def write_ask(unit: int, table: Table, address: int, values: Sequence[int], many: bool = False) -> Ask:
    """A write: one value by FC 5 or 6, several (or `many`) by FC 15 or 16. Coils are 0 or 1.

    Raises ValueError for what Modbus cannot say.
    """
    coil = table is Table.COIL
    if table not in (Table.COIL, Table.HOLDING):
        raise ValueError(f"{table} registers cannot be written")
    if not 1 <= len(values) <= (1968 if coil else 123) or not 0 <= address <= 65536 - len(values):
        raise ValueError(f"{len(values)} values to {table} {address} cannot be written in one Modbus request")
    if any(not 0 <= value <= (1 if coil else 0xFFFF) for value in values):
        raise ValueError(f"{list(values)} does not fit into {table} {address}")
    pdu = _pdu(_write_request(unit, coil, address, values, many or len(values) > 1))
    head = bytes((unit,)) + pdu[:5]
    return Ask(unit, pdu, head, len(head), len(head))


def _write_request(unit: int, coil: bool, address: int, values: Sequence[int], many: bool) -> ModbusPDU:
    if many and coil:
        return WriteMultipleCoilsRequest(address=address, bits=[bool(v) for v in values], dev_id=unit)
    if many:
        return WriteMultipleRegistersRequest(address=address, registers=list(values), dev_id=unit)
    if coil:
        return WriteSingleCoilRequest(address=address, bits=[bool(values[0])], dev_id=unit)
    return WriteSingleRegisterRequest(address=address, registers=[values[0]], dev_id=unit)


def _pdu(request: ModbusPDU) -> bytes:
    return bytes((request.function_code,)) + request.encode()

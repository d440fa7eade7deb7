"""The simulated slaves answer as Modbus says, by the witness of pymodbus's own client and codec."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.client.base import ModbusBaseClient
from pymodbus.framer.rtu import FramerRTU

from drivers.profile import Table
from simulators.frames import crc16, is_good, request_length
from simulators.modbus import answer, pack_bits, respond, unpack_bits
from simulators.rtu import RtuBus
from simulators.tcp import TcpBus
from simulators.wire import LineSettings
from tests.simulators.memory import PlainUnit


@asynccontextmanager
async def serial_client(tmp_path: Path, units: dict[int, PlainUnit]) -> AsyncIterator[ModbusBaseClient]:
    bus = RtuBus(tmp_path / "line", LineSettings(115_200), units)
    await bus.start()
    client = AsyncModbusSerialClient(str(tmp_path / "line"), baudrate=115_200, timeout=0.3, retries=0)
    await client.connect()
    try:
        yield client
    finally:
        client.close()
        await bus.stop()


@asynccontextmanager
async def tcp_client(tmp_path: Path, units: dict[int, PlainUnit]) -> AsyncIterator[ModbusBaseClient]:
    bus = TcpBus(units)
    await bus.start()
    client = AsyncModbusTcpClient(bus.host, port=bus.port, timeout=1, retries=0)
    await client.connect()
    try:
        yield client
    finally:
        client.close()
        await bus.stop()


both = pytest.mark.parametrize("opened", [serial_client, tcp_client])


@both
async def test_all_functions_read_and_write_what_pymodbus_asks(tmp_path: Path, opened) -> None:
    units = {1: PlainUnit(), 2: PlainUnit()}
    async with opened(tmp_path, units) as client:
        assert (await client.read_holding_registers(10, count=3, device_id=1)).registers == [10, 11, 12]
        assert (await client.read_input_registers(0, count=125, device_id=2)).registers == list(range(125))
        assert (await client.read_coils(0, count=10, device_id=1)).bits[:10] == [False, True] * 5
        assert (await client.read_discrete_inputs(1, count=3, device_id=1)).bits[:3] == [True, False, True]
        assert not (await client.write_register(5, 777, device_id=1)).isError()
        assert not (await client.write_registers(6, [1, 2, 3], device_id=1)).isError()
        assert not (await client.write_coil(0, True, device_id=1)).isError()
        assert not (await client.write_coils(1, [False, True, True], device_id=1)).isError()
        assert (await client.read_holding_registers(5, count=4, device_id=1)).registers == [777, 1, 2, 3]
        assert (await client.read_coils(0, count=4, device_id=1)).bits[:4] == [True, False, True, True]
    assert (Table.HOLDING, 5) not in units[2].set


@both
async def test_an_address_that_is_not_there_is_exception_02(tmp_path: Path, opened) -> None:
    async with opened(tmp_path, {1: PlainUnit(size=10)}) as client:
        assert (await client.read_holding_registers(9, count=2, device_id=1)).exception_code == 2
        assert (await client.write_register(10, 1, device_id=1)).exception_code == 2


@both
async def test_a_broadcast_is_obeyed_by_all_and_answered_by_none(tmp_path: Path, opened) -> None:
    units = {1: PlainUnit(), 2: PlainUnit()}
    async with opened(tmp_path, units) as client:
        await client.write_register(3, 42, device_id=0, no_response_expected=True)
        await asyncio.sleep(0.02)
        for unit in (1, 2):
            assert (await client.read_holding_registers(3, device_id=unit)).registers == [42]


async def test_an_absent_unit_behind_a_tcp_gateway_is_exception_0b(tmp_path: Path) -> None:
    async with tcp_client(tmp_path, {1: PlainUnit()}) as client:
        assert (await client.read_holding_registers(0, device_id=9)).exception_code == 11


def test_functions_that_it_does_not_know_are_exception_01() -> None:
    assert respond(PlainUnit(), b"\x2b\x0e\x01\x00") == b"\xab\x01"
    assert respond(PlainUnit(), b"") == b"\x80\x01"


@pytest.mark.parametrize(
    "pdu",
    [
        b"\x03\x00\x00\x00\x00",
        b"\x03\x00\x00\x00\x7e",
        b"\x01\x00\x00\x07\xd1",
        b"\x05\x00\x00\x12\x34",
        b"\x10\x00\x00\x00\x02\x03\x00\x00\x00",
        b"\x0f\x00\x00\x00\x09\x01\x00",
        b"\x06\x00\x00",
    ],
)
def test_counts_and_values_out_of_range_are_exception_03(pdu: bytes) -> None:
    assert respond(PlainUnit(), pdu) == bytes((pdu[0] | 0x80, 3))


def test_a_read_past_the_last_address_is_exception_02() -> None:
    assert respond(PlainUnit(size=0x20000), b"\x03\xff\xff\x00\x02") == b"\x83\x02"


@given(st.binary(max_size=260), st.integers(0, 255))
def test_no_request_whatever_makes_a_slave_fail(pdu: bytes, unit: int) -> None:
    back = answer({1: PlainUnit()}, unit, pdu)
    assert (back is None) == (unit != 1)


@given(st.binary(max_size=60))
def test_the_crc_is_pymodbus_s(data: bytes) -> None:
    assert crc16(data).to_bytes(2, "little") == FramerRTU.compute_CRC(data).to_bytes(2, "big")


@given(st.binary(min_size=4, max_size=40), st.integers(0, 39), st.integers(0, 7))
def test_one_wrong_bit_is_never_a_good_frame(data: bytes, at: int, bit: int) -> None:
    good = data + crc16(data).to_bytes(2, "little")
    bad = bytearray(good)
    bad[at % len(good)] ^= 1 << bit
    assert is_good(good)
    assert not is_good(bytes(bad))


@given(st.lists(st.integers(0, 1), max_size=40))
def test_bits_come_back_as_they_were_packed(bits: list[int]) -> None:
    assert unpack_bits(pack_bits(bits), len(bits)) == tuple(bits)


def test_the_length_of_a_request_is_told_as_soon_as_it_can_be() -> None:
    assert request_length(b"\x01") is None
    assert request_length(b"\x01\x03") == 8
    assert request_length(b"\x01\x10\x00\x00\x00\x02") is None
    assert request_length(b"\x01\x10\x00\x00\x00\x02\x04") == 13
    assert request_length(b"\x01\x2b\x0e") is None

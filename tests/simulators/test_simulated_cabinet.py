"""The line of a cabinet gives what a real one would: right bytes, garbled ones, errors, or nothing."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.coded import Table
from drivers.modbus.link import ModbusLink
from edge.config.schema import Bus
from edge.core.errors import ConfigError, NoAnswer, ProtocolError, Refused, TransientError
from simulators.cabinet import Cabinet, cabinet_devices
from simulators.cabinet_hands import ask, door_of, listening, obey
from simulators.uart import Sent, received
from simulators.wire import LineSettings

SETTINGS = st.builds(
    LineSettings, st.sampled_from([2400, 4800, 9600, 19200]), st.sampled_from("NEO"), st.sampled_from([1, 2])
)


@given(st.binary(max_size=40), SETTINGS, st.floats(0, 1e6))
def test_a_receiver_with_the_senders_settings_takes_every_byte(data: bytes, line: LineSettings, at_s: float):
    chars = received([Sent(data, line, at_s)], line)
    assert bytes(char.byte for char in chars) == data
    assert not any(char.wrong for char in chars)


@given(st.binary(min_size=2, max_size=40), st.binary(min_size=2, max_size=40))
def test_two_that_overlap_are_not_both_heard(one: bytes, other: bytes):
    line = LineSettings()
    chars = received([Sent(one, line, 0.0), Sent(other, line, 0.37 * line.char_s)], line)
    assert bytes(char.byte for char in chars) != one + other
    assert len(chars) < len(one) + len(other)


def test_the_wrong_parity_is_counted_and_the_wrong_speed_is_garbage():
    sent = [Sent(b"\x01\x03\x02\x00\x07", LineSettings(9600, "E"), 0.0)]
    odd = received(sent, LineSettings(9600, "O"))
    assert all(char.parity_error for char in odd)
    slow = received(sent, LineSettings(4800))
    assert bytes(char.byte for char in slow) != sent[0].data
    assert any(char.wrong for char in slow)


def test_swapped_wires_are_seen_as_inverted_bits():
    line = LineSettings()
    chars = received([Sent(b"\x42\x4d" * 8, line, 0.0)], line, inverted=True)
    assert any(char.wrong for char in chars)
    assert b"\x42\x4d" not in bytes(char.byte for char in chars)


async def test_a_cabinet_answers_as_its_devices_are_set(tmp_path: Path):
    async with Cabinet(tmp_path / "rs485", cabinet_devices(lambda: 1.8e9)) as cabinet:
        link = ModbusLink(_bus(tmp_path, 9600, "N"))
        await link.open()
        assert await link.read(20, Table.HOLDING, 0x0101, 1) == b"\x00\x14"
        with pytest.raises(Refused):
            await link.read(20, Table.HOLDING, 0x0700, 1)
        with pytest.raises(ProtocolError):
            await link.read(1, Table.HOLDING, 0, 1)
        with pytest.raises(NoAnswer):
            await link.read(9, Table.HOLDING, 0, 1)
        cabinet.unplug("relays")
        assert len(await link.read(1, Table.HOLDING, 0, 1)) == 2
        await link.close()
        link = ModbusLink(_bus(tmp_path, 4800, "E"))
        await link.open()
        assert len(await link.read(9, Table.INPUT, 0, 2)) == 4
        await link.close()


async def test_hands_in_the_cabinet_are_told_what_they_can_do(tmp_path: Path):
    async with Cabinet(tmp_path / "rs485", cabinet_devices(lambda: 1.8e9)) as cabinet:
        assert "xy-md02-x100" in obey(cabinet, "where")
        assert obey(cabinet, "unplug dust") == "dust is off the line"
        assert not cabinet.devices["dust"].powered
        for wrong in ("unplug lamp", "dance"):
            with pytest.raises(ConfigError):
                obey(cabinet, wrong)


async def test_hands_reach_into_the_cabinet_from_another_terminal(tmp_path: Path):
    link, ended = tmp_path / "rs485", asyncio.Event()
    with pytest.raises(TransientError, match="gianh sim cabinet --link"):
        ask(link, "where")
    async with (
        Cabinet(link, cabinet_devices(lambda: 1.8e9)) as cabinet,
        listening(cabinet, link, ended.set),
    ):
        said = await asyncio.to_thread(ask, link, "unplug dust")
        assert said == {"done": True, "said": "dust is off the line"}
        assert "dust     jxct-3001                  unit   1 9600 8N1  off the line" in obey(cabinet, "where")
        wrong = await asyncio.to_thread(ask, link, "unplug lamp")
        assert not wrong["done"]
        assert "there are: relays, dust" in str(wrong["said"])
        await asyncio.to_thread(ask, link, "quit")
        assert ended.is_set()
    assert not door_of(link).exists()


async def test_a_swapped_adapter_hears_a_break_after_each_question(tmp_path: Path):
    devices = cabinet_devices(lambda: 1.8e9)
    async with Cabinet(tmp_path / "rs485", devices, swapped=True) as cabinet:
        link = ModbusLink(_bus(tmp_path, 9600, "N"))
        await link.open()
        with pytest.raises(NoAnswer):
            await link.read(20, Table.HOLDING, 0x0101, 1)
        await asyncio.sleep(0)
        assert cabinet.wire.errors.frame == 1
        await link.close()


def _bus(folder: Path, baudrate: int, parity: str) -> Bus:
    return Bus(
        id="line",
        kind="rtu",
        port=str(folder / "rs485"),
        baudrate=baudrate,
        parity=parity,
        timeout_s=0.3,
        quiet_after_timeout_s=0.05,
    )

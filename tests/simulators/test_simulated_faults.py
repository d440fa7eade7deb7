"""Faults come by seed, and look like what they are called."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import AsyncModbusSerialClient
from pymodbus.exceptions import ModbusException, ModbusIOException

from edge.core.errors import ConfigError
from simulators.faults import Fault, FaultKind, FaultPlan, fault_at, parse_plan, spoil
from simulators.frames import frame, is_good
from simulators.rtu import RtuBus
from simulators.wire import LineSettings
from tests.simulators.memory import PlainUnit

REQUEST = frame(7, b"\x03\x00\x00\x00\x02")
PDU = b"\x03\x04\x00\x01\x00\x02"
GOOD = frame(7, PDU)
NOTHING = (FaultKind.SILENCE, FaultKind.DEAD_UNIT, FaultKind.UNPLUGGED)


@given(st.integers(), st.integers(0, 10**6))
def test_the_same_seed_brings_the_same_faults(seed: int, n: int) -> None:
    plan = FaultPlan(seed, 0.5)
    assert fault_at(plan, n) == fault_at(plan, n)


def test_another_seed_brings_other_faults() -> None:
    one, other = FaultPlan(1, 0.3), FaultPlan(2, 0.3)
    assert [fault_at(one, n) for n in range(50)] != [fault_at(other, n) for n in range(50)]


def test_faults_are_as_frequent_as_planned_and_of_every_kind() -> None:
    found = [fault_at(FaultPlan(5, 0.2), n) for n in range(3000)]
    kinds = Counter(fault.kind for fault in found if fault is not None)
    assert set(kinds) == set(FaultKind)
    assert 500 < kinds.total() < 700


def test_no_rate_is_no_fault() -> None:
    assert all(fault_at(FaultPlan(1, 0.0), n) is None for n in range(1000))


@given(st.sampled_from(FaultKind), st.integers(0, 2**32 - 1))
def test_only_a_late_answer_looks_like_the_good_one(kind: FaultKind, salt: int) -> None:
    assert (spoil(Fault(kind, salt=salt), 7, REQUEST, PDU) == GOOD) == (kind is FaultKind.LATE)


@given(st.sampled_from([1, 2, 3, 4, 5, 6, 15, 16]), st.binary(min_size=4, max_size=4))
def test_wrong_function_and_wrong_count_are_whole_frames_with_a_right_crc(function: int, rest: bytes) -> None:
    pdu = bytes((function,)) + (b"\x04" + rest if function < 5 else rest)
    for kind in (FaultKind.WRONG_FUNCTION, FaultKind.WRONG_COUNT, FaultKind.WRONG_UNIT, FaultKind.BUSY):
        spoilt = spoil(Fault(kind), 7, REQUEST, pdu)
        assert is_good(spoilt)
        assert spoilt != frame(7, pdu)


def test_noise_and_echo_come_before_the_good_frame() -> None:
    for kind in (FaultKind.NOISE, FaultKind.ECHO):
        assert spoil(Fault(kind, salt=3), 7, REQUEST, PDU).endswith(GOOD)


def test_what_is_silent_says_nothing() -> None:
    assert all(spoil(Fault(kind), 7, REQUEST, PDU) == b"" for kind in NOTHING)


def test_a_plan_is_read_from_a_rate_and_kinds() -> None:
    assert parse_plan("0.25:late,noise", 3) == FaultPlan(3, 0.25, (FaultKind.LATE, FaultKind.NOISE))
    assert parse_plan("0.5", 3).kinds == tuple(FaultKind)


@pytest.mark.parametrize("text", ["much", "0.1:gremlins", "2"])
def test_a_plan_that_makes_no_sense_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(ConfigError, match=r"late|0 to 1"):
        parse_plan(text, 1)


@asynccontextmanager
async def line(
    tmp_path: Path, plan: FaultPlan | None = None
) -> AsyncIterator[tuple[RtuBus, AsyncModbusSerialClient]]:
    bus = RtuBus(tmp_path / "line", LineSettings(115_200), {1: PlainUnit(), 2: PlainUnit()}, faults=plan)
    await bus.start()
    client = AsyncModbusSerialClient(str(tmp_path / "line"), baudrate=115_200, timeout=0.1, retries=0)
    await client.connect()
    try:
        yield bus, client
    finally:
        client.close()
        await bus.stop()


async def test_an_absent_unit_is_silent_while_its_neighbour_answers(tmp_path: Path) -> None:
    async with line(tmp_path) as (bus, client):
        bus.units.pop(1)
        with pytest.raises(ModbusIOException):
            await client.read_holding_registers(0, device_id=1)
        assert (await client.read_holding_registers(4, device_id=2)).registers == [4]


async def test_a_dead_unit_stays_silent_until_its_time_is_over(tmp_path: Path) -> None:
    plan = FaultPlan(1, 1.0, (FaultKind.DEAD_UNIT,), away_s_max=1000.0)
    async with line(tmp_path, plan) as (bus, client):
        for _ in range(2):
            with pytest.raises(ModbusIOException):
                await client.read_holding_registers(0, device_id=1)
    assert (bus.count.requests, bus.count.faults, bus.count.answers) == (2, 1, 0)


async def test_a_late_answer_comes_whole_but_late(tmp_path: Path) -> None:
    plan = FaultPlan(1, 1.0, (FaultKind.LATE,), late_s_max=0.08)
    fault = fault_at(plan, 0)
    assert fault is not None
    async with line(tmp_path, plan) as (_, client):
        began_s = time.monotonic()
        assert (await client.read_holding_registers(4, device_id=2)).registers == [4]
    assert time.monotonic() - began_s > fault.after_s


async def test_an_unplugged_adapter_comes_back_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = FaultPlan(1, 1.0, (FaultKind.UNPLUGGED,), away_s_max=0.1)
    back = asyncio.Event()
    async with line(tmp_path, plan) as (bus, client):
        plug_in = bus.wire.open
        monkeypatch.setattr(bus.wire, "open", lambda: (plug_in(), back.set()))
        with pytest.raises(ModbusException):
            await client.read_holding_registers(0, device_id=1)
        await asyncio.wait_for(back.wait(), 10)
        assert bus.wire.plugged
    assert bus.count.faults == 1

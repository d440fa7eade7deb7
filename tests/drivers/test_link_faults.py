"""The serial link against simulated slaves that do every fault by seed, at real character times."""

import asyncio
import os
import termios
from collections.abc import Sequence
from pathlib import Path

import pytest

from drivers.coded import Table
from drivers.line_serial import SerialOpening
from drivers.modbus.link import ModbusLink
from edge.core.errors import GianhError, LinkDown
from simulators import modbus
from simulators.faults import FaultKind, FaultPlan
from simulators.rtu import RtuBus
from simulators.wire import LineSettings
from tests.drivers.slave import bus, slave

BAUDRATE = 115_200
TRANSACTIONS = 150


class Sequenced:
    """Registers that hold their unit, address and how often the unit was asked."""

    def __init__(self, unit: int) -> None:
        self.unit = unit
        self.times = 0

    def read(self, table: modbus.Table, address: int, count: int) -> Sequence[int]:
        self.times += 1
        return [self.unit, address, self.times][:count]

    def write(self, table: modbus.Table, address: int, values: Sequence[int]) -> None:
        raise modbus.Refusal(modbus.Code.ILLEGAL_FUNCTION)


def words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


async def reopened(link: ModbusLink) -> None:
    """Open again and again, as the runtime does, until the adapter is back."""
    while not link.is_open:
        try:
            await link.open()
        except LinkDown:
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("seed", [1, 2])
async def test_faults_by_seed_never_make_a_wrong_value(tmp_path: Path, seed: int) -> None:
    plan = FaultPlan(seed, 0.3, tuple(FaultKind), late_s_max=0.05, away_s_max=0.02)
    units = {unit: Sequenced(unit) for unit in (1, 2, 3)}
    line = RtuBus(tmp_path / "tty", LineSettings(BAUDRATE), units, 0.002, plan)
    link = ModbusLink(bus(line.wire.link, baudrate=BAUDRATE, quiet_after_timeout_s=0.06, echo="auto"))
    await line.start()
    right = wrong = errors = 0
    for number in range(TRANSACTIONS):
        await reopened(link)
        unit = 1 + number % 3
        try:
            values = words(await link.read(unit, Table.HOLDING, number, 3))
        except GianhError:
            errors += 1
            continue
        right += values == [unit, number, units[unit].times]
        wrong += values != [unit, number, units[unit].times]
    await link.close()
    await line.stop()
    assert wrong == 0
    assert right > TRANSACTIONS / 2
    assert errors > TRANSACTIONS / 20


async def test_a_break_on_the_line_does_not_flush_what_was_received(tmp_path: Path) -> None:
    async with slave(tmp_path / "tty") as line:
        mode = termios.tcgetattr(line.descriptor)
        mode[0] |= termios.BRKINT
        termios.tcsetattr(line.descriptor, termios.TCSANOW, mode)
        port = await SerialOpening(os.fspath(line.link)).open()
        assert not termios.tcgetattr(port.fileno())[0] & termios.BRKINT
        port.close()

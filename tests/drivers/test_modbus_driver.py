"""Modbus devices through the whole driver: profiles, plans, a real pseudo-terminal, a scripted unit."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from drivers.modbus.driver import ModbusDriver
from drivers.profile import Profile, parse_profile
from edge.config.schema import Bus, Device, Gateway
from edge.core.clock import SystemClock
from edge.core.errors import Busy, ConfigError, NoAnswer, ProtocolError, Refused
from edge.core.model import Quality
from edge.core.registers import RegisterBlock
from simulators import modbus
from simulators.frames import frame
from tests.drivers.slave import Slave, bus, slave, tcp_bus, tcp_slave

GATEWAY = Gateway(id="g1", commune="ba-don", latitude=17.75, longitude=106.42)

GAPPY = """
id = "gappy"
class = "meter"
driver = "modbus"
interval_s = 10
title = { vi = "a", en = "a" }
source = { title = "none", verified = false }
[limits]
count_max = 20
gap_max = 4
[[points]]
name = "phase1_supply_voltage"
table = "holding"
address = 0
type = "u16"
[[points]]
name = "phase2_supply_voltage"
table = "holding"
address = 1
type = "u16"
[[points]]
name = "phase3_supply_voltage"
table = "holding"
address = 5
type = "u16"
[[points]]
name = "active_energy"
table = "input"
address = 8
type = "u32"
interval_s = 60
[[samples]]
from = "worked out"
note = "every register holds ten times its address"
blocks = [
    { table = "holding", address = 0, hex = "0000 000a 0014 001e 0028 0032" },
    { table = "input", address = 8, hex = "0050 005a" },
]
[samples.values]
phase1_supply_voltage = 0
phase2_supply_voltage = 10
phase3_supply_voltage = 50
active_energy = 5242970
"""


class Notebook:
    """The Memory port, in memory."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}

    def recall(self, key: str) -> str | None:
        return self.pages.get(key)

    def remember(self, key: str, value: str) -> None:
        self.pages[key] = value


class Registers:
    """A unit with every register but the `holes`; values are address * 10, unless told otherwise."""

    def __init__(self, holes: Sequence[int] = ()) -> None:
        self.holes = frozenset(holes)
        self.refuse_all: modbus.Code | None = None
        self.busy_times = 0
        self.values: dict[int, int] = {}
        self.asked: list[tuple[str, int, int]] = []

    def read(self, table: modbus.Table, address: int, count: int) -> Sequence[int]:
        self.asked.append((str(table), address, count))
        if self.busy_times:
            self.busy_times -= 1
            raise modbus.Refusal(modbus.Code.BUSY)
        if self.refuse_all is not None:
            raise modbus.Refusal(self.refuse_all)
        if self.holes & set(range(address, address + count)):
            raise modbus.Refusal(modbus.Code.ILLEGAL_ADDRESS)
        return [self.values.get(a, a * 10) for a in range(address, address + count)]

    def write(self, table: modbus.Table, address: int, values: Sequence[int]) -> None:
        self.values.update({address + i: value for i, value in enumerate(values)})


def answer(line: Slave, units: dict[int, Registers], request: bytes) -> None:
    back = modbus.answer(units, request[0], request[1:-2])
    if back is not None:
        line.say(frame(request[0], back))


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Slave]:
    async with slave(tmp_path / "tty") as made:
        yield made


def gappy(_: str) -> Profile:
    return parse_profile("gappy", GAPPY)


def device(**settings: object) -> Device:
    return Device.model_validate({"id": "m1", "profile": "gappy", "bus": "b", "address": 3, **settings})


def driver(line: Slave, unit: Registers, memory: Notebook | None = None, **settings: object) -> ModbusDriver:
    line.hear = lambda request: answer(line, {3: unit}, request)
    return ModbusDriver(
        bus(line.link), [device(**settings)], GATEWAY, memory or Notebook(), SystemClock(), load=gappy
    )


async def breathe() -> None:
    await asyncio.sleep(0)


def test_points_are_polled_by_their_interval(tmp_path: Path) -> None:
    made = ModbusDriver(bus(tmp_path), [device()], GATEWAY, Notebook(), SystemClock(), load=gappy)
    fast, slow = made.polls
    assert (fast.interval_s, slow.interval_s) == (10, 60)
    assert fast.layout.names == ("phase1_supply_voltage", "phase2_supply_voltage", "phase3_supply_voltage")
    assert slow.layout.names == ("active_energy",)
    assert fast.layout.tags == (("commune", "ba-don"), ("device", "m1"), ("gateway", "g1"))
    assert (fast.unit, fast.requests, fast.layout.measurement) == ("b/3", 1, "meter")


def test_the_configuration_goes_before_the_profile(tmp_path: Path) -> None:
    chosen = device(interval_s=5, points=("phase1_supply_voltage", "active_energy"), commune="quang-trach")
    made = ModbusDriver(bus(tmp_path), [chosen], GATEWAY, Notebook(), SystemClock(), load=gappy)
    (poll,) = made.polls
    assert poll.interval_s == 5
    assert poll.layout.names == ("phase1_supply_voltage", "active_energy")
    assert poll.requests == 2
    assert ("commune", "quang-trach") in poll.layout.tags


def test_a_point_that_the_profile_has_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no point level"):
        ModbusDriver(
            bus(tmp_path), [device(points=("level",))], GATEWAY, Notebook(), SystemClock(), load=gappy
        )


@pytest.mark.parametrize(("baudrate", "wire_s"), [(9600, 0.0496875), (115_200, 0.02392014)])
def test_a_poll_knows_its_time_on_the_wire(tmp_path: Path, baudrate: int, wire_s: float) -> None:
    slow = bus(tmp_path, baudrate=baudrate)
    poll = ModbusDriver(slow, [device()], GATEWAY, Notebook(), SystemClock(), load=gappy).polls[0]
    assert poll.wire_s == pytest.approx(wire_s, rel=1e-6)


async def test_a_technician_sees_the_registers_of_each_request_and_which_points_lie_in_them(
    line: Slave,
) -> None:
    made = driver(line, Registers())
    await made.open()
    blocks = made.blocks_of("m1")
    assert [block.name for block in blocks] == ["holding 0+6", "input 8+2"]
    assert list(await made.read_registers("m1", blocks[0], breathe)) == [0, 10, 20, 30, 40, 50]
    mapped = {(one.point, one.table, one.address, one.kind) for one in made.map_of("m1")}
    assert ("active_energy", "input", 8, "u32 ABCD") in mapped
    assert ("phase3_supply_voltage", "holding", 5, "u16") in mapped
    with pytest.raises(ConfigError, match="look again"):
        await made.read_registers("m1", RegisterBlock("holding", 0, 125), breathe)
    with pytest.raises(ConfigError, match="no registers"):
        made.blocks_of("nobody")
    await made.close()


async def test_a_round_brings_values_in_the_layouts_order(line: Slave) -> None:
    unit = Registers()
    made = driver(line, unit)
    await made.open()
    before = SystemClock().mono_ns()
    reading = await made.read(made.polls[0], breathe)
    assert reading.values == (0.0, 10.0, 50.0)
    assert reading.flags == ()
    assert before < reading.stamp.mono_ns <= SystemClock().mono_ns()
    assert unit.asked == [("holding", 0, 6)]
    await made.close()


async def test_waiting_commands_get_their_turn_between_two_requests(line: Slave) -> None:
    unit = Registers()
    made = driver(line, unit, interval_s=5)
    asked_before: list[int] = []

    async def note() -> None:
        asked_before.append(len(unit.asked))

    await made.open()
    await made.read(made.polls[0], note)
    assert asked_before == [1]
    await made.close()


async def test_filler_that_is_not_there_is_found_once_and_remembered(line: Slave) -> None:
    unit, memory = Registers(holes=[3]), Notebook()
    made = driver(line, unit, memory)
    await made.open()
    assert (await made.read(made.polls[0], breathe)).values == (0.0, 10.0, 50.0)
    unit.asked.clear()
    assert (await made.read(made.polls[0], breathe)).values == (0.0, 10.0, 50.0)
    assert unit.asked == [("holding", 0, 2), ("holding", 5, 1)]
    again = driver(line, unit, memory)
    await made.close()
    assert again.polls[0].requests == 2


async def test_a_point_that_is_not_there_has_no_value_and_the_others_have(line: Slave) -> None:
    unit, memory = Registers(holes=[1]), Notebook()
    made = driver(line, unit, memory)
    await made.open()
    for _ in range(2):
        reading = await made.read(made.polls[0], breathe)
        assert reading.values == (0.0, None, 50.0)
        assert reading.flags == ((1, Quality.BAD),)
    unit.asked.clear()
    await made.read(made.polls[0], breathe)
    assert all(not address <= 1 < address + count for _, address, count in unit.asked)
    await made.close()


async def test_what_was_learnt_is_forgotten_when_the_points_change(line: Slave) -> None:
    unit, memory = Registers(holes=[3]), Notebook()
    made = driver(line, unit, memory)
    await made.open()
    await made.read(made.polls[0], breathe)
    await made.close()
    other = driver(line, unit, memory, points=("phase1_supply_voltage", "phase3_supply_voltage"))
    assert other.polls[0].requests == 1


async def test_a_device_that_refuses_everything_teaches_nothing(line: Slave) -> None:
    unit, memory = Registers(), Notebook()
    made = driver(line, unit, memory)
    await made.open()
    unit.refuse_all = modbus.Code.ILLEGAL_ADDRESS
    with pytest.raises(Refused) as refused:
        await made.read(made.polls[0], breathe)
    assert refused.value.code == 2
    assert memory.pages == {}
    unit.refuse_all = None
    assert (await made.read(made.polls[0], breathe)).values == (0.0, 10.0, 50.0)
    await made.close()


async def test_a_device_fault_is_refused_without_taking_the_block_apart(line: Slave) -> None:
    unit = Registers()
    made = driver(line, unit)
    await made.open()
    unit.refuse_all = modbus.Code.DEVICE_FAILURE
    with pytest.raises(Refused):
        await made.read(made.polls[0], breathe)
    assert len(unit.asked) == 1
    await made.close()


async def test_busy_is_asked_once_more_and_is_never_zero(
    line: Slave, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.modbus.driver.BUSY_RETRY_S", 0.001)
    unit = Registers()
    made = driver(line, unit)
    await made.open()
    unit.busy_times = 1
    assert (await made.read(made.polls[0], breathe)).values == (0.0, 10.0, 50.0)
    unit.busy_times = 2
    with pytest.raises(Busy):
        await made.read(made.polls[0], breathe)
    await made.close()


async def test_a_silent_unit_ends_the_round_at_its_first_request(line: Slave) -> None:
    made = driver(line, Registers(), interval_s=5)
    await made.open()
    line.hear = lambda request: None
    line.heard.clear()
    with pytest.raises(NoAnswer, match="unit 3"):
        await made.read(made.polls[0], breathe)
    assert len(line.heard) == 1
    await made.close()


async def test_junk_ends_the_round(line: Slave) -> None:
    made = driver(line, Registers())
    await made.open()
    line.hear = lambda request: line.say(b"\x55" * 11)
    with pytest.raises(ProtocolError):
        await made.read(made.polls[0], breathe)
    await made.close()


async def test_a_probe_asks_for_one_value(line: Slave) -> None:
    unit = Registers()
    made = driver(line, unit)
    await made.open()
    await made.probe(made.polls[0])
    assert unit.asked == [("holding", 0, 1)]
    await made.close()


async def test_a_command_is_written_as_the_profile_says(line: Slave) -> None:
    unit = Registers()
    line.hear = lambda request: answer(line, {3: unit}, request)
    relay = device(profile="waveshare-relay-8")
    made = ModbusDriver(bus(line.link), [relay], GATEWAY, Notebook(), SystemClock())
    await made.open()
    await made.write("m1", "relay_2", 1.0, breathe)
    assert line.heard[-1][1] == frame(3, bytes.fromhex("05 0001 FF00"))
    with pytest.raises(Refused, match="from 0 to 1"):
        await made.write("m1", "relay_2", 2.0, breathe)
    with pytest.raises(ConfigError, match="no command"):
        await made.write("m1", "level", 2.0, breathe)
    with pytest.raises(ConfigError, match="no device"):
        await made.write("m9", "level", 2.0, breathe)
    await made.close()


async def test_a_successor_goes_on_with_the_open_line(line: Slave) -> None:
    made = driver(line, Registers())
    await made.open()
    heir = ModbusDriver(
        bus(line.link), [device(interval_s=7)], GATEWAY, Notebook(), SystemClock(), made.link, load=gappy
    )
    assert (await heir.read(heir.polls[0], breathe)).values == (0.0, 10.0, 50.0, 5_242_970.0)
    await heir.close()


async def test_the_same_devices_answer_over_tcp() -> None:
    async with tcp_slave() as server:
        unit = Registers()

        def hear(request: bytes, writer: asyncio.StreamWriter) -> None:
            back = bytes((request[6],)) + (modbus.answer({3: unit}, request[6], request[7:]) or b"")
            writer.write(request[:4] + len(back).to_bytes(2, "big") + back)

        server.hear = hear
        wire: Bus = tcp_bus(server.port)
        made = ModbusDriver(wire, [device()], GATEWAY, Notebook(), SystemClock(), load=gappy)
        assert made.polls[0].wire_s == pytest.approx(0.005)
        await made.open()
        assert (await made.read(made.polls[0], breathe)).values == (0.0, 10.0, 50.0)
        assert made.counters.answers == 1
        await made.close()

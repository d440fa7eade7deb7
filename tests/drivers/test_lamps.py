"""Lamps through the whole driver: frames and questions on a real pseudo-terminal, simulated gear behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.modbus.driver import ModbusDriver
from drivers.profile import Table, load_profile
from edge.config.schema import Device, Gateway
from edge.core.clock import SystemClock
from edge.core.errors import ConfigError, NoAnswer, ProtocolError, Refused
from edge.core.lighting import LampDriver
from simulators import modbus
from simulators.devices import Occupant, SimulatedUnit, Spot
from simulators.frames import frame
from simulators.models import Nature
from tests.drivers.slave import Slave, bus, slave

GATEWAY = Gateway(id="g1", latitude=17.75, longitude=106.42)
NIGHT_S = 1_790_000_000.0


class Street:
    """A DALI gateway of each kind and a relay board on one line, and what was written to them."""

    def __init__(self, line: Slave) -> None:
        lamps = [Nature(n, is_lamp=True, level=100.0) for n in range(4)]
        ecodim, intesis = load_profile("ecodim-dali-gw2"), load_profile("intesis-dali")
        self.units: dict[int, modbus.Unit] = {
            1: SimulatedUnit([Occupant(ecodim, lamps[n], Spot(0, n)) for n in range(4)], lambda: NIGHT_S),
            2: SimulatedUnit([Occupant(intesis, lamps[n], Spot(0, n)) for n in range(2)], lambda: NIGHT_S),
            5: SimulatedUnit([Occupant(load_profile("waveshare-relay-8"), Nature(5))], lambda: NIGHT_S),
        }
        self.line = line
        self.heard: list[bytes] = []
        line.hear = self._hear

    def driver(self, **settings: object) -> ModbusDriver:
        devices = [self._lamp("ecodim-dali-gw2", 1, n) for n in range(4)]
        devices += [self._lamp("intesis-dali", 2, n) for n in range(2)]
        devices.append(Device(id="relays", profile="waveshare-relay-8", bus="b", address=5))
        return ModbusDriver(bus(self.line.link, **settings), devices, GATEWAY, _Nothing(), SystemClock())

    def _lamp(self, profile: str, address: int, n: int) -> Device:
        name = f"{profile[:3]}-{n}"
        return Device(id=name, profile=profile, bus="b", address=address, sub_address=n)

    def _hear(self, request: bytes) -> None:
        self.heard.append(request)
        if (back := modbus.answer(self.units, request[0], request[1:-2])) is not None:
            self.line.say(frame(request[0], back))


class _Nothing:
    def recall(self, key: str) -> str | None:
        return None

    def remember(self, key: str, value: str) -> None:
        pass


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with slave(tmp_path / "tty") as line:
        yield Street(line)


async def breathe() -> None:
    await asyncio.sleep(0)


async def tell(driver: ModbusDriver, levels: dict[str, float], fade_s: float = 0) -> None:
    for one in driver.frames(levels):
        await driver.send(one, fade_s, breathe)


async def test_the_driver_is_a_lamp_driver_and_knows_its_lamps(street: Street) -> None:
    driver = street.driver()
    assert isinstance(driver, LampDriver)
    assert [lamp.device for lamp in driver.lamps] == ["eco-0", "eco-1", "eco-2", "eco-3", "int-0", "int-1"]
    assert all(lamp.dimmable and lamp.readable and lamp.bus == "b" for lamp in driver.lamps)
    assert [lamp.fades for lamp in driver.lamps] == [False] * 4 + [True] * 2


async def test_levels_are_written_and_read_back_together(street: Street) -> None:
    driver = street.driver()
    await driver.open()
    wanted = {"eco-0": 20.0, "eco-2": 60.0, "int-1": 35.0}
    await tell(driver, wanted)
    found = {}
    reads = driver.reads([*wanted, "eco-1"])
    for read in reads:
        found |= await driver.read_levels(read, breathe)
    await driver.close()
    assert len(reads) == 2
    assert all(driver.same(device, level, found[device]) for device, level in wanted.items())
    assert found["eco-1"] == 100


async def test_a_whole_line_takes_one_frame_and_every_lamp_has_its_level(street: Street) -> None:
    driver = street.driver(whole_line=True)
    await driver.open()
    frames = driver.frames({f"eco-{n}": 40.0 for n in range(4)})
    assert len(frames) == 1
    await driver.send(frames[0], 0, breathe)
    levels = [await driver.read_level(f"eco-{n}", breathe) for n in range(4)]
    await driver.close()
    assert all(driver.same("eco-0", 40, level) for level in levels)


async def test_a_fade_is_told_once_and_only_to_gear_that_takes_it(street: Street) -> None:
    driver = street.driver(echo="off")
    await driver.open()
    for level in (40.0, 50.0):
        await tell(driver, {"int-0": level, "eco-0": level}, fade_s=3)
    await tell(driver, {"int-0": 60.0}, fade_s=0)
    await driver.close()
    fades = [request for request in street.heard if request[:4] == b"\x02\x06\x00\x0d"]
    assert [request[5] for request in fades] == [5, 0]
    assert len(street.heard) == 5 + 2


async def test_gear_that_knows_no_level_is_left_out_and_said_so(street: Street) -> None:
    class Mask:
        def read(self, table: Table, address: int, count: int) -> list[int]:
            return [255] * count

        def write(self, table: Table, address: int, values: object) -> None:
            raise AssertionError

    street.units[1] = Mask()
    driver = street.driver()
    await driver.open()
    (read,) = driver.reads(["eco-0", "eco-1"])
    assert await driver.read_levels(read, breathe) == {}
    with pytest.raises(ProtocolError, match="knows no level"):
        await driver.read_level("eco-0", breathe)
    await driver.close()


async def test_a_silent_gateway_raises_no_answer(street: Street) -> None:
    del street.units[1]
    driver = street.driver()
    await driver.open()
    with pytest.raises(NoAnswer):
        await tell(driver, {"eco-0": 10})
    await driver.close()


@pytest.mark.parametrize("point", ["relay_3", "relay_state_3"])
async def test_a_relay_is_switched_by_its_command_or_its_point(street: Street, point: str) -> None:
    driver = street.driver()
    await driver.open()
    seen = [await driver.read_switch("relays", point, breathe)]
    for on in (False, True):
        await driver.switch("relays", point, on, breathe)
        seen.append(await driver.read_switch("relays", point, breathe))
    await driver.close()
    assert seen == [True, False, True]


async def test_a_relay_that_there_is_not_is_said_so(street: Street) -> None:
    driver = street.driver()
    with pytest.raises(ConfigError, match="no command relay_9"):
        await driver.switch("relays", "relay_9", on=True, breathe=breathe)
    with pytest.raises(ConfigError, match="cannot be asked"):
        await driver.read_switch("relays", "relays", breathe)
    with pytest.raises(ConfigError, match="no device"):
        await driver.switch("ghost", "relay_1", on=True, breathe=breathe)


async def test_a_frame_of_a_configuration_that_changed_is_refused(street: Street) -> None:
    (old,) = street.driver(whole_line=True).frames({f"eco-{n}": 40.0 for n in range(4)})
    with pytest.raises(ConfigError, match="any more"):
        await street.driver().send(old, 0, breathe)


async def test_a_level_that_is_none_is_refused_before_anything_is_sent(street: Street) -> None:
    with pytest.raises(Refused):
        street.driver().frames({"eco-0": 101})
    assert street.heard == []

"""A raw serial sensor through the whole driver."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.profile import load_profile
from drivers.serial.driver import SerialDriver
from drivers.serial.sensors import SENSORS
from edge.config.schema import Bus, Device, Gateway
from edge.core.clock import SystemClock
from edge.core.errors import ConfigError, LinkDown, NoAnswer, ProtocolError, Refused
from edge.core.model import Quality
from tests.drivers.slave import Slave, slave
from tests.drivers.test_modbus_driver import Notebook, breathe
from tests.drivers.test_pms5003 import GOOD, SHORT, WORDS, frame

GATEWAY = Gateway(id="g1", latitude=17.75, longitude=106.42)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Slave]:
    async with slave(tmp_path / "tty") as made:
        yield made


def device(name: str = "air1", profile: str = "pms5003") -> Device:
    return Device(id=name, profile=profile, bus="s")


def bus(line_path: Path) -> Bus:
    return Bus.model_validate({"id": "s", "kind": "serial", "port": str(line_path), "timeout_s": 0.05})


def driver(path: Path, *devices: Device) -> SerialDriver:
    return SerialDriver(bus(path), devices or (device(),), GATEWAY, Notebook(), SystemClock())


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    soon = {kind: replace(sensor, interval_s=0.001) for kind, sensor in SENSORS.items() if sensor.interval_s}
    monkeypatch.setattr("drivers.serial.driver.SENSORS", soon)


async def test_a_frame_brings_the_profiles_points_in_order(line: Slave) -> None:
    made = driver(line.link)
    await made.open()
    line.say(GOOD, after_s=0.005)
    reading = await made.read(made.polls[0], breathe)
    names = made.polls[0].layout.names
    assert names == tuple(point.name for point in load_profile("pms5003").points)
    values = dict(zip(names, reading.values, strict=True))
    assert (values["pm2_5_standard"], values["pm2_5"], values["particles_0_3"]) == (25, 24, 2340)
    assert made.polls[0].layout.measurement == "air"
    await made.close()


async def test_a_frame_from_before_the_question_is_not_taken_for_a_new_one(line: Slave) -> None:
    made = driver(line.link)
    await made.open()
    line.say(frame(*(word + 1 for word in WORDS)))
    line.say(GOOD, after_s=0.02)
    await made.probe(made.polls[0])
    line.say(frame(*(word + 2 for word in WORDS)), after_s=0.0)
    line.say(GOOD, after_s=0.02)
    while not made.link._line._buffer:
        await breathe()
    reading = await made.read(made.polls[0], breathe)
    assert reading.values[0] == WORDS[0]
    await made.close()


async def test_points_that_an_older_sensor_has_not_have_no_value(line: Slave) -> None:
    made = driver(line.link)
    await made.open()
    line.say(SHORT, after_s=0.005)
    reading = await made.read(made.polls[0], breathe)
    assert reading.values[:6] == (1, 2, 3, 4, 5, 6)
    assert set(reading.values[6:]) == {None}
    assert reading.flags == tuple((index, Quality.BAD) for index in range(6, 12))
    await made.close()


@pytest.mark.usefixtures("short_wait")
async def test_a_silent_sensor_is_no_answer(line: Slave) -> None:
    made = driver(line.link)
    await made.open()
    with pytest.raises(NoAnswer, match="sent nothing"):
        await made.read(made.polls[0], breathe)
    await made.close()


@pytest.mark.usefixtures("short_wait")
async def test_bytes_that_are_no_frame_are_a_protocol_error(line: Slave) -> None:
    made = driver(line.link)
    await made.open()
    line.say(GOOD[:-1] + b"\x00", after_s=0.005)
    with pytest.raises(ProtocolError, match="no whole frame"):
        await made.read(made.polls[0], breathe)
    await made.close()


async def test_an_unplugged_sensor_is_a_link_down(line: Slave) -> None:
    made = driver(line.link)
    await made.open()
    line.unplug()
    with pytest.raises(LinkDown):
        await made.read(made.polls[0], breathe)
    await made.close()


async def test_a_sensor_cannot_be_told_anything(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        await driver(tmp_path).write("air1", "level", 1.0, breathe)


def test_a_line_carries_one_sensor(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one device, not 2"):
        driver(tmp_path, device("a"), device("b"))


def test_a_modbus_profile_is_not_for_a_raw_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not for a raw serial bus"):
        driver(tmp_path, device(profile="xy-md02"))

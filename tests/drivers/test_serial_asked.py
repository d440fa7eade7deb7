"""Serial sensors through the whole driver, over pseudo-terminals, against sensors that act as real ones."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.profile import load_profile
from drivers.serial.driver import SerialDriver
from edge.config.schema import Bus, Device, Gateway
from edge.core.clock import SystemClock
from edge.core.errors import Asleep, ConfigError, NoAnswer, Refused
from edge.core.model import Quality, Reading, Stamp
from simulators.models import value
from simulators.nature import AirFault, Flaw, Nature
from simulators.sensor import SensorBus
from simulators.sensors import Nova, Plantower, Sensirion, Winsen
from simulators.wire import LineSettings
from tests.drivers.slave import slave
from tests.drivers.test_modbus_driver import Notebook, breathe

GATEWAY = Gateway(id="g1", latitude=17.75, longitude=106.42)
AT_S = 1_790_000_000.0
NATURE = Nature(9)
BAUDRATE = 115_200
"""Whatever the sensor's own: tests need not wait for characters."""

PERIOD_S = 0.05


class MovedClock(SystemClock):
    """The real clock, set forward by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_s = 0.0

    def mono_ns(self) -> int:
        return super().mono_ns() + round(self.ahead_s * 1e9)

    def stamp(self) -> Stamp:
        return Stamp(self.mono_ns(), None)


class Bench:
    """A driver and the simulated sensor at the other end of its line."""

    def __init__(self, folder: Path, profile: str, nature: Nature = NATURE, **keys: object) -> None:
        self.profile = load_profile(profile)
        self.link = folder / "tty"
        self.line = SensorBus(self.link, LineSettings(BAUDRATE), self.profile, nature, lambda: AT_S, PERIOD_S)
        self.notes, self.clock = Notebook(), MovedClock()
        self.driver = self.made(**keys)

    def made(self, **keys: object) -> SerialDriver:
        bus = {"id": "s", "kind": "serial", "port": str(self.link), "baudrate": BAUDRATE, "timeout_s": 0.5}
        device = {"id": "air1", "profile": self.profile.id, "bus": "s", **keys}
        return SerialDriver(
            Bus.model_validate(bus), [Device.model_validate(device)], GATEWAY, self.notes, self.clock
        )

    async def read(self) -> Reading:
        return await self.driver.read(self.driver.polls[0], breathe)

    async def settled(self) -> Reading:
        """The first reading with values: some sensors begin with one that has none."""
        while not any((reading := await self.read()).values):
            await breathe()
        return reading

    def check(self, reading: Reading, quality: Quality = Quality.GOOD) -> None:
        """Every point is what the simulated air is, of that quality."""
        assert {flag for _, flag in reading.flags} == ({quality} - {Quality.GOOD})
        for point, found in zip(self.profile.points, reading.values, strict=True):
            expected = value(NATURE, point.name, AT_S)
            assert found == pytest.approx(expected, rel=0.01, abs=0.6 * point.scale), point.name


Make = Callable[..., "contextlib.AbstractAsyncContextManager[Bench]"]


@pytest.fixture
def bench(tmp_path: Path) -> Make:
    @contextlib.asynccontextmanager
    async def make(profile: str, **keys: object) -> AsyncIterator[Bench]:
        made = Bench(tmp_path, profile, **keys)
        await made.line.start()
        await made.driver.open()
        try:
            yield made
        finally:
            await made.driver.close()
            await made.line.stop()

    return make


@pytest.mark.parametrize("profile", ["pms5003", "pms7003", "pms5003t", "pms5003st", "sds011", "nmea-weather"])
async def test_a_sensor_that_talks_by_itself_is_read(bench: Make, profile: str) -> None:
    async with bench(profile) as made:
        made.check(await made.settled())
        assert made.line.wire.count.bytes_in == 0


@pytest.mark.parametrize("profile", ["pms5003", "sds011"])
async def test_a_passive_sensor_speaks_only_when_asked(bench: Make, profile: str) -> None:
    async with bench(profile, mode="passive") as made:
        sensor = made.line.sensor
        assert isinstance(sensor, Plantower | Nova)
        while sensor.active:
            await made.read()
        made.check(await made.settled())


async def test_an_active_sensor_is_set_so(bench: Make) -> None:
    async with bench("sds011", mode="active") as made:
        assert isinstance(made.line.sensor, Nova)
        made.line.sensor.active = made.line.sensor.awake = False
        await made.read()
        assert made.line.sensor.active


async def test_the_first_frame_of_an_sds011_has_no_values(bench: Make) -> None:
    async with bench("sds011", mode="passive") as made:
        assert isinstance(made.line.sensor, Nova)
        made.line.sensor.active = made.line.sensor.awake = False
        reading = await made.read()
        assert reading.values == (None, None)
        assert {flag for _, flag in reading.flags} == {Quality.BAD}


async def test_an_sps30_is_started_and_its_first_values_are_suspect(bench: Make) -> None:
    async with bench("sps30") as made:
        made.check(await made.read(), Quality.SUSPECT)
        made.clock.ahead_s = 29.0
        made.check(await made.read(), Quality.SUSPECT)
        made.clock.ahead_s = 31.0
        made.check(await made.read())


async def test_an_sps30_that_measures_already_is_left_alone(bench: Make) -> None:
    async with bench("sps30") as made:
        assert isinstance(made.line.sensor, Sensirion)
        made.line.sensor.measures = True
        made.check(await made.read())


async def test_values_are_suspect_while_an_sps30_reports_a_fault(bench: Make) -> None:
    async with bench("sps30") as made:
        assert isinstance(made.line.sensor, Sensirion)
        made.line.sensor.measures = made.line.sensor.fault = True
        made.check(await made.read(), Quality.SUSPECT)


@pytest.mark.parametrize("wanted", [True, False])
async def test_an_mhz19_is_asked_and_its_baseline_set(bench: Make, wanted: bool) -> None:
    async with bench("mhz19", auto_baseline=wanted) as made:
        assert isinstance(made.line.sensor, Winsen)
        made.line.sensor.auto_baseline = not wanted
        made.check(await made.read())
        assert made.line.sensor.auto_baseline is wanted


async def test_an_mhz19_is_told_nothing_of_its_baseline_unless_asked_to(bench: Make) -> None:
    async with bench("mhz19") as made:
        made.check(await made.read())
        assert made.line.wire.count.bytes_in == 9


@pytest.mark.parametrize("profile", ["pms5003", "sds011", "sps30"])
@pytest.mark.parametrize("mode", [None, "passive"])
async def test_a_sensor_works_and_rests_in_turns(bench: Make, profile: str, mode: str | None) -> None:
    async with bench(profile, awake_s=60, sleep_s=240, **({"mode": mode} if mode else {})) as made:
        with pytest.raises(Asleep, match="waking up"):
            await made.read()
        made.check(await made.settled(), Quality.SUSPECT)
        made.clock.ahead_s = 31.0
        made.check(await made.read())
        made.clock.ahead_s = 61.0
        with pytest.raises(Asleep, match="sleeps by plan for another 240 s"):
            await made.read()
        made.clock.ahead_s = 200.0
        with pytest.raises(Asleep):
            await made.driver.probe(made.driver.polls[0])
        while awake(made):
            await breathe()
        made.clock.ahead_s = 302.0
        with pytest.raises(Asleep, match="waking up"):
            await made.read()
        made.check(await made.settled(), Quality.SUSPECT)
        assert awake(made)


def awake(made: Bench) -> bool:
    sensor = made.line.sensor
    return sensor.measures if isinstance(sensor, Sensirion) else bool(vars(sensor)["awake"])


async def test_a_sensor_left_asleep_is_woken_when_it_may_no_longer_rest(bench: Make) -> None:
    async with bench("pms5003", awake_s=60, sleep_s=240) as made:
        for ahead_s in (0.0, 61.0):
            made.clock.ahead_s = ahead_s
            with pytest.raises(Asleep):
                await made.read()
        await made.driver.close()
        made.driver = made.made()
        await made.driver.open()
        made.check(await made.read(), Quality.SUSPECT)
        assert awake(made)
        again = made.made()
        assert again._habits.prepare == ()


async def test_values_after_silence_are_suspect_for_it_was_without_power(tmp_path: Path) -> None:
    async with slave(tmp_path / "tty") as line:
        made = Bench(tmp_path, "mhz19")
        await made.driver.open()
        with pytest.raises(NoAnswer):
            await made.read()
        line.hear = lambda request: line.say(bytes.fromhex("ff 86 01 f4 41 00 00 00 44"))
        assert (await made.read()).flags == ((0, Quality.SUSPECT),)
        made.clock.ahead_s = 181.0
        assert (await made.read()).flags == ()
        await made.driver.close()


async def test_a_sensor_whose_fault_is_silence_does_not_answer(bench: Make) -> None:
    async with bench("mhz19", nature=replace(NATURE, flaws=(Flaw(AirFault.SILENT),))) as made:
        with pytest.raises(NoAnswer, match="sent nothing"):
            await made.read()
        assert made.line.frames == 0


async def test_a_refusing_sensor_is_refused_in_its_words(tmp_path: Path) -> None:
    async with slave(tmp_path / "tty") as line:
        made = Bench(tmp_path, "sps30")
        await made.driver.open()
        line.hear = lambda request: line.say(bytes.fromhex("7e 00 03 28 00 d4 7e"))
        with pytest.raises(Refused, match="argument out of range"):
            await made.read()
        await made.driver.close()


@pytest.mark.parametrize(
    ("profile", "keys", "told"),
    [
        ("sps30", {"mode": "active"}, "talks only when asked"),
        ("nmea-weather", {"mode": "passive"}, "talks only by itself"),
        ("sps30", {"auto_baseline": False}, "has no auto_baseline"),
        ("mhz19", {"awake_s": 600, "sleep_s": 60}, "cannot be put to sleep"),
        ("pms5003", {"awake_s": 40, "sleep_s": 60}, "awake_s must be 50 or more"),
    ],
)
def test_what_a_sensor_cannot_do_is_told(
    tmp_path: Path, profile: str, keys: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        Bench(tmp_path, profile, **keys)


def test_awake_and_asleep_go_together() -> None:
    with pytest.raises(ValueError, match="awake_s and sleep_s go together"):
        Device(id="a", profile="pms5003", bus="s", awake_s=60)

"""What raw serial sensors at full rate cost of a core, each: SDS011, PMS5003 and SPS30 in one process.

`python -m tests.benchmarks.bench_serial_sensors [--json]`; exit 1 where a limit is not reached. The sensors
are a process of their own, and each sends or answers once a second, as real ones do. The driver, all of its
line, parser and decoder with it, reads every frame.
"""

import asyncio
import multiprocessing
import random
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path

from drivers.profile import load_profile
from drivers.serial.driver import SerialDriver
from drivers.serial.sensors import SENSORS
from edge.config.schema import Bus, Device, Gateway
from edge.core.clock import SystemClock
from simulators.nature import Nature
from simulators.sensor import SensorBus
from simulators.wire import LineSettings, precise_loop
from tests.benchmarks.figures import Figure, main

PROFILES = ("pms5003", "sds011", "sps30")
PERIOD_S = 1.0
SECONDS = 20.0
CORE_LIMIT_PERCENT = 1.0
BUFFERED_BYTES = 2_000_000
CHUNK_BYTES = 4096


class Forgetful:
    """A driver's memory that keeps nothing."""

    def recall(self, key: str) -> str | None:
        return None

    def remember(self, key: str, value: str) -> None:
        return None


async def breathe() -> None:
    """No command waits."""


def serve(folder: Path, ready: Event, done: Event) -> None:
    """The sensors, in a process of their own."""

    async def run() -> None:
        lines = [
            SensorBus(
                folder / name,
                LineSettings(load_profile(name).serial.baudrate),
                load_profile(name),
                Nature(1),
                time.time,
                PERIOD_S,
            )
            for name in PROFILES
        ]
        for line in lines:
            await line.start()
        ready.set()
        await asyncio.get_running_loop().run_in_executor(None, done.wait)
        for line in lines:
            await line.stop()

    with asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(run())


def driver_of(folder: Path, name: str) -> SerialDriver:
    baudrate = load_profile(name).serial.baudrate
    bus = Bus.model_validate({"id": name, "kind": "serial", "port": str(folder / name), "baudrate": baudrate})
    device = Device(id=name, profile=name, bus=name)
    gateway = Gateway(id="bench", latitude=17.75, longitude=106.42)
    return SerialDriver(bus, [device], gateway, Forgetful(), SystemClock())


async def reads(driver: SerialDriver, until_s: float) -> int:
    """Read at full rate; gives how many readings there were."""
    loop, count = asyncio.get_running_loop(), 0
    asked = driver.polls[0].device == "sps30"
    while (now_s := loop.time()) < until_s:
        await driver.read(driver.polls[0], breathe)
        count += 1
        if asked:
            await asyncio.sleep(max(0.0, now_s + PERIOD_S - loop.time()))
    return count


async def measure(folder: Path, names: tuple[str, ...], seconds: float) -> tuple[float, int]:
    """The part of a core that these take together, in percent, and how many readings there were."""
    drivers = [driver_of(folder, name) for name in names]
    for driver in drivers:
        await driver.open()
        await driver.read(driver.polls[0], breathe)
    began_s, cpu_s = time.monotonic(), time.process_time()
    until_s = asyncio.get_running_loop().time() + seconds
    counts = await asyncio.gather(*(reads(driver, until_s) for driver in drivers))
    share = (time.process_time() - cpu_s) / (time.monotonic() - began_s)
    for driver in drivers:
        await driver.close()
    return 100 * share, sum(counts)


def parser_mb_per_s(name: str) -> float:
    """How fast random bytes go through a parser."""
    noise = random.Random(1).randbytes(BUFFERED_BYTES)
    parser = SENSORS[load_profile(name).driver].parser()
    began_s = time.process_time()
    for at in range(0, len(noise), CHUNK_BYTES):
        parser.feed(noise[at : at + CHUNK_BYTES])
    return BUFFERED_BYTES / 1e6 / (time.process_time() - began_s)


def figures() -> list[Figure]:
    """Each sensor alone, and all together."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as name:
        folder = Path(name)
        process = context.Process(target=serve, args=(folder, ready, done))
        process.start()
        ready.wait(30)
        try:
            for one in PROFILES:
                share, count = asyncio.run(measure(folder, (one,), SECONDS))
                assert count >= 0.8 * SECONDS / PERIOD_S, f"{one} gave {count} readings only"
                found.append(Figure(f"{one} at full rate", share, "% of a core", CORE_LIMIT_PERCENT))
            share, _ = asyncio.run(measure(folder, PROFILES, SECONDS))
            limit = CORE_LIMIT_PERCENT * len(PROFILES)
            found.append(Figure("all three in one process", share, "% of a core", limit))
        finally:
            done.set()
            process.join(10)
    for one in (*PROFILES, "mhz19", "nmea-weather"):
        found.append(Figure(f"{one} parser, random bytes", parser_mb_per_s(one), "MB/s", None, "higher"))
    return found


if __name__ == "__main__":
    main(figures)

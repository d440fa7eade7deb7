"""32 devices on one 9600 baud line, a third of them dead: how well the living keep their interval.

The bus task of the gateway on the simulated line; the gaps between the samples of each living device
against the interval that was asked for, and the share of the line's time that silence cost.
"""

import asyncio
import itertools
import multiprocessing
import tempfile
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

from drivers.modbus.driver import ModbusDriver
from drivers.profile import load_profile
from edge.config.schema import Bus, BusKind, Device, Gateway
from edge.core.clock import SystemClock
from edge.core.model import Layout, Reading
from edge.runtime.bus import BusRunner
from edge.runtime.live import LiveState
from edge.runtime.watch import Watch
from simulators.devices import Occupant, SimulatedUnit
from simulators.models import Nature
from simulators.rtu import RtuBus
from simulators.wire import LineSettings, precise_loop
from tests.benchmarks.figures import Figure

UNITS, INTERVAL_S = 32, 5.0
DEAD = frozenset(range(1, UNITS + 1, 3))
SETTLE_S, MEASURE_S = 30.0, 120.0


def serve(link: Path, ready: Flag, done: Flag) -> None:
    """The line with its living meters, in a process of its own."""
    profile = load_profile("eastron-sdm120")

    async def run() -> None:
        units = {
            n: SimulatedUnit([Occupant(profile, Nature(n))], lambda: 1_790_000_000.0)
            for n in range(1, UNITS + 1)
            if n not in DEAD
        }
        line = RtuBus(link, LineSettings(9600), units)
        await line.start()
        ready.set()
        await asyncio.get_running_loop().run_in_executor(None, done.wait)
        await line.stop()

    with asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(run())


class Nothing:
    """No memory."""

    def recall(self, key: str) -> str | None:
        return None

    def remember(self, key: str, value: str) -> None:
        pass


class Times:
    """When each device gave a sample, in seconds."""

    def __init__(self) -> None:
        self.by_device: dict[str, list[float]] = {}

    def take(self, layout: Layout, reading: Reading) -> None:
        self.by_device.setdefault(layout.device, []).append(reading.stamp.mono_ns / 1e9)


async def observe(link: Path) -> list[Figure]:
    """Poll for a while; the gaps, and what the dead cost."""
    bus = Bus(id="line", kind=BusKind.RTU, port=str(link), baudrate=9600)
    devices = [
        Device(id=f"meter-{n}", profile="eastron-sdm120", bus="line", address=n, interval_s=INTERVAL_S)
        for n in range(1, UNITS + 1)
    ]
    clock, times = SystemClock(), Times()
    gateway = Gateway(id="gw-bench", latitude=17.7556, longitude=106.4231)
    driver = ModbusDriver(bus, devices, gateway, Nothing(), clock)
    watch = Watch(LiveState(device.id for device in devices), lambda event: None, clock)
    runner = BusRunner(bus.id, driver, times, watch, clock, bus.dead_share)
    task = asyncio.create_task(runner.run())
    await asyncio.sleep(SETTLE_S)
    times.by_device.clear()
    await asyncio.sleep(MEASURE_S)
    status = runner.status()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    gaps = sorted(
        later - earlier for seen in times.by_device.values() for earlier, later in itertools.pairwise(seen)
    )
    assert len(times.by_device) == UNITS - len(DEAD), "a living device was not read"
    return [
        Figure(
            "a third dead at 9600 baud: p99 gap of the living",
            gaps[int(len(gaps) * 0.99)] / INTERVAL_S,
            "intervals",
            1.2,
        ),
        Figure("a third dead at 9600 baud: time lost to silence", status.silent_share, "of time", 0.2),
        Figure("a third dead at 9600 baud: use of the line", status.utilisation, "of time", None),
    ]


def figures() -> list[Figure]:
    """All figures of this benchmark."""
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as directory:
        link = Path(directory) / "line"
        context = multiprocessing.get_context("spawn")
        ready, done = context.Event(), context.Event()
        process = context.Process(target=serve, args=(link, ready, done))
        process.start()
        try:
            assert ready.wait(20), "the simulated line did not start"
            return asyncio.run(observe(link))
        finally:
            done.set()
            process.join(10)


if __name__ == "__main__":
    from tests.benchmarks.figures import main

    main(figures)

"""How fast lamps do what they are told: over MQTT through a whole gateway, and at the level of Luminaires.

One lamp and a group of 32 on a 9600 baud line under full polling; a town of 5,000 lamps over 16 buses, by
frames to whole lines and one by one. The lines are simulated in a process of their own, as devices are.
"""

import asyncio
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from drivers.modbus.driver import ModbusDriver
from drivers.profile import load_profile
from edge.config.schema import Bus, BusKind, Device, Gateway
from edge.core.clock import SystemClock
from edge.core.lighting import LampDriver, LampFrame, LampReport
from edge.core.model import Layout, Reading
from edge.runtime.bus import BusRunner
from edge.runtime.live import LiveState
from edge.runtime.luminaires import BusLuminaires
from edge.runtime.watch import Watch
from simulators.devices import Occupant, SimulatedUnit, Spot
from simulators.nature import Nature
from simulators.rtu import RtuBus
from simulators.tcp import TcpBus
from simulators.wire import LineSettings, precise_loop
from tests.benchmarks.figures import Figure, main
from tests.benchmarks.lamps_over_mqtt import over_mqtt

PROFILE = "ecodim-dali-gw2"
GATEWAY = Gateway(id="gw-bench", latitude=17.7556, longitude=106.4231)
AT_S = 1_790_000_000.0
LINE_LAMPS, LINE_GROUP = 32, 3
LINE_INTERVAL_S = 2.0
"""32 polls of about 75 ms in 2 s: the line is asked for more than it can carry, so it is never idle."""

COMMANDS = 150
TURNAROUND_S = load_profile(PROFILE).serial.response_s
TOWN_LAMPS, TOWN_BUSES, UNIT_LAMPS = 5_000, 16, 64
TOWN_INTERVAL_S = 60.0
SETTLE_S = 5.0


def unit(lamps: int) -> SimulatedUnit:
    """A DALI gateway and the lamps behind it, all in one group."""
    profile, group = load_profile(PROFILE), frozenset({LINE_GROUP})
    occupants = [
        Occupant(profile, Nature(n, is_lamp=True, level=100.0), Spot(0, n), groups=group)
        for n in range(lamps)
    ]
    return SimulatedUnit(occupants, lambda: AT_S)


def serve_line(link: Path, talk: Connection) -> None:
    """One serial line with a gateway of 32 lamps."""

    async def run() -> None:
        line = RtuBus(link, LineSettings(9600), {1: unit(LINE_LAMPS)}, TURNAROUND_S)
        await line.start()
        talk.send([])
        await asyncio.get_running_loop().run_in_executor(None, talk.recv)
        await line.stop()

    with asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(run())


def serve_town(link: Path, talk: Connection) -> None:
    """The town's buses on TCP; says their ports."""

    async def run() -> None:
        buses = [TcpBus({n: unit(len(spots)) for n, spots in units_of(bus)}) for bus in range(TOWN_BUSES)]
        for bus in buses:
            await bus.start()
        talk.send([bus.port for bus in buses])
        await asyncio.get_running_loop().run_in_executor(None, talk.recv)
        for bus in buses:
            await bus.stop()

    asyncio.run(run())


def units_of(bus: int) -> Iterator[tuple[int, range]]:
    """The units of one of the town's buses, and the short addresses behind each."""
    first, last = TOWN_LAMPS * bus // TOWN_BUSES, TOWN_LAMPS * (bus + 1) // TOWN_BUSES
    for number, begin in enumerate(range(first, last, UNIT_LAMPS), 1):
        yield number, range(min(UNIT_LAMPS, last - begin))


@contextmanager
def served(serve: Callable[[Path, Connection], None]) -> Iterator[tuple[Path, list[int]]]:
    """A simulation in a process of its own; gives the device file and the ports."""
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as directory:
        link = Path(directory) / "line"
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(link, theirs))
        process.start()
        try:
            assert ours.poll(60), "the simulated lamps did not start"
            yield link, ours.recv()
        finally:
            ours.send("done")
            process.join(10)


class Nothing:
    """No memory, and nobody who takes readings."""

    def __init__(self) -> None:
        self.readings = 0

    def recall(self, key: str) -> str | None:
        return None

    def remember(self, key: str, value: str) -> None:
        pass

    def take(self, layout: Layout, reading: Reading) -> None:
        self.readings += 1


class Running:
    """Buses that poll, and the luminaires over them."""

    def __init__(self, buses: Sequence[Bus], devices: Sequence[Device]) -> None:
        clock, self.nothing = SystemClock(), Nothing()
        watch = Watch(LiveState(device.id for device in devices), lambda event: None, clock)
        self.runners: dict[str, BusRunner] = {}
        for bus in buses:
            here = [device for device in devices if device.bus == bus.id]
            driver = ModbusDriver(bus, here, GATEWAY, self.nothing, clock)
            self.runners[bus.id] = BusRunner(bus.id, driver, self.nothing, watch, clock, bus.dead_share)
        of = {device.id: device.bus for device in devices}
        self.luminaires = BusLuminaires(lambda: self.runners, lambda device: self.runners[of[device]])
        self.tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Running":
        self.tasks = [asyncio.create_task(runner.run()) for runner in self.runners.values()]
        await asyncio.sleep(SETTLE_S)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def told(self, levels: dict[str, float]) -> tuple[float, float]:
        """Seconds until these levels were applied and until they were verified, from now."""
        began_s = time.monotonic()
        sure(await self.luminaires.apply(levels, 0), "applied")
        applied_s = time.monotonic() - began_s
        sure(await self.luminaires.verify(levels), "verified")
        return applied_s, time.monotonic() - began_s


def sure(reports: Mapping[str, LampReport], what: str) -> None:
    """Every lamp did it, or the figure is worth nothing."""
    bad = [report for report in reports.values() if not getattr(report, what)]
    assert not bad, f"{len(bad)} lamps were not {what}, such as {bad[0]}"


def lamp(n: int, bus: str, address: int, sub_address: int, interval_s: float) -> Device:
    """One lamp of the bench."""
    return Device(
        id=f"lamp-{n}",
        profile=PROFILE,
        bus=bus,
        address=address,
        sub_address=sub_address,
        interval_s=interval_s,
        lamp_groups=(LINE_GROUP,),
    )


def frames_of(running: Running) -> list[LampFrame]:
    """The frames that bring every lamp to one level."""
    found: list[LampFrame] = []
    for runner in running.runners.values():
        assert isinstance(runner.driver, LampDriver)
        found += runner.driver.frames({one.device: 1.0 for one in runner.driver.lamps})
    return found


async def on_the_line(link: Path) -> list[Figure]:
    """32 lamps at 9600 baud while the line is never idle."""
    bus = Bus(id="line", kind=BusKind.RTU, port=str(link), baudrate=9600, echo="off")
    lamps = [lamp(n, "line", 1, n, LINE_INTERVAL_S) for n in range(LINE_LAMPS)]
    applied, verified, group = [], [], []
    async with Running([bus], lamps) as running:
        for n in range(COMMANDS):
            one = await running.told({f"lamp-{n % LINE_LAMPS}": 20.0 + n % 70})
            applied.append(one[0] * 1000)
            verified.append(one[1] * 1000)
            await asyncio.sleep(0.037 * (n % 5))
        group = [await running.told(dict.fromkeys(running.luminaires.lamps, 30.0 + n)) for n in range(8)]
        use = running.runners["line"].status().utilisation
        frames = frames_of(running)
    assert len(frames) == 1, "a group of 32 takes more than one frame"
    return [
        Figure("use of the 9600 baud line meanwhile", use, "of time", None),
        Figure("one lamp of 32 at 9600 baud: p99 to applied", _p99(applied), "ms", 250),
        Figure("one lamp of 32 at 9600 baud: p99 to verified", _p99(verified), "ms", 600),
        Figure("32 lamps by a group frame: wire time of it", frames[0].wire_s * 1000, "ms", 100),
        Figure(
            "32 lamps by a group frame: all applied, worst", 1000 * max(one[0] for one in group), "ms", None
        ),
        Figure("32 lamps by a group frame: all verified, worst", max(one[1] for one in group), "s", 4),
    ]


async def in_the_town(ports: Sequence[int], whole_line: bool) -> list[Figure]:
    """5,000 lamps over 16 buses, by frames to whole lines or one by one."""
    buses = [
        Bus(id=f"bus-{n}", kind=BusKind.TCP, host="127.0.0.1", port=port, whole_line=whole_line)
        for n, port in enumerate(ports)
    ]
    places = [(n, number, spot) for n in range(TOWN_BUSES) for number, spots in units_of(n) for spot in spots]
    lamps = [
        lamp(n, f"bus-{bus}", address, spot, TOWN_INTERVAL_S)
        if whole_line
        else lamp(n, f"bus-{bus}", address, spot, TOWN_INTERVAL_S).model_copy(update={"lamp_groups": ()})
        for n, (bus, address, spot) in enumerate(places)
    ]
    assert len(lamps) == TOWN_LAMPS
    way = "frames to lines" if whole_line else "one by one"
    async with Running(buses, lamps) as running:
        before = psutil.Process().memory_info().rss
        took = [
            await running.told(dict.fromkeys(running.luminaires.lamps, level)) for level in (40.0, 90.0, 0.0)
        ]
        frames = len(frames_of(running))
        grown = (psutil.Process().memory_info().rss - before) / 1e6
    return [
        Figure(f"5,000 lamps, {way}: frames", frames, "frames", None),
        Figure(f"5,000 lamps, {way}: all applied, worst of 3", max(one[0] for one in took), "s", 5),
        Figure(f"5,000 lamps, {way}: all verified, worst of 3", max(one[1] for one in took), "s", None),
        Figure(f"5,000 lamps, {way}: memory grown by 3 commands", grown, "MB", 50),
        Figure(
            f"5,000 lamps, {way}: most memory of the process",
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
            "MB",
            None,
        ),
    ]


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def figures() -> list[Figure]:
    """All figures of this benchmark."""
    line = {"profile": PROFILE, "interval_s": LINE_INTERVAL_S, "dali_group": LINE_GROUP}
    with served(serve_line) as (link, _):
        found = asyncio.run(over_mqtt(link, line, LINE_LAMPS))
    with served(serve_line) as (link, _):
        found += asyncio.run(on_the_line(link))
    with served(serve_town) as (_, ports):
        for whole_line in (True, False):
            found += asyncio.run(in_the_town(ports, whole_line))
    return found


if __name__ == "__main__":
    main(figures)

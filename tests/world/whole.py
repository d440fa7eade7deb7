"""One whole gateway in this process, on simulated buses that a test can take away."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from drivers.profile import load_profile
from edge.cli.run import Running, running
from edge.config.load import load
from edge.core.clock import SystemClock
from edge.core.model import DeviceState
from edge.runtime.gateway import Gateway
from edge.runtime.status import Status
from edge.wiring import Wiring, problems_of_wiring
from simulators.devices import Occupant, SimulatedUnit
from simulators.models import Nature
from simulators.rtu import RtuBus
from simulators.tcp import TcpBus
from simulators.wire import LineSettings
from tests.servers import Influxd, Mosquitto, Subscriber
from tests.world.waiting import soon

HEAD = """\
[gateway]
id = "gw-a"
latitude = 17.7556
longitude = 106.4231
commune = "ba-don"
data_dir = "{data_dir}"
[http]
port = 0
"""
CENTRE = '[[influx]]\nid = "{id}"\nurl = "{url}"\nversion = 1\ndatabase = "{database}"\n{more}'


def unit(*profiles: str) -> SimulatedUnit:
    """A unit that is one device, or several at one address."""
    return SimulatedUnit([Occupant(load_profile(profile), Nature(7)) for profile in profiles], time.time)


class Buses:
    """A Modbus TCP bus with two meters, and a serial line with a thermometer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tcp = TcpBus({1: unit("eastron-sdm120"), 2: unit("pzem-016")})
        self.line = RtuBus(folder / "usb-line", LineSettings(19_200), {1: unit("xy-md02")})

    @asynccontextmanager
    async def plugged(self) -> AsyncIterator["Buses"]:
        await self.tcp.start()
        await self.line.start()
        try:
            yield self
        finally:
            await self.line.stop()
            await self.tcp.stop()

    def text(self, interval_s: float = 0.2) -> str:
        """The buses and devices for gateway.toml."""
        buses = (
            f'[[bus]]\nid = "tcp"\nkind = "tcp"\nhost = "127.0.0.1"\nport = {self.tcp.port}\n'
            f'[[bus]]\nid = "line"\nkind = "rtu"\nport = "{self.folder}/usb-line"\nbaudrate = 19200\n'
            "timeout_s = 0.1\n"
        )
        devices = (
            ("meter-1", "eastron-sdm120", "tcp", 1),
            ("meter-2", "pzem-016", "tcp", 2),
            ("climate", "xy-md02", "line", 1),
        )
        return buses + "".join(
            f'[[device]]\nid = "{name}"\nprofile = "{profile}"\nbus = "{bus}"\naddress = {address}\n'
            f"interval_s = {interval_s}\n"
            for name, profile, bus, address in devices
        )


class Whole:
    """The gateway, and what a test looks at."""

    def __init__(self, file: Path, gateway: Gateway) -> None:
        self.file, self.gateway = file, gateway

    @property
    def status(self) -> Status:
        return self.gateway.status()

    def state(self, device: str) -> DeviceState:
        return next(state for state in self.gateway.live.states() if state.device == device)

    def trouble(self, target: str) -> str:
        return next(way.trouble for way in self.status.targets if way.target == target)

    def bus_trouble(self, bus: str) -> str:
        return next(one.trouble for one in self.status.buses if one.id == bus)

    def pending(self, target: str) -> int:
        return self.status.outbox.pending[target]

    async def online(self, *devices: str) -> None:
        await soon(lambda: all(self.state(device).online for device in devices))


def write_file(folder: Path, *parts: str, data_dir: Path | None = None) -> Path:
    """gateway.toml of the parts given."""
    file = folder / "gateway.toml"
    head = HEAD.format(data_dir=data_dir or folder / "data")
    file.write_text("\n".join([head, *parts]), "utf-8")
    return file


def mqtt(broker: Mosquitto, more: str = "") -> str:
    return f'[mqtt]\nurl = "{broker.url}"\n{more}'


def influx(server: Influxd, id: str = "centre", database: str = "town", more: str = "") -> str:
    return CENTRE.format(id=id, url=server.url, database=database, more=more)


@asynccontextmanager
async def whole(file: Path) -> AsyncIterator[Whole]:
    """The gateway as `gianh run` has it; nothing of it may be left at the end."""
    before, threads = asyncio.all_tasks(), set(threading.enumerate())
    loaded = load(file, problems_of_wiring)
    async with running(loaded.config, file) as run:
        assert isinstance(run, Running)
        yield Whole(file, run.gateway)
    left = {task.get_name() for task in asyncio.all_tasks() - before}
    assert left == set()
    still = {thread.name for thread in set(threading.enumerate()) - threads}
    assert not [name for name in still if not name.startswith("asyncio_")], still
    lying = {path.name for path in loaded.config.gateway.data_dir.iterdir()}
    assert lying <= {"gianh.db", "audit.log", "ballast"}, lying


@asynccontextmanager
async def bare(file: Path, clock: SystemClock) -> AsyncIterator[Whole]:
    """The gateway without its API, by a clock of the test's own."""
    config = load(file, problems_of_wiring).config
    gateway = Gateway(config, Wiring(), clock, lambda: load(file, problems_of_wiring).config, "test")
    await gateway.start()
    try:
        yield Whole(file, gateway)
    finally:
        await gateway.stop()


async def payloads(subscriber: Subscriber, count: int) -> Sequence[tuple[bool, str, dict[str, object]]]:
    """Retained, last part of the topic, and body of the next messages."""
    heard = [await subscriber.next() for _ in range(count)]
    return [(retained, topic, json.loads(body)) for retained, topic, body in heard]

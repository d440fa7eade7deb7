"""Lamps behind a simulated DALI gateway on TCP, `gianh run` over them, and commands by mosquitto_rr."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from drivers.profile import Table, load_profile
from simulators.devices import Occupant, SimulatedUnit, Spot
from simulators.nature import Nature
from simulators.tcp import TcpBus
from tests.servers import Mosquitto, Subscriber, need

PROFILE = "ecodim-dali-gw2"
GATEWAY = "gw-a"
BASE = f"gianh/v1/{GATEWAY}"
ANSWERS = "town/answers"
LAMPS = tuple(f"lamp-{n}" for n in range(6))

HEAD = """\
[gateway]
id = "{gateway}"
latitude = {latitude}
longitude = {longitude}
timezone = "{timezone}"
data_dir = "{folder}/data"
[mqtt]
url = "{url}"
[http]
port = 0
[lighting]
fade_s = 0
dwell_s = 0
stagger_lamps = 2
stagger_s = 1
[[bus]]
id = "street"
kind = "tcp"
host = "127.0.0.1"
port = {port}
[[group]]
id = "square"
devices = ["lamp-0", "lamp-1", "lamp-2"]
[[calendar]]
id = "all"
default = "evening"
[[assignment]]
target = "{gateway}"
calendar = "all"
[[program]]
id = "evening"
steps = {steps}
"""
LAMP = """\
[[device]]
id = "{lamp}"
profile = "{profile}"
bus = "street"
address = 1
sub_address = {n}
interval_s = 1
"""


class Street:
    """The unit with the lamps; `seen` has the levels of all of them after every write."""

    def __init__(self, level: float) -> None:
        profile = load_profile(PROFILE)
        occupants = [
            Occupant(profile, Nature(n, is_lamp=True, level=level), Spot(0, n)) for n in range(len(LAMPS))
        ]
        self._unit = SimulatedUnit(occupants, time.time)
        self.seen: list[tuple[float, ...]] = []
        self.bus = TcpBus({1: self})

    def read(self, table: Table, address: int, count: int) -> Sequence[int]:
        """As simulators.modbus.Unit."""
        return self._unit.read(table, address, count)

    def write(self, table: Table, address: int, values: Sequence[int]) -> None:
        """As simulators.modbus.Unit."""
        self._unit.write(table, address, values)
        self.seen.append(self.levels)

    @property
    def levels(self) -> tuple[float, ...]:
        """What each lamp has, to the percent."""
        found = (self._unit.value(PROFILE, "level", Spot(0, n)) for n in range(len(LAMPS)))
        return tuple(float(round(level)) for level in found)

    @asynccontextmanager
    async def wired(self) -> AsyncIterator["Street"]:
        """The street on its port."""
        await self.bus.start()
        try:
            yield self
        finally:
            await self.bus.stop()


def write_gateway(
    folder: Path,
    broker: Mosquitto,
    port: int,
    steps: str,
    place: tuple[float, float, str] = (17.7556, 106.4231, "Asia/Ho_Chi_Minh"),
) -> Path:
    """gateway.toml: the lamps, one plan for all; `place` is latitude, longitude and timezone."""
    latitude, longitude, timezone = place
    file = folder / "gateway.toml"
    head = HEAD.format(
        gateway=GATEWAY,
        latitude=latitude,
        longitude=longitude,
        timezone=timezone,
        folder=folder,
        url=broker.url,
        port=port,
        steps=steps,
    )
    lamps = (LAMP.format(lamp=lamp, profile=PROFILE, n=n) for n, lamp in enumerate(LAMPS))
    file.write_text(head + "".join(lamps), "utf-8")
    return file


async def lamps_verified(broker: Mosquitto, *lamps: str) -> None:
    """Return once the gateway is there and all these lamps have what they shall have."""
    async with Subscriber(broker.port, f"{BASE}/status") as subscriber:
        while json.loads((await subscriber.next())[2])["state"] != "online":
            pass
    waiting = set(lamps or LAMPS)
    async with Subscriber(broker.port, f"{BASE}/light/+/state") as subscriber:
        while waiting:
            _, topic, body = await subscriber.next()
            if json.loads(body)["verified"]:
                waiting.discard(topic.split("/")[-2])


async def request(broker: Mosquitto, path: str, body: object, *options: str) -> dict[str, object]:
    """Publish a command as mosquitto_rr does; gives the first answer."""
    process = await asyncio.create_subprocess_exec(
        *(need("mosquitto_rr", "mosquitto-clients"), "-V", "mqttv5", "-p", str(broker.port), "-q", "1"),
        *("-t", f"{BASE}/command/{path}", "-e", ANSWERS, "-m", json.dumps(body), *options),
        *("-W", "15"),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, "no answer came"
    answer = json.loads(output)
    assert isinstance(answer, dict)
    return answer


async def publish_retained(broker: Mosquitto, path: str, body: object, *options: str) -> None:
    """Publish a command with the retain flag, which mosquitto_rr does not offer."""
    process = await asyncio.create_subprocess_exec(
        *(need("mosquitto_pub", "mosquitto-clients"), "-V", "mqttv5", "-p", str(broker.port), "-q", "1"),
        *("-r", "-t", f"{BASE}/command/{path}", "-m", json.dumps(body)),
        *("-D", "publish", "response-topic", ANSWERS, *options),
    )
    assert await process.wait() == 0


async def answers(subscriber: Subscriber) -> list[dict[str, object]]:
    """All answers to one command, to its last."""
    found: list[dict[str, object]] = []
    while not found or found[-1]["state"] not in ("verified", "failed", "unknown"):
        found.append(json.loads((await subscriber.next())[2]))
    return found

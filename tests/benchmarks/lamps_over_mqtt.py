"""From MQTT publish to the replies `applied` and `verified`, by a client of its own, through a whole gateway.

The gateway is `gianh run` on one 9600 baud line of 32 lamps under full polling, with a real broker between.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.benchmarks.figures import Figure
from tests.servers import Mosquitto, running
from tests.world.processes import daemon

GATEWAY = "gw-bench"
COMMANDS, GROUP_COMMANDS = 100, 8
GROUP = "street"
ANSWERS = "bench/answers"
EXPIRY_S = 30
ANSWER_S, START_S, SETTLE_S = 40.0, 60.0, 5.0

HEAD = """\
[gateway]
id = "{gateway}"
latitude = 17.7556
longitude = 106.4231
data_dir = "{directory}/data"
[mqtt]
url = "mqtt://127.0.0.1:{port}"
[http]
port = 0
[lighting]
fade_s = 0
dwell_s = 0
commands_per_minute = 6000
guard_lamps = 1000
[[bus]]
id = "line"
kind = "rtu"
port = "{link}"
baudrate = 9600
echo = "off"
[[group]]
id = "{group}"
devices = {lamps}
"""
LAMP = """\
[[device]]
id = "lamp-{n}"
profile = "{profile}"
bus = "line"
address = 1
sub_address = {n}
interval_s = {interval_s}
lamp_groups = [{dali_group}]
"""


def gateway_text(directory: Path, link: Path, port: int, line: Mapping[str, object], count: int) -> str:
    """The gateway.toml of the run; the lamps' dwell and rates are such that no command is refused."""
    lamps = json.dumps([f"lamp-{n}" for n in range(count)])
    head = HEAD.format(gateway=GATEWAY, directory=directory, link=link, port=port, group=GROUP, lamps=lamps)
    return head + "".join(LAMP.format(n=n, **line) for n in range(count))


class Client:
    """Asks as any MQTT 5 client does: response topic, correlation data, message expiry."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client, self._count = client, 0
        self._answers: asyncio.Queue[tuple[float, bytes, str, str]] = asyncio.Queue()

    async def listen(self) -> None:
        """Note when each answer comes, until cancelled."""
        async for message in self._client.messages:
            came_s, body = time.monotonic(), json.loads(bytes(message.payload))
            correlation = getattr(message.properties, "CorrelationData", b"")
            self._answers.put_nowait((came_s, correlation, body["state"], body.get("reason", "")))

    async def set_level(self, target: str, level: float) -> dict[str, float]:
        """Give a level; milliseconds from the publish to each state that was told."""
        self._count += 1
        name = f"bench-{self._count}"
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ResponseTopic, properties.CorrelationData = ANSWERS, name.encode()
        properties.MessageExpiryInterval = EXPIRY_S
        topic = f"gianh/v1/{GATEWAY}/command/light/{target}"
        body, began_s = json.dumps({"id": name, "level": level, "by": "bench"}), time.monotonic()
        await self._client.publish(topic, body, qos=1, properties=properties)
        told: dict[str, float] = {}
        async with asyncio.timeout(ANSWER_S):
            while not told.keys() & {"verified", "failed", "unknown"}:
                came_s, correlation, state, reason = await self._answers.get()
                assert correlation == name.encode(), "an answer to another command"
                assert state != "failed", f"{target}: {reason}"
                told[state] = 1000 * (came_s - began_s)
        return told

    async def until_ready(self, target: str) -> None:
        """The gateway is there and can set all of a target's lamps."""
        async with asyncio.timeout(START_S):
            while True:
                try:
                    await self.set_level(target, 90.0)
                except AssertionError:
                    await asyncio.sleep(1.0)
                else:
                    return


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    """A client that listens for its answers."""
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as raw:
        await raw.subscribe(ANSWERS, qos=1)
        client = Client(raw)
        listening = asyncio.create_task(client.listen())
        try:
            yield client
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def until_online(port: int) -> None:
    """The gateway's retained status says that it is there."""
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe(f"gianh/v1/{GATEWAY}/status", qos=1)
        async with asyncio.timeout(START_S):
            async for message in client.messages:
                if json.loads(bytes(message.payload))["state"] == "online":
                    return


async def over_mqtt(link: Path, line: Mapping[str, object], count: int) -> list[Figure]:
    """All figures, on a simulated line that is there."""
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as name:
        directory = Path(name)
        file, log, broker = directory / "gateway.toml", directory / "log", Mosquitto(directory / "mosquitto")
        file.write_text(gateway_text(directory, link, broker.port, line, count), "utf-8")
        with running(broker), daemon(file, log):
            await until_online(broker.port)
            async with connected(broker.port) as client:
                await asyncio.sleep(SETTLE_S)
                await client.until_ready(GROUP)
                return await measure(client, count, broker.port)


@asynccontextmanager
async def polls_counted(port: int) -> AsyncIterator[list[float]]:
    """When each sample came in the block."""
    came: list[float] = []

    async def count(client: aiomqtt.Client) -> None:
        async for _ in client.messages:
            came.append(time.monotonic())

    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe(f"gianh/v1/{GATEWAY}/device/+/sample")
        counting = asyncio.create_task(count(client))
        try:
            yield came
        finally:
            counting.cancel()
            await asyncio.gather(counting, return_exceptions=True)


async def measure(client: Client, count: int, port: int) -> list[Figure]:
    """One lamp after the other, then all by a group frame."""
    singles, began_s = [], time.monotonic()
    async with polls_counted(port) as polls:
        for n in range(COMMANDS):
            singles.append(await client.set_level(f"lamp-{n % count}", 40.0 + n % 50))
            await asyncio.sleep(0.037 * (n % 5))
        polled = len(polls) / (time.monotonic() - began_s)
    groups = [await client.set_level(GROUP, 40.0 + 5 * n) for n in range(GROUP_COMMANDS)]
    name, of_group = (
        f"MQTT publish to reply, one of {count} lamps",
        f"MQTT publish to reply, group of {count}",
    )
    return [
        Figure(f"{name}: lamps polled meanwhile", polled, "1/s", None),
        Figure(f"{name}: median to accepted", _share(singles, "accepted", 0.5), "ms", None),
        Figure(f"{name}: median to applied", _share(singles, "applied", 0.5), "ms", None),
        Figure(f"{name}: p99 to applied", _share(singles, "applied", 0.99), "ms", 250),
        Figure(f"{name}: median to verified", _share(singles, "verified", 0.5), "ms", None),
        Figure(f"{name}: p99 to verified", _share(singles, "verified", 0.99), "ms", 600),
        Figure(f"{of_group}: applied, worst", max(one["applied"] for one in groups), "ms", None),
        Figure(f"{of_group}: verified, worst", max(one["verified"] for one in groups) / 1000, "s", 4),
    ]


def _share(told: Sequence[Mapping[str, float]], state: str, share: float) -> float:
    """So large a share of the commands took no longer."""
    took = sorted(one[state] for one in told)
    return took[min(int(len(took) * share), len(took) - 1)]

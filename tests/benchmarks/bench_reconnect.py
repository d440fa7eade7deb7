"""A thousand gateways that lose one broker together: how fast they come back, and how evenly.

Real links (the gateway's own, without what lies behind them) and a real Mosquitto, killed and started
again.

python -m tests.benchmarks.bench_reconnect [--json]
"""

import asyncio
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from cloud_sync.mqtt.link import Identity, MqttLink
from edge.config.schema import Mqtt
from edge.core.clock import SystemClock
from edge.core.model import Event
from tests.benchmarks.figures import Figure, main
from tests.servers import Mosquitto, running

GATEWAYS = 1_000
SPREAD_S = 10.0
AWAY_S = 2.0
"""How long the broker is gone: shorter than the spread, as a restart for new certificates is."""

BACK_S = 120.0
"""Longest wait until all are back."""

EVENNESS_MAX = 2.0
"""Most connections in one second, of what an even spread would have."""


class Fleet:
    """Links of so many gateways, and when each last came."""

    def __init__(self, url: str, gateways: int, spread_s: float, seed: int = 1) -> None:
        self._settings, self._chance = Mqtt(url=url, reconnect_spread_s=spread_s), random.Random(seed).random
        self.links = [self._link(f"gw-{number:04}") for number in range(gateways)]
        self.came_s: list[float] = []

    def _link(self, gateway: str) -> MqttLink:
        identity = Identity(gateway, "0.1.0", "boot")
        return MqttLink(self._settings, identity, tuple, SystemClock(), _nothing, self._chance)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All links run; they end with the block."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(link.run()) for link in self.links]
            watching = [group.create_task(self._watch(link)) for link in self.links]
            yield
            for task in (*watching, *tasks):
                task.cancel()

    async def _watch(self, link: MqttLink) -> None:
        while True:
            await link.until_connected()
            self.came_s.append(time.monotonic())
            while link.connected:
                await link.changed()

    async def until_all_are_there(self, came_before: int = 0) -> None:
        """Wait until each gateway has come once more than `came_before` times all together."""
        async with asyncio.timeout(BACK_S):
            while len(self.came_s) < came_before + len(self.links):
                await asyncio.sleep(0.05)


def _nothing(event: Event) -> None:
    """No gateway behind the link takes events."""


async def storm(
    folder: Path, gateways: int = GATEWAYS, spread_s: float = SPREAD_S
) -> tuple[list[float], float]:
    """Seconds from the broker's return to each gateway's, and for how many seconds the broker was gone."""
    broker = Mosquitto(folder, f"max_connections {2 * gateways}")
    async with AsyncExitStack() as stack:
        stack.enter_context(running(broker))
        fleet = Fleet(broker.url, gateways, spread_s)
        await stack.enter_async_context(fleet.running())
        await fleet.until_all_are_there()
        lost_s = time.monotonic()
        broker.kill()
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(broker.start)
        back_s = time.monotonic()
        await fleet.until_all_are_there(gateways)
        return [came_s - back_s for came_s in fleet.came_s[gateways:]], back_s - lost_s


def per_second(came_s: Sequence[float]) -> list[int]:
    """How many came in the first second, the second, and so on."""
    counted = Counter(int(max(0.0, second)) for second in came_s)
    return [counted[second] for second in range(max(counted) + 1)]


def curve(counts: Sequence[int]) -> str:
    """The curve as a person reads it: a line a second, a sign for ten gateways."""
    lines = (f"{second:>4} s {count:>5}  {'#' * round(count / 10)}" for second, count in enumerate(counts))
    return "\n".join(line.rstrip() for line in lines)


def figures() -> list[Figure]:
    """All figures."""
    logging.getLogger("cloud_sync.mqtt.link").setLevel(logging.ERROR)  # a thousand links, one line each
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as name:
        came_s, away_s = asyncio.run(storm(Path(name)))
    counts = per_second(came_s)
    print(f"{GATEWAYS} gateways after a broker that was away for {away_s:.1f} s:", file=sys.stderr)
    print(curve(counts), file=sys.stderr)
    even = GATEWAYS / SPREAD_S
    return [
        Figure("gateways that came back", len(came_s), "", GATEWAYS, "higher"),
        Figure("most connections in a second, of an even spread", max(counts) / even, "times", EVENNESS_MAX),
        Figure("the last is back after", max(came_s), "s", None),
    ]


if __name__ == "__main__":
    main(figures)

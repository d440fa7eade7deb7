"""A gateway's own console: what its browsers cost in memory, and whether a flood of requests disturbs polls.

Quiet and flooded spells take turns in one run of the demo; intervals are between times of acquisition.
"""

import asyncio
import json
import statistics
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import aiomqtt
import httpx

from tests.benchmarks.bench_console import process, resident_mb
from tests.benchmarks.figures import Figure, main

SPELLS, SPELL_S, SETTLE_S = 3, 25.0, 5.0
FLOODERS, STREAMS = 4, 20
MEMORY_MB, RATIO = 60.0, 1.05
PATHS = ("/api/v1/town", "/api/v1/devices", "/api/v1/status", "/api/v1/town/alarms", "/metrics")


class Intervals:
    """Seconds between samples of each device, over what is usual for it, by whether there was a flood."""

    def __init__(self) -> None:
        self.flooded: bool | None = None
        self.all: dict[bool, dict[str, list[float]]] = {kind: defaultdict(list) for kind in (True, False)}
        self._last: dict[str, float] = {}

    def see(self, topic: str, payload: bytes) -> None:
        """Take a sample."""
        at = datetime.fromisoformat(json.loads(payload)["at"]).timestamp()
        before, self._last[topic] = self._last.get(topic), at
        if before is not None and self.flooded is not None:
            self.all[self.flooded][topic].append(at - before)

    def p99(self, flooded: bool) -> float:
        """The interval that 99 of 100 keep, over the median one of the same device when it is quiet."""
        usual = {topic: statistics.median(found) for topic, found in self.all[False].items() if found}
        rates = sorted(
            one / usual[topic]
            for topic, found in self.all[flooded].items()
            if topic in usual
            for one in found
        )
        return rates[int(len(rates) * 0.99)]


async def listen(port: int, intervals: Intervals) -> None:
    """Take all samples, until cancelled."""
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe("gianh/v1/+/device/+/sample")
        async for message in client.messages:
            intervals.see(str(message.topic), bytes(message.payload))  # type: ignore[arg-type]


async def flood(address: str, counts: list[int]) -> None:
    """Ask one thing after the other without a pause, until cancelled."""
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        while True:
            for path in PATHS:
                (await client.get(path)).raise_for_status()
                counts[0] += 1


async def look(address: str) -> None:
    """One browser's live data, until cancelled."""
    async with (
        httpx.AsyncClient(base_url=address) as client,
        client.stream("GET", "/api/v1/town/live", timeout=None) as answer,
    ):
        async for _ in answer.aiter_raw():
            pass


@asynccontextmanager
async def meanwhile(*jobs: "asyncio.Future[None]") -> AsyncIterator[None]:
    """Have these run as long as the block does."""
    try:
        yield
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


async def measure() -> list[Figure]:
    """All figures."""
    intervals, counts = Intervals(), [0]
    with process("demo", "--gateways", "1", "--no-browser", "--json") as (one, ready):
        address, port = str(ready["http"]), int(str(ready["mqtt"]).rsplit(":", 1)[1])
        async with meanwhile(asyncio.ensure_future(listen(port, intervals))):
            await asyncio.sleep(SETTLE_S)
            before_mb = resident_mb(one.pid)
            for _ in range(SPELLS):
                intervals.flooded = False
                await asyncio.sleep(SPELL_S)
                intervals.flooded = True
                floods = [asyncio.ensure_future(flood(address, counts)) for _ in range(FLOODERS)]
                looks = [asyncio.ensure_future(look(address)) for _ in range(STREAMS)]
                async with meanwhile(*floods, *looks):
                    await asyncio.sleep(SPELL_S)
                intervals.flooded = None
                await asyncio.sleep(SETTLE_S)
            after_mb = resident_mb(one.pid)
    quiet, flooded = intervals.p99(False), intervals.p99(True)
    name = "gateway's console"
    return [
        Figure(
            f"{name}: requests answered in a second of flood", counts[0] / (SPELLS * SPELL_S), "1/s", None
        ),
        Figure(f"{name}: p99 interval of polls, quiet", quiet, "of usual", None),
        Figure(f"{name}: p99 interval of polls, flooded over quiet", flooded / quiet, "ratio", RATIO),
        Figure(f"{name}: memory for flood and 20 browsers", after_mb - before_mb, "MB", MEMORY_MB),
    ]


def figures() -> list[Figure]:
    """All of them."""
    return asyncio.run(measure())


if __name__ == "__main__":
    main(figures)

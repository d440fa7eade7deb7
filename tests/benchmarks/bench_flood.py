"""A gateway's own console: what it costs in memory, and whether a flood of requests disturbs the polls.

Quiet and flooded spans take turns in one run of the demo, and medians of spans are compared: whatever else
the machine does falls on both. Intervals are between times of acquisition, over what is usual for the device.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from subprocess import PIPE, Popen, check_output

import aiomqtt
import httpx

from tests.benchmarks.bench_town import logged_in, process
from tests.benchmarks.console_memory import resident_mb
from tests.benchmarks.figures import Figure, main

SPANS, SPAN_S, SETTLE_S = 5, 20.0, 3.0
MEMORY_MB, RATIO = 60.0, 1.05
ASK_EVERY_S = 0.5
"""How often somebody honest asks during the flood."""


class Span:
    """What was seen in one span: intervals by topic, and how long somebody honest waited."""

    def __init__(self) -> None:
        self.last: dict[str, float] = {}
        self.intervals: dict[str, list[float]] = defaultdict(list)

    def see(self, topic: str, payload: bytes) -> None:
        """Take a sample."""
        at = datetime.fromisoformat(json.loads(payload)["at"]).timestamp()
        before, self.last[topic] = self.last.get(topic), at
        if before is not None:
            self.intervals[topic].append(at - before)

    def p99(self, usual: dict[str, float]) -> float:
        """The interval that 99 of 100 keep, as a ratio to the usual one of the same device."""
        return share([one / usual[topic] for topic, found in self.intervals.items() for one in found], 0.99)

    def late_ms(self, usual: dict[str, float]) -> float:
        """How far off 99 of 100 intervals are at most, in ms."""
        found = [abs(one - usual[topic]) for topic, found in self.intervals.items() for one in found]
        return 1000 * share(found, 0.99)


def share(found: list[float], part: float) -> float:
    """The value that this part of them does not exceed."""
    return sorted(found)[int(len(found) * part)]


class Listener:
    """Takes all samples into the span that is on, until cancelled."""

    def __init__(self) -> None:
        self.span: Span | None = None

    async def run(self, port: int) -> None:
        async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.subscribe("gianh/v1/+/device/+/sample")
            async for message in client.messages:
                if self.span is not None:
                    self.span.see(str(message.topic), bytes(message.payload))  # type: ignore[arg-type]


@contextmanager
def flooded(address: str, cookie: str, got: Counter[str]) -> Iterator[None]:
    """Flood while the block lasts."""
    command = [sys.executable, "-m", "tests.benchmarks.flood_clients", address, cookie]
    with Popen(command, stdout=PIPE, text=True) as clients:
        try:
            yield
        finally:
            clients.terminate()
            got.update(json.loads(clients.communicate(timeout=20)[0]))


async def honest(address: str, waits: list[float]) -> None:
    """Ask for the whole picture now and then, until cancelled; a refusal is followed as it says."""
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        while True:
            began = time.perf_counter()
            while (answer := await client.get("/api/v1/town")).status_code == 503:
                await asyncio.sleep(float(answer.headers["retry-after"]))
            answer.raise_for_status()
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(ASK_EVERY_S)


async def measure() -> list[Figure]:
    """All figures."""
    listener, got, waits = Listener(), Counter[str](), list[float]()
    quiet, loud = list[Span](), list[Span]()
    with process("demo", "--gateways", "1", "--no-browser", "--json") as (one, ready):
        address, port = str(ready["http"]), int(str(ready["mqtt"]).rsplit(":", 1)[1])
        codes: dict[str, str] = ready["first_codes"]  # type: ignore[assignment]
        client = await logged_in(address, next(iter(codes.values())))
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        listening = asyncio.ensure_future(listener.run(port))
        await asyncio.sleep(SETTLE_S)
        before_mb = resident_mb(one.pid)
        for _ in range(SPANS):
            quiet.append(await _span(listener))
            with flooded(address, cookie, got):
                asking = asyncio.ensure_future(honest(address, waits))
                await asyncio.sleep(SETTLE_S)
                loud.append(await _span(listener))
                asking.cancel()
            await asyncio.sleep(SETTLE_S)
        after_mb = resident_mb(one.pid)
        await client.aclose()
        listening.cancel()
    code_mb = float(check_output([sys.executable, "-m", "tests.benchmarks.console_memory"]))
    print(f"# answers: {dict(got)}; load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return figures_of(quiet, loud, got, waits, code_mb + after_mb - before_mb)


async def _span(listener: Listener) -> Span:
    span = listener.span = Span()
    await asyncio.sleep(SPAN_S)
    listener.span = None
    return span


def figures_of(
    quiet: list[Span], loud: list[Span], got: Counter[str], waits: list[float], memory_mb: float
) -> list[Figure]:
    """Figures from what was seen."""
    together: dict[str, list[float]] = defaultdict(list)
    for span in quiet:
        for topic, found in span.intervals.items():
            together[topic] += found
    usual = {topic: statistics.median(found) for topic, found in together.items()}
    calm = statistics.median(span.p99(usual) for span in quiet)
    wild = statistics.median(span.p99(usual) for span in loud)
    asked = sum(count for status, count in got.items() if status.isdecimal())
    name = "gateway's console"
    return [
        Figure(
            f"{name}: requests answered in a second of flood",
            asked / (SPANS * (SPAN_S + SETTLE_S)),
            "1/s",
            None,
        ),
        Figure(f"{name}: of them told to come again", 100 * got["503"] / asked, "%", None),
        Figure(f"{name}: somebody honest waits in the flood, p95", share(waits, 0.95), "s", None),
        Figure(
            f"{name}: poll intervals 99 % off by, quiet",
            statistics.median(s.late_ms(usual) for s in quiet),
            "ms",
            None,
        ),
        Figure(
            f"{name}: poll intervals 99 % off by, flooded",
            statistics.median(s.late_ms(usual) for s in loud),
            "ms",
            None,
        ),
        Figure(f"{name}: p99 interval of polls, quiet", calm, "of usual", None),
        Figure(f"{name}: p99 interval of polls, flooded over quiet", wild / calm, "ratio", RATIO),
        Figure(f"{name}: memory above the daemon, after the floods", memory_mb, "MB", MEMORY_MB),
    ]


def figures() -> list[Figure]:
    """All of them."""
    return asyncio.run(measure())


if __name__ == "__main__":
    main(figures)

"""A scan of 247 ids at one known setting, on the simulated cabinet: its time against the line's own.

The formula counts 8 characters, the wait for an answer and the silence after it for each dead id. The rest is
what the living cost: each is asked three times, and two at one address six times more, patiently (4 s).
"""

import asyncio
import contextlib
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

from edge.config.schema import BusKind
from provisioning.scan.book import Book
from provisioning.scan.line import Place
from provisioning.scan.plan import UNITS, Choice, Wish, dead_s
from provisioning.scan.session import scan
from provisioning.scan.work import Progress
from simulators.cabinet import Cabinet, cabinet_devices
from simulators.wire import precise_loop
from tests.benchmarks.figures import Figure, main

USUAL = Choice(9600)
LIVING = 6
"""Ids that answer at 9600 8N1, two devices at one of them."""

KNOWN_S = 30.0


def serve(link: Path, ready: Flag, done: Flag) -> None:
    """The cabinet, in a process of its own."""

    async def run() -> None:
        async with Cabinet(link, cabinet_devices(time.time)):
            ready.set()
            await asyncio.get_running_loop().run_in_executor(None, done.wait)

    with asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(run())


def measured() -> tuple[float, float]:
    """Seconds of the whole scan, and of the asking of dead ids alone."""
    dead: list[float] = []
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder) / "rs485") as link:
        before = [0, time.monotonic()]

        def report(now: Progress) -> None:
            if now.found == before[0]:
                dead.append(time.monotonic() - before[1])
            before[:] = [now.found, time.monotonic()]

        began_s = time.monotonic()
        asyncio.run(scan(Place(BusKind.RTU, str(link)), Wish((USUAL,), listen=False), Book("line"), report))
        return time.monotonic() - began_s, sum(sorted(dead)[: len(UNITS) - LIVING])


@contextlib.contextmanager
def _served(link: Path) -> Iterator[Path]:
    spawn = multiprocessing.get_context("spawn")
    ready, done = spawn.Event(), spawn.Event()
    process = spawn.Process(target=serve, args=(link, ready, done))
    process.start()
    try:
        assert ready.wait(60)
        yield link
    finally:
        done.set()
        process.join(20)


def figures() -> list[Figure]:
    """Run once; about 32 s."""
    took_s, asked_s = measured()
    formula_s = (len(UNITS) - LIVING) * dead_s(USUAL)
    return [
        Figure("247 ids at 9600 8N1, the dead ones by the formula", asked_s, "s", 1.1 * formula_s),
        Figure("247 ids at 9600 8N1, all of it", took_s, "s", KNOWN_S + formula_s),
        Figure("all of it to the formula", took_s / formula_s, "", None),
    ]


if __name__ == "__main__":
    main(figures)

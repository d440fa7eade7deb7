"""Requests per second on a serial line, against what character times and turnaround allow.

`python -m tests.benchmarks.bench_rtu [--json] [--seconds S]`; exit 1 where a ratio is under its limit.
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

from drivers.coded import Table
from drivers.modbus.link import ModbusLink
from drivers.modbus.timing import WireTiming
from edge.config.schema import Bus, BusKind
from simulators import modbus, wire
from simulators.rtu import RtuBus

BAUDRATES = (9600, 19_200, 115_200)
REGISTERS = 10
TURNAROUND_S = 0.005
REQUEST_CHARS = 8
ANSWER_CHARS = 5 + 2 * REGISTERS
LIMIT = 0.95
SLICES = 5
"""The median of so many is reported, so that one hiccup of a shared machine does not count."""


class Registers:
    """A unit whose registers hold their own address."""

    def read(self, table: modbus.Table, address: int, count: int) -> Sequence[int]:
        return range(address, address + count)

    def write(self, table: modbus.Table, address: int, values: Sequence[int]) -> None:
        raise modbus.Refusal(modbus.Code.ILLEGAL_FUNCTION)


def serve(link: Path, baudrate: int, ready: Event, done: Event) -> None:
    """Run one simulated line until told otherwise; a process of its own, as a device is."""

    async def run() -> None:
        line = RtuBus(link, wire.LineSettings(baudrate), {1: Registers()}, TURNAROUND_S)
        await line.start()
        ready.set()
        await asyncio.get_running_loop().run_in_executor(None, done.wait)
        await line.stop()

    with asyncio.Runner(loop_factory=wire.precise_loop) as runner:
        runner.run(run())


def ideal_per_s(bus: Bus) -> float:
    """Requests per second if nothing took time but the line and the device."""
    timing = WireTiming.of(bus)
    chars = REQUEST_CHARS + ANSWER_CHARS
    return 1 / (timing.wire_s(chars) + max(TURNAROUND_S, timing.silence_s) + timing.silence_s)


async def ask_for(bus: Bus, seconds: float) -> tuple[float, float]:
    """Requests per second reached (median of the slices), and the share of a core that they cost."""
    link = ModbusLink(bus)
    await link.open()
    await asked(link, 0.2)
    cpu_s, began_s = time.process_time(), time.monotonic()
    slices = [await asked(link, seconds / SLICES) for _ in range(SLICES)]
    core = (time.process_time() - cpu_s) / (time.monotonic() - began_s)
    await link.close()
    return statistics.median(slices), core


async def asked(link: ModbusLink, seconds: float) -> float:
    """Requests per second over some seconds, every answer checked."""
    want = b"".join(number.to_bytes(2, "big") for number in range(REGISTERS))
    began_s, count = time.monotonic(), 0
    while (passed_s := time.monotonic() - began_s) < seconds:
        if await link.read(1, Table.HOLDING, 0, REGISTERS) != want:
            raise SystemExit("a wrong value was read")
        count += 1
    return count / passed_s


def measure(baudrate: int, seconds: float) -> dict[str, object]:
    """One line of the report."""
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "line"
        context = multiprocessing.get_context("spawn")
        ready, done = context.Event(), context.Event()
        process = context.Process(target=serve, args=(link, baudrate, ready, done))
        process.start()
        try:
            ready.wait(30)
            bus = Bus(id="bench", kind=BusKind.RTU, port=str(link), baudrate=baudrate)
            per_s, core = asyncio.run(ask_for(bus, seconds))
        finally:
            done.set()
            process.join(10)
    return {
        "name": f"rtu_requests_{baudrate}",
        "value": round(per_s, 2),
        "unit": "1/s",
        "ratio": round(per_s / ideal_per_s(bus), 4),
        "limit": LIMIT,
        "core": round(core, 4),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    results = [measure(baudrate, options.seconds) for baudrate in BAUDRATES]
    if not options.json:
        print(f"{REGISTERS} registers a request, turnaround {TURNAROUND_S * 1000:g} ms, 8N1")
        print(f"{'baudrate':>8} {'requests/s':>11} {'of ideal':>9} {'limit':>6} {'core':>6}")
    for baudrate, result in zip(BAUDRATES, results, strict=True):
        if options.json:
            print(json.dumps(result))
        else:
            shares = f"{result['ratio']:>9.1%} {LIMIT:>6.0%} {result['core']:>6.1%}"
            print(f"{baudrate:>8} {result['value']:>11} {shares}")
    return 0 if all(float(str(result["ratio"])) >= LIMIT for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())

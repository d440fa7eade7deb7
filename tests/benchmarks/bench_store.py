"""The store alone: processor time per sample, drain rate, opening 1 GB, bytes written per value.

python -m tests.benchmarks.bench_store [--json] [--bytes N]
"""

import argparse
import asyncio
import json
import random
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edge.config.schema import Store as Settings
from edge.core.clock import SystemClock
from edge.core.model import Layout, Sample, Stream
from edge.runtime.store import Store
from tests.benchmarks.figures import Figure, show


def layout(values: int) -> Layout:
    return Layout("meter-1", "meter", tuple(f"p{n}" for n in range(values)), (("device", "meter-1"),))


def readings(values: int) -> tuple[float, ...]:
    """Numbers as registers give them: half 32-bit floats, half scaled whole numbers."""
    chance = random.Random(values)
    whole = [chance.randrange(5000) / 10 for _ in range(values // 2)]
    floats = [struct.unpack(">f", struct.pack(">f", chance.uniform(0, 400)))[0] for _ in whole]
    return (*whole, *floats)


async def processor_us(folder: Path, values: int, count: int = 6000) -> float:
    """Put, commit and hand out to a target that keeps up."""
    clock, kind, numbers = SystemClock(), layout(values), readings(values)
    store = Store(folder / f"cpu-{values}.db", Settings(), clock)
    await store.open(["mqtt"])
    before_s, done = time.process_time(), 0
    while done < count:
        for _ in range(100):
            store.put_sample(Sample(kind, clock.stamp(), numbers))
        await store.flush()
        rows = await store.owed_samples("mqtt", 1000)
        store.settle("mqtt", Stream.SAMPLE, [row.seq for row in rows], [])
        done += len(rows)
    spent_s = time.process_time() - before_s
    await store.close()
    return spent_s / done * 1e6


async def fill(path: Path, size_bytes: int) -> int:
    clock, kind, numbers = SystemClock(), layout(20), readings(20)
    store = Store(path, Settings(), clock)
    await store.open(["mqtt"])
    count = 0
    while store.stats().bytes < size_bytes:
        for _ in range(15_000):
            store.put_sample(Sample(kind, clock.stamp(), numbers))
        count += 15_000
        await store.flush()
    await store.close()
    return count


async def open_and_say(path: Path) -> None:
    """In a process of its own: seconds to open, and memory after a first batch."""
    begun_s = time.monotonic()
    store = Store(path, Settings(), SystemClock())
    await store.open(["mqtt"])
    opened_s = time.monotonic() - begun_s
    await store.owed_samples("mqtt", 5000)
    status = Path("/proc/self/status").read_text("ascii")
    peak_kib = int(status.split("VmHWM:")[1].split()[0])
    sys.stdout.write(json.dumps([opened_s, peak_kib / 1024, store.stats().pending["mqtt", Stream.SAMPLE]]))
    await store.close()


async def drain_per_s(path: Path) -> float:
    store = Store(path, Settings(), SystemClock())
    await store.open(["centre"])
    begun_s, count = time.monotonic(), 0
    while count < 200_000 and store.stats().pending["centre", Stream.SAMPLE]:
        rows = await store.owed_samples("centre", 5000)
        store.settle("centre", Stream.SAMPLE, [row.seq for row in rows], [])
        count += len(rows)
    rate = count / (time.monotonic() - begun_s)
    await store.close()
    return rate


class FastClock(SystemClock):
    """Lets commit_s pass at once: only the grouping of rows counts here."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(3600)


async def written_per_value(folder: Path, polls_per_s: float, seconds: int = 400) -> float:
    """Bytes written per value for polls of 10 values, commits every 0.3 s of simulated time."""
    clock, kind, numbers = FastClock(), layout(10), readings(10)
    store = Store(folder / f"wear-{polls_per_s}.db", Settings(), clock)
    await store.open(["mqtt"])
    per_commit = max(1, round(polls_per_s * 0.3))
    for _ in range(round(polls_per_s * seconds / per_commit)):
        for _ in range(per_commit):
            store.put_sample(Sample(kind, clock.stamp(), numbers))
        await store.flush()
        rows = await store.owed_samples("mqtt", 1000)
        store.settle("mqtt", Stream.SAMPLE, [row.seq for row in rows], [])
    await store.close()
    return store.stats().bytes_per_value


def opening(path: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_store", "--open", str(path)],
        check=True,
        capture_output=True,
    )
    opened_s, memory_mb, _ = json.loads(done.stdout)
    return opened_s, memory_mb


def measure(folder: Path, size_bytes: int) -> list[Figure]:
    found = [
        Figure(
            f"store, a sample of {values} values", asyncio.run(processor_us(folder, values)), "us CPU", limit
        )
        for values, limit in ((10, 60.0), (100, 150.0))
    ]
    backlog = folder / "backlog.db"
    asyncio.run(fill(backlog, size_bytes))
    opened_s, memory_mb = opening(backlog)
    size = f"{size_bytes / 1e9:g} GB"
    found.append(Figure(f"store, opening {size}", opened_s, "s", 2.0))
    found.append(Figure(f"store, memory after opening {size}", memory_mb, "MB", 128.0))
    found.append(
        Figure("store, backlog read", asyncio.run(drain_per_s(backlog)), "samples/s", 20_000.0, "higher")
    )
    for rate in (1, 10, 100):
        worn = asyncio.run(written_per_value(folder, rate))
        found.append(Figure(f"store, written to the card at {rate} polls/s", worn, "B/value", None))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--open", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.open:
        asyncio.run(open_and_say(options.open))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), options.bytes)
    show(found, options.json)
    sys.exit(0 if all(figure.reached for figure in found) else 1)


if __name__ == "__main__":
    main()

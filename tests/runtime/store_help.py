"""What the store's tests share: a clock that moves by hand, samples, and stores that are closed again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from edge.config.schema import Store as Settings
from edge.core.model import Event, EventKind, Layout, Sample, Severity, Stamp, Stream
from edge.runtime.store import Store, database
from edge.runtime.store.window import Bounds

START_NS = 1_790_000_000_000_000_000
LAYOUT = Layout("meter-1", "meter", ("active_power", "supply_voltage"), (("device", "meter-1"),))
FAST = Settings(commit_s=0.05)


class HandClock:
    """Monotonic time moves only by hand; sleeping yields to the loop for real moments."""

    def __init__(self, is_set: bool = True) -> None:
        self.now_ns = 1_000_000_000
        self.known = is_set

    def mono_ns(self) -> int:
        return self.now_ns

    def utc_ns(self) -> int:
        return START_NS + self.now_ns

    @property
    def rate(self) -> float:
        return 1.0

    def is_set(self) -> bool:
        return self.known

    def stamp(self) -> Stamp:
        return Stamp(self.now_ns, self.utc_ns() if self.known else None)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))


def sample(number: float, clock: HandClock, layout: Layout = LAYOUT) -> Sample:
    clock.now_ns += 1_000_000
    return Sample(layout, clock.stamp(), (float(number), 230.5))


def event(text: str, clock: HandClock) -> Event:
    clock.now_ns += 1_000_000
    return Event(clock.stamp(), EventKind.COMMAND, "lamp-1", Severity.INFO, text, (("level", 40.0),))


@contextlib.asynccontextmanager
async def opened(
    path: Path,
    clock: HandClock,
    targets: tuple[str, ...] = ("mqtt",),
    settings: Settings = FAST,
    boot: str = "boot-1",
    bounds: Bounds = Bounds(),  # noqa: B008
    vfs: str | None = None,
) -> AsyncIterator[Store]:
    store = Store(path, settings, clock, chance=lambda: 0.0, boot=boot, bounds=bounds, vfs=vfs)
    await store.open(targets)
    try:
        yield store
    finally:
        await store.close()


async def drained(store: Store, target: str, limit: int = 100) -> list[float]:
    """Everything that the target is owed now, settled."""
    await store.flush()
    numbers: list[float] = []
    while store.stats().pending[target, Stream.SAMPLE]:
        rows = await asyncio.wait_for(store.owed_samples(target, limit), 5)
        numbers += [float(row.values[0]) for row in rows]
        store.settle(target, Stream.SAMPLE, [row.seq for row in rows], [])
    return numbers


async def events_of(store: Store, target: str, kind: EventKind) -> list[dict[str, object]]:
    """Fields of the events of one kind that the target is owed."""
    await store.flush()
    if not store.stats().pending[target, Stream.EVENT]:
        return []
    rows = await asyncio.wait_for(store.owed_events(target, 10_000), 5)
    return [dict(row.fields) for row in rows if row.kind is kind]


def overwrite_table(path: Path, table: str) -> None:
    """Damage a table of a store's file at its root page, as a worn-out card does."""
    file = database.Database(path, 10_000_000)
    file.open()
    ((root,),) = file.run("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))
    file.close()
    assert isinstance(root, int)
    with path.open("r+b") as raw:
        raw.seek((root - 1) * database.PAGE_BYTES)
        raw.write(b"\xff" * 100)

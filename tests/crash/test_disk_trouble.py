"""A disk that is full or fails: rows go on from memory, and reach the file once it takes them again."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.core.model import EventKind, Stream
from edge.runtime.store.window import Bounds
from tests.runtime.store_help import HandClock, drained, event, events_of, opened, sample


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    if os.geteuid() != 0:
        pytest.fail("a small disk needs root to mount a tmpfs: run the tests as root, or with sudo")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", disk], check=True)


async def until_trouble(store: object, clock: HandClock, is_there: bool) -> None:
    while (store.stats().trouble is not None) is not is_there:  # type: ignore[attr-defined]
        await store.flush()  # type: ignore[attr-defined]


async def test_a_full_disk_loses_nothing_and_heals_by_itself(small_disk: Path) -> None:
    clock = HandClock()
    ballast = small_disk / "ballast"
    async with opened(small_disk / "s.db", clock) as store:
        store.put_sample(sample(0, clock))
        await store.flush()
        fill_disk(ballast)
        for number in range(1, 3000):
            store.put_sample(sample(number, clock))
        assert not await store.flush()
        trouble = store.stats().trouble
        assert trouble is not None
        assert "full" in trouble
        assert (await store.owed_samples("mqtt", 10))[0].seq == 1
        ballast.unlink()
        await until_trouble(store, clock, False)
        assert await drained(store, "mqtt", 500) == [float(number) for number in range(3000)]
        assert store.stats().dropped == 0
    async with opened(small_disk / "s.db", clock, ("other",)) as store:
        assert await drained(store, "other", 500) == [float(number) for number in range(3000)]


async def test_events_and_samples_go_out_from_memory_while_the_disk_is_full(small_disk: Path) -> None:
    clock = HandClock()
    async with opened(small_disk / "s.db", clock) as store:
        fill_disk(small_disk / "ballast")
        for number in range(2000):
            store.put_sample(sample(number, clock))
        await store.flush()
        store.put_event(event("switched", clock))
        rows = await asyncio.wait_for(store.owed_events("mqtt", 10), 5)
        assert {row.kind for row in rows} == {EventKind.STORE_TROUBLE, EventKind.COMMAND}
        assert len(await store.owed_samples("mqtt", 5000)) == 2000
        assert await store.claim("c1") is None
        (small_disk / "ballast").unlink()


async def test_a_long_trouble_drops_the_oldest_samples_with_a_gap_marker(small_disk: Path) -> None:
    clock = HandClock()
    path = small_disk / "s.db"
    async with opened(path, clock, bounds=Bounds(unwritten_rows=1000)) as store:
        fill_disk(small_disk / "ballast")
        for number in range(5000):
            store.put_sample(sample(number, clock))
            if number % 500 == 499:
                await store.flush()
        assert store.stats().trouble is not None
        assert store.stats().pending["mqtt", Stream.SAMPLE] <= 1000
        (small_disk / "ballast").unlink()
        await until_trouble(store, clock, False)
        dropped = store.stats().dropped
        gaps = await events_of(store, "mqtt", EventKind.GAP)
        assert sum(int(str(gap["count"])) for gap in gaps) == dropped > 3000
        assert gaps[0]["reason"] == "the disk takes no data"
    async with opened(path, clock) as store:
        assert await drained(store, "mqtt") == [float(number) for number in range(dropped, 5000)]
        assert (store.stats().dropped, store.stats().damaged) == (dropped, 0)


async def test_a_disk_that_cannot_be_used_at_the_start_is_joined_later(small_disk: Path) -> None:
    clock, path = HandClock(), small_disk / "s.db"
    async with opened(path, clock) as store:
        for number in range(10):
            store.put_sample(sample(number, clock))
        await store.flush()
        rows = await store.owed_samples("mqtt", 4)
        store.settle("mqtt", Stream.SAMPLE, [row.seq for row in rows], [])
        await store.claim("c1")
    remount(small_disk, "ro")
    async with opened(path, clock) as store:
        trouble = store.stats().trouble
        assert trouble is not None
        assert "read-only" in trouble
        for number in range(10, 15):
            store.put_sample(sample(number, clock))
        rows = await store.owed_samples("mqtt", 100)
        assert [float(row.values[0]) for row in rows] == [10.0, 11.0, 12.0, 13.0, 14.0]
        assert await store.claim("c2") is None
        remount(small_disk, "rw")
        await until_trouble(store, clock, False)
        assert store.stats().pending["mqtt", Stream.SAMPLE] == 11
        assert await drained(store, "mqtt") == [float(number) for number in range(4, 15)]
    async with opened(path, clock, ("other",)) as store:
        assert await drained(store, "other") == [float(number) for number in range(15)]
        assert (store.stats().stored, store.stats().damaged) == (17, 0)
        assert await store.claim("c1") is not None
        assert await store.claim("c2") is not None


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


def fill_disk(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return

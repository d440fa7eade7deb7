"""Simulated power cuts: nothing that was promised is lost, nothing starts with an error."""

import random
from pathlib import Path

import pytest

from edge.core.model import Stream
from edge.runtime.store.database import Database
from edge.runtime.store.vault import Vault
from tests.crash.power import Disk, Record, RecorderVfs
from tests.runtime.store_help import FAST, HandClock, event, opened, sample


async def record_a_run(folder: Path, seed: int, rounds: int) -> Record:
    """A store at work: rows, settled rows, commands, a full share, checkpoints; promises noted."""
    chance, clock, record = random.Random(seed), HandClock(), Record()
    vfs = RecorderVfs(f"recorder-{seed}", record)
    settings = FAST.model_copy(update={"bytes_max": 4_000_000})
    async with opened(folder / "s.db", clock, settings=settings, vfs=f"recorder-{seed}") as store:
        for turn in range(rounds):
            for _ in range(chance.randrange(1, 20)):
                store.put_sample(sample(turn, clock))
            if chance.random() < 0.3:
                store.put_event(event(f"turn {turn}", clock))
            await store.flush()
            floors = {stream: journal.floor for stream, journal in store._state.journals.items()}
            lasts = {stream: journal.last for stream, journal in store._state.journals.items()}
            record.note(f"{floors[Stream.SAMPLE]} {lasts[Stream.SAMPLE]} {lasts[Stream.EVENT]}")
            if chance.random() < 0.5:
                rows = await store.owed_samples("mqtt", chance.randrange(1, 30)) if owed(store) else []
                store.settle("mqtt", Stream.SAMPLE, [row.seq for row in rows], [])
    del vfs
    return record


def owed(store: object) -> int:
    return store.stats().pending["mqtt", Stream.SAMPLE]  # type: ignore[attr-defined,no-any-return]


def cuts_of(record: Record, count: int, chance: random.Random) -> list[int]:
    return sorted(chance.randrange(len(record.steps)) for _ in range(count))


def check_cuts(record: Record, folder: Path, count: int, seed: int) -> None:
    chance, disk, promised, at = random.Random(seed), Disk(), (1, 0, 0), 0
    for number, cut in enumerate(cuts_of(record, count, chance)):
        for step in record.steps[at:cut]:
            if step.what == "note":
                promised = tuple(int(part) for part in step.name.split())  # type: ignore[assignment]
            disk.apply(step)
        at = cut
        check_one(disk.cut(chance), folder, promised, f"seed {seed} cut {number} at step {cut}")


def check_one(files: dict[str, bytes], folder: Path, promised: tuple[int, int, int], where: str) -> None:
    for name in ("s.db", "s.db-wal", "s.db-journal"):
        folder.joinpath(name).unlink(missing_ok=True)
        if files.get(name):
            folder.joinpath(name).write_bytes(files[name])
    vault = Vault(folder / "s.db", 4_000_000)
    try:
        found = vault.open()
        assert found.finding is None, where
        extents = dict(found.extents)
        _, samples, events = promised
        assert extents[Stream.SAMPLE].last >= samples, where
        assert extents[Stream.EVENT].last >= events, where
        for stream, extent in extents.items():
            page = vault.read(stream, extent.floor - 1, extent.last, 1_000_000, extent.holes)
            assert page.damaged == 0, where
            assert [row.seq for row in page.rows] == list(range(extent.floor, extent.last + 1)), where
            assert all(done <= extent.last for _, done in extent.marks), where
    finally:
        vault.close()


@pytest.mark.parametrize("seed", range(4))
async def test_no_power_cut_loses_what_was_promised(tmp_path: Path, seed: int) -> None:
    record = await record_a_run(tmp_path, seed, 60)
    scratch = tmp_path / "cut"
    scratch.mkdir()
    check_cuts(record, scratch, 500, seed)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(100, 140))
async def test_no_power_cut_of_many_loses_what_was_promised(tmp_path: Path, seed: int) -> None:
    record = await record_a_run(tmp_path, seed, 60)
    scratch = tmp_path / "cut"
    scratch.mkdir()
    check_cuts(record, scratch, 500, seed)


async def test_the_cuts_find_a_store_that_does_not_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up = Database._set_up

    def careless(self: Database, connection: object) -> None:
        set_up(self, connection)  # type: ignore[arg-type]
        connection.execute("PRAGMA synchronous=NORMAL")  # type: ignore[attr-defined]

    with monkeypatch.context() as patch:
        patch.setattr(Database, "_set_up", careless)
        record = await record_a_run(tmp_path, 999, 60)
    scratch = tmp_path / "cut"
    scratch.mkdir()
    with pytest.raises(AssertionError, match="cut"):
        check_cuts(record, scratch, 500, 999)

"""Calls of the disk that fail while the store runs: it goes on from memory, repairs, and loses nothing."""

import asyncio
from pathlib import Path

import apsw
import pytest

from edge.core.model import EventKind, Stream
from edge.runtime.store.database import StoreDamaged
from tests.crash.test_disk_trouble import until_trouble
from tests.runtime.store_help import HandClock, drained, opened, sample


class FaultyVfs(apsw.VFS):
    """Fails every call of one kind while `failing` is set."""

    def __init__(self, name: str, call: str) -> None:
        self.failing = False
        self.call = call
        super().__init__(name, base="")

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:
        return FaultyFile(self, name, flags)


class FaultyFile(apsw.VFSFile):
    def __init__(self, vfs: FaultyVfs, name: object, flags: list[int]) -> None:
        self._vfs = vfs
        super().__init__("", name, flags)  # type: ignore[arg-type]

    def _fail(self, call: str) -> None:
        if self._vfs.failing and self._vfs.call == call:
            raise apsw.IOError(f"{call} failed")

    def xWrite(self, data: bytes, offset: int) -> None:
        self._fail("write")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._fail("sync")
        super().xSync(flags)

    def xRead(self, amount: int, offset: int) -> bytes:
        self._fail("read")
        return super().xRead(amount, offset)


@pytest.mark.parametrize("call", ["write", "sync"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_call_that_fails_costs_no_row_and_doubles_none(tmp_path: Path, call: str) -> None:
    clock, path, vfs = HandClock(), tmp_path / "s.db", FaultyVfs(f"faulty-{call}", call)
    async with opened(path, clock, vfs=f"faulty-{call}") as store:
        for number in range(30):
            vfs.failing = 10 <= number < 20
            store.put_sample(sample(number, clock))
            assert await store.flush() is not vfs.failing
        await until_trouble(store, clock, False)
        assert await drained(store, "mqtt") == [float(number) for number in range(30)]
        kinds = {row.kind for row in await store.owed_events("mqtt", 100)}
        assert kinds == {EventKind.STORE_TROUBLE, EventKind.STORE_RECOVERED}
    async with opened(path, clock, ("other",)) as store:
        assert await drained(store, "other") == [float(number) for number in range(30)]


async def test_a_file_found_damaged_while_running_is_repaired_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    async with opened(path, clock, ("mqtt", "centre")) as store:
        store.remember("key", "value")
        await store.claim("c1")
        for number in range(100):
            store.put_sample(sample(number, clock))
        await store.flush()
        rows = await store.owed_samples("mqtt", 40)
        store.settle("mqtt", Stream.SAMPLE, [row.seq for row in rows], [])
        damage_next_commit(store, monkeypatch)
        store.put_sample(sample(100, clock))
        assert not await store.flush()
        await until_trouble(store, clock, False)
        assert await drained(store, "mqtt") == [float(number) for number in range(40, 101)]
        events = await store.owed_events("mqtt", 10)
        saved = [dict(row.fields).get("lost") for row in events if dict(row.fields).get("aside")]
        assert saved == [0]
    async with opened(path, clock, ("mqtt", "centre")) as store:
        assert await drained(store, "centre") == [float(number) for number in range(101)]
        assert store.stats().pending["mqtt", Stream.SAMPLE] == 0
        assert store.recall("key") == "value"
        assert await store.claim("c1") is not None


def damage_next_commit(store: object, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = store._vault  # type: ignore[attr-defined]
    commit, calls = vault.commit, iter([True])

    def damaged(batch: object) -> object:
        if next(calls, False):
            raise StoreDamaged("the file is damaged: database disk image is malformed")
        return commit(batch)

    monkeypatch.setattr(vault, "commit", damaged)


async def test_reading_that_fails_waits_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    async with opened(path, clock) as store:
        for number in range(10):
            store.put_sample(sample(number, clock))
    async with opened(path, clock) as store:
        read, calls = store._vault.read, iter([True, True])

        def damaged(*arguments: object) -> object:
            if next(calls, False):
                raise StoreDamaged("malformed")
            return read(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(store._vault, "read", damaged)
        rows = await asyncio.wait_for(store.owed_samples("mqtt", 100), 10)
        assert [float(row.values[0]) for row in rows] == [float(number) for number in range(10)]

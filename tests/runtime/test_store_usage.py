from pathlib import Path

from edge.core.wifi import KeptRow
from edge.runtime.store import Store, database
from edge.runtime.store.usage_rows import COLUMNS, sound_usage
from tests.runtime.store_help import LAYOUT, HandClock, opened, overwrite_table, sample

BIG = (1 << 64) - 5


def row(at: int, key: int = BIG, body: bytes = b"x", kind: int = 7, place: str = "ap-1") -> KeptRow:
    return KeptRow(kind, at, place, key, body)


async def kept(store: Store, kind: int = 7) -> list[KeptRow]:
    return list(await store.usage.usage_rows(kind, 0, 1 << 40))


async def test_rows_are_read_back_before_and_after_they_are_on_disk_and_after_a_restart(
    tmp_path: Path,
) -> None:
    path, rows = tmp_path / "s.db", [row(1), row(2, key=0), row(3, place="chợ")]
    async with opened(path, HandClock()) as store:
        store.usage.put_usage(rows)
        assert await kept(store) == rows
        assert await store.usage.flush()
        assert await kept(store) == rows
        store.usage.put_usage([row(2, key=0, body=b"y")])
        store.usage.drop_usage([row(1).key_of])
        expected = [row(2, key=0, body=b"y"), rows[2]]
        assert await kept(store) == expected
    async with opened(path, HandClock()) as store:
        assert await kept(store) == expected
        assert await kept(store, kind=8) == []


async def test_what_changes_while_it_is_written_is_written_by_the_next_commit(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with opened(path, HandClock()) as store:
        for number in range(50):
            store.usage.put_usage([row(1, body=bytes([number]))])
            first = store.usage.flush()
            store.usage.put_usage([row(1, body=bytes([number + 100]))])
            assert await first
        store.usage.drop_usage([row(1).key_of])
        store.usage.put_usage([row(2)])
        await store.usage.flush()
    async with opened(path, HandClock()) as store:
        assert await kept(store) == [row(2)]


async def test_old_rows_of_a_kind_are_let_go(tmp_path: Path) -> None:
    async with opened(tmp_path / "s.db", HandClock()) as store:
        store.usage.put_usage([row(at, kind=kind) for at in range(10) for kind in (7, 8)])
        await store.usage.flush()
        store.usage.forget_usage(7, 6)
        await store.usage.flush()
        assert [one.at for one in await kept(store)] == [6, 7, 8, 9]
        assert len(await kept(store, kind=8)) == 10


async def test_a_damaged_row_is_not_given(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with opened(path, HandClock()) as store:
        store.usage.put_usage([row(at) for at in range(3)])
    file = database.Database(path, 10_000_000)
    file.open()
    file.run("UPDATE usage SET body = x'00' WHERE at = 1")
    file.close()
    async with opened(path, HandClock()) as store:
        assert await kept(store) == [row(0), row(2)]


async def test_what_is_sound_survives_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    rows = [row(at, body=b"z" * 60) for at in range(3000)]
    async with opened(path, HandClock()) as store:
        store.usage.put_usage(rows)
    overwrite_table(path, "sample")
    async with opened(path, HandClock()) as store:
        assert list(tmp_path.glob("s.db.damaged-*"))
        assert await kept(store) == rows


async def test_a_file_that_is_replaced_while_it_is_open_gets_what_was_not_on_disk_yet(tmp_path: Path) -> None:
    path, clock = tmp_path / "s.db", HandClock()
    async with opened(path, clock) as store:
        store.put_sample(sample(1, clock, LAYOUT))
        store.usage.put_usage([row(1)])
        store._writer.damaged("told so")
        await store.flush()
        store.usage.put_usage([row(2)])
        await store.flush()
        assert [one.at for one in await kept(store)] == [1, 2]
    new = database.Database(path, 10_000_000)
    new.open()
    assert len(sound_usage(new.run(f"SELECT {COLUMNS} FROM usage"))) == 2
    new.close()

"""A damaged file never stops the gateway, is never passed over in silence, and costs what is told."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.core.errors import ConfigError
from edge.core.model import EventKind, Stream
from tests.runtime.store_help import HandClock, drained, event, opened, sample

ROWS = 2_000


async def make(path: Path, clock: HandClock) -> None:
    async with opened(path, clock) as store:
        for number in range(ROWS):
            store.put_sample(sample(number, clock))
        store.put_event(event("kept", clock))


async def survivors(path: Path, clock: HandClock) -> tuple[list[float], list[dict[str, object]], int]:
    """What a fresh target still gets, what the store tells, and how many rows it counted as damaged."""
    async with opened(path, clock, ("other",)) as store:
        told: list[dict[str, object]] = []
        found = await asyncio.wait_for(drained(store, "other", 500), 10)
        await store.flush()
        if store.stats().pending["other", Stream.EVENT]:
            rows = await store.owed_events("other", 100)
            told = [dict(row.fields) for row in rows if row.kind is EventKind.STORE_TROUBLE]
        store.put_sample(sample(-1, clock))
        assert await drained(store, "other") == [-1.0]
        return found, told, store.stats().damaged


async def test_one_flipped_bit_in_a_row_costs_that_row_and_is_told(tmp_path: Path) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    await make(path, clock)
    content = bytearray(path.read_bytes())
    at = content.index(b"1234,230.5")
    content[at] ^= 1
    path.write_bytes(content)
    found, told, damaged = await survivors(path, clock)
    assert found == [float(number) for number in range(ROWS) if number != 1234]
    assert (told, damaged) == ([{"stream": "sample", "count": 1}], 1)


def clear(folder: Path) -> None:
    for old in folder.glob("s.db*"):
        old.unlink()


def damaged_files(folder: Path) -> int:
    return len(list(folder.glob("s.db.damaged-*")))


def emptied(_content: bytes) -> bytes:
    return bytes(len(_content))


def scrambled(content: bytes) -> bytes:
    return random.Random(1).randbytes(len(content))


def first_page_gone(content: bytes) -> bytes:
    return bytes(4096) + content[4096:]


def half_a_header(content: bytes) -> bytes:
    return bytes(50) + content[50:]


@pytest.mark.parametrize("harm", [emptied, scrambled])
async def test_a_file_that_is_no_database_is_put_aside(
    tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    await make(path, clock)
    path.write_bytes(harm(path.read_bytes()))
    found, told, _ = await survivors(path, clock)
    assert found == []
    assert [fields["lost"] for fields in told] == [None]
    assert damaged_files(tmp_path) == 1


@pytest.mark.parametrize("harm", [first_page_gone, half_a_header])
async def test_a_damaged_first_page_costs_no_row(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    await make(path, clock)
    path.write_bytes(harm(path.read_bytes()))
    found, told, _ = await survivors(path, clock)
    assert found == [float(number) for number in range(ROWS)]
    assert [(fields["saved"], fields["lost"]) for fields in told] == [(ROWS + 1, 0)]


async def test_a_page_that_is_gone_costs_its_rows_and_the_rest_is_saved(tmp_path: Path) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    await make(path, clock)
    content = bytearray(path.read_bytes())
    page = content.index(b"1234,230.5") // 4096
    content[page * 4096 : (page + 1) * 4096] = bytes(4096)
    path.write_bytes(content)
    found, told, _ = await survivors(path, clock)
    lost = set(range(ROWS)) - {int(number) for number in found}
    assert lost == set(range(min(lost), max(lost) + 1))
    assert 1234 in lost
    assert len(lost) < 200
    assert sum(int(str(fields.get("lost") or fields.get("count"))) for fields in told) == len(lost)


async def test_a_file_that_was_cut_short_keeps_what_is_left(tmp_path: Path) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    await make(path, clock)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 // 4096 * 4096])
    found, told, _ = await survivors(path, clock)
    assert found == sorted(set(found))
    assert told != []


async def test_only_the_last_two_damaged_files_are_kept(tmp_path: Path) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    for _ in range(4):
        await make(path, clock)
        path.write_bytes(scrambled(path.read_bytes()))
        await survivors(path, clock)
    assert damaged_files(tmp_path) == 2


async def flip_and_look(folder: Path, good: bytes, chance: random.Random) -> None:
    """One flipped bit anywhere: rows that come out are right, and missing ones are told."""
    path, where = folder / "s.db", chance.randrange(len(good) * 8)
    clear(folder)
    content = bytearray(good)
    content[where // 8] ^= 1 << where % 8
    path.write_bytes(content)
    found, told, _ = await survivors(path, HandClock())
    assert found == sorted(set(found)), where
    assert set(found) <= {float(number) for number in range(ROWS)}, where
    assert len(found) == ROWS or told, where


@pytest.mark.parametrize("count", [30, pytest.param(400, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
async def test_one_flipped_bit_anywhere_is_harmless_or_told(tmp_path: Path, count: int) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    await make(path, clock)
    good, chance = path.read_bytes(), random.Random(count)
    for _ in range(count):
        await flip_and_look(tmp_path, good, chance)


async def test_flips_in_every_bit_of_the_header_do_not_stop_it(tmp_path: Path) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    await make(path, clock)
    good = path.read_bytes()
    for byte in range(100):
        clear(tmp_path)
        content = bytearray(good)
        content[byte] ^= 1 << byte % 8
        path.write_bytes(content)
        found, told, _ = await survivors(path, HandClock())
        assert len(found) == ROWS or told, byte


async def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (a)")
    other.commit()
    other.close()
    with pytest.raises(ConfigError, match="not a store of Gianh"):
        async with opened(path, HandClock()):
            pass


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    await make(path, HandClock())
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version=99")
    newer.execute("UPDATE memory SET value = '99' WHERE key = 'store/schema'")
    newer.commit()
    newer.close()
    with pytest.raises(ConfigError, match="newer Gianh"):
        async with opened(path, HandClock()):
            pass

"""kill -9 at any moment: what was promised is there, what was settled is not owed again."""

import asyncio
import random
import sys
from pathlib import Path

import pytest

from edge.core.model import Stream
from tests.runtime.store_help import HandClock, opened

ROOT = Path(__file__).resolve().parents[2]


async def kill_once(path: Path, chance: random.Random) -> dict[str, int]:
    """Let the victim work for some lines, kill it, and give its last promises."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.victim", str(path), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    promised: dict[str, int] = {}
    for _ in range(chance.randrange(2, 40)):
        words = (await child.stdout.readline()).split()
        promised[words[0].decode()] = int(words[1])
    await asyncio.sleep(chance.random() * 0.003)
    child.kill()
    for line in (await child.stdout.read()).splitlines():
        if line and len(words := line.split()) == 2:
            promised[words[0].decode()] = int(words[1])
    await child.wait()
    return promised


async def check_kills(path: Path, count: int, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(count):
        promised = await kill_once(path, chance)
        async with opened(path, HandClock()) as store:
            stats = store.stats()
            stored, pending = stats.stored, stats.pending["mqtt", Stream.SAMPLE]
            where = f"seed {seed} kill {number}: {promised}"
            assert stored >= promised["stored"], where
            assert stored - pending >= promised["settled"], where
            assert stats.damaged == 0, where
            page = store._vault.read(Stream.SAMPLE, 0, stored, stored, ())
            assert [float(row.body.split(",")[0]) for row in page.rows] == list(range(stored)), where


async def test_a_killed_store_keeps_its_promises(tmp_path: Path) -> None:
    await check_kills(tmp_path / "s.db", 4, seed=1)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_store_killed_many_times_keeps_its_promises(tmp_path: Path) -> None:
    await check_kills(tmp_path / "s.db", 200, seed=2)

"""The store as the rest of the gateway sees it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from edge.config.schema import Store as Settings
from edge.core.errors import ConfigError
from edge.core.model import CommandState, EventKind, Outcome, Rejection, Stream
from edge.runtime.store import Store
from tests.runtime.store_help import FAST, START_NS, HandClock, drained, event, events_of, opened, sample


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


async def test_a_sample_comes_out_as_it_went_in(tmp_path: Path, clock: HandClock) -> None:
    async with opened(tmp_path / "s.db", clock) as store:
        taken = sample(12.0, clock)
        store.put_sample(taken)
        (row,) = await store.owed_samples("mqtt", 10)
    assert (row.seq, row.at_ns, row.layout) == (1, taken.stamp.utc_ns, taken.layout)
    assert row.values == ("12", "230.5")


async def test_every_target_is_owed_every_row_until_it_settles_it(tmp_path: Path, clock: HandClock) -> None:
    async with opened(tmp_path / "s.db", clock, ("mqtt", "centre")) as store:
        for number in range(5):
            store.put_sample(sample(number, clock))
        await store.flush()
        store.settle("mqtt", Stream.SAMPLE, [row.seq for row in await store.owed_samples("mqtt", 10)], [])
        pending = store.stats().pending
        assert (pending["mqtt", Stream.SAMPLE], pending["centre", Stream.SAMPLE]) == (0, 5)
        assert len(await store.owed_samples("centre", 10)) == 5


async def test_rows_that_were_not_settled_are_owed_again_whatever_the_order(
    tmp_path: Path, clock: HandClock
) -> None:
    async with opened(tmp_path / "s.db", clock) as store:
        for number in range(6):
            store.put_sample(sample(number, clock))
        await store.flush()
        await store.owed_samples("mqtt", 10)
        store.settle("mqtt", Stream.SAMPLE, [5, 1, 3], [])
        assert [row.seq for row in await store.owed_samples("mqtt", 10)] == [2, 4, 6]


async def test_what_was_settled_is_not_owed_after_a_restart(tmp_path: Path, clock: HandClock) -> None:
    path = tmp_path / "s.db"
    async with opened(path, clock) as store:
        for number in range(4):
            store.put_sample(sample(number, clock))
        await store.flush()
        await store.owed_samples("mqtt", 10)
        store.settle("mqtt", Stream.SAMPLE, [1, 2], [])
    async with opened(path, clock) as store:
        assert await drained(store, "mqtt") == [2.0, 3.0]


async def test_a_new_target_is_owed_what_is_kept_and_a_known_one_goes_on(
    tmp_path: Path, clock: HandClock
) -> None:
    path = tmp_path / "s.db"
    async with opened(path, clock, ("mqtt",)) as store:
        store.put_sample(sample(1, clock))
        await drained(store, "mqtt")
    async with opened(path, clock, ("centre",)) as store:
        assert await drained(store, "centre") == [1.0]
        store.put_sample(sample(2, clock))
        await store.use_targets(["mqtt", "centre"])
        assert await drained(store, "mqtt") == [2.0]


async def test_an_event_is_committed_at_once_and_a_sample_with_its_group(
    tmp_path: Path, clock: HandClock
) -> None:
    settings = Settings(commit_s=10)
    clock.sleep = lambda seconds: asyncio.sleep(3600)  # type: ignore[method-assign]
    async with opened(tmp_path / "s.db", clock, settings=settings) as store:
        store.put_sample(sample(1, clock))
        store.put_event(event("switched", clock))
        (row,) = await asyncio.wait_for(store.owed_events("mqtt", 10), 5)
        assert (row.text, row.fields) == ("switched", (("level", 40.0),))


async def test_a_refused_row_is_set_aside_and_can_be_offered_again(tmp_path: Path, clock: HandClock) -> None:
    path = tmp_path / "s.db"
    async with opened(path, clock, ("mqtt", "centre")) as store:
        store.put_sample(sample(1, clock))
        await store.flush()
        await store.owed_samples("centre", 10)
        store.settle("centre", Stream.SAMPLE, [], [Rejection(1, "meter v=1", "field type conflict")])
        (kept,) = await store.quarantine(10)
        assert (kept.target, kept.seq, kept.line, kept.reason) == (
            "centre", 1, "meter v=1", "field type conflict",
        )  # fmt: skip
        assert await store.retry_quarantine() == 1
    async with opened(path, clock, ("mqtt", "centre")) as store:
        (row,) = await store.owed_samples("centre", 10)
        store.settle("centre", Stream.SAMPLE, [row.seq], [])
        assert await store.quarantine(10) == ()
        assert await store.clear_quarantine() == 0


async def test_rows_before_the_clock_was_set_get_their_true_time_in_order(tmp_path: Path) -> None:
    clock = HandClock(is_set=False)
    path = tmp_path / "s.db"
    async with opened(path, clock) as store:
        for number in range(3):
            store.put_sample(sample(number, clock))
        await store.flush()
        assert (store.stats().undated, store.stats().pending["mqtt", Stream.SAMPLE]) == (3, 0)
    async with opened(path, clock) as store:
        store.put_sample(sample(3, clock))
        assert await store.clock_was_set(START_NS) == 4
        rows = await store.owed_samples("mqtt", 10)
        assert [row.values[0] for row in rows] == ["0", "1", "2", "3"]
        assert [row.at_ns - START_NS for row in rows] == [1_001_000_000 + n * 1_000_000 for n in range(4)]
        assert store.stats().undated == 0


async def test_rows_of_an_earlier_boot_without_a_clock_stay_aside(tmp_path: Path) -> None:
    clock = HandClock(is_set=False)
    path = tmp_path / "s.db"
    async with opened(path, clock, boot="boot-1") as store:
        store.put_sample(sample(1, clock))
    async with opened(path, clock, boot="boot-2") as store:
        assert await store.clock_was_set(START_NS) == 0
        assert store.stats().undated == 1


async def test_a_second_gateway_on_the_same_file_gets_one_clear_sentence(
    tmp_path: Path, clock: HandClock
) -> None:
    async with opened(tmp_path / "s.db", clock):
        second = Store(tmp_path / "s.db", FAST, clock)
        with pytest.raises(ConfigError, match="in use by another gateway: stop that one"):
            await second.open(["mqtt"])


async def test_a_command_is_claimed_once_over_restarts(tmp_path: Path, clock: HandClock) -> None:
    path = tmp_path / "s.db"
    done = Outcome("c1", CommandState.VERIFIED, "", (("level", 40.0),))
    async with opened(path, clock) as store:
        assert await store.claim("c1") is None
        assert await store.claim("c2") is None
        store.keep_outcome(done)
    async with opened(path, clock) as store:
        assert await store.claim("c1") == done
        assert await store.outcome("c1") == done
        known = await store.claim("c2")
        assert known is not None
        assert known.state is CommandState.UNKNOWN


async def test_small_things_are_remembered(tmp_path: Path, clock: HandClock) -> None:
    path = tmp_path / "s.db"
    async with opened(path, clock) as store:
        store.remember("meter-1/split", "4")
        assert store.recall("meter-1/split") == "4"
    async with opened(path, clock) as store:
        assert (store.recall("meter-1/split"), store.recall("other")) == ("4", None)


async def test_a_full_share_drops_delivered_history_first_and_that_is_no_loss(
    tmp_path: Path, clock: HandClock
) -> None:
    settings = replace_bytes(4_000_000)
    async with opened(tmp_path / "s.db", clock, settings=settings) as store:
        await fill(store, clock, 40, settle=True)
        assert (store.stats().dropped, await events_of(store, "mqtt", EventKind.GAP)) == (0, [])
        assert store.stats().stored < 40 * 500
        assert size_of(tmp_path) <= 4_000_000


async def test_a_full_share_drops_the_oldest_owed_samples_and_leaves_a_gap_marker(
    tmp_path: Path, clock: HandClock
) -> None:
    async with opened(tmp_path / "s.db", clock, ("mqtt", "centre"), replace_bytes(4_000_000)) as store:
        store.put_event(event("kept", clock))
        await fill(store, clock, 40, settle=False)
        gaps = await events_of(store, "mqtt", EventKind.GAP)
        lost = sum(int(str(gap["count"])) for gap in gaps if gap["target"] == "mqtt")
        assert gaps[0].keys() == {"target", "stream", "from", "to", "count", "reason"}
        assert str(gaps[0]["from"]).endswith("Z")
        assert store.stats().dropped == 2 * lost > 0
        assert len(await drained(store, "mqtt", 1000)) == 40 * 500 - lost
        assert await events_of(store, "mqtt", EventKind.COMMAND) != []
        assert size_of(tmp_path) <= 4_000_000


async def test_history_older_than_its_days_leaves(tmp_path: Path, clock: HandClock) -> None:
    async with opened(tmp_path / "s.db", clock) as store:
        for number in range(10):
            store.put_sample(sample(number, clock))
        await drained(store, "mqtt")
        clock.now_ns += 91 * 86_400_000_000_000
        store.put_sample(sample(10, clock))
        await store.flush()
        await store.flush()
        assert store.stats().stored == 1


async def test_memory_of_a_store_that_is_never_committed_is_bounded(tmp_path: Path, clock: HandClock) -> None:
    async with opened(tmp_path / "s.db", clock) as store:
        for number in range(50_000):
            store.put_sample(sample(number, clock))
            if number % 1000 == 0:
                await asyncio.sleep(0)
        assert await drained(store, "mqtt", 5000) == [float(number) for number in range(50_000)]


def replace_bytes(bytes_max: int) -> Settings:
    return FAST.model_copy(update={"bytes_max": bytes_max})


async def fill(store: Store, clock: HandClock, rounds: int, settle: bool) -> None:
    layout = replace(sample(0, clock).layout, tags=(("device", "x"),))
    for turn in range(rounds):
        for number in range(500):
            one = sample(turn * 500 + number, clock, layout)
            store.put_sample(replace(one, values=(one.values[0], *([0.123456789] * 30))))
        await store.flush()
        if settle:
            await drained(store, "mqtt", 1000)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())

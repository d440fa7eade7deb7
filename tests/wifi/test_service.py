import asyncio
import random
import shutil
from pathlib import Path

import pytest

from edge.core.alarms import AlarmKind, Sign
from edge.core.errors import TransientError
from edge.core.model import DeviceState
from edge.core.wifi import AccountingKind, Dropped, Taken
from edge.runtime.store.database import Database
from edge.wifi.kept import HOUR, MINUTE, SEEN, SESSION
from tests.wifi.records import INTERIM_S, NOON_S, S, Story, story
from tests.wifi.works import World, with_radio

MIDNIGHT_S = NOON_S + 43_200


async def test_what_was_taken_is_on_the_disk_before_it_is_answered(tmp_path: Path) -> None:
    chance, world = random.Random(1), World(tmp_path / "a")
    (tmp_path / "a").mkdir()
    true = story(chance, 50)
    records = [one.record for part in true.told for one in part]
    chance.shuffle(records)
    world.move_to(NOON_S + 9_000)
    async with world.running() as (wifi, store):
        taken = [
            result
            for at in range(0, len(records), 30)
            for result in await wifi.take_many(records[at : at + 30])
        ]
        wifi._tick(world.clock.utc_ns())
        await store.flush()
        # As after kill -9: the files as they are now, with nothing closed.
        shutil.copytree(tmp_path / "a", tmp_path / "b")
        before = wifi.usage()
    assert taken.count(Taken.COUNTED) > 50
    after_kill = World(tmp_path / "b", NOON_S + 9_010)
    async with after_kill.running() as (wifi, _):
        assert wifi.usage() == before
        again = await wifi.take_many(records)
        assert Taken.COUNTED not in again
        assert wifi.usage() == before
    whole = before[0]
    assert (whole.place, whole.sessions_open, whole.sessions_today) == ("gw", 0, 50)
    assert (whole.bytes_up_today, whole.bytes_down_today) == (
        sum(true.up.values()),
        sum(true.down.values()),
    )
    assert whole.devices_today == len(true.devices)


async def test_while_the_disk_takes_nothing_nobody_is_answered_and_nothing_counts_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, it = World(tmp_path), Story()
    record = it.record(AccountingKind.STOP, 1, NOON_S, session_s=60, up=1000, device=3)
    other = it.record(AccountingKind.STOP, 2, NOON_S, session_s=60, up=500, device=4)
    async with world.running() as (wifi, store):
        is_away = True
        flush = store.usage.flush

        async def flushed() -> bool:
            return False if is_away else await flush()

        monkeypatch.setattr(store.usage, "flush", flushed)
        for one in (record, record, other):
            with pytest.raises(TransientError):
                await wifi.take(one)
        is_away = False
        assert await wifi.take_many([record, other]) == [Taken.DUPLICATE, Taken.COUNTED]
        assert (wifi.usage()[0].sessions_today, wifi.usage()[0].bytes_up_today) == (2, 1500)


async def test_before_the_clock_is_set_nobody_is_answered_and_no_key_is_kept(tmp_path: Path) -> None:
    world = World(tmp_path, is_set=False)
    record = Story().record(AccountingKind.START, 1, NOON_S)
    async with world.running() as (wifi, _):
        with pytest.raises(TransientError):
            await wifi.take(record)
        assert not list(tmp_path.glob("*.key"))
        world.clock.known = True
        async with asyncio.timeout(5):
            await wifi.ready.wait()
        assert await wifi.take(record) is Taken.COUNTED


async def test_an_hour_is_told_once_all_senders_had_their_turn_and_again_when_it_is_corrected(
    tmp_path: Path,
) -> None:
    world, it = World(tmp_path, NOON_S - 600), Story()
    async with world.running() as (wifi, _):
        world.minutes(wifi, NOON_S)
        starts = [it.record(AccountingKind.START, n, NOON_S + 60, device=n) for n in range(1, 8)]
        await wifi.take_many(starts)
        world.minutes(wifi, NOON_S + 120)
        assert world.told("usage/1m", "ap-1")[-1] == {"sessions_open": 7, "at_s": NOON_S + 120}
        stops = [
            it.record(AccountingKind.STOP, n, NOON_S + 660, session_s=600, up=1000, device=n)
            for n in range(1, 8)
        ]
        world.move_to(NOON_S + 660)
        await wifi.take_many(stops[:6])
        world.minutes(wifi, NOON_S + 3600 + INTERIM_S + 60)
        assert world.told("usage/1h", "ap-1") == []
        world.minutes(wifi, NOON_S + 3600 + INTERIM_S + 180)
        (hour,) = world.told("usage/1h", "ap-1")
        assert hour["at_s"] == NOON_S + 3600
        # The seventh was closed as silent after half an hour, at the last word of it: its start.
        assert [hour[name] for name in ("sessions_started", "sessions_ended", "sessions_lost")] == [
            7,
            7,
            None,
        ]
        assert (hour["bytes_up"], hour["peak_sessions"]) == (6000, 6)
        await wifi.take(stops[6])
        world.minutes(wifi, NOON_S + 3600 + INTERIM_S + 300)
        assert world.told("usage/1h", "gw")[-1]["bytes_up"] == 7000
        assert len({row["at_s"] for row in world.told("usage/1h", "ap-1")}) == 1


async def test_a_day_is_told_after_midnight_with_its_visitors_whose_hashes_are_gone_then(
    tmp_path: Path,
) -> None:
    world, it = World(tmp_path, MIDNIGHT_S - 7200), Story()
    async with world.running() as (wifi, store):
        world.minutes(wifi, MIDNIGHT_S - 3600)
        stops = [
            it.record(AccountingKind.STOP, n, MIDNIGHT_S - 3600, "ap-1", 60, 10, 20, device=n % 9 + 1)
            for n in range(1, 20)
        ]
        await wifi.take_many(stops)
        few = [it.record(AccountingKind.STOP, n, MIDNIGHT_S - 60, "ap-3", 60, 7, device=n) for n in (90, 91)]
        await wifi.take_many(few)
        day = MIDNIGHT_S // 86_400 + 719_163
        assert len(await store.usage.usage_rows(SEEN, 0, day)) > 9
        world.minutes(wifi, MIDNIGHT_S + 120)
        await store.flush()
        assert await store.usage.usage_rows(SEEN, 0, day + 1) == []
        world.minutes(wifi, MIDNIGHT_S + INTERIM_S + 180)
        (row,) = world.told("usage/1d", "gw")
        assert row["at_s"] == MIDNIGHT_S
        assert (row["visitors"], row["bytes_up"], row["sessions_started"]) == (11, 190 + 14, 21)
        assert row["busiest_hour"] in (21, 22, 23)
        assert world.told("usage/1d", "ap-3") == []
        # beach is ap-3 alone: market beside it is not told either, since the gateway is.
        assert world.told("usage/1d", "beach") == []
        assert all(row["bytes_up"] is None for row in world.told("usage/1d", "market"))


async def test_what_was_not_told_before_a_stop_is_told_after_it(tmp_path: Path) -> None:
    world, it = World(tmp_path, NOON_S), Story()
    async with world.running() as (wifi, _):
        world.minutes(wifi, NOON_S + 60)
        stops = [
            it.record(AccountingKind.STOP, n, NOON_S, session_s=60, up=10, device=n) for n in range(1, 8)
        ]
        await wifi.take_many(stops)
    world.move_to(NOON_S + 5 * 3600)
    async with world.running() as (wifi, _):
        wifi._tick(world.clock.utc_ns())
    assert world.told("usage/1h", "gw")[0]["sessions_started"] == 7


async def test_nothing_is_kept_for_longer_than_was_said(tmp_path: Path) -> None:
    world, it = World(tmp_path, NOON_S), Story()
    async with world.running() as (wifi, store):
        await wifi.take(it.record(AccountingKind.STOP, 1, NOON_S, session_s=60, up=10, device=5))
        shelf = store.usage
        assert len(await shelf.usage_rows(SESSION, 0, 0)) == 1
        world.move_to(NOON_S + 86_460)
        wifi._tick(world.clock.utc_ns())
        await store.flush()
        assert await shelf.usage_rows(SESSION, 0, 0) == []
        assert len(await shelf.usage_rows(MINUTE, 0, 1 << 40)) > 0
        world.move_to(NOON_S + 32 * 86_400)
        wifi._tick(world.clock.utc_ns())
        await store.flush()
        assert await shelf.usage_rows(MINUTE, 0, 1 << 40) == []
        assert len(await shelf.usage_rows(HOUR, 0, 1 << 40)) > 0
        world.move_to(NOON_S + 802 * 86_400)
        wifi._tick(world.clock.utc_ns())
        await store.flush()
    database = Database(tmp_path / "gianh.db", 10_000_000)
    database.open()
    assert database.run("SELECT count(*) FROM usage WHERE kind <> 4") == [(0,)]
    database.close()


async def test_packets_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    world, it = World(tmp_path), Story()
    async with world.running() as (wifi, _):
        start = it.record(AccountingKind.START, 1, NOON_S)
        await wifi.take_many([start, start])
        wifi.repeated("ac")
        wifi.dropped("ac", Dropped.AUTHENTICATOR)
        wifi.dropped("", Dropped.UNKNOWN_CLIENT)
        counts = wifi.counts()
    assert (counts.packets, counts.accepted, counts.duplicates, counts.rejected) == (5, 1, 2, 2)


async def test_alarms_are_seen_of_access_points_and_of_those_who_send(tmp_path: Path) -> None:
    world, it = World(tmp_path), Story()
    async with world.running() as (wifi, _):
        for number in range(120):
            await wifi.take(it.record(AccountingKind.START, number + 1, NOON_S))
        for _ in range(60):
            wifi.dropped("ac", Dropped.AUTHENTICATOR)
            wifi.dropped("", Dropped.UNKNOWN_CLIENT)
        world.findings.clear()
        world.move_to(NOON_S + 60)
        wifi._tick(world.clock.utc_ns())
        seen = {(one.kind, one.device): one for one in world.findings if one.sign is Sign.TROUBLE}
        assert set(seen) == {
            (AlarmKind.HOTSPOT_CROWDED, "ap-1"),
            (AlarmKind.AUTHENTICATION_STORM, "ac"),
            (AlarmKind.UNKNOWN_CLIENT, "gw"),
        }
        assert seen[AlarmKind.HOTSPOT_CROWDED, "ap-1"].value == 120
        world.findings.clear()
        world.move_to(NOON_S + 2 * INTERIM_S + 120)
        wifi._tick(world.clock.utc_ns())
        silent = [one for one in world.findings if one.kind is AlarmKind.HOTSPOT_SILENT]
        assert {one.device: one.sign for one in silent} == {
            "ap-1": Sign.TROUBLE,
            "ap-2": Sign.UNSURE,
            "ap-3": Sign.UNSURE,
            "ac": Sign.UNSURE,
        }


async def test_an_access_point_that_is_lost_or_has_no_air_left_is_told_of(tmp_path: Path) -> None:
    world = World(tmp_path)
    data = with_radio()
    async with world.running(data) as (wifi, _):
        world.live.now = [DeviceState("radio-1", True, None, (("channel_utilisation_2g", 93.0),))]
        wifi._tick(world.clock.utc_ns())
        world.live.now = [DeviceState("radio-1", False, None, ())]
        wifi._tick(world.clock.utc_ns() + 60 * S)
    trouble = [(one.kind, one.device) for one in world.findings if one.sign is Sign.TROUBLE]
    assert (AlarmKind.CHANNEL_SATURATED, "ap-1") in trouble
    assert (AlarmKind.ACCESS_POINT_DOWN, "ap-1") in trouble


async def test_who_watches_gets_the_places_that_change(tmp_path: Path) -> None:
    world, it = World(tmp_path), Story()
    async with world.running() as (wifi, _), wifi.watch() as changes:
        seen = {}
        await wifi.take(it.record(AccountingKind.START, 1, NOON_S))
        async with asyncio.timeout(5):
            async for usage in changes:
                seen[usage.place] = usage.sessions_open
                if [seen.get(name) for name in ("ap-1", "market", "ba-don", "gw")] == [1, 1, 1, 1]:
                    break
        assert seen.get("ap-3", 0) == 0

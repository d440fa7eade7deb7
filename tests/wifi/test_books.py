"""Whatever becomes of records on their way, the totals are those of the true history."""

import random
import tracemalloc
from collections.abc import Sequence

import pytest

from edge.core.wifi import AccountingKind, KeptRow, Taken
from edge.wifi.books import Books
from edge.wifi.days import day_of
from edge.wifi.kept import GRID, HOUR, MINUTE, SEEN, SESSION, VISITORS
from edge.wifi.session import Ending
from tests.wifi.records import HOTSPOTS, INTERIM_S, NOON_S, ZONE, S, Story, Told, books, story

DAY = day_of(ZONE, NOON_S * S)


def totals(of: Books, hotspot: str) -> tuple[int, int, int, int, int]:
    """Began, ended, bytes up and down by hours, and by minutes up."""
    hours = [one for (_, name), one in of.tally._buckets[HOUR].items() if name == hotspot]
    minutes = [one for (_, name), one in of.tally._buckets[MINUTE].items() if name == hotspot]
    return (
        sum(one.began for one in hours),
        sum(one.ended for one in hours),
        sum(one.up for one in hours),
        sum(one.down for one in hours),
        sum(one.up for one in minutes),
    )


def truth(of: Story, hotspot: str) -> tuple[int, int, int, int, int]:
    count = of.sessions[hotspot]
    return count, count, of.up[hotspot], of.down[hotspot], of.up[hotspot]


def feed(into: Books, told: Sequence[Told], now_s: int | None = None) -> list[Taken]:
    results = []
    for one in told:
        into.turn((now_s or one.at_s) * S)
        results.append(into.sessions.take(one.record, one.at_s * S, (now_s or one.at_s) * S))
    return results


class Kept:
    """What the store would have."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int, str, int], KeptRow] = {}

    def commit(self, of: Books) -> None:
        keep, drop = of.rows()
        self.rows.update((row.key_of, row) for row in keep)
        for key in drop:
            self.rows.pop(key, None)

    def of(self, *kinds: int) -> list[KeptRow]:
        return [self.rows[key] for key in sorted(self.rows) if key[0] in kinds]

    def restored(self, now_s: int) -> Books:
        fresh = books()
        fresh.restore(self.of(SESSION), self.of(MINUTE, HOUR), self.of(GRID), now_s * S)
        fresh.visitors.restore(self.of(SEEN), self.of(VISITORS), day_of(ZONE, now_s * S))
        return fresh


def damaged(chance: random.Random, of: Story) -> list[Told]:
    """Interims are lost, or the start; all come again now and then; nothing comes in order."""
    found: list[Told] = []
    for records in of.told:
        first, *middle, last = records
        keep = [one for one in middle if chance.random() < 0.6]
        if chance.random() < 0.7:
            keep = [first, *keep]
        keep.append(last)
        found += [one for one in keep for _ in range(chance.choice((1, 1, 2, 3)))]
    chance.shuffle(found)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_any_order_repetition_and_loss_of_records_gives_the_true_totals(seed: int) -> None:
    chance = random.Random(seed)
    true = story(chance, 60)
    into = books()
    feed(into, damaged(chance, true), NOON_S + 9_000)
    assert {name: totals(into, name) for name in HOTSPOTS} == {name: truth(true, name) for name in HOTSPOTS}
    assert sum(into.tally.open.values()) == 0
    assert into.sessions.open_count == 0
    assert into.visitors.count(DAY, "gw") == len(true.devices)


@pytest.mark.parametrize("seed", range(20))
def test_a_restart_after_any_commit_and_all_records_once_more_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    true = story(chance, 40)
    told = damaged(chance, true)
    kept, into, unanswered = Kept(), books(), list(told)
    while unanswered:
        batch, unanswered = unanswered[:7], unanswered[7:]
        feed(into, batch, NOON_S + 9_000)
        fate = chance.random()
        if fate < 0.2:
            # Killed before the commit: nobody was answered, all is sent again.
            into, unanswered = kept.restored(NOON_S + 9_000), batch + unanswered
        else:
            kept.commit(into)
            if fate < 0.4:
                # Killed between the commit and the answers.
                into, unanswered = kept.restored(NOON_S + 9_000), unanswered + batch
    again = kept.restored(NOON_S + 9_000)
    feed(again, told, NOON_S + 9_000)
    for one in (into, again):
        assert {name: totals(one, name) for name in HOTSPOTS} == {n: truth(true, n) for n in HOTSPOTS}
        assert one.visitors.count(DAY, "gw") == len(true.devices)


@pytest.mark.parametrize("seed", range(20))
def test_a_lost_stop_costs_what_came_after_the_last_word_and_no_more(seed: int) -> None:
    chance = random.Random(seed)
    true = story(chance, 40)
    into = books()
    feed(into, [one for records in true.told for one in records[:-1]], NOON_S + 9_000)
    into.advance((NOON_S + 9_000 + 3 * INTERIM_S - 1) * S)
    assert into.sessions.open_count == 40
    into.advance((NOON_S + 9_000 + 3 * INTERIM_S + 1) * S)
    assert into.sessions.open_count == 0
    for name in HOTSPOTS:
        began, ended, up, _, _ = totals(into, name)
        last = sum(
            records[-1].record.bytes_up - records[-2].record.bytes_up
            for records in true.told
            if records[0].record.access_point == name
        )
        assert (began, ended, up) == (true.sessions[name], true.sessions[name], true.up[name] - last)
    # The stops come after all: nothing is lost then, and nothing counted twice.
    feed(into, [records[-1] for records in true.told], NOON_S + 12_000)
    assert {name: totals(into, name) for name in HOTSPOTS} == {name: truth(true, name) for name in HOTSPOTS}


def of_kinds(into: Books, hotspot: str, ending: Ending) -> int:
    at = list(Ending).index(ending)
    return sum(one.ends[at] for (_, name), one in into.tally._buckets[HOUR].items() if name == hotspot)


def test_a_reboot_closes_the_sessions_of_its_access_point_until_they_are_heard_of_again() -> None:
    it, into = Story(), books()
    start = it.record(AccountingKind.START, 1, NOON_S)
    interim = it.record(AccountingKind.INTERIM, 1, NOON_S + 600, session_s=600, up=100)
    boot = it.record(AccountingKind.ON, 0, NOON_S + 700)
    feed(into, [Told(NOON_S, start), Told(NOON_S + 600, interim), Told(NOON_S + 700, boot)])
    assert (into.sessions.open_count, of_kinds(into, "ap-1", Ending.REBOOT)) == (0, 1)
    assert feed(into, [Told(NOON_S + 700, boot)]) == [Taken.DUPLICATE]
    later = it.record(AccountingKind.INTERIM, 1, NOON_S + 1200, session_s=1200, up=150)
    feed(into, [Told(NOON_S + 1200, later)])
    assert (into.sessions.open_count, of_kinds(into, "ap-1", Ending.REBOOT)) == (1, 0)
    assert totals(into, "ap-1")[:3] == (1, 0, 150)


def test_what_is_told_of_the_time_before_a_reboot_does_not_open_a_session_again() -> None:
    it, into = Story(), books()
    start, boot = it.record(AccountingKind.START, 1, NOON_S), it.record(AccountingKind.OFF, 0, NOON_S + 700)
    interim = it.record(AccountingKind.INTERIM, 1, NOON_S + 600, session_s=600, up=100)
    feed(into, [Told(NOON_S, start), Told(NOON_S + 700, boot), Told(NOON_S + 600, interim)])
    assert into.sessions.open_count == 0
    assert totals(into, "ap-1")[:3] == (1, 1, 100)


def test_an_id_that_is_used_again_after_a_reboot_is_another_session() -> None:
    it, into = Story(), books()
    first = [
        it.record(AccountingKind.START, 1, NOON_S),
        it.record(AccountingKind.INTERIM, 1, NOON_S + 600, session_s=600, up=100),
        it.record(AccountingKind.START, 1, NOON_S + 900),
        it.record(AccountingKind.STOP, 1, NOON_S + 1000, session_s=100, up=30),
        it.record(AccountingKind.START, 1, NOON_S + 2000),
    ]
    feed(into, [Told((record.at_ns or 0) // S, record) for record in first])
    assert totals(into, "ap-1")[:3] == (3, 2, 130)
    assert of_kinds(into, "ap-1", Ending.LOST) == 1


def test_a_session_that_walks_to_another_access_point_is_one_session() -> None:
    it, into = Story(), books()
    records = [
        it.record(AccountingKind.START, 1, NOON_S, "ap-1", device=5),
        it.record(AccountingKind.INTERIM, 1, NOON_S + 600, "ap-1", 600, 100, 10, 5),
        it.record(AccountingKind.INTERIM, 1, NOON_S + 1200, "ap-3", 1200, 400, 20, 5),
        it.record(AccountingKind.STOP, 1, NOON_S + 1500, "ap-3", 1500, 500, 30, 5),
    ]
    feed(into, [Told((record.at_ns or 0) // S, record) for record in records])
    assert totals(into, "ap-1")[:4] == (1, 0, 100, 10)
    assert totals(into, "ap-3")[:4] == (0, 1, 400, 20)
    assert [into.visitors.count(DAY, place) for place in ("ap-1", "ap-3", "gw")] == [1, 1, 1]
    assert sum(into.tally.open.values()) == 0


def test_bytes_between_two_records_are_spread_over_the_minutes_between_them() -> None:
    it, into = Story(), books()
    feed(
        into,
        [
            Told(NOON_S + 30, it.record(AccountingKind.START, 1, NOON_S + 30)),
            Told(
                NOON_S + 630,
                it.record(AccountingKind.INTERIM, 1, NOON_S + 630, session_s=600, up=1000, down=7),
            ),
        ],
    )
    shares = [into.tally.bucket(MINUTE, NOON_S + 60 * at, "ap-1") for at in range(11)]
    assert [one.up for one in shares if one is not None] == [50, *[100] * 9, 50]
    assert sum(one.down for one in shares if one is not None) == 7


def test_a_session_over_midnight_stays_one_and_its_device_counts_on_both_days() -> None:
    it, into = Story(), books()
    midnight_s = NOON_S + 43_200
    records = [
        it.record(AccountingKind.START, 1, midnight_s - 300, device=5),
        it.record(AccountingKind.INTERIM, 1, midnight_s + 300, session_s=600, up=100, device=77),
        it.record(AccountingKind.STOP, 1, midnight_s + 400, session_s=700, up=100, device=77),
    ]
    feed(into, [Told((record.at_ns or 0) // S, record) for record in records])
    assert [into.visitors.count(day, "gw") for day in (DAY, DAY + 1)] == [1, 1]
    assert totals(into, "ap-1")[:3] == (1, 1, 100)


def test_a_late_record_of_yesterday_does_not_count_its_device_once_more() -> None:
    it, into = Story(), books()
    midnight_s = NOON_S + 43_200
    start = it.record(AccountingKind.START, 1, midnight_s - 300, device=5)
    stop = it.record(AccountingKind.STOP, 1, midnight_s - 10, session_s=290, device=77)
    feed(into, [Told(midnight_s - 300, start)])
    feed(into, [Told(midnight_s - 10, stop)], midnight_s + 20)
    assert [into.visitors.count(day, "gw") for day in (DAY, DAY + 1)] == [1, 0]


def test_more_sessions_than_may_be_followed_are_counted_when_they_end() -> None:
    it, into = Story(), books()
    into.sessions.open_max = 2
    for number in range(1, 5):
        feed(into, [Told(NOON_S, it.record(AccountingKind.START, number, NOON_S))])
    assert into.sessions.open_count == 2
    stop = it.record(AccountingKind.STOP, 4, NOON_S + 60, session_s=60, up=500)
    feed(into, [Told(NOON_S + 60, stop), Told(NOON_S + 60, stop)])
    assert totals(into, "ap-1")[:3] == (3, 1, 500)


def test_presence_is_looked_at_from_minute_to_minute_in_whatever_order_records_came() -> None:
    it, into = Story(), books()
    told = []
    for number, (begin_s, end_s) in enumerate(((0, 600), (300, 900), (330, 400), (700, 1000)), 1):
        begin_s, end_s = NOON_S + begin_s, NOON_S + end_s
        told.append(Told(begin_s, it.record(AccountingKind.START, number, begin_s)))
        stop = it.record(AccountingKind.STOP, number, end_s, session_s=end_s - begin_s)
        told.append(Told(end_s, stop))
    random.Random(3).shuffle(told)
    feed(into, told, NOON_S + 1000)
    into.advance((NOON_S + 4000) * S)
    hour = into.grid.presence(NOON_S // 3600 * 3600, "gw")
    assert hour.most == 3
    assert into.grid.at_end[NOON_S + 360]["ap-1"] == 3
    assert into.grid.at_end[NOON_S + 960]["ap-1"] == 1
    assert into.grid.at_end[NOON_S + 3960]["gw"] == 0


def test_a_session_that_was_open_for_months_before_anybody_listened_counts_its_last_day() -> None:
    it, into = Story(), books()
    into.advance(NOON_S * S)
    length_s = 100 * 86_400
    record = it.record(AccountingKind.INTERIM, 1, NOON_S, session_s=length_s, up=100 * 86_400, down=1 << 45)
    feed(into, [Told(NOON_S, record)])
    assert totals(into, "ap-1")[:3] == (1, 0, 86_400)
    wrong = it.record(AccountingKind.STOP, 2, NOON_S, session_s=(1 << 32) - 1, up=1000)
    feed(into, [Told(NOON_S, wrong)])
    assert totals(into, "ap-1")[:2] == (2, 1)


def test_a_hundred_thousand_open_sessions_leave_room_on_a_small_gateway() -> None:
    it, into, chance = Story(), books(), random.Random(5)
    tracemalloc.start()
    try:
        for number in range(20_000):
            session = chance.getrandbits(64)
            start = it.record(AccountingKind.START, session, NOON_S + number % 600, device=session >> 1 | 1)
            into.turn(NOON_S * S)
            into.sessions.take(start, NOON_S * S, NOON_S * S)
            if number % 500 == 0:
                into.rows()
        into.rows()
        size_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert into.sessions.open_count == 20_000
    assert size_bytes * 5 < 50_000_000

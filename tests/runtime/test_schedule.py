"""The schedule: a grid per poll, skipped slots, even spread."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from edge.runtime.schedule import Schedule

S = 1_000_000_000


def drain(schedule: Schedule[str], now_ns: int) -> list[str]:
    taken = []
    while (key := schedule.due(now_ns)) is not None:
        schedule.done(key, now_ns)
        taken.append(key)
    return taken


def test_everything_is_due_at_once_after_the_start() -> None:
    schedule = Schedule([("a", 60.0), ("b", 60.0)], 7)
    assert drain(schedule, 7) == ["a", "b"]
    assert drain(schedule, 7) == []


def test_polls_of_one_interval_are_spread_evenly_over_it() -> None:
    schedule = Schedule([(name, 10.0) for name in "abcde"], 0)
    drain(schedule, 0)
    times = []
    for _ in range(5):
        now_ns = schedule.next_ns()
        assert now_ns is not None
        assert len(drain(schedule, now_ns)) == 1
        times.append(now_ns)
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {2 * S}


def test_a_late_poll_skips_the_slots_it_missed_and_counts_them() -> None:
    schedule = Schedule([("a", 1.0)], 0)
    drain(schedule, 0)
    assert schedule.next_ns() == S
    assert drain(schedule, 5 * S + S // 2) == ["a"]
    assert schedule.next_ns() == 6 * S
    assert schedule.skipped == 4


def test_a_changed_poll_starts_anew_and_the_others_keep_their_times() -> None:
    schedule = Schedule([("a", 10.0), ("b", 10.0), ("c", 10.0)], 0)
    drain(schedule, 0)
    schedule.replace([("a", 10.0), ("b", 5.0), ("d", 10.0)], S)
    assert sorted(drain(schedule, S)) == ["b", "d"]
    assert "a" not in drain(schedule, 9 * S)
    assert drain(schedule, 10 * S).count("a") == 1


def test_a_poll_that_left_is_never_due_again() -> None:
    schedule = Schedule([("a", 1.0), ("b", 1.0)], 0)
    schedule.replace([("b", 1.0)], 0)
    assert drain(schedule, 10 * S) == ["b"]


def test_a_hastened_poll_is_due_at_once_and_only_once() -> None:
    schedule = Schedule([("a", 60.0)], 0)
    drain(schedule, 0)
    schedule.hasten("a", S)
    assert drain(schedule, S) == ["a"]
    assert drain(schedule, S) == []


@given(
    st.lists(st.floats(0.1, 100.0), min_size=1, max_size=8),
    st.lists(st.integers(0, 30 * S), min_size=1, max_size=60),
)
def test_however_late_a_bus_is_no_slot_is_used_twice(intervals: list[float], waits: list[int]) -> None:
    schedule = Schedule([(str(n), interval) for n, interval in enumerate(intervals)], 0)
    now_ns = 0
    asked = dict.fromkeys(map(str, range(len(intervals))), 0)
    for wait_ns in waits:
        now_ns += wait_ns
        for key in drain(schedule, now_ns):
            asked[key] += 1
    for key, times in asked.items():
        assert times <= now_ns // round(intervals[int(key)] * 1e9) + 2


@given(st.lists(st.floats(0.1, 50.0), min_size=1, max_size=6))
def test_an_idle_bus_keeps_every_interval_exactly(intervals: list[float]) -> None:
    schedule = Schedule([(str(n), interval) for n, interval in enumerate(intervals)], 0)
    drain(schedule, 0)
    seen: dict[str, list[int]] = {}
    for _ in range(200):
        now_ns = schedule.next_ns()
        assert now_ns is not None
        for key in drain(schedule, now_ns):
            seen.setdefault(key, []).append(now_ns)
    for key, times in seen.items():
        interval_ns = round(intervals[int(key)] * 1e9)
        assert all(b - a == interval_ns for a, b in itertools.pairwise(times))
    assert schedule.skipped == 0

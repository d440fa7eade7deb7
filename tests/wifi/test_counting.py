"""Counters, sketches and suppression hold what they promise for any input."""

import random

from hypothesis import given
from hypothesis import strategies as st

from edge.wifi.counters import RATE_MAX_BYTES_S, SLACK_S, WRAP, Totals, growth
from edge.wifi.distinct import EXACT_MAX, STANDARD_ERROR, Distinct
from edge.wifi.suppress import hidden, without_few
from edge.wifi.usage import spread

COUNTER = st.integers(0, 1 << 64)
NARROW = st.integers(0, WRAP - 1)
NS = 1_000_000_000


@given(COUNTER, COUNTER, COUNTER, COUNTER, st.booleans(), st.booleans(), st.floats(-10, 1e6))
def test_growth_is_never_negative_and_never_more_than_a_line_carries(
    up: int, down: int, new_up: int, new_down: int, was_wide: bool, wide: bool, elapsed_s: float
) -> None:
    found = growth(Totals(up, down, was_wide), Totals(new_up, new_down, wide), elapsed_s)
    limit = RATE_MAX_BYTES_S * (max(0, elapsed_s) + SLACK_S) + 1
    assert 0 <= found.up <= limit
    assert 0 <= found.down <= limit


@given(st.lists(st.tuples(st.integers(0, WRAP // 8), st.integers(1, WRAP // 4 - 1)), max_size=30))
def test_counters_of_32_bits_count_on_through_any_number_of_wraps(steps: list[tuple[int, int]]) -> None:
    told, up, down = Totals(0, 0, False), 0, 0
    counted_up = counted_down = 0
    for more_up, more_down in steps:
        up, down = up + more_up, down + more_down
        found = growth(told, Totals(up % WRAP, down % WRAP, False), 600)
        counted_up, counted_down, told = counted_up + found.up, counted_down + found.down, found.believed
    assert counted_down == down
    assert counted_up <= up + WRAP * len(steps)


@given(st.integers(1, WRAP >> 3), st.integers(1, WRAP >> 3), st.integers(0, 100), st.integers(0, 100))
def test_counters_that_are_reset_count_what_they_show(up: int, down: int, new_up: int, new_down: int) -> None:
    old = Totals(up + 100, down + 100, False)
    found = growth(old, Totals(new_up, new_down, False), 600)
    assert (found.up, found.down) == (new_up, new_down)


def test_a_reading_that_cannot_be_true_counts_nothing_and_is_not_held_against_the_next() -> None:
    odd = growth(Totals(100, 100, True), Totals(1 << 60, 200, True), 60)
    assert (odd.up, odd.down, odd.believed.up) == (0, 100, 100)
    assert growth(odd.believed, Totals(300, 300, True), 60).up == 200


@given(st.lists(st.integers(0, (1 << 64) - 1), max_size=300), st.randoms(use_true_random=False))
def test_few_are_counted_exactly_in_any_order_however_often_they_come(
    items: list[int], chance: random.Random
) -> None:
    again = items * 2
    chance.shuffle(again)
    sketch = Distinct()
    changed = sum(sketch.add(item) for item in again)
    assert changed == sketch.count() == len(set(items))


def test_many_are_counted_within_the_stated_error_in_any_order() -> None:
    chance = random.Random(11)
    for count in (EXACT_MAX, EXACT_MAX + 1, 5_000, 20_000, 60_000, 150_000):
        items = [chance.getrandbits(64) for _ in range(count)]
        sketch, other = Distinct(), Distinct()
        kept = [item for item in items if sketch.add(item)]
        chance.shuffle(kept)
        for item in kept:
            other.add(item)
        assert other.count() == sketch.count()
        bound = 0 if count <= EXACT_MAX else 4 * STANDARD_ERROR * count
        assert abs(sketch.count() - count) <= bound + (count == EXACT_MAX + 1)


@given(st.integers(0, 10**13), st.integers(0, 90_000 * NS), st.integers(0, 1 << 44), st.integers(0, 1 << 44))
def test_what_is_spread_over_minutes_adds_up_to_the_byte(
    from_ns: int, for_ns: int, up: int, down: int
) -> None:
    parts = list(spread(from_ns, from_ns + for_ns, 60, up, down))
    cut = list(spread(from_ns, from_ns + for_ns, 60, up, down, 9_000))
    if from_ns + for_ns > 9_000 * NS:
        assert [part for part in cut if part[0] >= 9_000] == [part for part in parts if part[0] >= 9_000]
        assert sum(part[0] < 9_000 for part in cut) <= 1
        assert sum(part[1] for part in cut) == up
    assert (sum(part[1] for part in parts), sum(part[2] for part in parts)) == (up, down)
    assert all(part[1] >= 0 and part[2] >= 0 for part in parts)
    assert [part[0] for part in parts] == sorted({part[0] for part in parts})


@given(st.lists(st.integers(0, 20), min_size=1, max_size=9), st.integers(2, 8))
def test_what_is_hidden_cannot_be_had_by_subtracting_what_is_told(counts: list[int], group_min: int) -> None:
    parts = {f"ap-{number}": count for number, count in enumerate(counts)}
    half = list(parts)[: len(parts) // 2 + 1]
    groups = parts | {"gw": sum(counts), "site": sum(parts[name] for name in half)}
    wholes = {"gw": [list(parts)], "site": [half]}
    away = hidden(groups, wholes, group_min)
    assert all(groups[name] >= group_min for name in groups if name not in away)
    for whole, ways in wholes.items():
        if whole not in away:
            for way in ways:
                rest = groups[whole] - sum(groups[name] for name in way if name not in away)
                told = [name for name in way if name not in away]
                assert rest == 0 or rest >= group_min or not told


def test_the_few_of_hidden_hours_are_left_out_of_the_day_unless_there_are_enough_of_them() -> None:
    assert without_few([(True, 3), (False, 20)], 5)
    assert not without_few([(True, 3), (True, 2), (False, 20)], 5)
    assert not without_few([(True, 0), (False, 20)], 5)

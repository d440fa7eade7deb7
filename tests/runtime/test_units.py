"""Silent units: known after some misses, asked ever more rarely, at a bounded share of the bus."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from edge.runtime.units import ALLOWANCE_S, Units

S = 1_000_000_000


def test_a_unit_is_set_aside_by_one_miss_and_back_by_one_answer() -> None:
    units = Units(0.1, 0, lambda: 0.5)
    units.missed("u", 0.1, 0)
    assert units.is_silent("u")
    assert units.answered("u") is True
    assert not units.is_silent("u")
    assert units.answered("u") is False


def test_the_first_miss_is_asked_again_at_once() -> None:
    units = Units(0.1, 0, lambda: 0.5)
    units.missed("u", 0.1, 0)
    assert units.due(0) == "u"


def test_probes_of_a_silent_unit_grow_rarer_and_never_stop() -> None:
    units = Units(0.5, 0, lambda: 0.5)
    units.missed("u", 0.01, 0)
    now_ns, times = 0, []
    for _ in range(20):
        due_ns = units.next_ns(now_ns)
        assert due_ns is not None
        now_ns = max(now_ns, due_ns)
        assert units.due(now_ns) == "u"
        times.append(now_ns)
        units.missed("u", 0.01, now_ns)
    waits = [(b - a) / S for a, b in itertools.pairwise(times)]
    assert waits == sorted(waits)
    assert waits[-1] <= 300


@given(
    st.floats(0.01, 0.5),
    st.integers(1, 40),
    st.floats(0.05, 2.0),
    st.randoms(use_true_random=False),
)
def test_silent_units_cost_at_most_their_share(
    share: float, count: int, cost_s: float, chance: object
) -> None:
    units = Units(share, 0, chance.random)  # type: ignore[attr-defined]
    now_ns = 0
    for unit in range(count):
        now_ns += round(cost_s * S)
        units.missed(str(unit), cost_s, now_ns)
    at_first_s, began_ns = units.lost_s, now_ns
    while now_ns < began_ns + 3600 * S:
        unit = units.due(now_ns)
        if unit is None:
            next_ns = units.next_ns(now_ns)
            assert next_ns is not None
            now_ns = max(next_ns, now_ns + 1_000_000)
            continue
        now_ns += round(cost_s * S)
        units.missed(unit, cost_s, now_ns)
    passed_s = (now_ns - began_ns) / S
    assert units.lost_s - at_first_s <= share * passed_s + cost_s + ALLOWANCE_S

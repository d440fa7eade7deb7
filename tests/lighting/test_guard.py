"""The guard: what needs a second word, and what a token is good for."""

from dataclasses import replace
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.lighting.guard import HORIZON_NS, PENDING_MAX, Guard, Question, is_darker, nights_within
from edge.lighting.plans import Planned
from edge.lighting.rate import SENDERS_MAX, Rate

HOUR = 3600 * 10**9
S = 10**9


def guard(lamps_max: int = 3) -> Guard:
    numbers = count(1)
    return Guard(lamps_max, 30, 60, lambda: f"t{next(numbers)}")


def question(darkened: int = 4, by_hand: tuple[str, ...] = (), **more: object) -> Question:
    lamps = tuple(f"lamp-{n}" for n in range(darkened))
    asked = Question("street", 0, "mqtt/an", "", lamps, frozenset(lamps), frozenset(by_hand))
    return replace(asked, **more)  # type: ignore[arg-type]


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50))
def test_exactly_more_lamps_than_allowed_need_a_second_word(lamps_max: int, darkened: int, held: int):
    asked = question(darkened, tuple(f"held-{n}" for n in range(held)))
    allowed = guard(lamps_max).judge(asked, "", 0).allowed
    assert allowed is (darkened == 0 or darkened + held <= lamps_max)


def test_a_lamp_that_is_held_dark_already_is_not_counted_twice():
    assert guard().judge(question(3, ("lamp-0", "lamp-1")), "", 0).allowed


def test_the_token_is_good_once_for_this_command_of_this_sender_in_time():
    one = guard()
    token = one.judge(question(), "", 0).token
    assert one.judge(question(), token, 59 * S).allowed
    assert not one.judge(question(), token, 59 * S).allowed


@pytest.mark.parametrize(
    "other",
    [
        question(level=10.0),
        question(target="square"),
        question(terms="forever"),
        question(sender="mqtt/binh"),
        question(5),
    ],
)
def test_the_token_is_good_for_nothing_else(other: Question):
    one = guard()
    token = one.judge(question(), "", 0).token
    verdict = one.judge(other, token, 1)
    assert not verdict.allowed
    assert "the token is not good" in verdict.reason


def test_a_token_expires_and_a_wrong_one_burns_the_right_one():
    one = guard()
    token = one.judge(question(), "", 0).token
    assert not one.judge(question(), token, 60 * S).allowed
    again = one.judge(question(), "", 100 * S).token
    assert not one.judge(question(), "wrong", 101 * S).allowed
    assert not one.judge(question(), again, 102 * S).allowed


def test_what_waits_for_confirmation_is_bounded():
    one = guard()
    first = one.judge(question(sender="s"), "", 0).token
    for number in range(PENDING_MAX):
        one.judge(question(sender=f"s{number}"), "", 0)
    assert not one.judge(question(sender="s"), first, 1).allowed


def is_night(at_ns: int) -> bool:
    return not 6 <= at_ns // HOUR % 24 < 18


@given(st.integers(0, 48), st.integers(0, 60))
def test_a_span_touches_a_night_exactly_if_any_of_its_moments_does(start: int, hours: int):
    nights = nights_within(is_night, start * HOUR, (start + hours) * HOUR)
    end = start + min(hours, HORIZON_NS // HOUR)
    moments = [start * HOUR + n * HOUR // 4 for n in range(4 * (end - start) + 1)]
    assert bool(nights) is any(is_night(at_ns) for at_ns in moments)
    assert all(any(a <= at <= b for a, b in nights) for at in moments if is_night(at))
    assert all(b <= c for (_, b), (c, _) in pairwise(nights))


def test_a_hold_without_end_touches_nights():
    assert nights_within(is_night, 12 * HOUR, None)


def plan(at_ns: int) -> Planned:
    """20 % until 4 in the morning, then full light."""
    hour = at_ns // HOUR % 24
    morning = 4 <= hour < 12
    until_h = 12 if morning else (28 if hour >= 12 else 4)
    return Planned(100 if morning else 20, "", at_ns // (24 * HOUR) * 24 * HOUR + until_h * HOUR, "p")


def test_a_level_over_the_plan_now_is_still_darker_if_the_plan_brightens_before_it_ends():
    nights = nights_within(is_night, 20 * HOUR, 28 * HOUR)
    assert not is_darker(25, [(20 * HOUR, 28 * HOUR)], plan)
    assert is_darker(25, nights_within(is_night, 20 * HOUR, 29 * HOUR), plan)
    assert is_darker(10, nights, plan)


def test_a_plan_that_never_stops_changing_counts_as_bright():
    assert is_darker(50, [(0, 10**9)], lambda at_ns: Planned(0, "", at_ns, None))


def test_a_sender_may_give_so_many_commands_a_minute_and_then_one_by_one():
    rate = Rate(6, 0)
    assert [bool(rate.too_many("an", 0)) for _ in range(7)] == [False] * 6 + [True]
    assert rate.too_many("an", 9 * S)
    assert not rate.too_many("an", 10 * S)
    assert not rate.too_many("binh", 0)


def test_inventing_senders_gives_no_more_commands_than_one_bucket():
    rate = Rate(2, 0)
    for number in range(SENDERS_MAX):
        assert not rate.too_many(f"s{number}", 0)
    taken = [not rate.too_many(f"x{number}", 0) for number in range(50)]
    assert sum(taken) <= 2
    assert not rate.too_many("late", 61 * S)


def test_a_target_keeps_a_level_for_the_dwell():
    rate = Rate(60, 2)
    rate.gave("street", 40, 0)
    assert rate.too_soon("street", 20, 1 * S)
    assert not rate.too_soon("street", 40, 1 * S)
    assert not rate.too_soon("square", 20, 1 * S)
    assert not rate.too_soon("street", 20, 2 * S)

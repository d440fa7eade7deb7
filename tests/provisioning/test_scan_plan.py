"""The plan asks everybody once, whoever is likely first, and keeps its promises of time."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.scan.book import Book
from provisioning.scan.plan import (
    LIKELY,
    UNITS,
    Choice,
    Wish,
    dead_s,
    first_sweeps,
    later_sweeps,
    left_s,
)
from provisioning.scan.work import Scan
from tests.provisioning.fake_line import FakeLines

EVERY = tuple(UNITS)


@given(st.sets(st.sampled_from(EVERY), min_size=1), st.sampled_from(LIKELY))
def test_every_unit_is_asked_once_at_a_setting_that_is_known(units: set[int], choice: Choice):
    wish = Wish((choice,), tuple(sorted(units)))
    sweeps = (*first_sweeps(wish), *later_sweeps(wish, ()))
    asked = [unit for sweep in sweeps for unit in sweep.units]
    assert sorted(asked) == sorted(units)


def test_247_dead_units_at_9600_cost_less_than_30_s():
    wish = Wish((Choice(9600),), listen=False)
    assert left_s((*first_sweeps(wish), *later_sweeps(wish, ()))) <= 30.0
    assert dead_s(Choice(9600)) == 8 * 10 / 9600 + 0.06 + 0.05


def test_eight_devices_at_unknown_settings_are_found_within_3_min():
    lines = FakeLines({Choice(9600): {1, 2, 5, 12, 20, 33, 201}, Choice(4800, "E"): {9}})
    book = run(lines, Wish())
    assert {find.unit for find in book.finds.values()} == {1, 2, 5, 9, 12, 20, 33, 201}
    assert max(lines.found_at_s.values()) <= 180.0


def test_settings_that_answered_are_finished_before_the_others():
    later = later_sweeps(Wish(), [Choice(4800, "E"), Choice(9600)])
    assert [sweep.choice for sweep in later[:2]] == [Choice(9600), Choice(4800, "E")]
    assert len(later) == len(LIKELY)


@settings(max_examples=15)
@given(st.dictionaries(st.sampled_from(LIKELY), st.sets(st.sampled_from(EVERY), max_size=5), max_size=3))
def test_whoever_is_there_is_found_wherever_he_is(here: dict[Choice, set[int]]):
    book = run(FakeLines(dict(here.items())), Wish())
    assert set(book.finds) == {(choice, unit) for choice, units in here.items() for unit in units}
    assert book.finished


def run(lines: FakeLines, wish: Wish, book: Book | None = None) -> Book:
    book = book or Book("line")
    asyncio.run(Scan(lines, wish, book, lambda _: None).run())
    return book

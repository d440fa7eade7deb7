"""Each night is written down lamp by lamp, and summed without ever calling a guess a measurement."""

from datetime import date, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.core.lighting import LampNight, NightRecord
from edge.lighting.monitor import View
from edge.lighting.monitor_burn import Burn, burn_of
from edge.lighting.night_book import MONTHS_MAX, NightBook, as_line, of_line
from edge.lighting.night_sums import meter_sums, night_sum, total

DAY = date(2026, 11, 28)


def lamp(
    name: str, used: float = 0.5, full: float = 1.0, measured: float = 0.0, hours: float = 10
) -> LampNight:
    return LampNight(name, used, full, measured, lit_h=hours - 1, counted_h=hours)


def record(night: date = DAY, *lamps: LampNight, **meters: float) -> NightRecord:
    return NightRecord(night, 10.0, lamps or (lamp("a"), lamp("b")), tuple(meters.items()))


amounts = st.floats(0, 1e6).map(lambda value: round(value, 5))
lamps = st.builds(LampNight, st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True), *[amounts] * 5)
records = st.builds(
    NightRecord,
    st.dates(),
    amounts,
    st.lists(lamps, max_size=5, unique_by=lambda one: one.device).map(tuple),
    st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), amounts).map(
        lambda found: tuple(found.items())
    ),
)


@given(records)
def test_a_night_is_read_as_it_was_written(one: NightRecord) -> None:
    assert of_line(as_line(one)) == one


@given(st.text() | st.binary().map(lambda part: part.decode("latin-1")))
def test_anything_else_is_no_night(text: str) -> None:
    try:
        of_line(text)
    except ValueError:
        return
    raise AssertionError(text)


def test_the_book_keeps_nights_over_months_and_passes_over_a_torn_line(tmp_path: Path) -> None:
    book = NightBook(tmp_path)
    nights = [date(2026, 10, 31), date(2026, 11, 1), DAY]
    for night in nights:
        book.add(record(night))
    with (tmp_path / "nights" / "2026-11.jsonl").open("a") as file:
        file.write('{"night":"2026-11-2')
    assert [one.night for one in book.read(date(2026, 10, 31), DAY)] == nights
    assert [one.night for one in book.read(date(2026, 11, 1), date(2026, 11, 1))] == [nights[1]]
    assert book.oldest() == nights[0]


def test_of_a_night_that_was_written_twice_the_later_counts(tmp_path: Path) -> None:
    book = NightBook(tmp_path)
    book.add(record(DAY, lamp("a", used=0.1)))
    book.add(record(DAY, lamp("a", used=0.7)))
    (one,) = book.read(DAY, DAY)
    assert one.lamps[0].used_kwh == 0.7


def test_the_oldest_month_goes_first(tmp_path: Path) -> None:
    book = NightBook(tmp_path)
    for month in range(MONTHS_MAX + 2):
        book.add(record(date(2024 + month // 12, month % 12 + 1, 1)))
    assert book.oldest() == date(2024, 3, 1)


def test_what_was_measured_and_what_was_worked_out_stay_apart() -> None:
    one = record(DAY, lamp("a", 0.5, 1.0, measured=0.5), lamp("b", 0.4, 1.0), lamp("c", 9.0, 0.0))
    found = night_sum(one, {"a", "b", "c"})
    assert (found.lamps, found.known) == (3, 2)
    assert (round(found.used_kwh, 3), found.measured_kwh, found.full_kwh) == (0.9, 0.5, 2.0)
    assert night_sum(one, {"b"}).measured_kwh == 0


def test_a_lamp_or_a_night_that_is_missing_makes_the_sum_incomplete() -> None:
    half = record(DAY, lamp("a", hours=5))
    assert night_sum(half, {"a"}).completeness == 0.5
    assert night_sum(half, {"a", "new"}).completeness == 0.25
    whole = record(DAY - timedelta(days=1), lamp("a"))
    found = total([night_sum(whole, {"a"}), night_sum(half, {"a"})], DAY - timedelta(days=2), DAY)
    assert (found.nights, found.owed, found.completeness) == (2, 3, 0.5)
    assert found.saved_kwh == 1.0


def test_a_meter_counts_between_two_mornings_and_a_counter_that_went_back_says_nothing() -> None:
    before = DAY - timedelta(days=1)
    good = [record(before, m=100.0), record(DAY, m=107.5)]
    (found,) = meter_sums(good, DAY, DAY)
    assert (found.device, found.kwh, found.after, found.until) == ("m", 7.5, before, DAY)
    assert meter_sums([record(DAY, m=100.0)], DAY, DAY) == []
    assert meter_sums([record(before, m=100.0), record(DAY, m=3.0)], DAY, DAY) == []


def test_a_lamp_counts_its_night_and_keeps_it_over_a_restart() -> None:
    burn = Burn()
    burn.advance(View("a", {"active_power": 50.0}, True, nominal_w=100, night=True, wanted=40), 3600)
    burn.advance(View("a", {}, False, nominal_w=100, night=True, wanted=0), 1800)
    kept = burn_of(burn.text())
    night = kept.night("a")
    assert (night.used_kwh, night.measured_kwh, night.full_kwh) == (0.05, 0.05, 0.15)
    assert (night.lit_h, night.counted_h) == (1.0, 1.5)
    assert burn_of("[1.0, 2, 3.0, 4.0, 5.0, 6.0, true]").night_used_kwh == 4.0

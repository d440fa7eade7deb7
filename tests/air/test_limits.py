from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.limits import Standard, Term, first_day, limits_on
from edge.air.units import (
    GRAMS_PER_MOLE,
    from_reference,
    ppb_from_ug,
    ppm_from_ug,
    to_reference,
    ug_from_ppb,
    ug_from_ppm,
)
from edge.core.air import Span
from edge.core.vocabulary import quantity

OLD, NEW = date(2025, 12, 31), date(2026, 1, 1)


def value(day: date, point: str, term: Term, standard: Standard = Standard.QCVN) -> float | None:
    found = [one.value for one in limits_on(day, standard) if (one.point, one.term) == (point, term)]
    return found[0] if found else None


def test_pm2_5_over_24_hours_is_50_until_the_end_of_2025_and_45_from_then_on() -> None:
    assert value(OLD, "pm2_5", Term.DAY) == 50
    assert value(NEW, "pm2_5", Term.DAY) == 45
    assert [value(day, "pm2_5", Term.YEAR) for day in (OLD, NEW)] == [25, 25]


def test_the_same_day_of_47_is_exceeded_under_the_new_limit_alone() -> None:
    judged = [
        next(one for one in limits_on(day) if one.point == "pm2_5" and one.span is Span.DAY).is_exceeded(47.0)
        for day in (OLD, NEW)
    ]
    assert judged == [False, True]


def test_a_value_at_the_limit_does_not_exceed_it() -> None:
    limit = next(one for one in limits_on(NEW) if one.point == "pm2_5" and one.span is Span.DAY)
    assert not limit.is_exceeded(45.0)


@pytest.mark.parametrize("standard", Standard)
@given(days=st.integers(0, 20_000))
def test_no_day_has_a_limit_for_particles_over_one_hour(standard: Standard, days: int) -> None:
    found = limits_on(date(2000, 1, 1) + timedelta(days), standard)
    assert not [one for one in found if one.point.startswith("pm") and one.span not in (Span.DAY, None)]


@pytest.mark.parametrize("standard", Standard)
def test_nothing_holds_before_its_day_and_something_from_then_on(standard: Standard) -> None:
    first = first_day(standard)
    assert limits_on(first - timedelta(days=1), standard) == ()
    assert limits_on(first, standard)


@pytest.mark.parametrize("standard", Standard)
def test_every_limit_is_of_a_point_in_micrograms_and_stands_once(standard: Standard) -> None:
    found = limits_on(NEW, standard)
    assert len({(one.point, one.term) for one in found}) == len(found)
    for one in found:
        known = quantity(one.point)
        assert known is not None
        assert known.unit == "ug/m3"
        assert one.value <= known.high
        assert one.source


def test_the_table_of_the_regulation_is_whole() -> None:
    found = {(one.point, str(one.term)): one.value for one in limits_on(NEW)}
    assert found == {
        ("so2", "1h"): 350,
        ("so2", "24h"): 125,
        ("so2", "year"): 50,
        ("co", "1h"): 30_000,
        ("co", "8h"): 10_000,
        ("no2", "1h"): 200,
        ("no2", "24h"): 100,
        ("no2", "year"): 40,
        ("o3", "1h"): 200,
        ("o3", "8h"): 120,
        ("tsp", "1h"): 300,
        ("tsp", "24h"): 200,
        ("tsp", "year"): 100,
        ("pm10", "24h"): 100,
        ("pm10", "year"): 50,
        ("pm2_5", "24h"): 45,
        ("pm2_5", "year"): 25,
        ("h2s", "1h"): 42,
        ("nh3", "1h"): 200,
        ("formaldehyde", "1h"): 20,
        ("benzene", "1h"): 22,
    }


def test_what_the_who_advises_stands_beside_the_law_and_not_in_it() -> None:
    assert value(NEW, "pm2_5", Term.DAY, Standard.WHO) == 15
    assert value(NEW, "co", Term.DAY, Standard.WHO) == 4_000
    assert {one.standard for one in limits_on(NEW)} == {Standard.QCVN}


def test_spans_are_the_means_that_are_kept_and_none_for_longer_terms() -> None:
    assert [term.span for term in Term] == [None, None, Span.HOUR, Span.EIGHT_HOURS, Span.DAY, None, None]


def test_a_cubic_metre_at_reference_conditions_stays_as_it_is() -> None:
    assert to_reference(80.0, 25.0, 1013.25) == pytest.approx(80.0, rel=1e-15)


def test_warm_thin_air_holds_more_at_reference_conditions() -> None:
    assert to_reference(45.0, 38.0, 1000.0) == pytest.approx(45 * 311.15 / 298.15 * 1013.25 / 1000)
    assert to_reference(45.0, 10.0, 1025.0) < 45.0


def test_ppb_of_ozone_is_about_two_micrograms() -> None:
    assert ug_from_ppb("o3", 50) == pytest.approx(98.16, abs=0.01)
    assert ug_from_ppm("co", 1) == pytest.approx(1145.6, abs=0.1)
    with pytest.raises(KeyError):
        ug_from_ppb("pm2_5", 1)


@given(st.sampled_from(sorted(GRAMS_PER_MOLE)), st.floats(0, 1e6), st.floats(-10, 50), st.floats(900, 1100))
def test_units_turn_back_into_themselves(gas: str, value: float, temperature_c: float, hpa: float) -> None:
    assert ppb_from_ug(gas, ug_from_ppb(gas, value)) == pytest.approx(value)
    assert ppm_from_ug(gas, ug_from_ppm(gas, value)) == pytest.approx(value)
    assert from_reference(to_reference(value, temperature_c, hpa), temperature_c, hpa) == pytest.approx(value)

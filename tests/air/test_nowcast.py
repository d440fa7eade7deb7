import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.index.nowcast import HOURS, nowcast, us_nowcast
from edge.air.index.vn import vn_hour

DECISION = [26.9, 24.7, 20.5, 23.5, 19.5, 16.5, 19.0, 16.5, 20.3, 22.4, 19.6, 20.6][::-1]
AMERICAN = [34.9, 43, 50, 64.9, 69.2, 66.2, 53.7, 48.6, 49.2, 35, None, 21][::-1]
believable = st.floats(0, 2_000)


def test_the_vector_of_the_decision_comes_out() -> None:
    assert nowcast(DECISION) == pytest.approx(20.27, abs=0.005)


def test_the_vector_of_the_epa_comes_out_and_is_published_cut_to_a_tenth() -> None:
    assert nowcast(AMERICAN) == pytest.approx(28.4098, abs=0.00005)
    assert us_nowcast(AMERICAN) == 28.4


def test_a_missing_hour_does_not_lower_it_as_the_plain_sum_of_the_decision_would() -> None:
    literal = sum(0.5**power * value for power, value in enumerate(AMERICAN, start=1) if value is not None)
    assert literal == pytest.approx(21.3, abs=0.05)
    assert nowcast(AMERICAN) == pytest.approx(28.4, abs=0.05)


@given(st.lists(believable, min_size=12, max_size=12))
def test_with_all_hours_both_forms_agree_where_the_weight_is_a_half(values: list[float]) -> None:
    values[3], values[7] = 1.0, 2_000.0
    literal = sum(0.5**power * value for power, value in enumerate(values, start=1))
    assert nowcast(values) == pytest.approx(literal / (1 - 0.5**12))


@given(st.integers(0, 2_000_000), st.integers(2, 20))
def test_air_that_does_not_change_is_its_own_nowcast_to_the_last_digit(thousandths: int, hours: int) -> None:
    assert nowcast([thousandths / 1000] * hours) == thousandths / 1000


def test_a_constant_35_5_does_not_fall_into_the_better_category() -> None:
    assert us_nowcast([35.5] * 12) == 35.5
    assert us_nowcast([29.6] * 12) == 29.6


@given(st.lists(st.one_of(st.none(), believable), max_size=14))
def test_it_lies_within_its_hours_and_needs_two_of_the_last_three(values: list[float | None]) -> None:
    found = nowcast(values)
    recent = sum(one is not None for one in values[:3])
    assert (found is None) == (recent < 2)
    known = [one for one in values[:HOURS] if one is not None]
    if found is not None:
        assert min(known) - 1e-8 <= found <= max(known) + 1e-8


@given(st.lists(st.one_of(st.none(), st.floats()), max_size=14))
def test_no_values_at_all_make_it_fail(values: list[float | None]) -> None:
    for found in (nowcast(values), us_nowcast(values)):
        assert found is None or math.isfinite(found)


def test_below_zero_is_zero_and_no_number_is_missing() -> None:
    assert nowcast([-3.0, 0.0, -1.0]) == 0
    assert nowcast([math.nan, 10.0, 10.0]) == 10
    assert nowcast([math.nan, math.inf, 10.0]) is None


def test_hours_beyond_the_twelfth_are_not_looked_at() -> None:
    assert nowcast([10.0] * 12 + [500.0]) == 10


def test_the_hourly_vn_aqi_of_particles_is_by_nowcast() -> None:
    assert dict(vn_hour({"pm2_5": DECISION}, 0).sub) == {"pm2_5": 41}  # 20.27 * 2 = 40.5

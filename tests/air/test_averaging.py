import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.averaging import average, averaging_of, increase
from edge.core.vocabulary import Averaging

ANGLES = st.floats(0, 360, exclude_max=True)


def test_the_mean_of_350_and_10_degrees_is_north() -> None:
    mean = average(Averaging.CIRCULAR, [(350.0, 1.0), (10.0, 1.0)])
    assert mean is not None
    assert min(mean, 360 - mean) == pytest.approx(0, abs=1e-9)


def test_opposite_winds_and_calm_have_no_direction() -> None:
    assert average(Averaging.CIRCULAR, [(90.0, 1.0), (270.0, 1.0)]) is None
    assert average(Averaging.CIRCULAR, [(90.0, 0.0)]) is None


def test_a_direction_counts_as_much_as_the_wind_blows() -> None:
    mean = average(Averaging.CIRCULAR, [(0.0, 3.0), (90.0, 3.0 * math.sqrt(3))])
    assert mean == pytest.approx(60)


@given(ANGLES, st.floats(0, 360, exclude_max=True), st.lists(st.floats(-80, 80), min_size=1, max_size=9))
def test_turning_all_winds_turns_their_mean(about: float, turn: float, offsets: list[float]) -> None:
    before = average(Averaging.CIRCULAR, [((about + one) % 360, 1.0) for one in offsets])
    after = average(Averaging.CIRCULAR, [((about + turn + one) % 360, 1.0) for one in offsets])
    assert before is not None
    assert after is not None
    off = (after - before - turn) % 360
    assert min(off, 360 - off) < 1e-6
    assert 0 <= after < 360


def test_sound_is_averaged_by_its_energy() -> None:
    assert average(Averaging.ENERGY, [(60.0, 1.0), (70.0, 1.0)]) == pytest.approx(67.404, abs=1e-3)


@given(st.lists(st.floats(20, 130), min_size=1, max_size=20))
def test_a_sound_level_lies_between_its_parts_and_not_below_their_plain_mean(levels: list[float]) -> None:
    mean = average(Averaging.ENERGY, [(level, 1.0) for level in levels])
    assert mean is not None
    assert sum(levels) / len(levels) - 1e-9 <= mean <= max(levels) + 1e-9


@pytest.mark.parametrize(
    ("before", "now", "grown"),
    [(10, 12.5, 2.5), (10, 10, 0), (812.4, 0.0, 0), (812.4, 0.6, 0.6), (65530, 4, 10), (6553.4, 0.2, 0.4)],
)
def test_a_counter_that_falls_was_set_to_nought_or_went_round(
    before: float, now: float, grown: float
) -> None:
    assert increase(before, now) == pytest.approx(grown)


@given(st.floats(0, 1e6), st.floats(-5, 1e6))
def test_a_counter_never_grows_by_less_than_nothing(before: float, now: float) -> None:
    assert increase(before, now) >= 0


def test_states_and_indices_are_not_averaged() -> None:
    assert averaging_of("lamp_on") is None
    assert averaging_of("nonsense") is None
    assert averaging_of("aqi_vn") is None
    assert averaging_of("rainfall") is Averaging.INCREASE
    assert averaging_of("wind_direction") is Averaging.CIRCULAR

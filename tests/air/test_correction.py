import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.correction import CORRECTED, corrected, epa_2021, name_of, source_point
from edge.config.air import Correction, CorrectionKind
from edge.core.vocabulary import quantity

EPA = Correction(kind=CorrectionKind.EPA_2021)
LOCAL = Correction(kind=CorrectionKind.LOCAL, version="2026-11", a=2.0, b=0.6, c=-0.08)


@pytest.mark.parametrize(("x", "value"), [(30, 16.298), (50, 39.878), (210, 165.638), (260, 242.124)])
def test_the_pieces_of_the_epas_formula_meet(x: float, value: float) -> None:
    assert epa_2021(x, 60) == pytest.approx(value, abs=0.0005)
    assert epa_2021(math.nextafter(x, 0), 60) == pytest.approx(epa_2021(x, 60), abs=1e-9)


@pytest.mark.parametrize(("x", "value"), [(40, 26.778), (100, 79.178), (235, 199.61145)])
def test_between_the_joints_it_is_as_reckoned_by_hand(x: float, value: float) -> None:
    assert epa_2021(x, 60) == pytest.approx(value, abs=1e-9)


def test_clean_damp_air_becomes_zero_and_not_less() -> None:
    assert epa_2021(3, 95) == pytest.approx(-0.87, abs=0.005)
    assert corrected(EPA, 3, 95) == 0


@given(st.floats(0, 1000), st.floats(0, 1000), st.floats(0, 100))
def test_more_particles_never_give_less(one: float, other: float, rh: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= corrected(EPA, low, rh) <= corrected(EPA, high, rh) + 1e-9


def test_a_local_fit_is_its_three_numbers_and_never_below_zero() -> None:
    assert corrected(LOCAL, 50, 80) == pytest.approx(25.6)
    assert corrected(LOCAL, 1, 100) == 0


def test_each_says_its_name_and_version_and_which_channel_it_takes() -> None:
    assert (name_of(EPA), source_point(EPA)) == ("epa-2021 v1", "pm2_5_standard")
    assert (name_of(LOCAL), source_point(LOCAL)) == ("local v2026-11", "pm2_5")
    assert all(quantity(name) for name in (CORRECTED, source_point(EPA), source_point(LOCAL)))

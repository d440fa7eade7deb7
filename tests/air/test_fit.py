import random
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.fit import ROWS_MIN, Row, agreement, fitted
from edge.air.fit_file import rows_of
from edge.core.errors import ConfigError


def beside(a: float, b: float, c: float, noise: float = 0.0, count: int = 60) -> Iterator[Row]:
    """Rows of a sensor for which `reference = a + b * sensor + c * rh` holds, but for noise."""
    dice = random.Random(7)
    for _ in range(count):
        sensor, rh = dice.uniform(2, 120), dice.uniform(40, 99)
        yield Row(a + b * sensor + c * rh + dice.gauss(0, noise), sensor, rh)


def as_text(rows: list[Row], mark: str = ",") -> str:
    point = "." if mark == "," else ","
    lines = [
        mark.join(f"{one:.4f}".replace(".", point) for one in (r.reference, r.sensor, r.rh or 0))
        for r in rows
    ]
    return "\n".join([mark.join(("reference", "sensor", "rh")), *lines])


@given(st.floats(-5, 20), st.floats(0.2, 3), st.floats(-0.3, 0.3))
def test_numbers_that_made_the_rows_are_found_again(a: float, b: float, c: float) -> None:
    found = fitted(list(beside(a, b, c)))
    assert (found.a, found.b, found.c) == pytest.approx((a, b, c), rel=1e-4, abs=1e-4)
    assert found.rows == 60


def test_a_noisy_sensor_meets_the_targets_once_corrected_and_not_before() -> None:
    found = fitted(list(beside(4, 0.5, -0.05, noise=2)))
    assert not found.raw.meets
    assert found.corrected.meets
    assert found.corrected.rmse == pytest.approx(2, abs=0.5)
    assert found.corrected.r2 > 0.97


def test_without_humidity_the_line_has_two_numbers() -> None:
    rows = [Row(3 + 0.5 * one, float(one), None) for one in range(20)]
    found = fitted(rows)
    assert (found.a, found.b, found.c) == (3, 0.5, 0)


def test_agreement_is_that_of_the_sensor_against_the_reference() -> None:
    found = agreement([10, 20, 30, 40], [14, 20, 34, 44])
    assert found.slope == pytest.approx(1.04)
    assert found.intercept == pytest.approx(2.0)
    assert found.r2 == pytest.approx(520**2 / (500 * 552))
    assert found.rmse == pytest.approx(12**0.5)
    assert found.nrmse == pytest.approx(100 * 12**0.5 / 25)


@pytest.mark.parametrize(
    ("reference", "sensor", "missed"),
    [
        ([10, 20, 30, 40], [14, 28, 42, 56], {"slope", "rmse", "nrmse"}),
        ([10, 20, 30, 40], [15.1, 25.1, 35.1, 45.1], {"intercept"}),
        ([10, 20, 30, 40], [10, 35, 15, 40], {"intercept", "r2", "rmse", "nrmse"}),
        ([10, 20, 30, 40], [10, 20, 30, 40], set()),
        ([100, 200, 300, 400], [110, 190, 310, 390], {"intercept"}),
    ],
)
def test_each_target_of_the_epa_is_judged_and_either_error_is_enough(
    reference: list[float], sensor: list[float], missed: set[str]
) -> None:
    found = agreement(reference, sensor)
    assert {name for name, _, _, met in found.checks if not met} == missed
    assert found.meets == (not missed)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (list(beside(0, 1, 0, count=ROWS_MIN - 1)), "9 rows are too few"),
        ([Row(5, float(one), None) for one in range(12)], "reference is 5 in every row"),
        ([Row(float(one), 7, None) for one in range(12)], "sensor is 7 in every row"),
        ([Row(float(one), one * 2.0, 60) for one in range(12)], "rh is 60 in every row"),
        ([Row(one % 5.0, one * 2.0, 50 - one) for one in range(12)], "cannot be told apart"),
        ([Row(12.0 - one, float(one), None) for one in range(12)], "sensor falls while the reference rises"),
    ],
)
def test_where_nothing_can_be_fitted_one_sentence_says_why(rows: list[Row], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        fitted(rows)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_may_be_parted_by_comma_semicolon_or_tab(mark: str) -> None:
    found = rows_of(as_text(list(beside(1, 1, 0.1)), mark), "x.csv")
    assert len(found.rows) == 60
    assert fitted(found.rows).c == pytest.approx(0.1, abs=1e-3)


def test_other_columns_any_order_and_empty_cells_are_taken_as_they_come() -> None:
    text = "time, RH ,Sensor,note,REFERENCE\r\nt,80,12.5,x,9\r\n\r\nt,80,,x,9\r\nt,80,12\r\n"
    found = rows_of(text, "x.csv")
    assert found.rows == (Row(9, 12.5, 80),)
    assert found.empty == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reference,sensor,rh\n1,2,3\n1,2x,3\n", r"x\.csv:3: sensor '2x' is no number"),
        ("reference,sensor,rh\n1,nan,3\n", r"x\.csv:2: sensor 'nan' is no number"),
        ("reference,sensor,rh\ninf,2,3\n", r"x\.csv:2: reference 'inf' is no number"),
        ("reference,sensor,rh\n\n1,2,845\n", r"x\.csv:3: rh 845 is no humidity"),
        ("reference,rh\n1,2\n", r"x\.csv:1: no column sensor"),
        ("", r"x\.csv:1: no column reference or sensor"),
        ("reference,sensor,sensor\n", r"x\.csv:1: the column sensor is there twice"),
        ("reference,sensor\n1," + "2" * 200_000, r"x\.csv:2: this is no CSV"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        rows_of(text, "x.csv")


@given(st.text())
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with suppress(ConfigError):
        rows_of("reference,sensor,rh\n" + text, "x.csv")

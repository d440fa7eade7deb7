"""VN_AQI and US AQI: the vectors of their documents, and what must hold for any air."""

import math
import tomllib
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.index.build import PARTICLES, POLLUTANTS, points_of, values_of
from edge.air.index.categories import categories, category_of
from edge.air.index.scale import HIGHEST, scales, sub_index, truncated
from edge.air.index.us import us, us_day, us_sub
from edge.air.index.vn import O3_8H, day_figures, vn_day, vn_hour, vn_sub
from edge.core.vocabulary import quantity
from tests.house.tree import ROOT

TABLE = tomllib.loads((ROOT / "edge/air/index/breakpoints.toml").read_text("utf-8"))
COLUMNS = tuple(TABLE["vn"]["at"])
decimals = st.integers(0, 6_000_000).map(lambda thousandths: thousandths / 1000)
anything = st.one_of(st.none(), st.floats(), decimals)


@pytest.mark.parametrize(
    ("column", "value", "index"),
    [
        ("pm2_5", 55.7, 110),
        ("o3_8h", 89.3, 45),
        ("o3", 114.6, 36),
        ("no2", 130.8, 65),
        ("o3", 136.1, 43),
        ("pm2_5", 9, 18),
        ("pm2_5", 25, 50),
        ("pm2_5", 50, 100),
        ("pm2_5", 80, 150),
        ("pm2_5", 80.7, 151),  # 150.5
        ("pm10", 60.5, 55),
        ("co", 10_000, 50),
        ("pm2_5", 25.25, 51),  # 50.5
        ("pm2_5", 0.25, 1),  # 0.5
    ],
)
def test_the_vectors_of_the_decision_come_out(column: str, value: float, index: int) -> None:
    assert vn_sub(column, value) == index


def test_no2_of_118_7_is_59_though_the_decision_prints_60() -> None:
    # 59.35: half-up rounding fits every other vector of the Decision's text, and no rule fits this one too.
    assert vn_sub("no2", 118.7) == 59


@pytest.mark.parametrize(("value", "index"), [(0, 0), (9, 50), (25, 81), (50, 137), (80, 168), (325.4, 500)])
def test_the_vectors_of_the_us_index_come_out(value: float, index: int) -> None:
    assert us_sub("pm2_5", value) == index


@pytest.mark.parametrize(
    ("pollutant", "value", "index"),
    [
        ("pm2_5", 9.05, 50),
        ("pm2_5", 9.09999, 50),
        ("pm2_5", 9.1, 51),
        ("pm2_5", 35.45, 100),
        ("pm2_5", 35.4, 100),
        ("pm2_5", 35.5, 101),
        ("pm10", 54.99, 50),
        ("pm10", 154.0, 100),
        ("pm10", 155, 101),
    ],
)
def test_the_us_index_cuts_before_it_looks(pollutant: str, value: float, index: int) -> None:
    assert us_sub(pollutant, value) == index


@given(st.integers(0, 100_000))
def test_cutting_leaves_a_number_of_so_many_digits_alone(tenths: int) -> None:
    assert truncated(tenths / 10, 1) == tenths / 10


def test_the_us_index_goes_on_beyond_its_last_row_and_vn_aqi_ends_at_500() -> None:
    assert us_sub("pm2_5", 425.3) == 699  # 500 + 199 / 99.9 * 99.9
    assert vn_sub("pm2_5", 5_000) == 500
    assert {vn_sub(column, HIGHEST * 1e6) for column in COLUMNS if column != O3_8H} == {500}


@pytest.mark.parametrize("column", COLUMNS)
def test_every_breakpoint_has_the_index_of_its_row_and_no_step(column: str) -> None:
    for value, index in zip(TABLE["vn"]["at"][column], TABLE["vn"]["index"], strict=False):
        assert vn_sub(column, value) == index
        assert vn_sub(column, math.nextafter(value, 0)) == index
        if column != O3_8H or index < 300:
            assert vn_sub(column, math.nextafter(value, math.inf)) == index


@pytest.mark.parametrize("pollutant", PARTICLES)
def test_neighbouring_rows_of_the_us_index_are_one_apart_with_nothing_between(pollutant: str) -> None:
    for below, above in pairwise(TABLE["us"]["rows"][pollutant]):
        middle = (below[1] + above[0]) / 2
        found = [
            us_sub(pollutant, value) for value in (below[1], middle, math.nextafter(above[0], 0), above[0])
        ]
        assert found == [below[3], below[3], below[3], below[3] + 1]


@given(st.sampled_from(COLUMNS), decimals)
def test_rounding_is_that_of_the_decimal_that_was_given(column: str, value: float) -> None:
    points = list(zip(TABLE["vn"]["at"][column], TABLE["vn"]["index"], strict=False))
    if column == O3_8H and value > 400:
        assert vn_sub(column, value) is None
        return
    exact = next(
        (
            low_index + Fraction(high_index - low_index, high - low) * (Fraction(str(value)) - low)
            for (low, low_index), (high, high_index) in pairwise(points)
            if value <= high
        ),
        Fraction(500),
    )
    assert vn_sub(column, value) == math.floor(exact + Fraction(1, 2))


@given(
    st.sampled_from([("vn", name) for name in COLUMNS] + [("us", name) for name in PARTICLES]),
    decimals,
    decimals,
)
def test_more_of_a_pollutant_never_lowers_its_index(which: tuple[str, str], one: float, other: float) -> None:
    scale = scales(which[0])[which[1]]
    low, high = sorted((one, other))
    assert sub_index(scale, low) <= sub_index(scale, high)


@given(st.dictionaries(st.sampled_from([*POLLUTANTS, O3_8H]), anything))
def test_the_highest_sub_index_decides_the_day(figures: dict[str, float | None]) -> None:
    for index in (vn_day(figures, 7), us_day(figures, 7)):
        sub = dict(index.sub)
        assert index.at_ns == 7
        if index.value is None:
            assert index.why
            assert not set(sub) & set(PARTICLES)
            assert set(values_of(index)) == {None}
        else:
            assert index.value == max(sub.values()) == sub[index.main]
            assert category_of(index.scheme, index.value).key == index.category


@given(st.dictionaries(st.sampled_from(POLLUTANTS), st.lists(anything, max_size=30)))
def test_missing_and_foolish_hours_never_raise(hours: dict[str, list[float | None]]) -> None:
    assert vn_hour(hours, 0).scheme == "vn_hour"
    assert us(hours, 0).scheme == "us"
    assert vn_day(day_figures({}, hours, hours.get("o3", [])), 0).value is None


def test_there_is_no_index_without_particles_whatever_the_gases() -> None:
    index = vn_hour({"no2": [800.0], "pm10": [None, None, 40.0]}, 0)
    assert (index.value, index.category, index.main) == (None, "", "")
    assert dict(index.sub) == {"no2": 160}
    assert "2 of the last 3 hours" in index.why


def test_one_of_both_particles_is_enough() -> None:
    assert vn_day({"pm10": 50.0}, 0).value == 50


def test_gases_count_by_the_current_hour_alone() -> None:
    hours = {"pm2_5": [10.0, 10.0], "no2": [None, 4_000.0], "so2": [350.0, 0.0]}
    assert dict(vn_hour(hours, 0).sub) == {"pm2_5": 20, "so2": 100}


@pytest.mark.parametrize(
    ("o3", "o3_8h", "index"), [(114.6, 89.3, 45), (114.6, 401.0, 36), (None, 400.0, 300), (None, 400.1, None)]
)
def test_o3_of_the_day_is_the_larger_and_eight_hours_above_400_are_left_out(
    o3: float | None, o3_8h: float, index: int | None
) -> None:
    assert dict(vn_day({"pm10": 1.0, "o3": o3, "o3_8h": o3_8h}, 0).sub).get("o3") == index


def test_a_day_is_made_of_means_of_particles_and_the_highest_of_gases() -> None:
    hours = {"pm2_5": [400.0], "no2": [20.0, None, 30.0, math.nan], "co": []}
    figures = day_figures({"pm2_5": 25.0, "no2": 1.0}, hours, [None, 80.0, 70.0])
    assert figures == {"pm2_5": 25.0, "pm10": None, "no2": 30.0, "co": None, "o3_8h": 80.0}


def test_of_equals_the_first_pollutant_is_the_main_one() -> None:
    assert vn_day({"pm10": 50.0, "pm2_5": 25.0, "no2": 100.0}, 0).main == "pm2_5"


def test_both_scales_differ_for_the_same_air() -> None:
    assert [(us_sub("pm2_5", one), vn_sub("pm2_5", one)) for one in (9, 25, 50, 80)] == [
        (50, 18),
        (81, 50),
        (137, 100),
        (168, 150),
    ]


def test_an_index_is_sent_as_points_that_the_vocabulary_knows() -> None:
    indices = (vn_day(dict.fromkeys(POLLUTANTS, 20.0), 0), us_day(dict.fromkeys(PARTICLES, 20.0), 0))
    points = [
        one
        for index in indices
        for one in zip(points_of(index.scheme), values_of(index), strict=True)
        if one[1] is not None
    ]
    assert points[:2] == [("aqi_vn", 40.0), ("aqi_vn_pm2_5", 40.0)]
    assert len(points) == 10
    for name, value in points:
        known = quantity(name)
        assert known is not None
        assert known.low <= value <= known.high


@pytest.mark.parametrize("scheme", ["vn_hour", "vn_day", "us"])
def test_categories_follow_each_other_from_0_to_500_and_say_all_in_both_languages(scheme: str) -> None:
    rows = categories(scheme)
    assert (rows[0].low, rows[-1].high) == (0, 500)
    assert all(below.high + 1 == above.low for below, above in pairwise(rows))
    assert [category_of(scheme, value).key for row in rows for value in (row.low, row.high)] == [
        row.key for row in rows for _ in range(2)
    ]
    assert all(
        text for row in rows for one in (row.vi, row.en) for text in (one.name, one.general, one.sensitive)
    )
    assert category_of(scheme, 1_800) is rows[-1]


def test_categories_have_the_names_and_colours_of_the_decision() -> None:
    assert [(row.vi.name, row.colour) for row in categories("vn")] == [
        ("Tốt", "0;228;0"),
        ("Trung bình", "255;255;0"),
        ("Kém", "255;126;0"),
        ("Xấu", "255;0;0"),
        ("Rất xấu", "143;63;151"),
        ("Nguy hại", "126;0;35"),
    ]

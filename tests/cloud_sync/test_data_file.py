"""The text of a data file, read back by a reader of its own."""

import math
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.reports.data_file import (
    SYMBOLS,
    data_file,
    ends_of,
    file_name,
    folder_of,
    from_moment,
    last_end,
    moment,
    moment_of,
    points_of,
    span_of,
)
from edge.core.air import Mean, MeanValue, Span
from edge.core.times import SECOND_NS
from tests.cloud_sync.data_files import FIVE_NS, START_NS, mean, settings

NOON = int(datetime(2026, 3, 1, 5, 0, tzinfo=timezone.utc).timestamp()) * SECOND_NS  # noqa: UP017


def test_a_file_looks_as_public_loggers_write_it() -> None:
    given = mean(
        NOON,
        pm10=41.666,
        pm2_5=MeanValue(22.5, 0.8, suspect=True),
        temperature=MeanValue(25.05, 1.0, calibrating=True),
        so2=MeanValue(7.0, 0.5),
    )
    points = ("temperature", "pm10", "pm2_5", "so2", "o3")
    assert data_file(settings(), points, [given], NOON) == (
        "Temp\t25.05\toC\t20260301120000\t01\r\n"
        "PM10\t41.67\tug/m3\t20260301120000\t00\r\n"
        "PM2.5\t22.50\tug/m3\t20260301120000\t00\r\n"
        "SO2\t\tug/m3\t20260301120000\t02\r\n"
        "O3\t\tug/m3\t20260301120000\t02\r\n"
    )
    assert file_name(settings(), NOON) == "QB_BADON_KK01_20260301120000.txt"


def test_the_folder_is_filled_in_with_the_day_in_ha_noi() -> None:
    evening = NOON + 6 * 3600 * SECOND_NS  # 18:00 there; 19 hours later it is the next day
    name = file_name(settings(), evening + 7 * 3600 * SECOND_NS)
    assert folder_of(settings(), name) == "/KK01/2026/03/02"
    free = settings(folder="in/{province}-{site}/{yyyy}{MM}/")
    assert folder_of(free, name) == "in/QB-BADON/202603"
    assert folder_of(settings(folder="/"), name) == "/"
    assert folder_of(settings(folder=""), name) == ""


def test_what_goes_in_is_every_point_that_has_a_symbol_or_those_that_are_named() -> None:
    station = ["wind_speed", "pm2_5", "pm10", "temperature", "co2"]
    assert points_of(settings(), station) == ("temperature", "pm10", "pm2_5")
    assert points_of(settings(symbols={"co2": "CO2"}), station) == ("temperature", "pm10", "pm2_5", "co2")
    assert points_of(settings(points=["so2", "pm10"]), station) == ("so2", "pm10")


@pytest.mark.parametrize(
    ("interval_s", "span", "count"),
    [(60, Span.MINUTE, 1), (180, Span.MINUTE, 3), (300, Span.FIVE_MINUTES, 1), (3600, Span.FIVE_MINUTES, 12)],
)
def test_a_file_has_every_mean_of_its_interval(interval_s: int, span: Span, count: int) -> None:
    found = settings(interval_s=interval_s)
    ends = ends_of(found, NOON)
    assert (span_of(found), len(ends), ends[-1]) == (span, count, NOON)
    text = data_file(found, ["pm10"], [mean(end, span, pm10=1.0) for end in ends], NOON)
    assert [line.split("\t")[3] for line in text.splitlines()] == [moment(end) for end in ends]


def test_no_number_stands_where_there_is_none() -> None:
    nothing = mean(NOON, pm10=math.nan, o3=math.inf, co=MeanValue(math.nan, 0.0, calibrating=True))
    lines = data_file(settings(), ["pm10", "o3", "co"], [nothing], NOON).split("\r\n")[:-1]
    assert [line.split("\t")[1::3] for line in lines] == [["", "02"], ["", "02"], ["", "01"]]
    assert data_file(settings(), ["no"], [mean(NOON, no=-0.001)], NOON).split("\t")[1] == "0.00"


def test_a_mean_that_is_a_half_but_for_binary_sums_is_rounded_up_as_a_person_would() -> None:
    value = sum([50.2, 1.76, 32.55, 55.23]) / 4  # 34.935, and 34.934999999999995 as it comes out
    assert value < 34.935
    assert data_file(settings(), ["no"], [mean(NOON, no=value)], NOON).split("\t")[1] == "34.94"


words = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
values = st.builds(
    MeanValue,
    value=st.floats(-1e6, 1e6),
    coverage=st.floats(0, 1),
    suspect=st.booleans(),
    calibrating=st.booleans(),
)
points = st.sampled_from([*SYMBOLS, "co2", "wind_speed"])


@given(
    st.dictionaries(points, st.none() | values, min_size=1),
    st.dictionaries(points, words),
    st.dictionaries(points, words),
    st.sampled_from(["crlf", "lf"]),
    st.sampled_from([".", ","]),
    st.integers(0, 6),
    st.integers(0, 10**6),
)
def test_any_file_reads_back_to_what_it_was_made_of(
    wanted: dict[str, MeanValue | None],
    symbols: dict[str, str],
    units: dict[str, str],
    line_end: str,
    decimal: str,
    decimals: int,
    nth: int,
) -> None:
    found = settings(symbols=symbols, units=units, line_end=line_end, decimal=decimal, decimals=decimals)
    end_ns = START_NS + nth * FIVE_NS
    there = tuple((name, value) for name, value in wanted.items() if value is not None)
    text = data_file(found, list(wanted), [Mean("market", Span.FIVE_MINUTES, end_ns, there)], end_ns)
    end = {"crlf": b"\r\n", "lf": b"\n"}[line_end]
    *lines, rest = text.encode().split(end)
    assert rest == b""
    assert (b"\n" in end + b"".join(lines)) == (b"\n" in end)
    for (point, value), line in zip(wanted.items(), lines, strict=True):
        symbol, number, unit, at, status = line.decode().split("\t")
        assert symbol == symbols.get(point, SYMBOLS.get(point, point))
        assert unit == units.get(point, unit)
        hanoi = datetime.strptime(at, "%Y%m%d%H%M%S").replace(tzinfo=timezone(timedelta(hours=7)))
        assert int(hanoi.timestamp()) * SECOND_NS == end_ns
        if value is None or (not value.calibrating and value.coverage < 0.75):
            assert (number, status) == ("", "02")
        elif value.coverage == 0:
            assert (number, status) == ("", "01")
        else:
            assert status == ("01" if value.calibrating else "00")
            assert decimal == "." or "." not in number
            back = Decimal(number.replace(decimal, "."))
            assert abs(back - Decimal(repr(value.value))) <= Decimal(1).scaleb(-decimals) / 2 + Decimal(
                "1e-9"
            )
            assert number.lstrip("-0.,") or not number.startswith("-")


@given(st.integers(0, 2**32), st.sampled_from([60, 120, 300, 900, 3600]))
def test_names_tell_their_time_and_sort_by_it(seconds: int, interval_s: int) -> None:
    found = settings(interval_s=interval_s)
    end_ns = last_end(found, seconds * SECOND_NS)
    name = file_name(found, end_ns)
    assert from_moment(moment_of(name)) == end_ns
    assert 0 <= seconds * SECOND_NS - end_ns < interval_s * SECOND_NS
    assert file_name(found, end_ns + interval_s * SECOND_NS) > name

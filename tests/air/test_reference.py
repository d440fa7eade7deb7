"""Concentrations in Nm3, where they are held against limits."""

from array import array
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.limits import limits_on
from edge.air.reference import ambient_of, at_reference, reference_state, surroundings
from edge.air.units import from_reference
from edge.air.watch import limit_exceeded
from edge.config.air import Conditions
from edge.config.alarms import rules_of
from edge.core.air import Mean, MeanValue, Span, StationKind
from edge.core.air_columns import FULL, Columns
from edge.core.air_report import Period
from edge.core.alarms import AlarmKind, Finding, Sign
from tests.air import month
from tests.air.test_report import of_hours, report_on

NOW_NS = round(datetime(2026, 11, 20, 17, tzinfo=UTC).timestamp()) * 10**9
HOT = {"temperature": 38.0, "atmospheric_pressure": 1000.0}


def finding(ambient: tuple[str, ...], coverage: float = 1.0, **values: float) -> Finding:
    own = tuple((name, MeanValue(value, coverage if name in HOT else 1.0)) for name, value in values.items())
    mean = Mean("market", Span.DAY, NOW_NS, own)
    rule = rules_of([])[AlarmKind.LIMIT_EXCEEDED]
    day = date(2026, 11, 20)
    kind = StationKind.CERTIFIED
    return limit_exceeded("market", kind, [mean], lambda _: limits_on(day), NOW_NS, rule, ambient)


def test_dust_of_a_hot_day_that_is_under_the_limit_as_measured_exceeds_it_in_nm3() -> None:
    found = finding(("pm2_5",), pm2_5=43.0, **HOT)
    assert found.sign is Sign.TROUBLE
    assert found.value == pytest.approx(43.0 * 311.15 / 298.15 * 1013.25 / 1000)
    assert "in Nm³, from 43.0 at 38.0 °C, 1000.0 hPa" in found.text
    assert finding((), pm2_5=43.0, **HOT).value == 43.0


def test_corrected_dust_is_converted_like_the_raw_one() -> None:
    found = finding(("pm2_5",), pm2_5=80.0, pm2_5_corrected=46.0, **HOT)
    assert found.value == pytest.approx(46.0 * 311.15 / 298.15 * 1013.25 / 1000)


def test_air_that_nobody_measured_is_assumed_and_said() -> None:
    assert finding(("pm2_5",), pm2_5=46.0).value == pytest.approx(46.0)
    assert "25 °C assumed, 1013.25 hPa assumed" in finding(("pm2_5",), pm2_5=46.0).text
    assert "25 °C assumed" in finding(("pm2_5",), coverage=0.5, pm2_5=46.0, **HOT).text
    assert surroundings({"atmospheric_pressure": MeanValue(101.3, 1.0)}).pressure_hpa is None


def test_particles_are_ambient_and_gases_are_not_unless_the_station_says_otherwise() -> None:
    points = ("pm10", "pm2_5_corrected", "so2", "temperature")
    assert ambient_of(points, {}) == ("pm10", "pm2_5")
    said = {"pm10": Conditions.REFERENCE, "so2": Conditions.AMBIENT}
    assert ambient_of(points, said) == ("pm2_5", "so2")
    assert reference_state((), {}) is None


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1000), st.floats(-20, 65), st.floats(800, 1100), st.sampled_from([0, 7000, FULL])
        ),
        min_size=1,
        max_size=6,
    )
)
def test_columns_are_converted_row_by_row_and_back(rows: list[tuple[float, float, float, int]]) -> None:
    count = len(rows)
    ends_ns = array("q", range(count))
    names = ("pm10", "temperature", "atmospheric_pressure", "so2")
    values = {name: array("d", [(*row[:3], row[0])[at] for row in rows]) for at, name in enumerate(names)}
    marks = {name: array("H", [row[3] if name == "temperature" else FULL for row in rows]) for name in names}
    found, assumed = at_reference(("pm10",), Columns(ends_ns, values, marks))
    for at, (value, temperature_c, pressure_hpa, mark) in enumerate(rows):
        is_known = mark == FULL
        assert (at in assumed) is not is_known
        back = from_reference(found.values["pm10"][at], temperature_c if is_known else 25.0, pressure_hpa)
        assert back == pytest.approx(value)
        assert found.values["so2"][at] == value
    assert list(values["pm10"]) == [row[0] for row in rows]


def test_the_report_says_how_it_converted_and_what_it_assumed() -> None:
    day = date(2026, 1, 15)
    place = replace(month.place(points=("pm2_5",)), ambient=("pm2_5",))
    report = report_on(Period.DAY, day, of_hours(day, [[46.0] * 60] * 24), place)
    (limit,) = report.limits
    assert (limit.conversion, limit.judged, limit.assumed, len(limit.over)) == ("Nm3 v1", 1, 1, 1)

"""What a report says, against numbers reckoned in the plainest way."""

import math
from array import array
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.air.index.nowcast import nowcast
from edge.air.index.vn import vn_sub
from edge.air.report import report_of
from edge.air.report_wind import sector_of
from edge.air.spans import HOUR_NS, SECOND_NS
from edge.air.stations import Place
from edge.air.tally import Tally, checks_of, refused_of
from edge.config.air import Correction, CorrectionKind
from edge.core.air import CheckKind, Remark, Span, Verdict
from edge.core.air_columns import FULL, Columns
from edge.core.air_report import AirReport, Period, PointSummary
from tests.air import month

JANUARY = date(2026, 1, 1)
FEW = ("pm2_5", "pm10", "o3", "rainfall", "wind_speed", "wind_direction", "noise_laeq", "relative_humidity")


def report_on(
    period: Period,
    day: date,
    minutes: Columns,
    place: Place | None = None,
    now_ns: int = 1 << 62,
) -> AirReport:
    place = place or month.place()
    frame = month.frame(period, day, now_ns)
    means = month.means_from(place, minutes)
    return report_of(place, "gw", frame, month.kept_of(place, frame, means, month.some_checks(frame)), 0, "1")


def of(report: AirReport, point: str) -> PointSummary:
    return next(row for row in report.points if row.point == point)


def of_hours(day: date, hours: list[list[float | None]]) -> Columns:
    """Minutes of `pm2_5` from the midnight before the day on: the minutes of each hour, None for silence."""
    flat = [value for hour in hours for value in hour]
    begin_ns = month.frame(Period.DAY, day).begin_ns
    columns = Columns()
    columns.ends_ns.extend(begin_ns + (at + 1) * 60 * SECOND_NS for at in range(len(flat)))
    columns.values["pm2_5"] = array("d", [math.nan if one is None else one for one in flat])
    columns.marks["pm2_5"] = array("H", [0 if one is None else FULL for one in flat])
    return columns


minute = st.one_of(st.none(), st.floats(0, 900).map(lambda value: round(value, 1)))
hour = st.one_of(
    st.lists(minute, min_size=60, max_size=60), minute.map(lambda value: [value] * 60), st.just([20.0] * 60)
)


@settings(max_examples=25, deadline=None)
@given(st.lists(hour, min_size=24, max_size=24))
def test_a_day_has_the_numbers_that_plain_sums_give(hours: list[list[float | None]]):
    place = month.place(points=("pm2_5",))
    report = report_on(Period.DAY, JANUARY, of_hours(JANUARY, hours), place)
    row = of(report, "pm2_5")
    plain: list[float | None] = []
    for values in hours:
        there = [value for value in values if value is not None]
        plain.append(sum(there) / len(there) if len(there) >= 45 else None)
    valid = [value for value in plain if value is not None]
    assert (row.hours_valid, row.hours) == (len(valid), 24)
    assert row.is_complete == (len(valid) >= 18)
    if valid:
        assert row.mean == pytest.approx(sum(valid) / len(valid))
        assert row.high is not None
        assert row.high.value == pytest.approx(max(valid))
        assert row.low is not None
        assert row.low.value == pytest.approx(min(valid))
        at = datetime.fromtimestamp(row.high.end_ns / 1e9, month.ZONE).hour or 24
        assert plain[at - 1] == pytest.approx(row.high.value)
    else:
        assert row.mean is None
        assert report.is_empty
    (limit,) = report.limits
    day_mean = sum(valid) / len(valid) if len(valid) >= 18 else None
    assert limit.limit == 45
    assert limit.judged == (day_mean is not None)
    assert len(limit.over) == (day_mean is not None and day_mean > 45)
    assert report.days[0].value == vn_sub("pm2_5", day_mean)
    for number, cell in enumerate(report.hours):
        last = plain[max(0, number - 11) : number + 1][::-1]
        assert cell.value == vn_sub("pm2_5", nowcast(last))


def test_a_month_has_its_days_its_hours_and_what_fell_in_it():
    found = month.simulated(JANUARY, 31)
    report = report_on(Period.MONTH, date(2026, 1, 17), month.minutes_of(found))
    assert len(report.days) == 31
    assert report.hours == ()
    assert {(row.hours_valid, row.hours, row.days_valid) for row in report.points} == {(744, 744, 31)}
    rain = of(report, "rainfall")
    assert rain.is_total
    column = found.column("rainfall")
    assert rain.mean == pytest.approx(column[-1] - column[24 * 60 - 1], abs=1e-6)
    noise = of(report, "noise_laeq")
    levels = found.column("noise_laeq")[24 * 60 :]
    energy = 10 * math.log10(math.fsum(10 ** (level / 10) for level in levels) / len(levels))
    assert noise.mean == pytest.approx(energy)
    assert of(report, "wind_direction").high is None
    assert report.rose is not None
    assert report.rose.total == 31 * 288


def test_the_limit_is_the_one_of_the_day():
    flat = [[46.0] * 60] * 24
    place = month.place(points=("pm2_5",))
    for day, limit, over in ((date(2025, 12, 31), 50, 0), (JANUARY, 45, 1)):
        report = report_on(Period.DAY, day, of_hours(day, flat), place)
        assert [(row.limit, len(row.over), row.source) for row in report.limits] == [
            (limit, over, "QCVN 05:2023/BTNMT")
        ]


def test_corrected_dust_stands_in_for_the_raw_one():
    correction = Correction(kind=CorrectionKind.LOCAL, version="2026.1", a=1, b=0.5)
    place = month.place(points=(*FEW, "pm2_5_corrected"), correction=correction)
    report = report_on(Period.DAY, JANUARY, month.minutes_of(month.simulated(JANUARY, 1)), place)
    assert report.subject.correction == "local v2026.1"
    raw, corrected = of(report, "pm2_5").mean, of(report, "pm2_5_corrected").mean
    assert raw is not None
    assert corrected == pytest.approx(1 + 0.5 * raw)
    (limit,) = [row for row in report.limits if row.limit_point == "pm2_5"]
    assert limit.point == "pm2_5_corrected"
    assert limit.highest is not None
    assert limit.highest.value == pytest.approx(corrected)
    assert dict(report.days[0].sub)["pm2_5"] == vn_sub("pm2_5", corrected)


def test_calibrations_are_told_from_when_to_when_and_do_not_count():
    begin_ns = month.frame(Period.DAY, JANUARY).begin_ns
    stretch = (begin_ns + 9 * HOUR_NS, begin_ns + 9 * HOUR_NS + 25 * 60 * SECOND_NS)
    minutes = month.minutes_of(month.simulated(JANUARY, 1), calibrating=[stretch])
    report = report_on(Period.DAY, JANUARY, minutes)
    assert [(one.from_ns, one.to_ns) for one in report.calibrations] == [stretch]
    assert of(report, "pm2_5").hours_valid == 23
    fine = next(line for line in report.lines if (line.point, line.span) == ("pm2_5", Span.FIVE_MINUTES))
    missing = [end for end, value in zip(fine.ends_ns, fine.values, strict=True) if value is None]
    assert missing == [stretch[0] + (at + 1) * 300 * SECOND_NS for at in range(5)]
    assert report.rose is not None
    assert report.rose.total == 288 - 5


def test_a_day_that_is_not_over_is_judged_by_its_hours_so_far():
    now_ns = month.frame(Period.DAY, JANUARY).begin_ns + 10 * HOUR_NS + 20 * 60 * SECOND_NS
    minutes = month.minutes_of(month.simulated(JANUARY, 1))
    report = report_on(Period.DAY, JANUARY, minutes, now_ns=now_ns)
    assert not report.is_whole
    assert (of(report, "pm2_5").hours_valid, of(report, "pm2_5").hours) == (10, 10)
    assert [cell.value is None for cell in report.hours] == [False] * 10 + [True] * 14
    assert report.days[0].value is None


@pytest.mark.parametrize("period", Period)
def test_a_station_that_kept_nothing_has_a_report_that_says_so(period: Period):
    report = report_on(period, JANUARY, of_hours(JANUARY, [[None] * 60] * 24))
    assert report.is_empty
    assert {row.mean for row in report.points} == {None}
    assert report.lines == ()
    assert report.rose is None
    assert all(cell.value is None for cell in (*report.days, *report.hours))


@given(st.floats(0, 360))
def test_a_direction_lies_in_the_nearest_sector(degrees: float):
    middle = sector_of(degrees) * 22.5
    off = abs((degrees - middle + 180) % 360 - 180)
    assert off <= 11.25 + 1e-9


def test_counts_of_checks_are_kept_by_the_hour_and_go_on_after_a_restart():
    stuck = Remark("pm2_5", CheckKind.STUCK, Verdict.DOUBTFUL, "")
    twin = Remark("pm2_5", CheckKind.TWIN, Verdict.SUSPICIOUS, "")
    first, at_ns = Tally("ba-don"), 1_000 * HOUR_NS
    first.add([stuck], at_ns - 1)
    first.add([twin, stuck], at_ns - 2)
    (kept,) = first.changed()
    assert (kept.station, kept.span, kept.end_ns) == (checks_of("ba-don"), Span.HOUR, at_ns)
    assert first.changed() == []
    second = Tally("ba-don")
    second.add([stuck], at_ns - 3)
    second.take_up([kept])
    second.add([stuck], at_ns - 4, is_again=True)
    (after,) = second.changed()
    counts = {name: round(value.value) for name, value in after.values}
    assert counts == {"judged": 3, "pm2_5/stuck": 4, "pm2_5/twin/suspicious": 1}
    (one, other) = refused_of(counts.items())
    assert (one.check, one.refused, one.suspicious) == ("stuck", 4, 0)
    assert (other.check, other.refused, other.suspicious) == ("twin", 0, 1)


def test_counts_are_kept_now_and_then_and_not_for_ever():
    tally = Tally("ba-don")
    for hours in range(100):
        tally.add([], hours * HOUR_NS + 1)
    assert len(tally.due(100 * HOUR_NS)) == 100
    tally.add([], 100 * HOUR_NS)
    assert tally.due(100 * HOUR_NS + 60 * SECOND_NS) == []
    assert len(tally.due(101 * HOUR_NS)) == 1


def test_february_and_years_end_have_their_own_lengths():
    for day, days in ((date(2026, 2, 28), 28), (date(2028, 2, 1), 29), (date(2026, 12, 31), 31)):
        frame = month.frame(Period.MONTH, day)
        assert len(frame.days) == days
        assert frame.end_ns - frame.begin_ns == days * 24 * HOUR_NS
        assert frame.day_of(frame.end_ns) == frame.days[-1]
        assert frame.day_of(frame.begin_ns + HOUR_NS) == frame.days[0]
        assert frame.days[0] + timedelta(days=days - 1) == frame.days[-1]


def test_points_that_no_device_brings_any_more_are_told_where_they_were_measured():
    minutes = month.minutes_of(month.simulated(JANUARY, 1))
    report = report_on(Period.DAY, JANUARY, minutes, month.place(points=("pm2_5", "co2")))
    names = [row.point for row in report.points]
    assert names[:3] == ["pm2_5", "pm10", "o3"]
    assert of(report, "co2").hours_valid == 0

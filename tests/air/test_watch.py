"""What is watched of stations."""

from datetime import date, datetime, timedelta

import pytest

from edge.air.limits import limits_on
from edge.air.stations import places_of
from edge.air.watch import limit_exceeded, sensor_drift, sensor_stuck, station_silent
from edge.air.watching import limits_at
from edge.config.alarms import RULES, AlarmSetting, Rule, rules_of
from edge.core.air import Mean, MeanValue, Span, StationKind
from edge.core.alarms import AlarmKind, Finding, Sign
from tests.air.works import config, devices_of

T, W, U = Sign.TROUBLE, Sign.WELL, Sign.UNSURE
DAY_NS, HOUR_NS = 86_400 * 10**9, 3600 * 10**9
NOW_NS = 20_000 * DAY_NS


def mean(span: Span, back_ns: int = 0, coverage: float = 1.0, **values: float) -> Mean:
    found = tuple((name, MeanValue(value, coverage)) for name, value in values.items())
    return Mean("market", span, NOW_NS - back_ns, found)


def exceeded(
    *means: Mean,
    day: date = date(2026, 11, 20),
    rule: Rule = RULES[AlarmKind.LIMIT_EXCEEDED],
    kind: StationKind = StationKind.CERTIFIED,
) -> Finding:
    return limit_exceeded("market", kind, means, lambda _: limits_on(day), NOW_NS, rule)


def test_the_same_day_is_within_the_limit_of_2025_and_above_that_of_2026() -> None:
    day = mean(Span.DAY, pm2_5=48)
    assert exceeded(day, day=date(2025, 12, 31)).sign is W
    found = exceeded(day, day=date(2026, 1, 1))
    assert (found.sign, found.device, found.value) == (T, "market", 48)
    assert "PM2.5 of 48.0 µg/m³ over 24h" in found.text
    assert "45 µg/m³ (QCVN 05:2023/BTNMT)" in found.text


@pytest.mark.parametrize(
    ("found", "sign"),
    [
        (mean(Span.HOUR, pm2_5=300), U),  # no limit of one hour for particles
        (mean(Span.MINUTE, no2=900), U),
        (mean(Span.HOUR, no2=200), W),
        (mean(Span.HOUR, no2=201), T),
        (mean(Span.HOUR, no2=201, coverage=0.7), U),
        (mean(Span.EIGHT_HOURS, o3=121), T),
        (mean(Span.HOUR, 2 * HOUR_NS, no2=201), T),
        (mean(Span.HOUR, 3 * HOUR_NS, no2=201), U),  # an old story
    ],
)
def test_a_mean_is_held_against_the_limit_of_its_own_time(found: Mean, sign: Sign) -> None:
    assert exceeded(found).sign is sign


def test_the_newest_valid_mean_counts_and_any_one_above_is_trouble() -> None:
    above, since = mean(Span.HOUR, HOUR_NS, no2=250), mean(Span.HOUR, no2=100)
    assert exceeded(since, above).sign is W
    assert exceeded(above, mean(Span.HOUR, no2=10, coverage=0.2)).sign is T
    several = exceeded(mean(Span.HOUR, no2=100, so2=360), mean(Span.EIGHT_HOURS, o3=240))
    assert (several.sign, several.value) == (T, 240)  # twice its limit
    assert exceeded().sign is U


def test_a_corrected_value_stands_in_for_the_raw_one() -> None:
    assert exceeded(mean(Span.DAY, pm2_5=80, pm2_5_corrected=30)).sign is W
    assert exceeded(mean(Span.DAY, pm2_5=30, pm2_5_corrected=80)).value == 80


def test_what_is_corrected_counts_corrected_or_not_at_all() -> None:
    raw, corrected = ("pm2_5", MeanValue(80, 1.0)), ("pm2_5_corrected", MeanValue(30, 0.5))
    assert exceeded(Mean("market", Span.DAY, NOW_NS, (raw, corrected))).sign is U
    raw, corrected = ("pm2_5", MeanValue(30, 0.5)), ("pm2_5_corrected", MeanValue(80, 1.0))
    assert exceeded(Mean("market", Span.DAY, NOW_NS, (raw, corrected))).value == 80


def test_a_mean_that_is_the_limit_but_for_binary_sums_is_no_exceedance() -> None:
    almost = sum([44.9, 45.1, 45.0, 44.8, 45.2, 45.0] * 4) / 24
    above = max(almost, 45.000000000000014)
    assert above > 45
    assert exceeded(mean(Span.DAY, pm2_5=above)).sign is W
    assert not any(limit.is_exceeded(above) for limit in limits_on(date(2026, 1, 1)) if limit.value == 45)
    assert exceeded(mean(Span.DAY, pm2_5=45.001)).sign is T


@pytest.mark.parametrize(
    ("day", "limits_from", "sign"),
    [
        ("2025-12-31", None, W),
        ("2026-01-01", None, T),
        ("2025-12-31", "2025-12-31", W),
        ("2025-12-31", "2026-01-01", T),
        ("2026-01-01", "2025-12-31", W),
        ("2026-01-01", "2026-01-01", T),
    ],
)
def test_a_day_of_47_is_judged_by_the_limit_of_its_own_day_unless_another_is_asked_for(
    day: str, limits_from: str | None, sign: Sign
) -> None:
    conf = config(air={} if limits_from is None else {"limits_from": limits_from})
    (place,) = places_of(conf, devices_of(conf, 60))
    begin = datetime.fromisoformat(day).replace(tzinfo=place.zone)
    end_ns = round((begin + timedelta(days=1)).timestamp()) * 10**9
    one = Mean("market", Span.DAY, end_ns, (("pm2_5", MeanValue(47.0, 1.0)),))
    rule = RULES[AlarmKind.LIMIT_EXCEEDED]
    found = limit_exceeded("market", StationKind.CERTIFIED, [one], limits_at(place, conf), end_ns, rule)
    assert found.sign is sign
    assert ("above 100 % of 45 µg/m³" in found.text) is (sign is T)


def test_the_table_of_the_configuration_can_warn_before_the_limit() -> None:
    setting = AlarmSetting(kind=AlarmKind.LIMIT_EXCEEDED, threshold=80, hysteresis=10)
    rule = rules_of([setting])[AlarmKind.LIMIT_EXCEEDED]
    signs = [exceeded(mean(Span.DAY, pm10=value), rule=rule).sign for value in (81, 75, 70)]
    assert signs == [T, U, W]


def test_an_indicative_station_says_that_it_proves_nothing() -> None:
    told = exceeded(mean(Span.DAY, pm2_5=80), kind=StationKind.INDICATIVE).text
    assert told.endswith("indicative (tham khảo)")


@pytest.mark.parametrize(("moves", "sign"), [(True, W), (False, T), (None, U)])
def test_a_sensor_is_stuck_until_it_is_seen_to_move(moves: bool | None, sign: Sign) -> None:
    found = sensor_stuck("dust-1", moves, ["dust-1: pm2_5: 12 µg/m³ for 120 minutes"])
    assert (found.kind, found.device, found.sign) == (AlarmKind.SENSOR_STUCK, "dust-1", sign)
    assert ("120 minutes" in found.text) is (sign is T)
    assert "dust-1" in sensor_stuck("dust-1", False).text


def days(*values: float | None, point: str = "pm2_5") -> list[Mean]:
    """Daily means, the newest last; none where None."""
    count = len(values)
    return [
        mean(Span.DAY, (count - 1 - nth) * DAY_NS, **{point: value})
        for nth, value in enumerate(values)
        if value is not None
    ]


def drift(own: list[Mean], *neighbours: list[Mean]) -> Finding:
    named = {f"n{nth}": means for nth, means in enumerate(neighbours)}
    return sensor_drift("market", own, named, RULES[AlarmKind.SENSOR_DRIFT])


SAME = days(40, 50, 60, 50)


@pytest.mark.parametrize(
    ("own", "sign"),
    [
        (days(40, 70, 80, 70), T),
        (days(40, 30, 40, 30), T),
        (days(40, 70, 80, 64), U),  # the last day is within, barely
        (days(40, 70, 80, 60), W),
        (days(40, 70, 20, 70), U),  # to both sides
        (days(40, 50, 80, 70), U),  # two days only
        (days(40, 70, None, 70), U),  # not on end
        (days(70), U),
        (days(50), W),
        ([], U),
        (days(40, 70, 80, None), U),
    ],
)
def test_a_station_that_runs_beside_its_neighbours_for_three_days_drifts(own: list[Mean], sign: Sign) -> None:
    assert drift(own, SAME, days(38, 48, 58, 48), days(44, 54, 64, 54)).sign is sign


def test_drift_is_against_the_middle_so_that_one_bad_neighbour_accuses_nobody() -> None:
    assert drift(SAME, SAME, days(44, 54, 64, 54), days(200, 300, 300, 300)).sign is W
    found = drift(days(100, 100, 120, 100), SAME)
    assert (found.sign, found.value) == (T, 100)
    assert "market: PM2.5 is 200 % of the median" in found.text


def test_air_that_is_too_clean_or_has_no_neighbours_says_nothing() -> None:
    assert drift(days(1, 2, 3, 4), days(2, 4, 4, 2)).sign is U
    assert drift(SAME).sign is U
    assert drift(days(400, 500, point="co2"), days(400, 900, point="co2")).sign is U


@pytest.mark.parametrize(("minutes", "sign"), [(0, W), (5, W), (10, U), (15, U), (16, T)])
def test_a_station_without_values_is_silent(minutes: float, sign: Sign) -> None:
    found = station_silent("market", minutes * 60, RULES[AlarmKind.STATION_SILENT])
    assert (found.kind, found.sign, found.value) == (AlarmKind.STATION_SILENT, sign, minutes)
    assert ("16 minutes" in found.text) is (sign is T)


@pytest.mark.parametrize(("minutes", "sign"), [(20, W), (40, W), (41, T)])
def test_a_station_that_is_read_every_20_minutes_is_silent_once_it_missed_one(
    minutes: float, sign: Sign
) -> None:
    rule = RULES[AlarmKind.STATION_SILENT]
    assert station_silent("market", minutes * 60, rule, usual_s=20 * 60).sign is sign

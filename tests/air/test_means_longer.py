"""Longer means against the words of their rules, one minute and one hour at a time."""

import math
from array import array
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.means_longer import folded
from edge.air.spans import HOUR_NS, begin_of, day_begin, day_end, touched
from edge.core.air import Mean, MeanValue, Span
from edge.core.air_columns import FULL, Columns
from edge.core.air_rows import columns_of, means_of

S = 1_000_000_000
HA_NOI = ZoneInfo("Asia/Ho_Chi_Minh")
POINTS = ("noise_laeq", "pm2_5", "rainfall", "wind_direction", "wind_speed")
VALUES = st.builds(
    MeanValue,
    st.sampled_from([0.0, 0.5, 12.25, 33.0, 90.0, 271.0]),
    st.sampled_from([0.01, 0.5, 0.7499, 0.75, 1.0, 1.0, 1.0]),
    st.sampled_from([False, False, True]),
    st.sampled_from([False, False, False, True]),
)
ROWS = st.lists(st.none() | st.dictionaries(st.sampled_from(POINTS), VALUES), min_size=1, max_size=60)


def means(rows: list[dict[str, MeanValue] | None], span: Span) -> list[Mean]:
    step_ns = span.seconds * S
    return [
        Mean("air-1", span, (at + 1) * step_ns, tuple(sorted(row.items())))
        for at, row in enumerate(rows)
        if row is not None
    ]


def by_rule(
    span: Span, rows: list[dict[str, MeanValue] | None], count: int
) -> dict[str, tuple[float, float, bool, bool]]:
    found = {}
    hourly = span in (Span.EIGHT_HOURS, Span.DAY)
    for point in POINTS:
        seen = [(row, row[point]) for row in rows if row is not None and point in row]
        calibrating = any(value.calibrating for _, value in seen)
        if span is Span.HOUR:
            seen = [(row, value) for row, value in seen if not value.calibrating]
        valid = [(row, value) for row, value in seen if value.coverage >= 0.75]
        used = valid if hourly and point != "rainfall" else seen
        if hourly:
            calibrating = any(value.calibrating for _, value in used)
        coverage = (len(valid) if hourly else sum(value.coverage for _, value in seen)) / count
        weights = [1.0 if hourly else value.coverage for _, value in used]
        value = _mean(point, used, weights, hourly)
        if value is not None:
            found[point] = (value, coverage, any(one.suspect for _, one in used), calibrating)
        elif calibrating and not hourly:
            found[point] = (math.nan, 0.0, any(one.suspect for _, one in used), True)
    return found


def _mean(
    point: str, used: list[tuple[dict[str, MeanValue], MeanValue]], weights: list[float], hourly: bool
) -> float | None:
    if not used:
        return None
    if point == "rainfall":
        return sum(value.value for _, value in used)
    if point == "noise_laeq":
        energy = sum(w * 10 ** (value.value / 10) for w, (_, value) in zip(weights, used, strict=True))
        return 10 * math.log10(energy / sum(weights))
    if point == "wind_direction":
        speeds = [1.0 if hourly or "wind_speed" not in row else row["wind_speed"].value for row, _ in used]
        by = [weight * speed for weight, speed in zip(weights, speeds, strict=True)]
        angles = [math.radians(value.value) for _, value in used]
        east = sum(w * math.sin(angle) for w, angle in zip(by, angles, strict=True))
        north = sum(w * math.cos(angle) for w, angle in zip(by, angles, strict=True))
        calm = math.hypot(east, north) <= 1e-9 * sum(by)
        return None if calm else math.degrees(math.atan2(east, north)) % 360
    return sum(w * value.value for w, (_, value) in zip(weights, used, strict=True)) / sum(weights)


def only(span: Span, shorter: Columns, count: int) -> tuple[tuple[str, MeanValue], ...]:
    """All rows as one mean's values."""
    found = means_of("air-1", span, folded(span, shorter, (0,), ((0, len(shorter)),), count))
    return found[0].values if found else ()


@pytest.mark.parametrize(
    ("span", "of", "count"),
    [
        (Span.FIVE_MINUTES, Span.MINUTE, 5),
        (Span.HOUR, Span.MINUTE, 60),
        (Span.EIGHT_HOURS, Span.HOUR, 8),
        (Span.DAY, Span.HOUR, 24),
    ],
)
@given(rows=ROWS)
def test_longer_means_follow_their_rules(
    span: Span, of: Span, count: int, rows: list[dict[str, MeanValue] | None]
) -> None:
    rows = rows[:count]
    found = dict(only(span, columns_of(means(rows, of)), count))
    expected = by_rule(span, rows, count)
    assert found.keys() == expected.keys()
    for point, (value, coverage, suspect, calibrating) in expected.items():
        one = found[point]
        assert one.coverage == pytest.approx(min(1, coverage), abs=1e-4)
        assert (one.suspect, one.calibrating) == (suspect, calibrating)
        if math.isnan(value):
            assert math.isnan(one.value)
        else:
            off = abs(one.value - value)
            off = min(off, 360 - off) if point == "wind_direction" else off
            assert off <= 1e-6 * max(1, abs(value))


@given(ROWS)
def test_means_survive_being_columns(rows: list[dict[str, MeanValue] | None]) -> None:
    there = means(rows, Span.MINUTE)
    assert list(means_of("air-1", Span.MINUTE, columns_of(there))) == there


@pytest.mark.parametrize(("hours", "is_valid"), [(18, True), (17, False)])
def test_a_day_needs_18_of_its_24_hours(hours: int, is_valid: bool) -> None:
    rows: list[dict[str, MeanValue] | None] = [{"pm2_5": MeanValue(30.0, 0.75)}] * hours
    rows += [{"pm2_5": MeanValue(900.0, 0.74)}] * (24 - hours)
    ((_, value),) = only(Span.DAY, columns_of(means(rows, Span.HOUR)), 24)
    assert (value.value, value.is_valid) == (30.0, is_valid)


@given(st.integers(0, 4_000_000_000))
def test_each_hour_belongs_to_the_day_in_ha_noi_in_which_it_ends(at_s: int) -> None:
    end_ns = at_s // 3600 * HOUR_NS
    ends_ns = day_end(end_ns, HA_NOI)
    begins_ns = day_begin(ends_ns, HA_NOI)
    assert begins_ns < end_ns <= ends_ns
    local = datetime.fromtimestamp(ends_ns // S, UTC).astimezone(HA_NOI)
    assert (local.hour, local.minute) == (0, 0)
    assert begins_ns == begin_of(Span.DAY, ends_ns, HA_NOI)
    assert ends_ns in touched(Span.DAY, end_ns, HA_NOI)


def test_midnight_ends_a_day_and_the_next_moment_begins_another() -> None:
    midnight_ns = round(datetime(2026, 11, 23, 17, tzinfo=UTC).timestamp()) * S
    assert day_end(midnight_ns, HA_NOI) == midnight_ns
    assert day_end(midnight_ns + 1, HA_NOI) == midnight_ns + 24 * HOUR_NS


def test_a_day_of_a_zone_that_changes_its_clocks_has_as_many_hours_as_it_has() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    end_ns = round(datetime(2026, 10, 25, 23, tzinfo=UTC).timestamp()) * S
    assert end_ns - begin_of(Span.DAY, end_ns, berlin) == 25 * HOUR_NS


def test_wind_from_around_north_comes_from_0_and_never_from_360() -> None:
    for pair in ([10.0, 350.0], [350.0, 10.0], [5.0, 355.0], [30.0, 330.0]):
        columns = Columns(array("q", [60, 120]), {"wind_direction": array("d", pair)})
        columns.marks["wind_direction"] = array("H", [FULL, FULL])
        ((_, found),) = only(Span.FIVE_MINUTES, columns, 2)
        assert 0.0 <= found.value < 360.0

"""Minutes against a reference that looks at every second by itself."""

import math
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.air.means import MINUTE_NS, StationMeans
from edge.core.air import Mean, MeanValue, Span
from edge.core.model import Layout, Quality, Sample, Stamp

S = 1_000_000_000
START_S = 29_833_320 * 60
NAMES = ("pm2_5", "wind_direction", "wind_speed", "rainfall")
LAYOUT = Layout("air-1", "air", NAMES, ())


@dataclass(frozen=True)
class Shot:
    """One sample at a whole second; `bad` values do not count."""

    at_s: int
    values: tuple[float | None, ...]
    bad: frozenset[int] = frozenset()

    @property
    def sample(self) -> Sample:
        flags = tuple((at, Quality.BAD) for at in sorted(self.bad) if self.values[at] is not None)
        return Sample(LAYOUT, Stamp(0, self.at_s * S), self.values, flags)

    def good(self, at: int) -> float | None:
        return None if at in self.bad else self.values[at]


def fed(shots: list[Shot], interval_s: float) -> StationMeans:
    station = StationMeans("air-1", ["air-1"], START_S * S)
    for shot in shots:
        station.add(shot.sample, shot.at_s * S, interval_s)
    return station


def said(station: StationMeans, through_s: int) -> dict[int, Mean]:
    return {mean.end_ns // S: mean for mean in station.close(station.due(through_s * S))}


def naive(shots: list[Shot], hold_s: int, end_s: int) -> dict[str, tuple[float, float]]:
    """Value and coverage of a minute, second by second."""
    newest = {shot.at_s: shot for shot in shots}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in NAMES}
    for second in range(end_s - 60, end_s):
        now = max((at for at in newest if at <= second), default=None)
        if now is None or second - now >= hold_s:
            continue
        for at, name in enumerate(NAMES):
            value = newest[now].good(at)
            if value is not None:
                speed = newest[now].good(2)
                taken[name].append((value, 1.0 if speed is None else speed))
    found: dict[str, tuple[float, float]] = {}
    for name, seen in taken.items():
        if not seen:
            continue
        mean: float | None = sum(value for value, _ in seen) / len(seen)
        if name == "wind_direction":
            east = sum(weight * math.sin(math.radians(value)) for value, weight in seen)
            north = sum(weight * math.cos(math.radians(value)) for value, weight in seen)
            calm = math.hypot(east, north) <= 1e-9 * sum(weight for _, weight in seen)
            mean = None if calm else math.degrees(math.atan2(east, north)) % 360
        if name == "rainfall":
            mean = _rain(newest, end_s)
        if mean is not None:
            found[name] = (mean, len(seen) / 60)
    return found


def _rain(newest: dict[int, Shot], end_s: int) -> float:
    readings = [(at, value) for at in sorted(newest) if (value := newest[at].good(3)) is not None]
    pairs = pairwise(readings)
    return sum(
        max(now - before if now >= before else now, 0)
        for (_, before), (at, now) in pairs
        if end_s - 60 <= at < end_s
    )


VALUES = st.tuples(
    st.one_of(st.none(), st.floats(0, 500)),
    st.one_of(st.none(), st.sampled_from([0.0, 45.0, 90.0, 200.0, 350.0])),
    st.one_of(st.none(), st.just(0.0), st.floats(0.1, 20)),
    st.one_of(st.none(), st.floats(0, 200)),
)
SHOTS = st.lists(
    st.builds(Shot, st.integers(START_S, START_S + 290), VALUES, st.frozensets(st.integers(0, 3))),
    min_size=1,
    max_size=40,
)


def agrees(mean: Mean | None, expected: dict[str, tuple[float, float]]) -> None:
    found = dict(mean.values) if mean is not None else {}
    assert found.keys() == expected.keys()
    for name, (value, coverage) in expected.items():
        off = abs(found[name].value - value)
        if name == "wind_direction":
            off = min(off, 360 - off)
        assert off < 1e-6 * max(1, abs(value))
        assert found[name].coverage == pytest.approx(coverage, abs=1e-4)


@settings(max_examples=150)
@given(SHOTS, st.integers(1, 90))
def test_minutes_are_what_every_second_says_in_whatever_order_samples_come(
    shots: list[Shot], interval_s: int
) -> None:
    found = said(fed(shots, interval_s), START_S + 600)
    for end_s in range(START_S + 60, START_S + 600, 60):
        agrees(found.get(end_s), naive(shots, 2 * interval_s, end_s))


@settings(max_examples=100)
@given(SHOTS, SHOTS, st.integers(1, 90), st.integers(START_S, START_S + 400))
def test_saying_minutes_early_and_again_ends_with_the_same(
    early: list[Shot], late: list[Shot], interval_s: int, looked_s: int
) -> None:
    station = fed(early, interval_s)
    found = said(station, looked_s)
    for shot in late:
        station.add(shot.sample, shot.at_s * S, interval_s)
    found |= said(station, START_S + 600)
    for end_s in range(START_S + 60, START_S + 600, 60):
        agrees(found.get(end_s), naive([*early, *late], 2 * interval_s, end_s))


def plain(at_s: int, value: float | None) -> Shot:
    return Shot(START_S + at_s, (value, None, None, None))


def pm(mean: Mean) -> MeanValue:
    return dict(mean.values)["pm2_5"]


def test_a_silent_sensor_leaves_a_gap_after_twice_its_interval() -> None:
    found = said(fed([plain(0, 10.0), plain(10, 20.0)], 10), START_S + 60)
    assert pm(found[START_S + 60]) == MeanValue(pytest.approx((100 + 400) / 30), 0.5)


def test_a_spike_found_one_sample_later_changes_its_minute_alone() -> None:
    station = fed([plain(at, 10.0) for at in range(0, 115, 5)] + [plain(115, 900.0)], 5)
    before = said(station, START_S + 120)
    assert pm(before[START_S + 120]).value == pytest.approx((55 * 10 + 5 * 900) / 60)
    spike = plain(115, 900.0)
    station.add(plain(120, 10.0).sample, (START_S + 120) * S, 5)
    station.add(Shot(spike.at_s, spike.values, frozenset({0})).sample, spike.at_s * S, 5)
    after = said(station, START_S + 120)
    assert list(after) == [START_S + 120]
    assert pm(after[START_S + 120]) == MeanValue(10.0, round(55 / 60, 4))


def test_a_minute_whose_only_value_was_wrong_is_said_again_without_any() -> None:
    station = fed([plain(0, 10.0)], 60)
    said(station, START_S + 60)
    station.add(Shot(START_S, (10.0, None, None, None), frozenset({0})).sample, START_S * S, 60)
    assert said(station, START_S + 60)[START_S + 60].values == ()


def test_what_was_kept_of_a_minute_is_joined_to_what_came_after_the_start() -> None:
    station = StationMeans("air-1", ["air-1"], (START_S + 30) * S)
    end_ns = (START_S + 60) * S
    for at in range(30, 60, 5):
        station.add(plain(at, 40.0).sample, (START_S + at) * S, 5)
    assert station.wants_kept(end_ns)
    station.give_kept(end_ns, Mean("air-1", Span.MINUTE, end_ns, (("pm2_5", MeanValue(10.0, 0.25)),)))
    (mean,) = station.close([end_ns])
    assert pm(mean) == MeanValue(pytest.approx((10 * 0.25 + 40 * 0.5) / 0.75), 0.75)
    assert not station.wants_kept(end_ns + MINUTE_NS)


def test_rain_goes_on_from_the_last_reading_before_the_start() -> None:
    station = StationMeans("air-1", ["air-1"], START_S * S)
    station.restore_counters({("air-1", "rainfall"): ((START_S - 20) * S, 100.0)})
    station.add(Shot(START_S, (None, None, None, 101.5)).sample, START_S * S, 10)
    mean = said(station, START_S + 60)[START_S + 60]
    assert dict(mean.values)["rainfall"].value == pytest.approx(1.5)
    assert station.counters() == {("air-1", "rainfall"): (START_S * S, 101.5)}


def test_of_two_devices_the_first_counts_as_long_as_it_covers_the_minute() -> None:
    station = StationMeans("s", ["first", "second"], START_S * S)
    for at in range(0, 120, 5):
        for device, value in (("second", 99.0), ("first", 10.0)):
            if device == "first" and at >= 60:
                continue
            layout = Layout(device, "air", ("pm2_5",), ())
            sample = Sample(layout, Stamp(0, 0), (value,))
            station.add(sample, (START_S + at) * S, 5)
    found = said(station, START_S + 120)
    assert pm(found[START_S + 60]).value == 10.0
    assert pm(found[START_S + 120]).value == 99.0


def test_old_samples_are_let_go_and_do_not_change_what_comes() -> None:
    station = fed([plain(at, 10.0) for at in range(0, 3600, 5)], 5)
    assert len(said(station, START_S + 3600)) == 60
    station.prune((START_S + 3600) * S)
    assert station.complete_from_ns == (START_S + 3000) * S
    assert station.wants_kept((START_S + 60) * S)
    station.add(plain(3600, 10.0).sample, (START_S + 3600) * S, 5)
    assert pm(said(station, START_S + 3660)[START_S + 3660]).coverage == round(10 / 60, 4)

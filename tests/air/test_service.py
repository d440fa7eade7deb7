"""The air at work over hours of virtual time: midnight in Ha Noi, restarts, late samples, calibration."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from edge.air.means import MINUTE_NS
from edge.air.spans import HOUR_NS
from edge.config.schema import Config
from edge.core.air import Span, StationKind
from edge.core.alarms import AlarmKind, Sign
from edge.core.errors import ConfigError
from edge.core.model import EventKind, Quality, Stamp
from tests.air.works import POINTS, S, World, config, devices_of, working
from tests.virtual import run_virtual

MIDNIGHT_NS = round(datetime(2026, 11, 23, 17, tzinfo=UTC).timestamp()) * S
"""The 24th begins in Ha Noi."""

QUIET = [
    {"point": point, "kind": kind, "enabled": False}
    for point in POINTS
    for kind in ("stuck", "warm_up", "rate", "spike")
]
"""These tests are about means: what they feed is not to be found fault with."""

CONF = config(check=QUIET)

LONG = (Span.HOUR, Span.EIGHT_HOURS, Span.DAY)


def test_a_day_runs_from_midnight_to_midnight_in_ha_noi_and_needs_18_of_its_hours() -> None:
    world = World()

    async def run() -> None:
        async with working(world, CONF, MIDNIGHT_NS) as at:
            await at.feed(17.9 * 3600, lambda at_s: 10.0 if at_s < 6 * 3600 else 40.0, interval_s=60)
            await asyncio.sleep(7 * 3600)

    run_virtual(run())
    (day,) = world.store.of("air-1", Span.DAY)
    assert day.end_ns == MIDNIGHT_NS + 24 * HOUR_NS
    value = dict(day.values)["pm2_5"]
    assert (value.coverage, value.is_valid) == (0.75, True)
    assert value.value == pytest.approx((6 * 10 + 12 * 40) / 18, rel=1e-3)
    hours = world.store.of("air-1", Span.HOUR)
    assert [hour.end_ns for hour in hours] == [MIDNIGHT_NS + n * HOUR_NS for n in range(1, 19)]
    eights = {mean.end_ns: dict(mean.values)["pm2_5"] for mean in world.store.of("air-1", Span.EIGHT_HOURS)}
    assert not eights[MIDNIGHT_NS + 5 * HOUR_NS].is_valid
    assert eights[MIDNIGHT_NS + 6 * HOUR_NS].is_valid
    assert eights[MIDNIGHT_NS + 8 * HOUR_NS].value == pytest.approx((6 * 10 + 2 * 40) / 8, rel=1e-3)
    assert eights[MIDNIGHT_NS + 20 * HOUR_NS].is_valid
    assert not eights[MIDNIGHT_NS + 21 * HOUR_NS].is_valid
    (daily,) = world.series("index/vn_day")
    assert daily.stamp.utc_ns == MIDNIGHT_NS + 24 * HOUR_NS
    assert daily.values[0] is not None


def test_hours_and_indices_are_sent_when_they_are_over_and_say_that_they_are_indicative() -> None:
    world = World()

    async def run() -> None:
        async with working(world, CONF, MIDNIGHT_NS) as at:
            await at.feed(2 * 3600 + 60)

    run_virtual(run())
    first, second = world.series("mean/1h")
    assert (first.layout.measurement, first.layout.tags) == (
        "air_1h",
        (("commune", "ba-don"), ("device", "air-1"), ("gateway", "gw")),
    )
    assert first.stamp.utc_ns == MIDNIGHT_NS + HOUR_NS
    assert dict(zip(first.layout.names, first.values, strict=True))["pm2_5"] == pytest.approx(20, rel=1e-3)
    (index,) = world.series("index/vn_hour")
    assert index.stamp.utc_ns == second.stamp.utc_ns
    assert index.layout.remarks == (("standing", "tham khảo"),)
    assert index.values[0] == 40
    assert [one.layout.series for one in world.kept].count("mean/1m") == 0


def test_a_restart_within_an_hour_goes_on_with_what_was_kept() -> None:
    world = World()

    async def run(offset_ns: int, seconds: float) -> None:
        async with working(world, CONF, offset_ns) as at:
            await at.feed(seconds, lambda _: 20.0 if offset_ns == MIDNIGHT_NS else 50.0, interval_s=10)

    run_virtual(run(MIDNIGHT_NS, 20 * 60 + 30))
    run_virtual(run(MIDNIGHT_NS + (20 * 60 + 40) * S, 41 * 60))
    minutes = {mean.end_ns: dict(mean.values)["pm2_5"] for mean in world.store.of("air-1", Span.MINUTE)}
    split = minutes[MIDNIGHT_NS + 21 * MINUTE_NS]
    assert split.coverage == pytest.approx(50 / 60, abs=2e-4)
    assert split.value == pytest.approx((30 * 20 + 20 * 50) / 50, rel=1e-3)
    hour = dict(world.store.of("air-1", Span.HOUR)[0].values)["pm2_5"]
    assert hour.coverage == pytest.approx((60 - 10 / 60) / 60, abs=1e-3)
    assert hour.value == pytest.approx((20.5 * 20 + 39.333 * 50) / 59.833, rel=1e-3)


def test_an_hour_that_ended_while_the_gateway_was_off_is_worked_out_at_the_next_start() -> None:
    world = World()

    async def run(offset_ns: int, seconds: float) -> None:
        async with working(world, CONF, offset_ns) as at:
            await at.feed(seconds)

    run_virtual(run(MIDNIGHT_NS, 50 * 60))
    assert world.store.of("air-1", Span.HOUR) == []
    run_virtual(run(MIDNIGHT_NS + 3 * HOUR_NS, 120))
    (hour,) = world.store.of("air-1", Span.HOUR)
    assert hour.end_ns == MIDNIGHT_NS + HOUR_NS
    assert dict(hour.values)["pm2_5"].coverage == pytest.approx(50 / 60, abs=0.01)


def test_samples_from_before_the_clock_was_set_get_their_minutes() -> None:
    world = World()

    async def run() -> None:
        async with working(world, CONF, MIDNIGHT_NS, is_set=False) as at:
            await at.feed(30 * 60)
            assert world.store.rows == {}
            at.clock.believed = True
            await at.feed(31 * 60)

    run_virtual(run())
    assert len(world.store.of("air-1", Span.MINUTE)) == 61
    assert dict(world.store.of("air-1", Span.HOUR)[0].values)["pm2_5"].coverage == 1.0


def test_a_clock_that_is_put_back_rewrites_the_minutes_it_lives_through_again() -> None:
    world = World()

    async def run() -> None:
        async with working(world, CONF, MIDNIGHT_NS) as at:
            await at.feed(10 * 60, lambda _: 20.0, interval_s=10)
            at.clock.offset_ns -= 5 * MINUTE_NS
            await at.feed(10 * 60, lambda _: 40.0, interval_s=10)
            await asyncio.sleep(120)

    run_virtual(run())
    minutes = world.store.of("air-1", Span.MINUTE)
    assert [mean.end_ns for mean in minutes] == [MIDNIGHT_NS + n * MINUTE_NS for n in range(1, 17)]
    values = [dict(mean.values)["pm2_5"] for mean in minutes]
    assert all(value.coverage <= 1 for value in values)
    assert values[2].value == pytest.approx(20, rel=1e-3)
    assert 20 < values[7].value < 40.01
    assert values[13].value == pytest.approx(40, rel=1e-3)


def test_a_spike_is_taken_out_of_its_minute_and_its_hour_by_the_next_sample() -> None:
    world = World()
    conf = config(check=[row for row in QUIET if row["kind"] != "spike"])

    async def run() -> None:
        async with working(world, conf, MIDNIGHT_NS, interval_s=60) as at:
            await at.feed(3600 + 600, lambda s: 900.0 if s == 3540 else 20.0, interval_s=60)

    run_virtual(run())
    spiked = MIDNIGHT_NS + 59 * MINUTE_NS
    (again,) = [one for one in world.kept if not one.layout.series]
    assert again.stamp.utc_ns == spiked
    assert (0, Quality.BAD) in again.flags
    hour = dict(world.store.of("air-1", Span.HOUR)[0].values)["pm2_5"]
    assert hour.value == pytest.approx(20, rel=1e-3)
    sent = [one for one in world.series("mean/1h") if one.stamp.utc_ns == MIDNIGHT_NS + HOUR_NS]
    assert sent[-1].values[sent[-1].layout.names.index("pm2_5")] == pytest.approx(20, rel=1e-3)


def test_values_of_a_calibration_stay_in_their_minutes_and_out_of_hours() -> None:
    world = World()

    async def run() -> None:
        async with working(world, CONF, MIDNIGHT_NS) as at:
            await at.feed(40 * 60)
            (outcome,) = await at.command("calibrate", "air-1", for_s=600.0)
            assert outcome.state == "verified"
            assert at.air.stations()[0].calibrating
            await at.feed(10 * 60, lambda _: 500.0)
            await at.feed(12 * 60)
            assert not at.air.stations()[0].calibrating

    run_virtual(run())
    minutes = {mean.end_ns: dict(mean.values)["pm2_5"] for mean in world.store.of("air-1", Span.MINUTE)}
    within = minutes[MIDNIGHT_NS + 45 * MINUTE_NS]
    assert (within.calibrating, within.value) == (True, pytest.approx(500, rel=1e-3))
    hour = dict(world.store.of("air-1", Span.HOUR)[0].values)["pm2_5"]
    assert hour.value == pytest.approx(20, rel=1e-3)
    assert hour.calibrating
    assert hour.coverage == pytest.approx(50 / 60, abs=0.02)
    sent = world.series("mean/1h")[-1]
    assert sent.values[sent.layout.names.index("pm2_5")] == pytest.approx(20, rel=1e-3)
    kinds = [event.kind for event in world.events]
    assert kinds == [EventKind.CALIBRATION_BEGAN, EventKind.CALIBRATION_ENDED]


def test_a_calibration_goes_on_over_a_restart_and_ends_when_told() -> None:
    world = World()

    async def begin() -> None:
        async with working(world, CONF, MIDNIGHT_NS) as at:
            await at.command("calibrate", "air-1", for_s=7200.0)

    async def end() -> None:
        async with working(world, CONF, MIDNIGHT_NS + HOUR_NS) as at:
            await asyncio.sleep(1)
            assert at.air.stations()[0].calibrating
            await at.command("calibrate", "air-1", release=True)
            assert not at.air.stations()[0].calibrating
            with pytest.raises(ConfigError, match="no station or air device 'nobody'"):
                await at.command("calibrate", "nobody", for_s=60.0)

    run_virtual(begin())
    run_virtual(end())


def test_pm2_5_is_corrected_by_the_hour_and_the_index_goes_by_it() -> None:
    world = World()
    station = {
        "id": "school",
        "devices": ["air-1"],
        "correction": {"kind": "local", "a": 1.0, "b": 0.5, "c": 0.0, "version": "7"},
    }

    async def run() -> None:
        async with working(world, config(check=QUIET, station=[station]), MIDNIGHT_NS) as at:
            await at.feed(2 * 3600 + 60)
            assert [state.station for state in at.air.stations()] == ["school"]

    run_virtual(run())
    sent = world.series("mean/1h", "school")[0]
    values = dict(zip(sent.layout.names, sent.values, strict=True))
    assert values["pm2_5"] == pytest.approx(20, rel=1e-3)
    assert values["pm2_5_corrected"] == pytest.approx(11, rel=1e-3)
    assert sent.layout.remarks == (("correction", "local v7"),)
    (index,) = world.series("index/vn_hour", "school")
    assert index.layout.remarks == (("correction", "local v7"), ("standing", "tham khảo"))
    assert dict(zip(index.layout.names, index.values, strict=True))["aqi_vn_pm2_5"] == 22


def test_the_second_device_stands_in_while_the_first_is_silent() -> None:
    world = World()
    station = {"id": "school", "devices": ["air-1", "air-2"], "kind": "certified", "twins": False}
    devices = [{"id": one, "profile": "pms5003", "bus": "b"} for one in ("air-1", "air-2")]
    conf = config(check=QUIET, station=[station], device=devices)

    async def run() -> None:
        async with working(world, conf, MIDNIGHT_NS) as at:
            second = asyncio.create_task(at.feed(3660, lambda _: 30.0, device="air-2"))
            await at.feed(1800)
            await second
            assert at.air.stations()[0].kind is StationKind.CERTIFIED

    run_virtual(run())
    hour = dict(world.store.of("school", Span.HOUR)[0].values)["pm2_5"]
    assert hour.value == pytest.approx(25, rel=0.02)
    assert hour.coverage == 1.0


def test_while_the_disk_is_away_nothing_is_lost_that_memory_holds() -> None:
    world = World()

    async def run() -> None:
        async with working(world, CONF, MIDNIGHT_NS) as at:
            await at.feed(58 * 60)
            world.store.away = True
            await at.feed(5 * 60)
            world.store.away = False
            await at.feed(3 * 60)

    run_virtual(run())
    assert dict(world.store.of("air-1", Span.HOUR)[0].values)["pm2_5"].coverage == 1.0


def test_an_exceeded_limit_and_a_silent_station_are_found() -> None:
    world = World()

    async def run() -> None:
        async with working(world, CONF, MIDNIGHT_NS) as at:
            await at.feed(23 * 3600, lambda _: 48.0, interval_s=60)
            await asyncio.sleep(2 * 3600)

    run_virtual(run())
    exceeded = [one for one in world.findings if one.kind is AlarmKind.LIMIT_EXCEEDED]
    assert exceeded[-1].sign is Sign.TROUBLE
    assert exceeded[-1].device == "air-1"
    assert "45" in exceeded[-1].text
    silent = [one for one in world.findings if one.kind is AlarmKind.STATION_SILENT]
    assert silent[-1].sign is Sign.TROUBLE
    assert silent[60].sign is Sign.WELL


def test_recalculation_applies_another_correction_to_days_that_are_over() -> None:
    world = World()

    def conf(slope: float) -> object:
        correction = {"kind": "local", "b": slope}
        station = {"id": "air-1", "devices": ["air-1"], "correction": correction}
        return config(check=QUIET, station=[station])

    async def live() -> None:
        async with working(world, conf(1.0), MIDNIGHT_NS) as at:  # type: ignore[arg-type]
            await at.feed(26 * 3600, lambda s: 20.0 + s / 10_000, interval_s=60)
            await asyncio.sleep(5)
            (outcome,) = await at.command("recalculate", "gw")
            assert dict(outcome.result) == {"changed": 0.0}

    async def again() -> None:
        async with working(world, conf(0.5), MIDNIGHT_NS + 27 * HOUR_NS) as at:  # type: ignore[arg-type]
            await asyncio.sleep(1)
            world.kept.clear()
            start = datetime.fromtimestamp(MIDNIGHT_NS / S, UTC)
            (outcome,) = await at.command(
                "recalculate",
                "air-1",
                **{"from": start.isoformat(), "to": (start + timedelta(1)).isoformat()},
            )
            assert dict(outcome.result)["changed"] == 24 + 24 + 1

    run_virtual(live())
    run_virtual(again())
    for span in (Span.HOUR, Span.EIGHT_HOURS, Span.DAY):
        mean = world.store.of("air-1", span)[0]
        values = dict(mean.values)
        assert values["pm2_5_corrected"].value == pytest.approx(values["pm2_5"].value / 2)
    assert len(world.series("index/vn_day")) == 1
    assert len(world.series("index/us")) == 23


def test_recalculation_leaves_hours_whose_minutes_are_gone_and_corrects_them_anew() -> None:
    world = World()

    def conf(slope: float) -> Config:
        station = {"id": "air-1", "devices": ["air-1"], "correction": {"kind": "local", "b": slope}}
        return config(check=QUIET, station=[station])

    async def live() -> None:
        async with working(world, conf(1.0), MIDNIGHT_NS) as at:
            await at.feed(25 * 3600, lambda s: 20.0 + s / 10_000, interval_s=60)

    async def again(slope: float) -> float:
        async with working(world, conf(slope), MIDNIGHT_NS + 27 * HOUR_NS) as at:
            await asyncio.sleep(1)
            (outcome,) = await at.command("recalculate", "gw")
            changed = dict(outcome.result)["changed"]
            assert changed is not None
            return changed

    run_virtual(live())
    before = dict(world.store.rows)
    for key in [key for key in before if key[1] is Span.MINUTE and key[2] <= MIDNIGHT_NS + 10.5 * HOUR_NS]:
        del world.store.rows[key]
    assert run_virtual(again(1.0)) == 0
    of_day = {key for key in before if key[2] <= MIDNIGHT_NS + 24 * HOUR_NS and key[1] in LONG}
    assert {key: before[key] for key in of_day} == {key: world.store.rows[key] for key in of_day}
    assert run_virtual(again(0.5)) > 24
    (day,) = world.store.of("air-1", Span.DAY)
    values = dict(day.values)
    assert values["pm2_5_corrected"].value == pytest.approx(values["pm2_5"].value / 2)
    assert values["pm2_5"].coverage == 1.0


def test_a_time_of_recalculation_that_is_none_is_refused_and_one_long_ago_is_no_long_walk() -> None:
    async def run() -> None:
        async with working(World(), CONF, MIDNIGHT_NS) as at:
            with pytest.raises(ConfigError, match="a time is not right"):
                await at.command("recalculate", "gw", **{"from": "yesterday"})
            (outcome,) = await at.command("recalculate", "gw", **{"from": "0002-01-01T00:00:00Z"})
            assert dict(outcome.result) == {"changed": 0.0}

    run_virtual(run())


def test_a_changed_interval_changes_for_how_long_values_hold() -> None:
    world = World()

    async def run() -> None:
        async with working(world, CONF, MIDNIGHT_NS) as at:
            await at.feed(120, interval_s=30)
            at.air.use(CONF, devices_of(CONF, 600))
            await at.feed(2 * 3600, interval_s=600)

    run_virtual(run())
    assert dict(world.store.of("air-1", Span.HOUR)[-1].values)["pm2_5"].coverage == 1.0


def test_devices_of_other_classes_pass_unseen() -> None:
    async def run() -> None:
        async with working(World(), CONF, MIDNIGHT_NS) as at:
            sample = at.sample("meter-1", (1e9, None, -5.0), Stamp(1, 2))
            assert sample.flags == ()

    run_virtual(run())

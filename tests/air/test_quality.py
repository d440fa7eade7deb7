"""Each check of quality control: when it fires, and when it does not."""

from dataclasses import replace

import pytest

from edge.air.quality import worst
from edge.core.air import CheckKind, Verdict
from edge.core.model import Quality
from tests.air.readings import BOOT_S, control, failed, judge, sample

HOUR_S = 3600.0


@pytest.mark.parametrize(
    ("point", "value", "check", "verdict"),
    [
        ("pm2_5", -999, CheckKind.SENTINEL, Verdict.REJECTED),
        ("relative_humidity", 6553.5, CheckKind.SENTINEL, Verdict.REJECTED),
        ("pm2_5", 1200, CheckKind.RANGE, Verdict.REJECTED),
        ("pm2_5", -16, CheckKind.RANGE, Verdict.REJECTED),
        ("temperature", 66, CheckKind.RANGE, Verdict.REJECTED),
        ("co2", 250, CheckKind.RANGE, Verdict.DOUBTFUL),
        ("wind_direction", 361, CheckKind.RANGE, Verdict.REJECTED),
        ("pm2_5", float("nan"), CheckKind.RANGE, Verdict.REJECTED),
        ("pm2_5", float("inf"), CheckKind.RANGE, Verdict.REJECTED),
    ],
)
def test_a_value_that_cannot_be_is_flagged_with_its_reason(
    point: str, value: float, check: CheckKind, verdict: Verdict
) -> None:
    (judged,) = judge(control(), [value], point)
    assert failed(judged) == [check]
    assert judged.verdicts == (verdict,)
    assert judged.sample.flags == ((0, Quality.BAD),)
    assert judged.remarks[0].text.startswith(f"dust-1: {point}: ")


@pytest.mark.parametrize(
    ("point", "value"),
    [("pm2_5", 12), ("pm2_5", 0), ("pm2_5", 1000), ("illuminance", 65535), ("relative_humidity", 100)],
)
def test_a_usual_value_is_accepted_without_a_flag(point: str, value: float) -> None:
    read = sample(0, (value,), (point,))
    judged = control().judge(read)
    assert judged.verdicts == (Verdict.ACCEPTED,)
    assert judged.remarks == ()
    assert judged.sample is read


def test_no_value_is_no_verdict_unless_the_driver_says_why() -> None:
    quality = control()
    assert quality.judge(sample(0, (None,))).verdicts == (Verdict.UNCHECKED,)
    refused = quality.judge(sample(10, (None,), flags=((0, Quality.BAD),)))
    assert refused.verdicts == (Verdict.REJECTED,)
    assert refused.sample.flags == ((0, Quality.BAD),)


def test_flags_of_the_driver_stay_and_the_worst_holds() -> None:
    quality = control()
    names = ("pm2_5", "pm10")
    kept = quality.judge(sample(0, (5.0, 9.0), names, flags=((1, Quality.SUSPECT),)))
    assert kept.verdicts == (Verdict.ACCEPTED, Verdict.SUSPICIOUS)
    assert kept.sample.flags == ((1, Quality.SUSPECT),)
    both = quality.judge(sample(10, (5.0, -999.0), names, flags=((1, Quality.SUSPECT),)))
    assert both.sample.flags == ((1, Quality.BAD),)
    assert worst(Verdict.UNCHECKED, Verdict.ACCEPTED) is Verdict.ACCEPTED
    assert worst(Verdict.REJECTED, Verdict.DOUBTFUL) is Verdict.REJECTED


def test_what_was_made_of_samples_is_passed_on_as_it_is() -> None:
    read = sample(0, (5000.0,))
    mean = replace(read, layout=replace(read.layout, series="mean/1h"))
    judged = control().judge(mean)
    assert judged.sample is mean
    assert judged.verdicts == (Verdict.UNCHECKED,)


def test_a_sensor_powered_with_the_gateway_warms_up_and_one_met_later_does_not() -> None:
    verdicts = [judged.verdicts[0] for judged in judge(control(), [9, 9, 9, 9], begin_s=-BOOT_S + 5)]
    assert verdicts == [Verdict.DOUBTFUL, Verdict.DOUBTFUL, Verdict.DOUBTFUL, Verdict.ACCEPTED]
    (judged,) = judge(control(), [9])
    assert judged.verdicts == (Verdict.ACCEPTED,)


def test_a_long_silence_is_a_loss_of_power_and_a_slow_sensor_is_not() -> None:
    quality = control()
    judge(quality, [9, 9, 9])
    back = judge(quality, [9, 9, 9, 9], begin_s=120)
    assert [failed(one) for one in back] == [[CheckKind.WARM_UP]] * 3 + [[]]
    assert all(not failed(one) for one in judge(control(), [9, 9, 9, 9], step_s=600))


def test_a_sensor_that_is_read_less_often_from_now_on_is_not_warming_up_for_ever() -> None:
    quality = control()
    judge(quality, [9, 9, 9])
    slow = judge(quality, [9, 9, 9], step_s=300, begin_s=320)
    assert [failed(one) for one in slow] == [[CheckKind.WARM_UP], [], []]


def test_a_device_that_is_said_to_be_back_warms_up_by_its_own_time() -> None:
    quality = control()
    judge(quality, [450, 450], "co2", device="co2-1")
    quality.powered("co2-1", round((BOOT_S + 15) * 1e9))
    later = judge(quality, [450] * 20, "co2", begin_s=20, device="co2-1")
    warming = [one for one in later if failed(one) == [CheckKind.WARM_UP]]
    assert len(warming) == 18  # from 5 s to 175 s after it


def test_a_change_too_fast_is_suspicious_and_a_steady_rise_is_not() -> None:
    fast = judge(control(), [20, 20, 180, 190])
    assert [failed(one) for one in fast] == [[], [], [CheckKind.RATE], []]
    assert fast[2].verdicts == (Verdict.SUSPICIOUS,)
    assert fast[2].sample.flags == ((0, Quality.SUSPECT),)
    assert all(not failed(one) for one in judge(control(), [20 + 14 * n for n in range(40)]))


def test_the_rate_is_for_each_minute_since_the_last_value() -> None:
    rows = {"point": "pm2_5", "kind": "rate", "limit": 10}
    assert not failed(judge(control(rows), [20, 69], step_s=300)[1])
    assert failed(judge(control(rows), [20, 71], step_s=300)[1]) == [CheckKind.RATE]


def test_a_counter_that_begins_anew_has_no_rate() -> None:
    judged = judge(control(), [400.2, 0, 0.2, 30], "rainfall")
    assert [failed(one) for one in judged] == [[], [], [], [CheckKind.RATE]]


def test_a_spike_is_known_one_sample_later_and_its_sample_is_given_again() -> None:
    quality = control()
    judged = judge(quality, [20, 22, 110, 21, 20])
    assert [one.rewritten is not None for one in judged] == [False, False, False, True, False]
    again = judged[3].rewritten
    assert again is not None
    assert again.values == judged[2].sample.values
    assert again.stamp == judged[2].sample.stamp
    assert again.flags == ((0, Quality.BAD),)
    assert judged[3].verdicts_before == (Verdict.DOUBTFUL,)
    assert [remark.check for remark in judged[3].remarks_before] == [CheckKind.SPIKE]
    assert judged[3].verdicts == (Verdict.ACCEPTED,)


def test_a_spike_downward_counts_as_well_and_the_return_from_one_is_no_jump() -> None:
    judged = judge(control(), [400, 402, 20, 398])
    assert failed(judged[2]) == [CheckKind.RATE]
    assert judged[3].rewritten is not None
    assert judged[3].verdicts_before == (Verdict.DOUBTFUL,)
    assert {remark.check for remark in judged[3].remarks_before} == {CheckKind.RATE, CheckKind.SPIKE}
    assert failed(judged[3]) == []


@pytest.mark.parametrize(
    ("values", "step_s"),
    [
        ([20, 22, 110, 112, 111], 10),  # a step that stays
        ([20, 22, 110, 70, 40, 21], 10),  # a cloud that thins out
        ([20, 22, 49, 21], 10),  # less than the limit
        ([100, 102, 180, 101], 10),  # less than three times
        ([20, 22, 110, None, 21], 10),  # no neighbour
        ([20, 22, 110, -999, 21], 10),  # its neighbour is none
        ([20, 22, 110, 21], 300),  # too far apart: a real cloud may pass
    ],
)
def test_what_is_no_spike(values: list[float | None], step_s: float) -> None:
    assert all(one.rewritten is None for one in judge(control(), values, step_s=step_s))


def test_a_value_that_stays_is_stuck_until_it_moves() -> None:
    quality = control()
    judged = judge(quality, [12] * 26 + [13], step_s=300)
    stuck = [failed(one) == [CheckKind.STUCK] for one in judged]
    assert stuck == [nth >= 24 for nth in range(26)] + [False]
    assert judged[24].verdicts == (Verdict.DOUBTFUL,)


@pytest.mark.parametrize(
    ("point", "value"),
    [
        ("rainfall", 412.6),
        ("wind_speed", 0),
        ("illuminance", 0),
        ("illuminance", 1),
        ("relative_humidity", 100),
        ("solar_radiation", 0),
        ("pm2_5", 0),
    ],
)
def test_what_may_stay_the_same_is_never_stuck(point: str, value: float) -> None:
    judged = judge(control(), [value] * 100, point, step_s=1000)
    assert all(not failed(one) for one in judged)


def test_few_readings_are_not_stuck_however_long_they_last() -> None:
    judged = judge(control(), [12] * 7, step_s=2 * HOUR_S)
    assert [failed(one) for one in judged] == [[]] * 5 + [[CheckKind.STUCK]] * 2


def test_whether_a_device_moves_is_known_only_once_it_was_seen() -> None:
    quality = control()
    assert quality.is_moving("dust-1") is None
    judge(quality, [12, 12])
    assert quality.is_moving("dust-1") is None
    judge(quality, [13], begin_s=30)
    assert quality.is_moving("dust-1") is True
    judge(quality, [13] * 10, step_s=400, begin_s=400)  # a long silence before the first
    assert quality.is_moving("dust-1") is None
    judge(quality, [13] * 12, step_s=400, begin_s=4400)
    assert quality.is_moving("dust-1") is False
    judge(quality, [14], begin_s=9200)
    assert quality.is_moving("dust-1") is True


def test_twins_that_disagree_are_both_suspicious() -> None:
    quality = control(twins={"dust-1": ("dust-2",), "dust-2": ("dust-1",)})
    assert failed(quality.judge(sample(0, (10.0,)))) == []
    assert failed(quality.judge(sample(1, (40.0,), device="dust-2"))) == []  # no interval known yet
    first = quality.judge(sample(10, (10.0,)))
    second = quality.judge(sample(11, (40.0,), device="dust-2"))
    assert failed(first) == [CheckKind.TWIN]
    assert failed(second) == [CheckKind.TWIN]
    assert "dust-2" in first.remarks[0].text
    assert first.verdicts == second.verdicts == (Verdict.SUSPICIOUS,)


@pytest.mark.parametrize(
    ("other", "late_s", "values"),
    [
        ("dust-2", 1, (10.0, 14.9)),  # within 5
        ("dust-2", 1, (100.0, 190.0)),  # within 70 %
        ("dust-2", 21, (10.0, 40.0)),  # too old
        ("dust-3", 1, (10.0, 40.0)),  # of another station
    ],
)
def test_twins_that_agree_or_cannot_be_compared(
    other: str, late_s: float, values: tuple[float, float]
) -> None:
    quality = control(twins={"dust-1": ("dust-2",), "dust-2": ("dust-1",)})
    judge(quality, [values[1]] * 3, device=other)
    first = judge(quality, [values[0]] * 2, begin_s=20 + late_s)
    assert failed(first[0]) == []


def test_what_is_read_during_calibration_counts_nowhere_and_leaves_no_trace() -> None:
    quality = control(twins={"dust-1": ("dust-2",), "dust-2": ("dust-1",)})
    judge(quality, [20, 20])
    quality.calibrating(frozenset(("dust-1",)))
    during = judge(quality, [300, 300, 300], begin_s=20)
    assert [failed(one) for one in during] == [[CheckKind.CALIBRATION]] * 3
    assert {one.sample.flags for one in during} == {((0, Quality.BAD),)}
    assert not any(one.verdicts[0].counts for one in during)
    beside = judge(quality, [20, 20, 20], begin_s=21, device="dust-2")
    assert all(not failed(one) for one in beside)
    quality.calibrating(frozenset())
    assert [failed(one) for one in judge(quality, [20, 20], begin_s=60)] == [[], []]


def test_a_late_sample_is_judged_by_its_value_alone_and_disturbs_nothing() -> None:
    quality = control()
    judge(quality, [20, 20, 20])
    assert failed(quality.judge(sample(5, (300.0,)))) == []
    assert failed(quality.judge(sample(6, (-999.0,)))) == [CheckKind.SENTINEL]
    assert failed(quality.judge(sample(30, (21.0,)))) == []


def test_a_fast_day_is_judged_by_its_own_time() -> None:
    judged = judge(control(pace=60), [12] * 30, step_s=10)
    assert [failed(one) for one in judged].index([CheckKind.STUCK]) == 12  # 12 times 10 min


def test_a_changed_configuration_keeps_what_is_known_and_forgets_devices_that_are_gone() -> None:
    quality = control()
    judge(quality, [20, 21, 22])
    changed = control({"point": "pm2_5", "kind": "rate", "limit": 5})
    quality.follow(changed._checks, {}, ["dust-1"])
    assert failed(judge(quality, [28], begin_s=30)[0]) == [CheckKind.RATE]
    quality.follow(changed._checks, {}, ["other"])
    assert quality.is_moving("dust-1") is None
    assert failed(judge(quality, [200], begin_s=40)[0]) == []

"""Quality control on anything that can come."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.air.quality import Judged, QualityControl, worst
from edge.core.air import Verdict
from edge.core.model import Quality, Sample
from tests.air.readings import control, sample

NAMES = ("pm2_5", "relative_humidity", "rainfall", "co2", "wind_speed", "mystery")
TWINS = {"dust-1": ("dust-2",), "dust-2": ("dust-1",)}

NUMBERS = st.one_of(
    st.none(),
    st.floats(-20, 1200),
    st.sampled_from([0.0, 12.0, 100.0, -999.0, 65535.0, 1e308, -1e308]),
    st.floats(),
)
QUALITIES = st.sampled_from(Quality)


@st.composite
def streams(draw: Any) -> list[Sample]:
    """Samples of two devices, some late, some after long silences, some not as their layout says."""
    found, at_s = [], draw(st.sampled_from([-10_000.0, 0.0]))
    for _ in range(draw(st.integers(1, 25))):
        at_s += draw(st.sampled_from([-30.0, 0.0, 1.0, 10.0, 10.0, 10.0, 400.0, 90_000.0]))
        values = draw(st.lists(NUMBERS, min_size=len(NAMES), max_size=len(NAMES)))
        values = values[: draw(st.sampled_from([len(NAMES)] * 5 + [2]))]
        flags = draw(st.lists(st.tuples(st.integers(0, 7), QUALITIES), max_size=2, unique_by=lambda f: f[0]))
        device = draw(st.sampled_from(["dust-1", "dust-1", "dust-2"]))
        found.append(sample(at_s, values, NAMES, device, tuple(sorted(flags))))
    return found


def judged(quality: QualityControl, stream: list[Sample]) -> list[Judged]:
    return [quality.judge(one) for one in stream]


@given(streams())
@settings(max_examples=150)
def test_nothing_that_comes_raises_or_is_altered_and_no_flag_is_lost(stream: list[Sample]) -> None:
    for read, found in zip(stream, judged(control(twins=TWINS), stream), strict=True):
        assert repr(found.sample.values) == repr(read.values)
        assert (found.sample.layout, found.sample.stamp) == (read.layout, read.stamp)
        assert len(found.verdicts) == len(read.values)
        order = list(Quality)
        flags = dict(found.sample.flags)
        for place, quality in read.flags:
            assert order.index(flags[place]) >= order.index(quality)


@given(streams())
@settings(max_examples=100)
def test_the_verdict_is_the_worst_of_all_that_was_said(stream: list[Sample]) -> None:
    for found in judged(control(twins=TWINS), stream):
        for remark in found.remarks:
            verdict = found.verdicts[NAMES.index(remark.point)]
            assert worst(verdict, remark.verdict) is verdict
        for place, verdict in enumerate(found.verdicts):
            if verdict is Verdict.ACCEPTED:
                assert place not in dict(found.sample.flags) or found.sample.values[place] is not None
            elif verdict.quality is not Quality.GOOD:
                assert place in dict(found.sample.flags)


@given(streams())
@settings(max_examples=100)
def test_a_sample_given_again_is_the_one_before_with_more_flags(stream: list[Sample]) -> None:
    newest: dict[str, Judged] = {}
    quality = control(twins=TWINS)
    for read in stream:
        found, earlier = quality.judge(read), newest.get(read.layout.device)
        again = found.rewritten
        if again is not None:
            assert earlier is not None
            assert again.stamp == earlier.sample.stamp
            assert repr(again.values) == repr(earlier.sample.values)
            assert set(dict(earlier.sample.flags)) <= set(dict(again.flags))
            assert again.flags != earlier.sample.flags or earlier.verdicts != found.verdicts_before
            assert found.remarks_before[: len(earlier.remarks)] == earlier.remarks
        if earlier is None or read.stamp.mono_ns > earlier.sample.stamp.mono_ns:
            newest[read.layout.device] = found


@given(streams())
@settings(max_examples=50)
def test_the_same_samples_are_judged_the_same(stream: list[Sample]) -> None:
    assert repr(judged(control(twins=TWINS), stream)) == repr(judged(control(twins=TWINS), stream))


@given(streams(), st.integers(0, 25))
@settings(max_examples=50)
def test_a_reload_between_two_samples_changes_no_verdict(stream: list[Sample], cut: int) -> None:
    whole, parted = control(twins=TWINS), control(twins=TWINS)
    head = judged(parted, stream[:cut])
    parted.follow(parted._checks, TWINS, ["dust-1", "dust-2"])
    assert repr(head + judged(parted, stream[cut:])) == repr(judged(whole, stream))


def test_what_is_remembered_of_a_point_does_not_grow() -> None:
    quality = control()
    for nth in range(500):
        quality.judge(sample(nth * 10, (float(nth % 7),)))
    (source,) = quality._sources.values()
    assert len(source.points[0].chain) == 2

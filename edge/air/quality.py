"""Quality control: how far each value that was read is believed. Pure; told the time by the samples.

Values are never altered: flags and verdicts stand beside them. A driver's own flags stay, and of several the
worst holds. What a check needs is in quality.toml and [[check]]; what it says, in judging.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

from edge.air import judging
from edge.air.checks import Check, checks_for
from edge.air.history import PointHistory
from edge.core.air import CheckKind, Remark, Verdict
from edge.core.model import Quality, Sample

GAP_MIN_S = 60.0
"""Shorter silences never count as a loss of power."""

GAP_INTERVALS = 5
"""So many usual intervals of silence count as one."""

TWIN_INTERVALS = 2
"""Values of two devices are compared while the older one is not older than this many intervals."""

Verdicts = tuple[Verdict, ...]
Remarks = tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A sample with what quality control says of it; `verdicts` by position.

    `rewritten` is the sample before it, once more, where it is now known to hold a spike: the same stamp and
    values with more flags, to be stored in its place; `verdicts_before` and `remarks_before` belong to it.
    """

    sample: Sample
    remarks: Remarks
    verdicts: Verdicts
    rewritten: Sample | None = None
    verdicts_before: Verdicts = ()
    remarks_before: Remarks = ()


@dataclass(slots=True)
class _Source:
    """The samples of one layout: its points, the newest sample, and how far apart samples usually are."""

    points: tuple[PointHistory, ...]
    newest: Judged | None = None
    at_ns: int | None = None
    usual_s: float | None = None


@dataclass(slots=True)
class _Said:
    """What is being said of one sample."""

    device: str
    names: tuple[str, ...]
    verdicts: list[Verdict]
    remarks: list[Remark] = field(default_factory=list)

    def add(self, place: int, check: CheckKind, verdict: Verdict, text: str) -> None:
        """One check failed."""
        name = self.names[place]
        self.remarks.append(Remark(name, check, verdict, f"{self.device}: {name}: {text}"))
        self.verdicts[place] = worst(self.verdicts[place], verdict)


class QualityControl:
    """Judges the samples of a gateway one by one.

    `twins` names for each device the others of its station that it is compared with. `pace` is how fast UTC
    runs against the monotonic clock: other than 1 in a simulated day only. A device whose silence was long
    counts as powered up by its next sample; one never seen before, as powered up with the gateway.
    """

    def __init__(
        self, checks: Sequence[Check], twins: Mapping[str, tuple[str, ...]], pace: float = 1.0
    ) -> None:
        self._checks, self._twins, self._pace = checks, twins, pace
        self._sources: dict[tuple[str, tuple[str, ...]], _Source] = {}
        self._powered: dict[str, int] = {}
        self._newest: dict[tuple[str, str], tuple[int, float, float]] = {}
        self._calibrating: frozenset[str] = frozenset()

    def follow(
        self, checks: Sequence[Check], twins: Mapping[str, tuple[str, ...]], devices: Iterable[str]
    ) -> None:
        """Go by a changed configuration; what is known of devices that are still there stays."""
        self._checks, self._twins = checks, twins
        known = frozenset(devices)
        self._sources = {key: one for key, one in self._sources.items() if key[0] in known}
        self._powered = {key: one for key, one in self._powered.items() if key in known}
        self._newest = {key: one for key, one in self._newest.items() if key[0] in known}
        for (device, names), source in self._sources.items():
            for name, point in zip(names, source.points, strict=True):
                point.checks = checks_for(checks, device, name)

    def calibrating(self, devices: frozenset[str]) -> None:
        """These, and no others, are being calibrated: what they read is not the air around them."""
        for device in devices ^ self._calibrating:
            self._forget(device)
        self._calibrating = devices

    def powered(self, device: str, mono_ns: int) -> None:
        """A device got power, or woke, at a time of this boot."""
        self._powered[device] = mono_ns
        self._forget(device)

    def is_moving(self, device: str) -> bool | None:
        """Whether no point of a device is stuck; None while that is not known, or nothing says so."""
        told = [
            point.is_well
            for (owner, _), source in self._sources.items()
            for point in source.points
            if owner == device and point.is_followed
        ]
        if False in told:
            return False
        return True if told and None not in told else None

    def judge(self, sample: Sample) -> Judged:
        """How far the values of a sample are believed; what was made of samples is passed on as it is."""
        layout = sample.layout
        if layout.series:
            return Judged(sample, (), (Verdict.UNCHECKED,) * len(sample.values))
        source = self._source(layout.device, layout.names)
        is_late = source.at_ns is not None and sample.stamp.mono_ns <= source.at_ns
        if not is_late:
            self._advance(source, layout.device, sample.stamp.mono_ns)
        said = _Said(layout.device, layout.names, _by_driver(sample))
        before = _Said(layout.device, layout.names, list(source.newest.verdicts) if source.newest else [])
        for place, (point, value) in enumerate(zip(source.points, sample.values, strict=False)):
            believed = self._alone(point, place, value, sample.stamp.mono_ns, said, is_late)
            if is_late:
                continue
            if value is None or not believed:
                point.broken()
                continue
            self._among(source, point, place, value, said, before)
        judged = Judged(_flagged(sample, said.verdicts), tuple(said.remarks), tuple(said.verdicts))
        if is_late:
            return judged
        earlier, source.newest = source.newest, judged
        if earlier is None or not before.remarks:
            return judged
        return replace(
            judged,
            rewritten=_flagged(earlier.sample, before.verdicts),
            verdicts_before=tuple(before.verdicts),
            remarks_before=(*earlier.remarks, *before.remarks),
        )

    def _alone(
        self, point: PointHistory, place: int, value: float | None, at_ns: int, said: _Said, is_late: bool
    ) -> bool:
        """Judge a value by itself; whether it may be compared with others."""
        if value is None:
            return False
        if not isfinite(value):
            said.add(place, CheckKind.RANGE, Verdict.REJECTED, "is no number")
            return False
        if said.verdicts[place] is Verdict.UNCHECKED and point.checks:
            said.verdicts[place] = Verdict.ACCEPTED
        if (check := point.checks.get(CheckKind.SENTINEL)) and (text := judging.sentinel(check, value)):
            said.add(place, CheckKind.SENTINEL, check.verdict, text)
        elif (check := point.checks.get(CheckKind.RANGE)) and (text := judging.outside(check, value)):
            said.add(place, CheckKind.RANGE, check.verdict, text)
        if said.device in self._calibrating:
            said.add(place, CheckKind.CALIBRATION, Verdict.REJECTED, "taken while being calibrated")
        elif not is_late and (check := point.checks.get(CheckKind.WARM_UP)):
            powered_s = self._seconds(at_ns - self._powered.get(said.device, 0))
            if text := judging.warming(check, powered_s):
                said.add(place, CheckKind.WARM_UP, check.verdict, text)
        return said.verdicts[place].counts

    def _among(
        self, source: _Source, point: PointHistory, place: int, value: float, said: _Said, before: _Said
    ) -> None:
        """Judge a value by those before it and by the station's other devices."""
        at_ns = source.at_ns or 0
        at_s = self._seconds(at_ns)
        if (text := point.spike(value, at_s)) and place < len(before.verdicts):
            before.add(place, CheckKind.SPIKE, point.checks[CheckKind.SPIKE].verdict, text)
        for kind, text in (
            (CheckKind.RATE, point.rate(value, at_s)),
            (CheckKind.STUCK, point.stuck(value, at_s)),
        ):
            if text:
                said.add(place, kind, point.checks[kind].verdict, text)
        point.took(value, at_s)
        if said.device in self._twins and (check := point.checks.get(CheckKind.TWIN)):
            self._compare(check, place, value, source, said)

    def _compare(self, check: Check, place: int, value: float, source: _Source, said: _Said) -> None:
        at_ns, usual_s = source.at_ns or 0, source.usual_s or 0.0
        for twin in self._twins[said.device]:
            found = self._newest.get((twin, said.names[place]))
            if found is None or twin in self._calibrating:
                continue
            other_ns, other, other_s = found
            if abs(self._seconds(at_ns - other_ns)) > TWIN_INTERVALS * max(usual_s, other_s):
                continue
            if text := judging.differs(check, value, other, twin):
                said.add(place, CheckKind.TWIN, check.verdict, text)
        if said.verdicts[place].counts:
            self._newest[said.device, said.names[place]] = (at_ns, value, usual_s)

    def _source(self, device: str, names: tuple[str, ...]) -> _Source:
        source = self._sources.get((device, names))
        if source is None:
            points = (PointHistory(checks_for(self._checks, device, name)) for name in names)
            source = self._sources[device, names] = _Source(tuple(points))
        return source

    def _advance(self, source: _Source, device: str, at_ns: int) -> None:
        """Take the time of a sample; a long silence before it was a loss of power."""
        if source.at_ns is not None:
            apart_s = self._seconds(at_ns - source.at_ns)
            usual_s = source.usual_s
            # Forgotten after a gap: else a device that is now read less often would be warming up for ever.
            if usual_s is not None and apart_s > max(GAP_MIN_S, GAP_INTERVALS * usual_s):
                self.powered(device, at_ns)
                source.usual_s = None
            else:
                source.usual_s = apart_s if usual_s is None else min(apart_s, 2 * usual_s)
        source.at_ns = at_ns

    def _forget(self, device: str) -> None:
        for (owner, _), source in self._sources.items():
            if owner == device:
                source.newest = None
                for point in source.points:
                    point.forget()
        for key in [key for key in self._newest if key[0] == device]:
            del self._newest[key]

    def _seconds(self, mono_ns: int) -> float:
        return mono_ns / 1e9 * self._pace


def worst(one: Verdict, other: Verdict) -> Verdict:
    """The one that is believed less; what was not checked is not worse than what was."""
    return max(one, other, key=_BADNESS.index)


_BADNESS = (
    Verdict.UNCHECKED,
    Verdict.ACCEPTED,
    Verdict.SUSPICIOUS,
    Verdict.DOUBTFUL,
    Verdict.REJECTED,
)

_OF_DRIVER = {Quality.BAD: Verdict.REJECTED, Quality.SUSPECT: Verdict.SUSPICIOUS}
_QUALITIES = (Quality.GOOD, Quality.SUSPECT, Quality.BAD)


def _by_driver(sample: Sample) -> list[Verdict]:
    """What the driver's flags say already."""
    verdicts = [Verdict.UNCHECKED] * len(sample.values)
    for place, quality in sample.flags:
        if quality in _OF_DRIVER and 0 <= place < len(verdicts):
            verdicts[place] = worst(verdicts[place], _OF_DRIVER[quality])
    return verdicts


def _flagged(sample: Sample, verdicts: Sequence[Verdict]) -> Sample:
    """The sample with the flags of the verdicts beside its own, the worst of each place."""
    flags = dict(sample.flags)
    for place, verdict in enumerate(verdicts):
        if verdict.quality is not Quality.GOOD:
            flags[place] = max(flags.get(place, Quality.GOOD), verdict.quality, key=_QUALITIES.index)
    found = tuple(sorted(flags.items()))
    return sample if found == sample.flags else replace(sample, flags=found)

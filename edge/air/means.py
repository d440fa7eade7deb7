"""Means of one minute of one station, from its devices' samples. Pure.

Time-weighted: a value holds until the next sample of its poll, but at most twice the poll's interval; what is
longer is a gap. A late or corrected sample changes every minute on which it bears, and that one alone.
"""

from collections.abc import Mapping, Sequence

from edge.air.averaging import average, averaging_of
from edge.air.means_track import Track, row_of
from edge.core.air import COVERAGE_MIN, Mean, MeanValue, Span
from edge.core.model import Sample

MINUTE_NS = Span.MINUTE.seconds * 1_000_000_000

KEEP_NS = 10 * MINUTE_NS
"""Samples stay for so long at least, and longer where polls are rare: later ones may correct them."""

HOLD_INTERVALS = 2
"""A value holds for so many intervals of its poll."""


class StationMeans:
    """The open minutes of one station, whose devices come in the order in which they are believed.

    All samples from `complete_from_ns` on are here; of an earlier minute only what came in late, which is
    joined to what is kept of it (`give_kept`).
    """

    def __init__(self, station: str, devices: Sequence[str], complete_from_ns: int) -> None:
        self.station = station
        self.complete_from_ns = complete_from_ns
        self._order = {device: place for place, device in enumerate(devices)}
        self._tracks: dict[tuple[str, tuple[str, ...]], Track] = {}
        self._dirty: set[int] = set()
        self._kept: dict[int, dict[str, MeanValue]] = {}
        self._counted: dict[tuple[str, str], tuple[int, float]] = {}

    def add(self, sample: Sample, at_ns: int, interval_s: float, calibrating: bool = False) -> None:
        """Take a sample in, or the same one with other flags."""
        layout = sample.layout
        track = self._tracks.get((layout.device, layout.names))
        if track is None:
            track = self._begin(layout.device, layout.names)
        track.hold_ns = round(interval_s * HOLD_INTERVALS * 1e9)
        row = row_of(at_ns, sample.values, sample.flags, calibrating)
        from_ns, until_ns = track.add(row)
        first, last = from_ns // MINUTE_NS + 1, -(-until_ns // MINUTE_NS)
        self._dirty.update(end * MINUTE_NS for end in range(first, max(first, last) + 1))

    def _begin(self, device: str, names: tuple[str, ...]) -> Track:
        track = Track(device, names)
        for name in track.points:
            if (device, name) in self._counted:
                track.counted[name] = self._counted[device, name]
        self._tracks[device, names] = track
        ordered = sorted(self._tracks.items(), key=lambda item: self._order.get(item[0][0], 99))
        self._tracks = dict(ordered)
        return track

    def due(self, now_ns: int) -> list[int]:
        """Ends of minutes that are over and not said, or to be said again."""
        return sorted(end for end in self._dirty if end <= now_ns)

    def wants_kept(self, end_ns: int) -> bool:
        """Whether what is kept of this minute must be given first."""
        return end_ns - MINUTE_NS < self.complete_from_ns and end_ns not in self._kept

    def give_kept(self, end_ns: int, kept: Mean | None) -> None:
        """What was said of a minute before, None if nothing was."""
        self._kept[end_ns] = dict(kept.values) if kept is not None else {}

    def close(self, ends_ns: Sequence[int]) -> list[Mean]:
        """The means of minutes that are due; without values where nothing counts any more."""
        means = [self._mean(end_ns) for end_ns in ends_ns]
        self._dirty.difference_update(ends_ns)
        return means

    def prune(self, now_ns: int) -> None:
        """Let go of samples that are too old to matter."""
        longest_ns = max((track.hold_ns for track in self._tracks.values()), default=0)
        before_ns = now_ns - max(KEEP_NS, 2 * longest_ns + MINUTE_NS)
        before_ns = min([before_ns, *(end - MINUTE_NS for end in self._dirty)])
        if before_ns <= self.complete_from_ns:
            return
        self.complete_from_ns = before_ns
        for track in self._tracks.values():
            track.prune(before_ns)
        self._kept = {end: kept for end, kept in self._kept.items() if end > before_ns}

    def counters(self) -> dict[tuple[str, str], tuple[int, float]]:
        """The newest reading of each counter, by device and point: when, and what."""
        found = dict(self._counted)
        for (device, _), track in self._tracks.items():
            found.update({(device, name): seen for name, seen in track.counters().items()})
        return found

    def restore_counters(self, seen: Mapping[tuple[str, str], tuple[int, float]]) -> None:
        """Readings of counters from before the start, from which they go on."""
        self._counted = dict(seen)

    def _mean(self, end_ns: int) -> Mean:
        start_ns = end_ns - MINUTE_NS
        found: dict[str, MeanValue] = {}
        for track in self._tracks.values():
            for name, value in track.minute(start_ns, end_ns).items():
                found[name] = _better(found.get(name), value)
        for name, kept in self._kept.get(end_ns, {}).items():
            found[name] = _joined(name, kept, found.get(name))
        return Mean(self.station, Span.MINUTE, end_ns, tuple(sorted(found.items())))


def _better(first: MeanValue | None, other: MeanValue) -> MeanValue:
    """The first device's value, unless only the other one covers the minute."""
    if first is None:
        return other
    return other if _rank(other) > _rank(first) else first


def _rank(value: MeanValue) -> tuple[bool, float]:
    good = value.coverage >= COVERAGE_MIN
    return good and not value.calibrating, 0.0 if good else value.coverage - 1.0


def _joined(point: str, kept: MeanValue, more: MeanValue | None) -> MeanValue:
    kind = averaging_of(point)
    if more is None or kind is None:
        return kept
    value = average(kind, [(kept.value, kept.coverage), (more.value, more.coverage)])
    return MeanValue(
        value=kept.value if value is None else value,
        coverage=min(1.0, round(kept.coverage + more.coverage, 4)),
        suspect=kept.suspect or more.suspect,
        calibrating=kept.calibrating or more.calibrating,
    )

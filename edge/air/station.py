"""One station at work: its open minutes, what is made of them, and what is to be told of it."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from edge.air.lately import Lately
from edge.air.longer import Longer
from edge.air.means import MINUTE_NS, StationMeans
from edge.air.reference import reference_state
from edge.air.spans import HOUR_NS
from edge.air.stations import Place
from edge.air.tally import Tally, checks_of
from edge.core.air import Mean, MeanStore, Remark, Span, StationState
from edge.core.model import Sample
from edge.core.ports import Memory

log = logging.getLogger(__name__)

LOOK_BACK_H = 26
"""So many hours before now, and after the last that is kept, are looked at once more at the start."""

LAST_HOUR_WITHIN_H = 62 * 24
"""So far back the last hour that is kept is looked for."""


class StationAtWork:
    """One station; made when its clock is set, at `now_ns`."""

    def __init__(
        self,
        place: Place,
        store: MeanStore,
        keep: Callable[[Sample], None],
        sent: frozenset[Span],
        memory: Memory,
        now_ns: int,
        mono_ns: int,
    ) -> None:
        self.place, self._store, self._memory = place, store, memory
        self.longer = Longer(place, store, keep, sent)
        self.minutes = StationMeans(place.id, place.devices, now_ns)
        self.remarks: dict[tuple[str, tuple[str, ...]], tuple[Remark, ...]] = {}
        self.tally = Tally(place.id)
        self.lately = Lately()
        self.counts_ns = mono_ns
        """When a value that counts was last taken, on this boot's clock; else when it began."""
        self._began_ns = now_ns
        self._is_restored = False
        self._kept_counters = ""
        self._restore_counters()

    def remarked(self, sample: Sample, remarks: Sequence[Remark], is_again: bool = False) -> None:
        """Count what was said of a sample, or is only now known of it; not while its time is unknown."""
        if (at_ns := sample.stamp.utc_ns) is not None:
            self.tally.add(remarks, at_ns, is_again)
            self.lately.add(sample.layout.device, remarks, at_ns)

    async def advance(self, now_ns: int) -> None:
        """Say all minutes that are over, and whatever follows from them."""
        if not self._is_restored:
            await self._restore()
            self._is_restored = True
        due = self.minutes.due(now_ns)
        await self._give_kept(due)
        for mean in self.minutes.close(due):
            if mean.values or self._was_said(mean.end_ns):
                self.longer.take(mean)
                self.longer.ladder.minute(mean.end_ns)
        self.minutes.prune(now_ns)
        self.lately.prune(now_ns)
        self._keep_counters()
        for mean in self.tally.due(now_ns):
            self._store.put_mean(mean)
        await self.longer.work(now_ns)

    def _was_said(self, end_ns: int) -> bool:
        return any(mean.end_ns >= end_ns for mean in self.longer.newest.get(Span.MINUTE, ()))

    async def close_open(self, now_ns: int) -> None:
        """At the stop: keep what there is of the open minute, so that the next start goes on with it."""
        end_ns = (now_ns // MINUTE_NS + 1) * MINUTE_NS
        due = sorted({*self.minutes.due(now_ns), end_ns})
        await self._give_kept(due)
        for mean in self.minutes.close(due):
            if (cut := _cut(mean, now_ns)).values:
                self._store.put_mean(cut)
        for mean in self.tally.changed() if self._is_restored else ():
            self._store.put_mean(mean)
        self._keep_counters()

    def state(self, calibrating: bool) -> StationState:
        """What is known of it now."""
        place, longer = self.place, self.longer
        hour = longer.newest.get(Span.HOUR)
        return StationState(
            station=place.id,
            title=place.title,
            kind=place.kind,
            commune=place.commune,
            latitude=place.latitude,
            longitude=place.longitude,
            calibrating=calibrating,
            means=tuple(longer.newest[span][-1] for span in Span if longer.newest.get(span)),
            indices=tuple(longer.indices.values()),
            remarks=tuple(remark for remarks in self.remarks.values() for remark in remarks),
            lately=self.lately.newest_first(),
            reference=reference_state(place.ambient, dict(hour[-1].values) if hour else {}),
        )

    async def _give_kept(self, due: list[int]) -> None:
        wanted = [end for end in due if self.minutes.wants_kept(end)]
        if not wanted:
            return
        means = await self._store.means(self.place.id, Span.MINUTE, wanted[0] - 1, wanted[-1])
        kept = {mean.end_ns: mean for mean in means}
        for end_ns in wanted:
            self.minutes.give_kept(end_ns, kept.get(end_ns))

    async def _restore(self) -> None:
        """Take up what was under way at the last stop, also spans that ended meanwhile."""
        station, now_ns, back_ns = self.place.id, self._began_ns, LOOK_BACK_H * HOUR_NS
        counted = await self._store.means(checks_of(station), Span.HOUR, now_ns - HOUR_NS, now_ns + HOUR_NS)
        self.tally.take_up(counted)
        hours = (
            await self._store.mean_columns(
                [station], Span.HOUR, now_ns - LAST_HOUR_WITHIN_H * HOUR_NS, now_ns
            )
        ).get(station)
        last_ns = hours.ends_ns[-1] if hours is not None and len(hours) else now_ns - back_ns
        for end_ns in hours.ends_ns[-LOOK_BACK_H:] if hours is not None else ():
            if end_ns > now_ns - back_ns or end_ns == last_ns:
                self.longer.ladder.hour(end_ns)
        for after_ns, through_ns in ((last_ns, last_ns + back_ns), (now_ns - back_ns, now_ns)):
            found = await self._store.mean_columns(
                [station], Span.MINUTE, max(after_ns, last_ns), min(through_ns, now_ns + MINUTE_NS)
            )
            for end_ns in found[station].ends_ns if station in found else ():
                self.longer.ladder.minute(end_ns)

    def _restore_counters(self) -> None:
        self._kept_counters = self._memory.recall(self._counters_key) or "[]"
        try:
            found = {
                (str(device), str(point)): (int(at_ns), float(value))
                for device, point, at_ns, value in json.loads(self._kept_counters)
            }
        except (ValueError, TypeError):
            log.warning("%s in the gateway's memory cannot be read", self._counters_key)
            return
        self.minutes.restore_counters(found)

    @property
    def _counters_key(self) -> str:
        return f"air/counters/{self.place.id}"

    def _keep_counters(self) -> None:
        seen = self.minutes.counters()
        if not seen:
            return
        text = json.dumps([[*key, *reading] for key, reading in sorted(seen.items())])
        if text != self._kept_counters:
            self._kept_counters = text
            self._memory.remember(self._counters_key, text)


def _cut(mean: Mean, now_ns: int) -> Mean:
    """An open minute without what its values would have held for after now."""
    share = round(min(1.0, (now_ns - mean.end_ns + MINUTE_NS) / MINUTE_NS), 4)
    values = ((name, replace(value, coverage=min(value.coverage, share))) for name, value in mean.values)
    return replace(mean, values=tuple((name, value) for name, value in values if value.coverage))

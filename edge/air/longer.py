"""One station's longer means and indices from what is kept: waits for the store, works out, keeps, sends."""

from collections.abc import Callable, Mapping

from edge.air.derived import (
    INDEX_HOURS,
    Derived,
    concentrations,
    hourly,
)
from edge.air.folding import VALID
from edge.air.index.vn import day_figures, vn_day
from edge.air.ladder import Ladder
from edge.air.means_longer import longer
from edge.air.spans import HOUR_NS, begin_of
from edge.air.stations import Place
from edge.core.air import Index, Mean, MeanStore, Span
from edge.core.air_columns import Columns
from edge.core.model import Sample

SHORTER = {
    Span.FIVE_MINUTES: Span.MINUTE,
    Span.HOUR: Span.MINUTE,
    Span.EIGHT_HOURS: Span.HOUR,
    Span.DAY: Span.HOUR,
}
"""Of what each longer mean is made, in the order in which they are."""

NONE = Columns()


class Longer:
    """Works out all that is due of one station. `newest` has the latest means, the last two of each span."""

    def __init__(
        self, place: Place, store: MeanStore, keep: Callable[[Sample], None], sent: frozenset[Span]
    ) -> None:
        self.place, self._store, self._keep, self._sent = place, store, keep, sent
        self._derived = Derived(place)
        self.ladder = Ladder(place.zone)
        self.newest: dict[Span, list[Mean]] = {}
        self.indices: dict[str, Index] = {}
        self.changed = False

    async def work(self, now_ns: int) -> None:
        """Everything that is over by now; raises what the store raises, and is to be called again then."""
        for span in SHORTER:
            for end_ns in self.ladder.due(span, now_ns):
                await self._work_span(span, end_ns)
                self.ladder.done(span, end_ns)
        for end_ns in self.ladder.due_index_hours(now_ns):
            for index in await self.hour_indices(end_ns):
                self._say(index)
            self.ladder.done_index_hour(end_ns)
        for end_ns in self.ladder.due_index_days(now_ns):
            self._say(await self.day_index(end_ns))
            self.ladder.done_index_day(end_ns)

    async def _work_span(self, span: Span, end_ns: int) -> None:
        mean = await self._mean(span, end_ns)
        before = await self._store.means(self.place.id, span, end_ns - 1, end_ns)
        if mean == (before[0] if before else None) or not (mean.values or before):
            self._show(mean)
            return
        self.take(mean)
        if span is Span.HOUR:
            self.ladder.hour(end_ns)

    async def _mean(self, span: Span, end_ns: int) -> Mean:
        begin_ns = begin_of(span, end_ns, self.place.zone)
        shorter = await self._columns(SHORTER[span], begin_ns, end_ns)
        count = (end_ns - begin_ns) // (SHORTER[span].seconds * 1_000_000_000)
        return longer(self.place, span, end_ns, shorter, count)

    def take(self, mean: Mean) -> None:
        """Keep a mean, and send it if that is asked for."""
        self._store.put_mean(mean)
        if mean.span in self._sent:
            self._keep(self._derived.of_mean(mean))
        self._show(mean)

    def _show(self, mean: Mean) -> None:
        if mean.values:
            known = [one for one in self.newest.get(mean.span, []) if one.end_ns != mean.end_ns]
            self.newest[mean.span] = sorted([*known, mean], key=lambda one: one.end_ns)[-2:]
            self.changed = True

    async def hour_indices(self, end_ns: int) -> list[Index]:
        """The indices of an hour."""
        columns = await self._columns(Span.HOUR, end_ns - INDEX_HOURS * HOUR_NS, end_ns)
        return hourly(self.place, columns, (end_ns,))

    async def day_index(self, end_ns: int) -> Index:
        """The index of a day that ends at a local midnight."""
        begin_ns = begin_of(Span.DAY, end_ns, self.place.zone)
        found = {
            span: await self._columns(span, begin_ns, end_ns)
            for span in (Span.HOUR, Span.EIGHT_HOURS, Span.DAY)
        }
        return daily_index(self.place, found, begin_ns, end_ns)

    def _say(self, index: Index) -> None:
        before = self.indices.get(index.scheme)
        if before is None or before.at_ns <= index.at_ns:
            self.indices[index.scheme] = index
            self.changed = True
        if index.value is not None:
            self._keep(self._derived.of_index(index))

    async def _columns(self, span: Span, after_ns: int, through_ns: int) -> Columns:
        found = await self._store.mean_columns([self.place.id], span, after_ns, through_ns)
        return found.get(self.place.id, NONE)


def daily_index(place: Place, found: Mapping[Span, Columns], begin_ns: int, end_ns: int) -> Index:
    """VN_AQI of a day from its hours, running 8 h means and the day's own mean."""
    ends_ns = range(begin_ns + HOUR_NS, end_ns + 1, HOUR_NS)
    hours = concentrations(place, found[Span.HOUR], ends_ns, VALID)
    running = concentrations(place, found[Span.EIGHT_HOURS], ends_ns, VALID)
    means = concentrations(place, found[Span.DAY], (end_ns,), VALID)
    figures = day_figures({name: values[0] for name, values in means.items()}, hours, running.get("o3", ()))
    return vn_day(figures, end_ns)

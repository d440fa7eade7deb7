"""Means of stations: put, read, packed, forgotten."""

from collections.abc import Callable, Mapping, Sequence

from edge.core.air import Mean, Span
from edge.core.air_columns import Columns
from edge.core.air_rows import columns_of, means_of
from edge.runtime.store.means import MeanRow, merged, unpack
from edge.runtime.store.packed import HOUR_NS, PACKED_S, hour_of
from edge.runtime.store.state import State
from edge.runtime.store.vault import Vault
from edge.runtime.store.writer import Writer

LOOSE_AT_ONCE = 1_000
"""Minutes that one call of `pack_minutes` looks at."""


class MeanShelf:
    """Implements MeanStore on the store's file, its thread and its group commits."""

    def __init__(self, opened: Callable[[], tuple[State, Writer]], vault: Vault) -> None:
        self._opened, self._vault = opened, vault

    def put_mean(self, mean: Mean) -> None:
        """Keep a mean, durable within commit_s; one of the same station, span and end is replaced."""
        self.put_columns(mean.station, mean.span, columns_of((mean,)))

    def put_columns(self, station: str, span: Span, columns: Columns) -> None:
        """The same of many at once."""
        state, writer = self._opened()
        state.put_means(station, span, columns)
        writer.rows_came()

    async def means(self, station: str, span: Span, after_ns: int, through_ns: int) -> Sequence[Mean]:
        """Means whose end lies in (after_ns, through_ns], oldest first. Raises StoreTrouble."""
        found = await self.mean_columns([station], span, after_ns, through_ns)
        return means_of(station, span, found[station]) if station in found else ()

    async def mean_columns(
        self, stations: Sequence[str], span: Span, after_ns: int, through_ns: int
    ) -> Mapping[str, Columns]:
        """The same by station, as columns. For one caller at a time who also puts. Raises StoreTrouble."""
        state, writer = self._opened()
        wanted, until_ns, waiting = frozenset(stations), hour_of(through_ns), state.pending.means
        spans = {span.seconds: through_ns} | ({PACKED_S: until_ns} if span is Span.MINUTE else {})

        def on_the_way() -> list[MeanRow]:
            each = (waiting.of(span_s, wanted, after_ns, end_ns) for span_s, end_ns in spans.items())
            return [row for rows in each for row in rows]

        before = on_the_way()
        rows = await writer.read(self._vault.means, stations, span, after_ns, through_ns)
        return unpack(merged(rows, [*before, *on_the_way()]), state.layouts, after_ns, through_ns)

    async def pack_minutes(self, through_ns: int) -> bool:
        """Put minutes of some of the oldest hours that were over by then together; whether there may be more.

        On disk with the next commit, for which it waits. For the one who puts. Raises StoreTrouble.
        """
        state, writer = self._opened()
        hours = await writer.read(self._vault.loose_hours, through_ns, LOOSE_AT_ONCE)
        for station, end_ns in hours:
            found = await self.mean_columns([station], Span.MINUTE, end_ns - HOUR_NS, end_ns)
            state.pack_hour(station, end_ns, found.get(station, Columns()))
        return bool(hours) and await writer.attempt()

    def forget_means(self, span: Span, before_ns: int) -> None:
        """Let go of some of the oldest means that end before, with the next commit."""
        state, writer = self._opened()
        state.pending.means_forgotten[span.seconds] = before_ns
        writer.marks_moved()

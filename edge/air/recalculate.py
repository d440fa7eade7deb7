"""Hours, running 8 h, days and indices once more from kept minutes, a day at a time.

For when a correction or a rule changed. Minutes are what they are, and five minutes with them; hours whose
minutes were let go of stay, corrected anew.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from edge.air.correction import CORRECTED
from edge.air.derived import (
    INDEX_HOURS,
    Derived,
    concentrations,
    hourly_indices,
    with_corrected,
)
from edge.air.longer import NONE, daily_index
from edge.air.means_longer import VALID, longer_rows
from edge.air.spans import HOUR_NS, RUNNING_HOURS, day_begin, day_end
from edge.air.stations import Place
from edge.core.air import Index, Mean, MeanStore, Span
from edge.core.air_columns import Columns
from edge.core.air_rows import columns_of, means_of
from edge.core.model import Sample

BACK_HOURS = max(INDEX_HOURS, RUNNING_HOURS)
"""Hours before a day that its running means and its NowCast look back on."""


async def recalculated(
    places: Sequence[Place],
    store: MeanStore,
    keep: Callable[[Sample], None],
    sent: frozenset[Span],
    begin_ns: int,
    end_ns: int,
) -> int:
    """Every local day between two times; gives how many means are now different.

    What is different is kept and sent, with the indices of its day. The places are those of one gateway, so
    of one zone. Others have their turn in between.
    """
    changed, zone = 0, places[0].zone
    day_ns = day_end(begin_ns + 1, zone)
    while day_begin(day_ns, zone) < end_ns:
        kept = await _kept([place.id for place in places], store, day_begin(day_ns, zone), day_ns)
        for place in places:
            changed += _day(place, kept, store, keep, sent, day_ns, end_ns)
            await asyncio.sleep(0)
        day_ns = day_end(day_ns + 1, zone)
    return changed


Kept = Mapping[Span, Mapping[str, Columns]]
"""What is kept of a day, by span and station; hours go back further."""


async def _kept(stations: Sequence[str], store: MeanStore, begin_ns: int, end_ns: int) -> Kept:
    back_ns = begin_ns - BACK_HOURS * HOUR_NS
    spans = (Span.MINUTE, Span.HOUR, Span.EIGHT_HOURS, Span.DAY)
    return {
        span: await store.mean_columns(stations, span, back_ns if span is Span.HOUR else begin_ns, end_ns)
        for span in spans
    }


def _day(
    place: Place,
    kept: Kept,
    store: MeanStore,
    keep: Callable[[Sample], None],
    sent: frozenset[Span],
    end_ns: int,
    now_ns: int,
) -> int:
    of_station = {span: found.get(place.id, NONE) for span, found in kept.items()}
    minutes = of_station.pop(Span.MINUTE)
    if not len(minutes):
        return 0
    begin_ns = day_begin(end_ns, place.zone)
    made, indices = day_again(place, minutes, of_station[Span.HOUR], begin_ns, end_ns, now_ns)
    before = {
        (mean.span, mean.end_ns): mean.values
        for span, columns in of_station.items()
        for mean in means_of(place.id, span, columns)
    }
    derived = Derived(place)
    different = [mean for mean in made if before.get((mean.span, mean.end_ns)) != mean.values]
    for mean in different:
        store.put_mean(mean)
        if mean.span in sent:
            keep(derived.of_mean(mean))
    for index in indices if different else ():
        if index.value is not None:
            keep(derived.of_index(index))
    return len(different)


def day_again(
    place: Place, minutes: Columns, hours: Columns, begin_ns: int, end_ns: int, now_ns: int
) -> tuple[list[Mean], list[Index]]:
    """All means and indices of a day from its minutes, as far as it is over.

    `hours` are those that are kept, before the day and of it. Of the day when the oldest minutes are let go
    of, they are all that there is of the hours before.
    """
    last_ns = min(end_ns, now_ns // HOUR_NS * HOUR_NS)
    ends_ns = range(begin_ns + HOUR_NS, last_ns + 1, HOUR_NS)
    kept = means_of(place.id, Span.HOUR, hours)
    earlier = [mean for mean in kept if mean.end_ns <= begin_ns]
    again = _each(place.id, Span.HOUR, minutes, ends_ns, HOUR_NS, Span.HOUR.seconds // 60)
    first_ns = -(-minutes.ends_ns[0] // HOUR_NS) * HOUR_NS
    forgotten = [mean for mean in kept if begin_ns < mean.end_ns <= min(first_ns, last_ns)]
    of_day = [with_corrected(place, mean) for mean in _with_forgotten(again, forgotten)]
    both = columns_of([*earlier, *of_day])
    eights = _each(place.id, Span.EIGHT_HOURS, both, ends_ns, RUNNING_HOURS * HOUR_NS, RUNNING_HOURS)
    count = (end_ns - begin_ns) // HOUR_NS
    days = _each(place.id, Span.DAY, both, range(end_ns, last_ns + 1, HOUR_NS), end_ns - begin_ns, count)
    indices = _indices(place, both, ends_ns)
    if days:
        found: Mapping[Span, Columns] = {
            Span.HOUR: both,
            Span.EIGHT_HOURS: columns_of(eights),
            Span.DAY: columns_of(days),
        }
        indices.append(daily_index(place, found, begin_ns, end_ns))
    return [*of_day, *eights, *days], indices


def _with_forgotten(again: Sequence[Mean], kept: Sequence[Mean]) -> Sequence[Mean]:
    """Hours from minutes, and as they were kept those of which more went in than there now is."""
    found = {mean.end_ns: mean for mean in again}
    for mean in kept:
        if (made := found.get(mean.end_ns)) is None or _cover(mean) > _cover(made):
            values = tuple(one for one in mean.values if one[0] != CORRECTED)
            found[mean.end_ns] = replace(mean, values=values)
    return [found[end_ns] for end_ns in sorted(found)]


def _cover(mean: Mean) -> float:
    return sum(one.coverage for name, one in mean.values if name != CORRECTED)


def _each(
    station: str, span: Span, shorter: Columns, ends_ns: Sequence[int], length_ns: int, count: int
) -> list[Mean]:
    found: list[Mean] = []
    for end_ns in ends_ns:
        first = bisect_right(shorter.ends_ns, end_ns - length_ns)
        last = bisect_right(shorter.ends_ns, end_ns)
        mean = longer_rows(station, span, end_ns, shorter, first, last, count)
        if mean.values:
            found.append(mean)
    return found


def _indices(place: Place, hours: Columns, ends_ns: Sequence[int]) -> list[Index]:
    if not ends_ns:
        return []
    back_ns = (INDEX_HOURS - 1) * HOUR_NS
    run = concentrations(place, hours, range(ends_ns[-1], ends_ns[0] - back_ns - 1, -HOUR_NS), VALID)
    found: list[Index] = []
    for ago, end_ns in enumerate(reversed(ends_ns)):
        found += hourly_indices(
            {name: values[ago : ago + INDEX_HOURS] for name, values in run.items()}, end_ns
        )
    return found[::-1]

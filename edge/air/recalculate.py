"""Hours, running 8 h, days and indices once more from kept minutes, a day at a time.

For when a correction or a rule changed. Minutes are what they are, and five minutes with them; hours whose
minutes were let go of stay, corrected anew.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from edge.air.correction import CORRECTED
from edge.air.derived import INDEX_HOURS, Derived, hourly_figures
from edge.air.index.build import Figures, values_of
from edge.air.longer import NONE, daily_index
from edge.air.means_longer import each, with_corrected
from edge.air.spans import HOUR_NS, RUNNING_HOURS, day_begin, day_end
from edge.air.stations import Place
from edge.core.air import MeanStore, Span
from edge.core.air_columns import COVERAGE, Columns
from edge.core.air_rows import packed_rows
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
    each_derived = [(place, Derived(place)) for place in places]
    day_ns = day_end(begin_ns + 1, zone)
    while day_begin(day_ns, zone) < end_ns:
        kept = await _kept([place.id for place in places], store, day_begin(day_ns, zone), day_ns)
        for place, derived in each_derived:
            changed += _day(place, derived, kept, store, keep, sent, day_ns, end_ns)
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
    derived: Derived,
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
    changed = 0
    for span, columns in made.items():
        different = _different(columns, of_station[span])
        if not different:
            continue
        changed += len(different)
        store.put_columns(place.id, span, different)
        for sample in derived.of_columns(span, different) if span in sent else ():
            keep(sample)
    for scheme, at_ns, figures in indices if changed else ():
        if figures[0] is not None:
            keep(derived.of_figures(scheme, at_ns, figures))
    return changed


def _different(made: Columns, kept: Columns) -> Columns:
    """The rows that are not kept just so."""
    if not kept:
        return made
    names = sorted({*made.values, *kept.values})
    before = set(packed_rows(kept, names))
    rows = [at for at, row in enumerate(packed_rows(made, names)) if row not in before]
    return made.picked(rows)


def day_again(
    place: Place, minutes: Columns, hours: Columns, begin_ns: int, end_ns: int, now_ns: int
) -> tuple[Mapping[Span, Columns], list[tuple[str, int, Figures]]]:
    """All means of a day from its minutes, as far as it is over; scheme, time and figures of its indices.

    `hours` are those that are kept, before the day and of it. Of the day when the oldest minutes are let go
    of, they are all that there is of the hours before.
    """
    last_ns = min(end_ns, now_ns // HOUR_NS * HOUR_NS)
    ends_ns = range(begin_ns + HOUR_NS, last_ns + 1, HOUR_NS)
    first_ns = -(-minutes.ends_ns[0] // HOUR_NS) * HOUR_NS
    day_at = bisect_right(hours.ends_ns, begin_ns)
    forgotten = hours.cut(day_at, bisect_right(hours.ends_ns, min(first_ns, last_ns)))
    again = each(Span.HOUR, minutes, ends_ns, HOUR_NS, Span.HOUR.seconds // 60)
    of_day = with_corrected(place, _with_forgotten(again, forgotten))
    both = hours.cut(0, day_at)
    both.join(of_day)
    made = {
        Span.HOUR: of_day,
        Span.EIGHT_HOURS: each(Span.EIGHT_HOURS, both, ends_ns, RUNNING_HOURS * HOUR_NS, RUNNING_HOURS),
        Span.DAY: each(
            Span.DAY,
            both,
            range(end_ns, last_ns + 1, HOUR_NS),
            end_ns - begin_ns,
            (end_ns - begin_ns) // HOUR_NS,
        ),
    }
    indices = hourly_figures(place, both, ends_ns)
    if made[Span.DAY]:
        index = daily_index(place, made, begin_ns, end_ns)
        indices.append((index.scheme, index.at_ns, values_of(index)))
    return made, indices


def _with_forgotten(again: Columns, kept: Columns) -> Columns:
    """Hours from minutes, and before them as they were kept those of which more went in than there now is."""
    at_of = {end_ns: at for at, end_ns in enumerate(again.ends_ns)}
    found = Columns()
    for at, end_ns in enumerate(kept.ends_ns):
        made = at_of.get(end_ns)
        if made is None or _cover(kept, at) > _cover(again, made):
            found.join(kept.cut(at, at + 1))
    if not found:
        return again
    found.values.pop(CORRECTED, None)
    found.marks.pop(CORRECTED, None)
    found.join(again.cut(bisect_right(again.ends_ns, found.ends_ns[-1]), len(again)))
    return found


def _cover(hours: Columns, at: int) -> int:
    return sum(marks[at] & COVERAGE for name, marks in hours.marks.items() if name != CORRECTED)

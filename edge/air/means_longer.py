"""A station's means of longer spans from those of shorter ones, as columns: many ends at once. Pure."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence

from edge.air.averaging import WEIGHED_BY, averaging_of
from edge.air.correction import CORRECTED, source_point
from edge.air.correction import corrected as correct
from edge.air.folding import Column, Cover, Cut, from_hours, from_minutes
from edge.air.stations import Place
from edge.core.air import Mean, Span
from edge.core.air_columns import CALIBRATING, COVERAGE, NOTHING, SUSPECT, Columns
from edge.core.air_rows import means_of


def longer(place: Place, span: Span, end_ns: int, shorter: Columns, count: int) -> Mean:
    """The mean of a span from all shorter ones in it, of which there could be `count`; an hour corrected."""
    found = folded(span, shorter, (end_ns,), ((0, len(shorter)),), count)
    means = means_of(place.id, span, with_corrected(place, found) if span is Span.HOUR else found)
    return means[0] if means else Mean(place.id, span, end_ns, ())


def each(span: Span, shorter: Columns, ends_ns: Sequence[int], length_ns: int, count: int) -> Columns:
    """The means that end at these times and are so long (ns), of `count` shorter ones at most."""
    cuts = [
        (bisect_right(shorter.ends_ns, end_ns - length_ns), bisect_right(shorter.ends_ns, end_ns))
        for end_ns in ends_ns
    ]
    return folded(span, shorter, ends_ns, cuts, count)


def folded(span: Span, shorter: Columns, ends_ns: Sequence[int], cuts: Sequence[Cut], count: int) -> Columns:
    """One mean for each end and cut; one without any value is left out."""
    found = Columns(array("q", ends_ns))
    covers: dict[bytes, Cover] = {}
    for name in sorted(shorter.values):
        if (kind := averaging_of(name)) is None:
            continue
        marks = shorter.marks[name].tobytes()
        if (cover := covers.get(marks)) is None:
            cover = covers[marks] = Cover(shorter.marks[name].tolist(), cuts, count)
        by = WEIGHED_BY.get(name)
        wind = shorter.values[by] if by is not None and by in shorter.values else None
        column = Column(kind, shorter.values[name], cover, wind)
        is_of_hours = span in (Span.EIGHT_HOURS, Span.DAY)
        found.values[name], found.marks[name] = (
            from_hours(column) if is_of_hours else from_minutes(column, span)
        )
    return found.with_values()


def with_corrected(place: Place, hours: Columns) -> Columns:
    """The hours with corrected PM2.5 beside the raw one, covered as far as both that it is made of."""
    correction = place.correction
    if correction is None:
        return hours
    raw, rh = source_point(correction), "relative_humidity"
    if raw not in hours.values or rh not in hours.values:
        return hours
    values, marks = array("d"), array("H")
    for x, x_mark, humidity, rh_mark in zip(
        hours.values[raw], hours.marks[raw], hours.values[rh], hours.marks[rh], strict=True
    ):
        covered = min(x_mark & COVERAGE, rh_mark & COVERAGE)
        values.append(correct(correction, x, humidity) if covered else NOTHING)
        marks.append(covered | (x_mark | rh_mark) & (SUSPECT | CALIBRATING) if covered else 0)
    return Columns(hours.ends_ns, {**hours.values, CORRECTED: values}, {**hours.marks, CORRECTED: marks})

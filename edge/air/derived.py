"""What is derived of a station as samples, for the store and those to whom it is sent. Pure."""

from collections.abc import Collection, Iterator, Sequence

from edge.air.correction import CORRECTED, name_of
from edge.air.folding import VALID
from edge.air.index.build import PARTICLES, POLLUTANTS, Figures, figures, points_of, values_of
from edge.air.index.us import us_now, us_subs
from edge.air.index.vn import present, vn_now, vn_subs
from edge.air.spans import HOUR_NS
from edge.air.stations import Place
from edge.core.air import Index, Mean, Span, StationKind
from edge.core.air_columns import CALIBRATING, COVERAGE, FULL, SUSPECT, Columns
from edge.core.air_rows import columns_of
from edge.core.model import Layout, Quality, Sample, Stamp

INDICATIVE = ("standing", "tham khảo")
"""Goes with every index of a station that may not feed the public one (Circular 10/2021 Art. 29)."""

INDEX_HOURS = 12
"""NowCast looks back so far."""


class Derived:
    """Makes the samples of one station; what repeats is made once."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._layouts: dict[str, Layout] = {}

    def of_mean(self, mean: Mean) -> Sample:
        """A mean like a sample taken at its end: what is not valid, or of a calibration, is no value.

        Means of an hour and more have left the minutes of a calibration out, and are values.
        """
        return next(self.of_columns(mean.span, columns_of((mean,))))

    def of_columns(self, span: Span, columns: Columns) -> Iterator[Sample]:
        """The same of many means of one span."""
        layout = self._layouts.get(span) or self._mean_layout(span)
        is_fine = span in (Span.MINUTE, Span.FIVE_MINUTES)
        flagged = _flagged(columns)
        rows = zip(*(_shown(columns, name, is_fine, flagged) for name in layout.names), strict=True)
        suspected = [
            (place, found)
            for place, name in enumerate(layout.names)
            if name in flagged and (found := _suspected(columns, name, is_fine))
        ]
        for at, (end_ns, values) in enumerate(zip(columns.ends_ns, rows, strict=True)):
            suspect = [(place, Quality.SUSPECT) for place, found in suspected if at in found]
            yield Sample(layout, Stamp(0, end_ns), values, tuple(suspect))

    def of_index(self, index: Index) -> Sample:
        """An index like a sample taken at its time."""
        return self.of_figures(index.scheme, index.at_ns, values_of(index))

    def of_figures(self, scheme: str, at_ns: int, figures: Figures) -> Sample:
        """The same of its figures alone."""
        layout = self._layouts.get(scheme) or self._index_layout(scheme)
        return Sample(layout, Stamp(0, at_ns), figures)

    def _mean_layout(self, span: Span) -> Layout:
        place = self._place
        remarks = _corrected_by(place) if span in (Span.HOUR, Span.EIGHT_HOURS, Span.DAY) else ()
        layout = Layout(place.id, f"air_{span}", place.points, place.tags, f"mean/{span}", remarks)
        self._layouts[span] = layout
        return layout

    def _index_layout(self, scheme: str) -> Layout:
        place = self._place
        standing = (INDICATIVE,) if place.kind is StationKind.INDICATIVE else ()
        remarks = (*_corrected_by(place), *standing)
        layout = Layout(place.id, "air_index", points_of(scheme), place.tags, f"index/{scheme}", remarks)
        self._layouts[scheme] = layout
        return layout


def _corrected_by(place: Place) -> tuple[tuple[str, str], ...]:
    return () if place.correction is None else (("correction", name_of(place.correction)),)


def _flagged(columns: Columns) -> set[str]:
    """The points of which not every mean is valid and without flags."""
    looked_at: dict[bytes, bool] = {}
    flagged: set[str] = set()
    for name, marks in columns.marks.items():
        key = marks.tobytes()
        if key not in looked_at:
            looked_at[key] = not (min(marks, default=0) >= VALID and max(marks) <= FULL)
        if looked_at[key]:
            flagged.add(name)
    return flagged


def _shown(columns: Columns, name: str, is_fine: bool, flagged: Collection[str]) -> Sequence[float | None]:
    """A point's values as far as they are shown."""
    if name not in columns.values:
        return (None,) * len(columns)
    values, marks = columns.values[name], columns.marks[name]
    if name not in flagged:
        return values
    return [value if _is_shown(mark, is_fine) else None for value, mark in zip(values, marks, strict=True)]


def _suspected(columns: Columns, name: str, is_fine: bool) -> frozenset[int]:
    """The rows in which suspicious values of a point went into what is shown."""
    marks = columns.marks[name]
    return frozenset(at for at, mark in enumerate(marks) if mark & SUSPECT and _is_shown(mark, is_fine))


def _is_shown(mark: int, is_fine: bool) -> bool:
    return mark & COVERAGE >= VALID and not (is_fine and mark & CALIBRATING)


def concentrations(
    place: Place, columns: Columns, ends_ns: "range | tuple[int, ...]", valid: int
) -> dict[str, list[float | None]]:
    """By pollutant the valid means at these ends, PM2.5 as corrected where the station corrects it."""
    at_of = {end_ns: at for at, end_ns in enumerate(columns.ends_ns)}
    found: dict[str, list[float | None]] = {}
    for name in POLLUTANTS:
        point = CORRECTED if name == "pm2_5" and place.correction is not None else name
        if point not in columns.values:
            continue
        values, marks = columns.values[point], columns.marks[point]
        places = [at_of.get(end_ns) for end_ns in ends_ns]
        found[name] = [
            values[at] if at is not None and marks[at] & COVERAGE >= valid else None for at in places
        ]
    return found


def vn_hourly(place: Place, hours: Columns, ends_ns: Sequence[int]) -> list[Index]:
    """The VN index of each of these hours, which follow one another."""
    return [vn_now(now, end_ns) for end_ns, now in _present(place, hours, ends_ns)]


def hourly(place: Place, hours: Columns, ends_ns: Sequence[int]) -> list[Index]:
    """VN and US index of each of these hours, which follow one another."""
    return [
        index(now, end_ns) for end_ns, now in _present(place, hours, ends_ns) for index in (vn_now, us_now)
    ]


def hourly_figures(place: Place, hours: Columns, ends_ns: Sequence[int]) -> list[tuple[str, int, Figures]]:
    """Scheme, hour and figures of the same: a year of many stations has no use for more."""
    found: list[tuple[str, int, Figures]] = []
    for end_ns, now in _present(place, hours, ends_ns):
        found.append(("vn_hour", end_ns, figures(POLLUTANTS, vn_subs(now))))
        found.append(("us", end_ns, figures(PARTICLES, us_subs(now))))
    return found


def _present(
    place: Place, hours: Columns, ends_ns: Sequence[int]
) -> Iterator[tuple[int, dict[str, float | None]]]:
    if not ends_ns:
        return
    back_ns = (INDEX_HOURS - 1) * HOUR_NS
    newest_first = range(ends_ns[-1], ends_ns[0] - back_ns - 1, -HOUR_NS)
    found = concentrations(place, hours, newest_first, VALID)
    for end_ns in ends_ns:
        ago = (ends_ns[-1] - end_ns) // HOUR_NS
        yield end_ns, present({name: values[ago : ago + INDEX_HOURS] for name, values in found.items()})

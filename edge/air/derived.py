"""What is derived of a station as samples, for the store and those to whom it is sent. Pure."""

from edge.air.correction import CORRECTED, name_of, source_point
from edge.air.correction import corrected as correct
from edge.air.index.build import POLLUTANTS, points_of
from edge.air.index.us import us
from edge.air.index.vn import vn_hour
from edge.air.stations import Place
from edge.core.air import COVERAGE_MIN, Index, Mean, MeanValue, Span, StationKind
from edge.core.air_columns import COVERAGE, Columns
from edge.core.model import Layout, Quality, Sample, Stamp

INDICATIVE = ("standing", "tham khảo")
"""Goes with every index of a station that may not feed the public one (Circular 10/2021 Art. 29)."""

INDEX_HOURS = 12
"""NowCast looks back so far."""

INDEX_POINTS = {
    "vn": ("aqi_vn", *(f"aqi_vn_{name}" for name in POLLUTANTS)),
    "us": ("aqi_us", "aqi_us_pm2_5", "aqi_us_pm10"),
}


class Derived:
    """Makes the samples of one station; what repeats is made once."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._layouts: dict[str, Layout] = {}

    def of_mean(self, mean: Mean) -> Sample:
        """A mean like a sample taken at its end: what is not valid, or of a calibration, is no value.

        Means of an hour and more have left the minutes of a calibration out, and are values.
        """
        is_fine = mean.span in (Span.MINUTE, Span.FIVE_MINUTES)
        layout = self._layouts.get(mean.span) or self._mean_layout(mean.span)
        found = dict(mean.values)
        values: list[float | None] = []
        suspect: list[tuple[int, Quality]] = []
        for at, name in enumerate(layout.names):
            one = found.get(name)
            if one is None or one.coverage < COVERAGE_MIN or (is_fine and one.calibrating):
                values.append(None)
                continue
            values.append(one.value)
            if one.suspect:
                suspect.append((at, Quality.SUSPECT))
        return Sample(layout, Stamp(0, mean.end_ns), tuple(values), tuple(suspect))

    def of_index(self, index: Index) -> Sample:
        """An index like a sample taken at its time."""
        layout = self._layouts.get(index.scheme) or self._index_layout(index.scheme)
        found = dict(points_of(index))
        return Sample(layout, Stamp(0, index.at_ns), tuple(found.get(name) for name in layout.names))

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
        names = INDEX_POINTS["us" if scheme == "us" else "vn"]
        layout = Layout(place.id, "air_index", names, place.tags, f"index/{scheme}", remarks)
        self._layouts[scheme] = layout
        return layout


def _corrected_by(place: Place) -> tuple[tuple[str, str], ...]:
    return () if place.correction is None else (("correction", name_of(place.correction)),)


def with_corrected(place: Place, hour: Mean) -> Mean:
    """The hour with corrected PM2.5 beside the raw one, covered as far as both that it is made of."""
    values = dict(hour.values)
    if place.correction is None:
        return hour
    raw, rh = values.get(source_point(place.correction)), values.get("relative_humidity")
    if raw is None or rh is None or not raw.coverage or not rh.coverage:
        return hour
    values[CORRECTED] = MeanValue(
        value=correct(place.correction, raw.value, rh.value),
        coverage=min(raw.coverage, rh.coverage),
        suspect=raw.suspect or rh.suspect,
        calibrating=raw.calibrating or rh.calibrating,
    )
    return Mean(hour.station, hour.span, hour.end_ns, tuple(sorted(values.items())))


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


def hourly_indices(hours: dict[str, list[float | None]], at_ns: int) -> list[Index]:
    """VN and US index of an hour, from means of the last twelve hours, the current one first."""
    return [vn_hour(hours, at_ns), us(hours, at_ns)]

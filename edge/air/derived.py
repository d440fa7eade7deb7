"""What is derived of a station as samples, for the store and those to whom it is sent. Pure."""

from edge.air.correction import CORRECTED, name_of, source_point
from edge.air.correction import corrected as correct
from edge.air.index.build import POLLUTANTS, points_of
from edge.air.index.us import us
from edge.air.index.vn import vn_hour
from edge.air.stations import Place
from edge.core.air import Index, Mean, MeanValue, Span, StationKind
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


def mean_sample(place: Place, mean: Mean) -> Sample:
    """A mean like a sample taken at its end: what is not valid, or was read in calibration, is no value."""
    remarks = _corrected_by(place) if mean.span in (Span.HOUR, Span.EIGHT_HOURS, Span.DAY) else ()
    layout = Layout(place.id, f"air_{mean.span}", place.points, place.tags, f"mean/{mean.span}", remarks)
    found = {name: value for name, value in mean.values if value.is_valid and not value.calibrating}
    values = tuple(found[name].value if name in found else None for name in place.points)
    suspect = (at for at, name in enumerate(place.points) if name in found and found[name].suspect)
    flags = tuple((at, Quality.SUSPECT) for at in suspect)
    return Sample(layout, Stamp(0, mean.end_ns), values, flags)


def index_sample(place: Place, index: Index) -> Sample:
    """An index like a sample taken at its time."""
    names = INDEX_POINTS["us" if index.scheme == "us" else "vn"]
    standing = (INDICATIVE,) if place.kind is StationKind.INDICATIVE else ()
    remarks = (*_corrected_by(place), *standing)
    layout = Layout(place.id, "air_index", names, place.tags, f"index/{index.scheme}", remarks)
    found = dict(points_of(index))
    return Sample(layout, Stamp(0, index.at_ns), tuple(found.get(name) for name in names))


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

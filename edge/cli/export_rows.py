"""Which rows an export has: what was asked for, and the rows page by page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from cloud_sync.reports.table import TableRow
from drivers.profile import load_profile
from edge.air.folding import VALID
from edge.air.stations import places_of
from edge.cli.past import Past, mean_pages
from edge.config.schema import Config
from edge.core.air import Span
from edge.core.air_columns import CALIBRATING, COVERAGE, FULL, SUSPECT, Columns
from edge.core.errors import ConfigError
from edge.core.model import SampleRow
from edge.wiring.air import air_devices


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export is of: sources and points as they are kept; `span` None: samples as they were read."""

    sources: tuple[str, ...]
    points: tuple[str, ...]
    span: Span | None
    begin_ns: int
    end_ns: int


def asked_of(
    past: Past,
    config: Config,
    names: Sequence[str],
    points: Sequence[str],
    span: Span | None,
    begin_ns: int,
    end_ns: int,
) -> Asked:
    """Find out what is meant; raises ConfigError for a name or point of which nothing is kept."""
    kept = {name: found for name, found in past.points(of_means=span is not None).items() if "/" not in name}
    sources = _sources(kept, config, names, span)
    there = tuple(dict.fromkeys(point for source in sources for point in kept[source]))
    for point in points:
        if point not in there:
            raise ConfigError(f"no point {point!r} is kept of these; there are {', '.join(there) or 'none'}")
    return Asked(sources, tuple(points) or there, span, begin_ns, end_ns)


def batches(past: Past, asked: Asked) -> Iterator[list[TableRow]]:
    """The rows, page by page: of means oldest first, of samples in the order in which they were stored."""
    if not asked.sources:
        return
    if asked.span is None:
        for page in past.samples(asked.sources, asked.begin_ns, asked.end_ns):
            yield [row for sample in page if (row := _sample(sample, asked.points)) is not None]
        return
    for means in mean_pages(past, asked.sources, asked.span, asked.begin_ns, asked.end_ns):
        rows = [row for source, columns in means.items() for row in _means(source, columns, asked.points)]
        yield sorted(rows, key=lambda row: row.at_ns)


def _sources(
    kept: Mapping[str, Sequence[str]], config: Config, names: Sequence[str], span: Span | None
) -> tuple[str, ...]:
    if not names:
        return tuple(sorted(kept))
    places = {place.id: place for place in places_of(config, air_devices(config, cache(load_profile)))}
    found: dict[str, None] = {}
    for name in names:
        members = [name]
        if span is None and name in places:
            members = [device for device in places[name].devices if device in kept]
        if not members or not all(member in kept for member in members):
            what = "samples" if span is None else "means"
            known = ", ".join(sorted(kept)) or "nothing yet"
            raise ConfigError(f"no {what} of {name!r} are kept; there is {known}")
        found.update(dict.fromkeys(members))
    return tuple(found)


def _sample(row: SampleRow, points: Sequence[str]) -> TableRow | None:
    """A sample as a row; None where it has none of the points."""
    names = row.layout.names
    found = dict(zip(names, row.values, strict=False))
    if not any(point in found for point in points):
        return None
    remarks = " ".join(f"{names[at]}:{flag}" for at, flag in row.flags if names[at] in points)
    return TableRow(row.at_ns, row.layout.device, [found.get(point, "") for point in points], remarks)


def _means(source: str, columns: Columns, points: Sequence[str]) -> Iterator[TableRow]:
    there = [
        (point, columns.values[point], columns.marks[point]) for point in points if point in columns.values
    ]
    for at, end_ns in enumerate(columns.ends_ns):
        texts: dict[str, str] = {}
        remarks: list[str] = []
        for point, values, marks in there:
            mark = marks[at]
            if mark & COVERAGE:
                texts[point] = repr(round(values[at], 6))
            remarks += _remarks(point, mark)
        if texts or remarks:
            yield TableRow(end_ns, source, [texts.get(point, "") for point in points], " ".join(remarks))


def _remarks(point: str, mark: int) -> Iterator[str]:
    """Why a mean is not simply good: under 75 % covered, suspicious values in it, calibration."""
    if 0 < mark & COVERAGE < VALID:
        yield f"{point}:coverage={(mark & COVERAGE) / FULL:g}"
    if mark & SUSPECT:
        yield f"{point}:suspect"
    if mark & CALIBRATING:
        yield f"{point}:calibrating"

"""The content of an officer's report on a station, from its means. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from edge.air.averaging import averaging_of
from edge.air.correction import CORRECTED, name_of
from edge.air.derived import vn_hourly
from edge.air.index.categories import Category, categories
from edge.air.index.scale import source_of, title_of
from edge.air.longer import daily_index
from edge.air.reference import at_reference
from edge.air.report_frame import Frame, Kept
from edge.air.report_points import limit_checks, lines, summaries, values_of
from edge.air.report_wind import wind_rose
from edge.air.spans import HOUR_NS, begin_of
from edge.air.stations import Place
from edge.air.tally import JUDGED, refused_of
from edge.core.air import Index, Span
from edge.core.air_columns import CALIBRATING, Columns
from edge.core.air_report import AirReport, IndexCell, Line, Period, Said, Shade, Stretch, Subject
from edge.core.vocabulary import vocabulary

FIRST = ("pm2_5", CORRECTED, "pm10", "o3", "no2", "so2", "co")
"""Which quantities lead every table; the others follow as the vocabulary has them."""


def report_of(place: Place, gateway: str, frame: Frame, kept: Kept, made_ns: int, version: str) -> AirReport:
    """The report on a station over a period."""
    points = _points(place, frame, kept)
    spans = {Span.HOUR: kept.hours, Span.EIGHT_HOURS: kept.eights, Span.DAY: kept.days}
    fine_span, fine = (Span.FIVE_MINUTES, kept.fine) if len(kept.fine) else (Span.HOUR, kept.hours)
    counts = list(_counts(kept.checks))
    return AirReport(
        period=frame.period,
        subject=_subject(place, gateway),
        zone=str(frame.zone),
        begin_ns=frame.begin_ns,
        end_ns=frame.end_ns,
        through_ns=frame.through_ns,
        made_ns=made_ns,
        version=version,
        index_title=title_of("vn"),
        index_source=source_of("vn"),
        points=tuple(summaries(points, frame, kept.hours, kept.days)),
        limits=tuple(limit_checks(points, frame, spans, place.ambient)),
        hours=tuple(_hours(place, frame, kept.hours)) if frame.period is Period.DAY else (),
        days=tuple(_days(place, frame, spans)),
        shades=tuple(_shade(category) for category in categories("vn")),
        lines=tuple(_lines(points, place, frame, kept, fine_span, fine)),
        rose=wind_rose(fine_span, fine, frame.begin_ns, frame.end_ns),
        refused=refused_of(counts),
        judged=sum(count for name, count in counts if name == JUDGED),
        calibrations=tuple(_calibrations(fine_span, fine, frame)),
    )


def _subject(place: Place, gateway: str) -> Subject:
    return Subject(
        station=place.id,
        title=place.title,
        kind=place.kind,
        gateway=gateway,
        devices=place.devices,
        commune=place.commune,
        latitude=place.latitude,
        longitude=place.longitude,
        correction=name_of(place.correction) if place.correction is not None else "",
    )


def _points(place: Place, frame: Frame, kept: Kept) -> list[str]:
    """What the station can measure, and what it measured in the period."""
    seen = {
        name
        for name in (*kept.hours.values, *place.points)
        if averaging_of(name) is not None
        and (name in place.points or values_of(kept.hours, name, frame.begin_ns, frame.end_ns))
    }
    order = {name: number for number, name in enumerate(dict.fromkeys((*FIRST, *vocabulary())))}
    return sorted(seen, key=lambda name: (order.get(name, len(order)), name))


def _hours(place: Place, frame: Frame, hours: Columns) -> Iterator[IndexCell]:
    ends_ns = range(frame.begin_ns + HOUR_NS, frame.end_ns + 1, HOUR_NS)
    over = bisect_right(ends_ns, frame.through_ns)
    yield from map(_cell, vn_hourly(place, hours, ends_ns[:over]))
    yield from (IndexCell(end_ns, None) for end_ns in ends_ns[over:])


def _days(place: Place, frame: Frame, spans: dict[Span, Columns]) -> Iterator[IndexCell]:
    over = frozenset(frame.day_ends)
    for day in frame.days:
        end_ns = frame.day_end(day)
        begin_ns = begin_of(Span.DAY, end_ns, frame.zone)
        is_over = end_ns in over and end_ns <= frame.through_ns
        yield _cell(daily_index(place, spans, begin_ns, end_ns)) if is_over else IndexCell(end_ns, None)


def _cell(index: Index) -> IndexCell:
    return IndexCell(index.at_ns, index.value, index.main, index.category, index.sub)


def _shade(category: Category) -> Shade:
    red, green, blue = (int(part) for part in category.colour.split(";"))
    vi, en = category.vi, category.en
    return Shade(
        key=category.key,
        low=category.low,
        high=category.high,
        colour=(red, green, blue),
        name=Said(vi.name, en.name),
        general=Said(vi.general, en.general),
        sensitive=Said(vi.sensitive, en.sensitive),
    )


def _lines(
    points: Iterable[str], place: Place, frame: Frame, kept: Kept, fine_span: Span, fine: Columns
) -> Iterator[Line]:
    """A day finely, a month by hours; days of a month as well, as they are held against limits."""
    points = list(points)
    days, _ = at_reference(place.ambient, kept.days)
    if frame.period is Period.DAY and fine_span is not Span.HOUR:
        step_ns = fine_span.seconds * 1_000_000_000
        yield from lines(points, fine_span, fine, range(frame.begin_ns + step_ns, frame.end_ns + 1, step_ns))
    yield from lines(points, Span.HOUR, kept.hours, frame.hour_ends)
    yield from lines(points, Span.DAY, days, frame.day_ends)


def _counts(checks: Columns) -> Iterator[tuple[str, int]]:
    for name, column in checks.values.items():
        found = round(sum(count for count, mark in zip(column, checks.marks[name], strict=True) if mark))
        if found:
            yield name, found


def _calibrations(span: Span, columns: Columns, frame: Frame) -> Iterator[Stretch]:
    """Stretches in which some point was being calibrated, as finely as the means are."""
    step_ns = span.seconds * 1_000_000_000
    begun: Stretch | None = None
    for end_ns in _calibrating(columns, frame):
        if begun is not None and end_ns - step_ns <= begun.to_ns:
            begun = Stretch(begun.from_ns, end_ns)
            continue
        if begun is not None:
            yield begun
        begun = Stretch(end_ns - step_ns, end_ns)
    if begun is not None:
        yield begun


def _calibrating(columns: Columns, frame: Frame) -> Sequence[int]:
    rows = {at for marks in columns.marks.values() for at, mark in enumerate(marks) if mark & CALIBRATING}
    ends_ns = (columns.ends_ns[at] for at in sorted(rows))
    return [end_ns for end_ns in ends_ns if frame.begin_ns < end_ns <= frame.end_ns]

"""Every number of a report as a row, for a table beside the paper. Pure."""

import csv
from collections.abc import Iterator
from typing import TextIO

from cloud_sync.reports.report_words import figure, limit_unit_of, unit_of
from edge.core.air_report import AirReport, Peak
from edge.core.times import rfc3339_ms

HEADER = ("section", "item", "what", "value", "unit", "time_utc")

Row = tuple[str, str, str, str, str, str]


def rows_of(report: AirReport) -> Iterator[Row]:
    """All rows, in the order of the paper."""
    yield from _head(report)
    yield from _points(report)
    yield from _limits(report)
    for section, cells in (("index_day", report.days), ("index_hour", report.hours)):
        for cell in cells:
            at = rfc3339_ms(cell.end_ns)
            yield section, "vn_aqi", cell.main, _text(cell.value), "", at
            yield from ((section, f"vn_aqi_{name}", "", str(value), "", at) for name, value in cell.sub)
    for line in report.lines:
        unit, section = unit_of(line.point), f"mean_{line.span}"
        for end_ns, value in zip(line.ends_ns, line.values, strict=True):
            yield section, line.point, "", figure(line.point, value), unit, rfc3339_ms(end_ns)
    yield from _rose(report)
    for row in report.refused:
        yield "check", row.point, f"{row.check}/refused", str(row.refused), "", ""
        yield "check", row.point, f"{row.check}/suspicious", str(row.suspicious), "", ""
    for stretch in report.calibrations:
        yield "calibration", "", "from", "", "", rfc3339_ms(stretch.from_ns)
        yield "calibration", "", "to", "", "", rfc3339_ms(stretch.to_ns)


def write_csv(report: AirReport, file: TextIO) -> None:
    """The rows as CSV; the file is to be opened with newline=''."""
    writer = csv.writer(file)
    writer.writerow(HEADER)
    writer.writerows(rows_of(report))


def _head(report: AirReport) -> Iterator[Row]:
    subject = report.subject
    texts = {
        "station": subject.station,
        "title": subject.title,
        "kind": subject.kind.value,
        "gateway": subject.gateway,
        "commune": subject.commune or "",
        "latitude": _text(subject.latitude),
        "longitude": _text(subject.longitude),
        "devices": " ".join(subject.devices),
        "correction": subject.correction,
        "period": report.period.value,
        "index": report.index_source,
        "software": f"Gianh {report.version}",
        "samples_judged": str(report.judged),
    }
    yield from (("report", name, "", text, "", "") for name, text in texts.items())
    moments = {
        "begin": report.begin_ns,
        "end": report.end_ns,
        "data_until": report.through_ns,
        "made": report.made_ns,
    }
    yield from (("report", name, "", "", "", rfc3339_ms(at_ns)) for name, at_ns in moments.items())


def _points(report: AirReport) -> Iterator[Row]:
    for row in report.points:
        unit = unit_of(row.point)
        mean = "total" if row.is_total else "mean"
        yield "quantity", row.point, mean, figure(row.point, row.mean), unit, ""
        for what, peak in (("low_1h", row.low), ("high_1h", row.high), ("high_24h", row.day_high)):
            if peak is not None:
                yield "quantity", row.point, what, *_peak(row.point, peak, unit)
        counts = {
            "hours_valid": row.hours_valid,
            "hours": row.hours,
            "days_valid": row.days_valid,
            "days": row.days,
            "hours_suspect": row.suspect_hours,
        }
        yield from (("quantity", row.point, what, str(count), "", "") for what, count in counts.items())
        yield "quantity", row.point, "completeness", percent(row.completeness), "%", ""


def _limits(report: AirReport) -> Iterator[Row]:
    for row in report.limits:
        item, unit = f"{row.point}/{row.span}/{row.from_day}", limit_unit_of(row)
        yield "limit", item, row.source, f"{row.limit:g}", unit, ""
        yield "limit", item, "means_judged", str(row.judged), "", ""
        yield "limit", item, "means_over", str(len(row.over)), "", ""
        if row.conversion:
            yield "limit", item, "conversion", row.conversion, "", ""
            yield "limit", item, "means_with_assumed_air", str(row.assumed), "", ""
        if row.highest is not None:
            yield "limit", item, "highest", *_peak(row.point, row.highest, unit)
        for peak in row.over:
            yield "limit", item, "over", *_peak(row.point, peak, unit)


def _rose(report: AirReport) -> Iterator[Row]:
    wind = report.rose
    if wind is None:
        return
    yield "wind", "calm", f"below {wind.calm_below:g} m/s", str(wind.calm), "", ""
    names = [f"below {bound:g} m/s" for bound in wind.bounds] + [f"from {wind.bounds[-1]:g} m/s"]
    for sector, counts in enumerate(wind.counts):
        degrees = f"{sector * 360 / len(wind.counts):g}"
        yield from (
            ("wind", degrees, name, str(count), "", "") for name, count in zip(names, counts, strict=True)
        )


def _peak(point: str, peak: Peak, unit: str) -> tuple[str, str, str]:
    return figure(point, peak.value), unit, rfc3339_ms(peak.end_ns)


def percent(part: float) -> str:
    """A part of 1 in percent, cut so that 74.97 % does not look like enough."""
    return f"{int(part * 1000 + 1e-6) / 10:.1f}"


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"

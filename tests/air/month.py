"""A simulated station's days as the means that would be kept of them, for reports."""

import math
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from edge.air.means_longer import longer
from edge.air.report_frame import Frame, Kept, frame_of, needs
from edge.air.spans import HOUR_NS, SECOND_NS, begin_of
from edge.air.stations import Place
from edge.air.tally import Tally
from edge.config.air import Correction
from edge.core.air import CheckKind, Mean, Remark, Span, StationKind, Verdict
from edge.core.air_columns import CALIBRATING, FULL, Columns
from edge.core.air_report import Period
from edge.core.air_rows import columns_of
from simulators.air_history import STATION, History, history
from simulators.nature import Nature, Scenario

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def place(
    kind: StationKind = StationKind.INDICATIVE,
    points: Sequence[str] = STATION,
    correction: Correction | None = None,
) -> Place:
    return Place(
        id="ba-don",
        title="Trạm không khí phường Ba Đồn",
        kind=kind,
        devices=("dust-1", "weather-1"),
        points=tuple(sorted(points)),
        tags=(),
        zone=ZONE,
        commune="phuong-ba-don",
        latitude=17.7556,
        longitude=106.4231,
        correction=correction,
    )


def simulated(first: date, days: int, scenario: Scenario = Scenario.SEASON, before_days: int = 1) -> History:
    start = datetime(first.year, first.month, first.day, tzinfo=ZONE) - timedelta(days=before_days)
    nature = Nature(seed=7, scenario=scenario)
    return history(nature, start.timestamp(), days + before_days, node_s=3600.0)


Stretches = Sequence[tuple[int, int]]


def minutes_of(found: History, gaps: Stretches = (), calibrating: Stretches = ()) -> Columns:
    """Minutes as they are kept: of rain what fell; nothing in the gaps (UTC ns from, to)."""
    columns = Columns()
    ends_ns = [found.at_ns(at) for at in range(len(found))]
    columns.ends_ns.extend(ends_ns)
    for name in found.names:
        values = found.column(name)
        if name == "rainfall":
            values = array("d", [0.0, *(max(0.0, now - before) for before, now in pairwise(values))])
        marks = array("H", [0 if math.isnan(value) else FULL for value in values])
        for stretches, mark in ((gaps, 0), (calibrating, FULL | CALIBRATING)):
            for from_ns, to_ns in stretches:
                for at in range(bisect_right(ends_ns, from_ns), bisect_right(ends_ns, to_ns)):
                    marks[at] = mark
        columns.values[name], columns.marks[name] = values, marks
    return columns


def means_from(place: Place, minutes: Columns) -> dict[Span, list[Mean]]:
    """All longer means, as the gateway makes them."""
    begin_ns, end_ns = minutes.ends_ns[0] - 60 * SECOND_NS, minutes.ends_ns[-1]
    found: dict[Span, list[Mean]] = {}
    for span, shorter, step_ns in (
        (Span.FIVE_MINUTES, minutes, 300 * SECOND_NS),
        (Span.HOUR, minutes, HOUR_NS),
        (Span.EIGHT_HOURS, None, HOUR_NS),
        (Span.DAY, None, 24 * HOUR_NS),
    ):
        source = shorter if shorter is not None else columns_of(found[Span.HOUR])
        per_ns = 60 * SECOND_NS if shorter is not None else HOUR_NS
        means = []
        for end in range(begin_ns + step_ns, end_ns + 1, step_ns):
            start = begin_of(span, end, place.zone)
            part = cut(source, start, end)
            mean = longer(place, span, end, part, (end - start) // per_ns)
            if mean.values:
                means.append(mean)
        found[span] = means
    return found


def cut(columns: Columns, after_ns: int, through_ns: int) -> Columns:
    first, last = bisect_right(columns.ends_ns, after_ns), bisect_right(columns.ends_ns, through_ns)
    return columns.cut(first, last)


def kept_of(place: Place, frame: Frame, means: dict[Span, list[Mean]], checks: Sequence[Mean] = ()) -> Kept:
    wanted = needs(place.id, frame)
    columns = {
        name: columns_of(checks if name == "checks" else means[need.span]) for name, need in wanted.items()
    }
    return Kept(**{name: cut(columns[name], need.after_ns, need.through_ns) for name, need in wanted.items()})


def some_checks(frame: Frame) -> list[Mean]:
    tally = Tally("ba-don")
    stuck = Remark("pm2_5", CheckKind.STUCK, Verdict.DOUBTFUL, "")
    spike = Remark("pm10", CheckKind.SPIKE, Verdict.DOUBTFUL, "")
    twin = Remark("pm2_5", CheckKind.TWIN, Verdict.SUSPICIOUS, "")
    for number in range(1000):
        remarks = [stuck] * (number % 50 == 0) + [spike] * (number % 90 == 0) + [twin] * (number % 200 == 0)
        tally.add(remarks, frame.begin_ns + number * 60 * SECOND_NS)
    return tally.changed()


def frame(period: Period, day: date, now_ns: int = 1 << 62) -> Frame:
    return frame_of(period, day, ZONE, now_ns)

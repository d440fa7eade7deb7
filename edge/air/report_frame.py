"""Which time a report is about, and which means it needs. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.air.derived import INDEX_HOURS
from edge.air.spans import HOUR_NS, RUNNING_HOURS, SECOND_NS, midnight
from edge.air.tally import checks_of
from edge.core.air import Span
from edge.core.air_columns import Columns
from edge.core.air_report import Period


@dataclass(frozen=True, slots=True)
class Frame:
    """A local day or month: UTC ns; `through_ns` is the last whole hour in it that is over."""

    period: Period
    zone: ZoneInfo
    days: tuple[date, ...]
    begin_ns: int
    end_ns: int
    through_ns: int

    @property
    def hour_ends(self) -> range:
        """The ends of its hours that are over."""
        return range(self.begin_ns + HOUR_NS, self.through_ns + 1, HOUR_NS)

    def day_end(self, day: date) -> int:
        """The midnight that ends one of its days."""
        return _midnight(day + timedelta(days=1), self.zone)

    @property
    def day_ends(self) -> tuple[int, ...]:
        """The ends of its days that have begun."""
        return tuple(self.day_end(day) for day in self.days if _midnight(day, self.zone) < self.through_ns)

    def day_of(self, end_ns: int) -> date:
        """The local day in which a span lies that ends then."""
        return datetime.fromtimestamp(end_ns // SECOND_NS - 1, self.zone).date()


@dataclass(frozen=True, slots=True)
class Need:
    """Means of a place over a span whose end lies in (after_ns, through_ns]."""

    place: str
    span: Span
    after_ns: int
    through_ns: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a station for a report, as `needs` asks for it."""

    hours: Columns
    eights: Columns
    days: Columns
    fine: Columns
    checks: Columns


def frame_of(period: Period, day: date, zone: ZoneInfo, now_ns: int) -> Frame:
    """The day, or the month that the day lies in."""
    first = day if period is Period.DAY else day.replace(day=1)
    after = day + timedelta(days=1) if period is Period.DAY else (first + timedelta(days=32)).replace(day=1)
    days = tuple(first + timedelta(days=number) for number in range((after - first).days))
    begin_ns, end_ns = _midnight(first, zone), _midnight(after, zone)
    through_ns = max(begin_ns, min(end_ns, now_ns // HOUR_NS * HOUR_NS))
    return Frame(period, zone, days, begin_ns, end_ns, through_ns)


def needs(station: str, frame: Frame) -> dict[str, Need]:
    """What a report needs, by the name in Kept. NowCast looks back before the first hour."""
    begin_ns, end_ns = frame.begin_ns, frame.end_ns
    look_back_ns = max(INDEX_HOURS, RUNNING_HOURS) * HOUR_NS
    return {
        "hours": Need(station, Span.HOUR, begin_ns - look_back_ns, end_ns),
        "eights": Need(station, Span.EIGHT_HOURS, begin_ns, end_ns),
        "days": Need(station, Span.DAY, begin_ns, end_ns),
        "fine": Need(station, Span.FIVE_MINUTES, begin_ns, end_ns),
        "checks": Need(checks_of(station), Span.HOUR, begin_ns, end_ns),
    }


def _midnight(day: date, zone: ZoneInfo) -> int:
    return midnight(datetime(day.year, day.month, day.day, tzinfo=zone), zone)

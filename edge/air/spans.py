"""Where spans begin and end. Pure.

Minutes, hours and running 8 h end at whole minutes and hours of UTC; a day is one of the gateway's time zone,
and its hours are those that end in it after 00:00, up to the next 00:00.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from edge.core.air import Span

SECOND_NS = 1_000_000_000
HOUR_NS = Span.HOUR.seconds * SECOND_NS
RUNNING_HOURS = 8


def end_of(span: Span, end_ns: int, zone: ZoneInfo) -> int:
    """The end of the span in which something lies that ends at `end_ns`."""
    if span is Span.DAY:
        return day_end(end_ns, zone)
    step_ns = HOUR_NS if span is Span.EIGHT_HOURS else span.seconds * SECOND_NS
    return -(-end_ns // step_ns) * step_ns


def day_end(end_ns: int, zone: ZoneInfo) -> int:
    """The midnight that ends the day of an hour that ends at `end_ns`."""
    local = datetime.fromtimestamp((end_ns - 1) // SECOND_NS, UTC).astimezone(zone)
    return midnight(local + timedelta(days=1), zone)


def day_begin(day_end_ns: int, zone: ZoneInfo) -> int:
    """The midnight that begins the day that ends at `day_end_ns`."""
    local = datetime.fromtimestamp((day_end_ns - 1) // SECOND_NS, UTC).astimezone(zone)
    return midnight(local, zone)


def begin_of(span: Span, end_ns: int, zone: ZoneInfo) -> int:
    """Where the span that ends at `end_ns` begins."""
    if span is Span.DAY:
        return day_begin(end_ns, zone)
    return end_ns - span.seconds * SECOND_NS


def midnight(day: datetime, zone: ZoneInfo) -> int:
    """The first moment of a local day, in UTC ns."""
    moment = datetime.combine(day.date(), time(0), zone)
    return round(moment.timestamp()) * SECOND_NS


def touched(span: Span, end_ns: int, zone: ZoneInfo) -> list[int]:
    """Ends of all spans of this length into which something goes that ends at `end_ns`."""
    first = end_of(span, end_ns, zone)
    if span is Span.EIGHT_HOURS:
        return [first + hours * HOUR_NS for hours in range(RUNNING_HOURS)]
    return [first]

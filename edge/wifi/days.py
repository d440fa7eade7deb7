"""Local days of the gateway, as numbers. Pure but for a bounded cache."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND_NS = 1_000_000_000
MINUTE_S = 60
HOUR_S = 3_600
QUARTER_NS = 900 * SECOND_NS
"""All offsets of zones that are in use are whole quarters of an hour."""


@lru_cache(maxsize=512)
def _day(zone: ZoneInfo, quarter: int) -> int:
    return datetime.fromtimestamp(quarter * 900, zone).toordinal()


def day_of(zone: ZoneInfo, utc_ns: int) -> int:
    """The number of the local day (`date.toordinal`) in which a moment lies."""
    return _day(zone, utc_ns // QUARTER_NS)


@lru_cache(maxsize=64)
def bounds_s(zone: ZoneInfo, day: int) -> tuple[int, int]:
    """Begin and end of a local day, in UTC seconds."""
    begin = datetime.combine(date.fromordinal(day), time(0), zone)
    end = datetime.combine(date.fromordinal(day) + timedelta(days=1), time(0), zone)
    return round(begin.astimezone(UTC).timestamp()), round(end.astimezone(UTC).timestamp())

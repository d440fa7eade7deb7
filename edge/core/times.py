"""Time as others read it: RFC 3339 in UTC. Pure."""

from datetime import UTC, datetime
from functools import lru_cache

SECOND_NS = 1_000_000_000


@lru_cache(maxsize=64)
def _second(utc_s: int) -> str:
    return datetime.fromtimestamp(utc_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def rfc3339(utc_ns: int) -> str:
    """UTC nanoseconds as RFC 3339 with Z and nine digits: the exact time, of one width, sortable as text."""
    seconds, rest_ns = divmod(utc_ns, SECOND_NS)
    return f"{_second(seconds)}.{rest_ns:09d}Z"


def rfc3339_ms(utc_ns: int) -> str:
    """UTC nanoseconds as RFC 3339 with Z, to the millisecond: for people."""
    seconds, rest_ns = divmod(utc_ns, SECOND_NS)
    return f"{_second(seconds)}.{rest_ns // 1_000_000:03d}Z"


def utc_datetime(utc_ns: int) -> datetime:
    """UTC nanoseconds as a datetime in UTC, to the microsecond."""
    return datetime.fromtimestamp(utc_ns // SECOND_NS, UTC).replace(microsecond=utc_ns % SECOND_NS // 1000)


def from_rfc3339(text: str) -> int:
    """UTC nanoseconds of an RFC 3339 text, to the microsecond. Raises ValueError, also without an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone: end it with Z")
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * SECOND_NS + since.microseconds * 1_000

"""Time as text."""

from datetime import UTC, datetime


def rfc3339(at_ns: int) -> str:
    """UTC nanoseconds as RFC 3339 with Z, to the millisecond."""
    seconds, rest_ns = divmod(at_ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest_ns // 1_000_000:03d}Z"

"""Days, months and years as people write them. Pure."""

from datetime import date

from edge.core.errors import ConfigError
from edge.core.sayings import say

FIRST_YEAR, LAST_YEAR = 1970, 2200
"""What lies beyond is a slip of the finger; nanoseconds since 1970 in 64 bits end in 2262."""

SHOWN_MAX = 32
"""Characters of a wrong answer that are said again."""


def day_written(text: str, asked: str) -> date:
    """A day such as 2026-10-31; `asked` is what it was given as. Raises ConfigError."""
    return _written(text, text, asked, "day", "2026-10-31")


def month_written(text: str, asked: str) -> date:
    """The first day of a month such as 2026-10, or the day that is named of it. Raises ConfigError."""
    day = f"{text}-01" if len(text) == len("2026-10") else text
    return _written(text, day, asked, "month", "2026-10")


def year_within(year: int, text: str, asked: str) -> None:
    """Raises ConfigError for a year out of reach."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ConfigError(
            say("out_of_years", text=f"{text[:SHOWN_MAX]!r}", first=FIRST_YEAR, last=LAST_YEAR, asked=asked)
        )


def _written(text: str, day: str, asked: str, kind: str, example: str) -> date:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise ConfigError(
            say("no_date", text=f"{text[:SHOWN_MAX]!r}", wanted=kind, asked=asked, example=example)
        ) from None
    year_within(found.year, text, asked)
    return found

"""Limits of pollutants with the days from which they hold: QCVN 05:2023/BTNMT and WHO 2021. Pure.

A value is judged by the limit of its own averaging term, in force on the day of the value. There is no limit
for particles over one hour: an hour of PM2.5 exceeds nothing.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from edge.core.air import Span

DIGITS = 6
"""To which a mean is rounded before it is held against a limit: binary sums of 45 may come out above 45."""


class Standard(StrEnum):
    """Whose limits: the national regulation is law, those of the WHO are advice."""

    QCVN = "qcvn"
    WHO = "who"


class Term(StrEnum):
    """Over how long the mean of a limit is taken; `season` is the six months of the highest ozone."""

    TEN_MINUTES = "10m"
    QUARTER = "15m"
    HOUR = "1h"
    EIGHT_HOURS = "8h"
    DAY = "24h"
    SEASON = "season"
    YEAR = "year"

    @property
    def span(self) -> Span | None:
        """The mean that Gianh keeps over this term, None where it keeps none."""
        return Span(self.value) if self.value in {one.value for one in Span} else None


@dataclass(frozen=True, slots=True)
class Limit:
    """What the mean of a point over a term should not exceed, in ug/m3 at 25 °C and 760 mmHg."""

    standard: Standard
    point: str
    term: Term
    value: float
    source: str
    from_day: date

    @property
    def span(self) -> Span | None:
        """The mean that is held against it, None where Gianh keeps none."""
        return self.term.span

    def is_exceeded(self, value: float) -> bool:
        """Whether a mean of its point over its term is above it."""
        return round(value, DIGITS) > self.value


def limits_on(day: date, standard: Standard = Standard.QCVN) -> Sequence[Limit]:
    """The limits in force on a day in Ha Noi, in the order of the table; none before the first holds."""
    found: dict[tuple[str, Term], Limit] = {}
    for limit in _limits(standard):
        if limit.from_day <= day:
            found[limit.point, limit.term] = limit
    return tuple(found.values())


def first_day(standard: Standard) -> date:
    """From when a standard's limits are known here."""
    return min(limit.from_day for limit in _limits(standard))


@cache
def _limits(standard: Standard) -> tuple[Limit, ...]:
    return tuple(sorted(_read(standard), key=lambda limit: limit.from_day))


def _read(standard: Standard) -> Iterator[Limit]:
    text = resources.files("edge.air").joinpath("limits.toml").read_text("utf-8")
    table = tomllib.loads(text)[standard]
    for row in table["rows"]:
        for term, value in row["at"].items():
            yield Limit(standard, row["point"], Term(term), float(value), table["source"], row["from"])

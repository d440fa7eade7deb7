"""When a step of a program is: local times and the sun with an offset. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from edge.core.errors import ConfigError
from edge.core.sayings import say

SECOND_NS = 1_000_000_000
NOON_S = 12 * 3600
OFFSET_MAX_S = 6 * 3600
"""Furthest from the sun that a step may be; beyond, a fixed time says better what is meant."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SUN = re.compile(r"(sunset|sunrise)(?:([+-])((?:\d{1,5}[hms])+))?")
_PART = re.compile(r"(\d+)([hms])")
_UNIT_S = {"h": 3600, "m": 60, "s": 1}


class Anchor(StrEnum):
    """What the time of a step is counted from."""

    CLOCK = "clock"
    SUNSET = "sunset"
    SUNRISE = "sunrise"


@dataclass(frozen=True, slots=True)
class At:
    """The time of a step: `offset_s` after local midnight (clock), or after the sun's event."""

    anchor: Anchor
    offset_s: int
    text: str

    @property
    def is_next_day(self) -> bool:
        """Whether it falls on the second day of a night that runs from noon to noon."""
        return self.anchor is Anchor.SUNRISE or (self.anchor is Anchor.CLOCK and self.offset_s < NOON_S)


def parsed_at(text: str) -> At:
    """`22:30`, `sunset`, `sunset+10m`, `sunrise-1h30m`. Raises ConfigError for anything else."""
    plain = text.replace(" ", "")
    if clock := _CLOCK.fullmatch(plain):
        return At(Anchor.CLOCK, int(clock[1]) * 3600 + int(clock[2]) * 60, plain)
    sun = _SUN.fullmatch(plain)
    if sun is None:
        raise ConfigError(say("no_time_of_step", text=text))
    offset_s = sum(int(count) * _UNIT_S[unit] for count, unit in _PART.findall(sun[3] or ""))
    if offset_s > OFFSET_MAX_S:
        raise ConfigError(say("far_from_sun", text=text))
    return At(Anchor(sun[1]), -offset_s if sun[2] == "-" else offset_s, plain)


def local_ns(day: date, second: int, zone: ZoneInfo) -> int:
    """The first moment at which the wall clock shows this time of `day` or a later one.

    `second` counts from midnight on the clock. So a time that the clocks skip is the moment of the jump,
    and a time that they show twice is the first of the two; later times never come earlier.
    """
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(seconds=second)
    before, after = (int(wanted.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1))
    if before <= after:
        return before * SECOND_NS
    early, late = after, before
    while late - early > 1:
        middle = (early + late) // 2
        if _wall(middle, zone) >= wanted:
            late = middle
        else:
            early = middle
    return late * SECOND_NS


def _wall(utc_s: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(utc_s, zone).replace(tzinfo=None)


def evening_of(utc_ns: int, zone: ZoneInfo) -> date:
    """The local day on which the night of this moment begins, a night running from noon to noon."""
    wall = datetime.fromtimestamp(utc_ns // SECOND_NS, zone)
    return wall.date() if wall.hour >= NOON_S // 3600 else wall.date() - timedelta(days=1)


def offset_s(day: date, zone: ZoneInfo) -> float:
    """How far local noon of `day` is ahead of UTC, in seconds."""
    ahead = datetime.combine(day, datetime.min.time(), zone).replace(hour=12).utcoffset()
    return ahead.total_seconds() if ahead is not None else 0.0


def rfc3339(utc_ns: int, zone: ZoneInfo) -> str:
    """The moment to the second with the local offset, as a person's tools read it."""
    return datetime.fromtimestamp(utc_ns // SECOND_NS, UTC).astimezone(zone).isoformat()

"""Whom a changed plan leaves dark in the night: as with a command, many lamps need a second word. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from edge.config.schema import Config
from edge.core.sayings import say
from edge.lighting.night import Night
from edge.lighting.plans import Plans, site_of
from edge.lighting.times import SECOND_NS

NIGHTS = 366
"""So many nights are looked at, from the running one on."""

TWILIGHT_NS = 3600 * SECOND_NS
"""So long after sunset and before sunrise nobody calls a street dark."""

LONGER_NS = 900 * SECOND_NS
"""A night that is dark for no more than this longer than it would be is not counted."""


@dataclass(frozen=True, slots=True)
class Darkness:
    """The night on which most lamps would be dark that are not so by the plan in force; UTC ns."""

    day: date
    lamps: int
    from_ns: int
    to_ns: int
    program: str


def dark_nights(now: Config, draft: Config, lamps: Sequence[str], first: date) -> Iterator[Darkness | None]:
    """What each night of a year from `first` on would have dark that is not so by the plan in force.

    Night by night, so that other work can go on in between; the worst of them is what counts.
    """
    before, after = Plans(now), Plans(draft)
    ways: dict[tuple[str | None, str | None], list[str]] = {}
    for lamp in lamps:
        ways.setdefault((before.calendar_of(lamp), after.calendar_of(lamp)), []).append(lamp)
    for nth in range(NIGHTS):
        day = first + timedelta(days=nth)
        found = []
        for same in ways.values():
            night = after.night(same[0], day)
            spells = list(_dark(night, draft))
            had = _dark(before.night(same[0], day), now) if spells else ()
            if _length(spells) - _length(had) > LONGER_NS:
                from_ns, to_ns = max(spells, key=lambda one: one[1] - one[0])
                found.append(Darkness(day, len(same), from_ns, to_ns, night.program or "none"))
        yield _together(found)


def worse(one: Darkness | None, other: Darkness | None) -> Darkness | None:
    """The night with more lamps in the dark; of two alike the first."""
    if one is None or (other is not None and other.lamps > one.lamps):
        return other
    return one


def too_dark(worst: Darkness | None, config: Config) -> bool:
    """Whether the guard asks for a second word."""
    return worst is not None and worst.lamps > config.lighting.guard_lamps


def in_words(found: Darkness, config: Config) -> str:
    """One sentence."""
    zone = site_of(config).zone
    begin, end = (datetime.fromtimestamp(at // SECOND_NS, zone) for at in (found.from_ns, found.to_ns))
    return say(
        "dark_night",
        day=f"{found.day:%d/%m/%Y}",
        lamps=found.lamps,
        level=f"{config.lighting.dark_level:g}",
        begin=f"{begin:%H:%M}",
        end=f"{end:%H:%M}",
        program=found.program,
        most=config.lighting.guard_lamps,
    )


def _together(found: Sequence[Darkness]) -> Darkness | None:
    """All lamps of one night, with the longest of their spells."""
    if not found:
        return None
    longest = max(found, key=lambda one: one.to_ns - one.from_ns)
    return replace(longest, lamps=sum(one.lamps for one in found))


def _length(spells: Iterable[tuple[int, int]]) -> int:
    return sum(to_ns - from_ns for from_ns, to_ns in spells)


def _dark(night: Night, config: Config) -> Iterator[tuple[int, int]]:
    """(from, to) of every stretch of the deep night in which the plan's level counts as dark."""
    begin, end = night.sunset_ns + TWILIGHT_NS, night.sunrise_ns - TWILIGHT_NS
    for from_ns, to_ns, level in night.pieces(config.lighting.default_level):
        from_ns, to_ns = max(from_ns, begin), min(to_ns, end)
        if level < config.lighting.dark_level and from_ns < to_ns:
            yield from_ns, to_ns

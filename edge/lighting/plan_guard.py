"""Whom a changed plan leaves dark in the night: as with a command, many lamps need a second word. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from edge.config.schema import Config
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


def darkness(now: Config, draft: Config, lamps: Sequence[str], first: date) -> Darkness | None:
    """The worst night of a year of the draft; None where no more lamps than the guard allows get dark."""
    before, after = Plans(now), Plans(draft)
    ways: dict[tuple[str | None, str | None], int] = {}
    for lamp in lamps:
        way = (before.calendar_of(lamp), after.calendar_of(lamp))
        ways[way] = ways.get(way, 0) + 1
    named = {way: next(lamp for lamp in lamps if (before.calendar_of(lamp), after.calendar_of(lamp)) == way)
             for way in ways}  # fmt: skip
    worst: Darkness | None = None
    for nth in range(NIGHTS):
        day = first + timedelta(days=nth)
        found = _on(day, before, after, named, ways, now, draft)
        if found is not None and (worst is None or found.lamps > worst.lamps):
            worst = found
    return worst if worst is not None and worst.lamps > draft.lighting.guard_lamps else None


def in_words(found: Darkness, config: Config) -> str:
    """One sentence."""
    zone = site_of(config).zone
    begin, end = (datetime.fromtimestamp(at // SECOND_NS, zone) for at in (found.from_ns, found.to_ns))
    return (
        f"on the night of {found.day:%d/%m/%Y} {found.lamps} lamps would be below "
        f"{config.lighting.dark_level:g} % from {begin:%H:%M} to {end:%H:%M} (program {found.program}); more "
        f"than {config.lighting.guard_lamps} need a second word"
    )


Way = tuple[str | None, str | None]


def _on(
    day: date,
    before: Plans,
    after: Plans,
    named: dict[Way, str],
    ways: dict[Way, int],
    now: Config,
    draft: Config,
) -> Darkness | None:
    count, longest = 0, (0, 0, "")
    for way, lamp in named.items():
        night = after.night(lamp, day)
        spells = list(_dark(night, draft))
        dark_ns = sum(to_ns - from_ns for from_ns, to_ns in spells)
        if not dark_ns:
            continue
        had_ns = sum(to_ns - from_ns for from_ns, to_ns in _dark(before.night(lamp, day), now))
        if dark_ns - had_ns > LONGER_NS:
            count += ways[way]
            from_ns, to_ns = max(spells, key=lambda one: one[1] - one[0])
            longest = max(longest, (from_ns, to_ns, night.program or "none"), key=lambda one: one[1] - one[0])
    return Darkness(day, count, *longest) if count else None


def _dark(night: Night, config: Config) -> Iterator[tuple[int, int]]:
    """(from, to) of every stretch of the deep night in which the plan's level counts as dark."""
    begin, end = night.sunset_ns + TWILIGHT_NS, night.sunrise_ns - TWILIGHT_NS
    for from_ns, to_ns, level in night.pieces(config.lighting.default_level):
        from_ns, to_ns = max(from_ns, begin), min(to_ns, end)
        if level < config.lighting.dark_level and from_ns < to_ns:
            yield from_ns, to_ns

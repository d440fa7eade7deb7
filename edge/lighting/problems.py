"""What is wrong with the plans of a configuration that single keys and names cannot show. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from edge.config.faults import Problem
from edge.config.salvage import NOWHERE
from edge.config.schema import Config
from edge.core.errors import ConfigError
from edge.core.sayings import say
from edge.lighting.calendar import Almanac, almanac, problems_of_calendar, problems_of_holiday
from edge.lighting.night import Frame, Site, frame_of, moment_ns
from edge.lighting.plans import site_of
from edge.lighting.program import Routine, problems_of_program, routine
from edge.lighting.times import SECOND_NS, Anchor, offset_s

DARK_MAX_S = 3600
"""So long after sunset a program may begin that has left the lamps dark; later is a gap."""

JUDGED = tuple(date(2026, 1, 1) + timedelta(days=7 * week) for week in range(53))
"""The nights on which programs are judged: the sun is the same in other years but for seconds."""

SOLAR_NOON_MAX_S = 4 * 3600
"""Furthest that the sun's noon is from the clocks' noon anywhere that people live."""


def problems_of_plans(config: Config) -> list[Problem]:
    """Programs that leave a gap or cannot be read, days that are none, and targets that follow two calendars.

    Names that nothing has are found by edge.config already.
    """
    found: list[Problem] = []
    for index, program in enumerate(config.program):
        found += [(("program", index, *path), text) for path, text in problems_of_program(program)]
    for index, holiday in enumerate(config.holiday):
        found += [(("holiday", index, *path), text) for path, text in problems_of_holiday(holiday)]
    for index, calendar in enumerate(config.calendar):
        found += [(("calendar", index, *path), text) for path, text in problems_of_calendar(calendar)]
    return [*found, *_rivals(config), *_nights(config)]


def _rivals(config: Config) -> Iterator[Problem]:
    """Two groups, or two segments, of one lamp with different calendars: neither is the narrower."""
    follows = {one.target: one.calendar for one in reversed(config.assignment)}
    places = {one.target: index for index, one in enumerate(config.assignment)}
    groups = [(group.id, group.devices) for group in config.group]
    segments = [(segment.id, segment.lamps) for segment in config.segment]
    for kind, members in (("groups", groups), ("segments", segments)):
        first: dict[str, str] = {}
        told: set[tuple[str, str]] = set()
        for target, lamps in members:
            for lamp in lamps if target in follows else ():
                if lamp in follows:
                    continue
                other = first.setdefault(lamp, target)
                if follows[other] != follows[target] and (other, target) not in told:
                    told.add((other, target))
                    yield (
                        ("assignment", places[target], "target"),
                        _rivalry(kind, lamp, other, target, follows),
                    )


def _rivalry(kind: str, lamp: str, one: str, other: str, follows: dict[str, str]) -> str:
    return say(
        "rivals",
        lamp=lamp,
        kind=kind,
        one=one,
        other=other,
        first=follows[one],
        second=follows[other],
    )


def _nights(config: Config) -> Iterator[Problem]:
    """What shows only on real nights at the gateway's place."""
    if not config.program or config.gateway == NOWHERE:
        return
    try:
        site = site_of(config)
    except ConfigError:
        return  # found with the files
    if (gap_s := _clock_against_sun_s(site)) > SOLAR_NOON_MAX_S:
        message = (
            f"at {site.longitude:g} degrees east the sun is {gap_s / 3600:.0f} hours from the clocks of "
            f"{config.gateway.timezone}: correct the longitude (west is negative) or the timezone"
        )
        yield ("gateway", "longitude"), message
        return
    frames = [frame_of(day, site) for day in JUDGED]
    routines = {program.id: routine(program) for program in config.program}
    for index, program in enumerate(config.program):
        if len(routines[program.id].steps) == len(program.steps):
            yield from _out_of_order(index, routines[program.id], frames, site)
    yield from _gaps(config, routines, site)


def _clock_against_sun_s(site: Site) -> float:
    away_s = offset_s(JUDGED[0], site.zone) - site.longitude * 240
    return abs((away_s + 43_200) % 86_400 - 43_200)


def _out_of_order(index: int, steps: Routine, frames: Sequence[Frame], site: Site) -> Iterator[Problem]:
    """Neighbours of different anchors that are the wrong way round on every night of the year."""
    for nth, (one, other) in enumerate(pairwise(steps.steps), start=1):
        if one.at.anchor is not other.at.anchor and all(
            moment_ns(other.at, frame, site.zone) < moment_ns(one.at, frame, site.zone) for frame in frames
        ):
            message = say("out_of_order_always", text=other.at.text, other=one.at.text)
            yield ("program", index, "steps", nth, "at"), message


def _gaps(config: Config, routines: dict[str, Routine], site: Site) -> Iterator[Problem]:
    """Programs that begin long after sunset on a night before which the lamps may have been left dark."""
    almanacs = [almanac(calendar, config.holiday) for calendar in config.calendar]
    used = {name for one in almanacs for name in one.programs}
    alone = [Almanac("", (), program.id) for program in config.program if program.id not in used]
    for index, program in enumerate(config.program):
        steps = routines[program.id]
        if _begins_with_the_sun(steps):
            continue
        ways = [one for one in (*almanacs, *alone) if program.id in one.programs]
        found = (
            _gap(frame, dark_s, before, program.id)
            for frame, dark_s in _dark_nights(steps, site)
            for way in ways
            if way.may_follow(program.id, frame.day)
            for before in _leaving_dark(way, frame, routines, site, config.lighting.default_level)
        )
        if (message := next(found, None)) is not None:
            yield ("program", index, "steps"), message


def _begins_with_the_sun(steps: Routine) -> bool:
    return any(step.at.anchor is Anchor.SUNSET and step.at.offset_s <= DARK_MAX_S for step in steps.steps)


def _dark_nights(steps: Routine, site: Site) -> list[tuple[Frame, float]]:
    """The nights of a year on which the first step comes too late, the worst first, with seconds of dark."""
    frames = [frame_of(date(JUDGED[0].year, 1, 1) + timedelta(days=n), site) for n in range(365)]
    found = [(frame, _dark_s(steps, frame, site)) for frame in frames]
    return sorted((one for one in found if one[1] > DARK_MAX_S), key=lambda one: -one[1])


def _dark_s(steps: Routine, frame: Frame, site: Site) -> float:
    """Seconds from sunset to the first step."""
    moments = [moment_ns(step.at, frame, site.zone) for step in steps.steps]
    return (min(*moments, frame.sunrise_ns) - frame.sunset_ns) / SECOND_NS if moments else 0


def _leaving_dark(
    way: Almanac, frame: Frame, routines: dict[str, Routine], site: Site, default: float
) -> Iterator[str]:
    """The programs that the night before may follow and that end dark."""
    for name in way.programs:
        if name in routines and way.may_follow(name, frame.day - timedelta(days=1)):
            switchings = routines[name].switchings(frame, site.zone)
            if switchings and switchings[-1].on(default) == 0:
                yield name


def _gap(frame: Frame, dark_s: float, before: str, program: str) -> str:
    after = "the same program" if before == program else f"program {before}"
    return say("late_first_step", day=f"{frame.day:%d/%m}", hours=f"{dark_s / 3600:.1f}", program=after)

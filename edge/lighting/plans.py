"""The plans of all lamps: which level the calendar wants of whom, at any moment. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from edge.config.lighting import Operation
from edge.config.schema import Config
from edge.core.errors import ConfigError
from edge.core.sayings import say
from edge.lighting.calendar import almanac
from edge.lighting.night import Frame, Night, Site, Switching, frame_of
from edge.lighting.program import routine
from edge.lighting.times import evening_of

NIGHTS_MAX = 512
"""Nights that are kept, over all calendars; older ones are computed again."""

DEFAULT_WHY = "default level"


@dataclass(frozen=True, slots=True)
class Planned:
    """What the plan wants of a lamp, until `until_ns`.

    `level` holds where no sensor says anything; a sensor's level comes out as `on(sensor_level)`. `program`
    is None where no calendar is assigned. `fade_s` is the step's own, None where it has none.
    """

    level: float
    why: str
    until_ns: int
    program: str | None
    operation: Operation = Operation.SET
    bound: float = 0.0
    fade_s: float | None = None

    def on(self, weaker: float) -> float:
        """The level where the weaker layer (sensor, default) says `weaker`."""
        return Switching(0, self.bound, self.operation, self.why).on(weaker)


class Plans:
    """Answers for every lamp, group, segment and the gateway, from configuration and membership alone.

    `members` replaces the membership of the groups that it names. Raises ConfigError for a timezone that
    there is not; what else problems_of_plans would refuse is passed over, and the default level holds there.
    """

    def __init__(self, config: Config, members: Mapping[str, Sequence[str]] | None = None) -> None:
        self._default = config.lighting.default_level
        self._site = site_of(config)
        self._almanacs = {one.id: almanac(one, config.holiday) for one in config.calendar}
        self._routines = {one.id: routine(one) for one in config.program}
        self._gateway = config.gateway.id
        feeders = (segment.id for segment in config.segment if segment.is_lamp)
        self._devices = (*(device.id for device in config.device), *feeders)
        self._groups = {group.id: tuple(group.devices) for group in config.group} | dict(members or {})
        self._segments = {segment.id: segment.lamps for segment in config.segment if segment.lamps}
        self._assigned = {one.target: one.calendar for one in reversed(config.assignment)}
        self._frame = lru_cache(NIGHTS_MAX)(self._make_frame)
        self._steps = lru_cache(NIGHTS_MAX)(self._make_steps)
        self._night = lru_cache(NIGHTS_MAX)(self._make_night)
        self._follow()

    def set_members(self, group: str, devices: Sequence[str]) -> None:
        """Change who is in a group: from now on its lamps follow what it follows."""
        self._groups[group] = tuple(devices)
        self._follow()

    def calendar_of(self, target: str) -> str | None:
        """The calendar that a lamp follows, or that is assigned to a group, segment or the gateway.

        A target without one of its own has that of its lamps. Raises ConfigError where they disagree, or
        where there is no such target.
        """
        if target in self._follows:
            return self._follows[target]
        wide = {self._gateway: self._devices} | self._segments | self._groups
        if target not in wide:
            there = ", ".join([*self._groups, *self._segments, self._gateway])
            raise ConfigError(say("unknown_target_of_plan", target=target, known=there))
        if target in self._assigned:
            return self._assigned[target]
        found = sorted({self._follows.get(lamp) or "none" for lamp in wide[target]})
        if len(found) > 1:
            raise ConfigError(say("other_calendars", target=target, known=", ".join(found)))
        return found[0] if found and found[0] != "none" else None

    def night(self, target: str, day: date) -> Night:
        """The night of a target that begins on `day`. Raises ConfigError as calendar_of does."""
        return self._night(self.calendar_of(target), day)

    def level_at(self, lamp: str, utc_ns: int) -> Planned:
        """What the plan wants of a lamp at a moment; the default level where nothing is assigned."""
        calendar = self._follows.get(lamp)
        day = self._day(utc_ns)
        night = self._night(calendar, day)
        now = night.at(utc_ns)
        until_ns = night.next_ns(utc_ns) or self._first_ns(calendar, day + timedelta(days=1))
        level = now.on(self._default)
        return Planned(level, now.why, until_ns, now.program, now.operation, now.level, now.fade_s)

    def next_change_ns(self, utc_ns: int) -> int:
        """The next moment after this one at which any plan switches; the next noon where there is none."""
        day = self._day(utc_ns)
        return min(
            (
                self._night(calendar, day).next_ns(utc_ns)
                or self._first_ns(calendar, day + timedelta(days=1))
                for calendar in self._in_use
            ),
            default=self._frame(day).to_ns,
        )

    def is_night(self, utc_ns: int) -> bool:
        """Whether the sun is down."""
        frame = self._frame(self._day(utc_ns))
        return frame.sunset_ns <= utc_ns < frame.sunrise_ns

    def night_end_ns(self, utc_ns: int) -> int:
        """Sunrise of the running night, by day of the coming one."""
        frame = self._frame(self._day(utc_ns))
        if utc_ns < frame.sunrise_ns:
            return frame.sunrise_ns
        return self._frame(frame.day + timedelta(days=1)).sunrise_ns

    def dark_ns(self, day: date) -> tuple[int, int]:
        """Sunset and sunrise of the night that begins on `day`, UTC ns."""
        frame = self._frame(day)
        return frame.sunset_ns, frame.sunrise_ns

    def evening(self, utc_ns: int) -> date:
        """The day on which the running night began, by day on which the coming one begins."""
        day = self._day(utc_ns)
        return day if utc_ns < self._frame(day).sunrise_ns else day + timedelta(days=1)

    def _follow(self) -> None:
        """Who follows which calendar: the narrowest target wins, of two alike the one that stands first."""
        found: dict[str, str | None] = dict.fromkeys(self._devices)
        wide_first = [
            (self._gateway, self._devices),
            *reversed(self._segments.items()),
            *reversed(self._groups.items()),
            *((device, (device,)) for device in self._devices),
        ]
        for target, lamps in wide_first:
            if target in self._assigned:
                found.update((lamp, self._assigned[target]) for lamp in lamps if lamp in found)
        self._follows = found
        self._in_use = {calendar for calendar in found.values() if calendar is not None}

    def _day(self, utc_ns: int) -> date:
        day = evening_of(utc_ns, self._site.zone)
        # Where the clocks change at noon, the night begins with the change and not at 12:00.
        if utc_ns < self._frame(day).from_ns:
            return day - timedelta(days=1)
        return day if utc_ns < self._frame(day).to_ns else day + timedelta(days=1)

    def _first_ns(self, calendar: str | None, day: date) -> int:
        night = self._night(calendar, day)
        return night.switchings[0].at_ns if night.switchings else night.from_ns

    def _make_frame(self, day: date) -> Frame:
        return frame_of(day, self._site)

    def _make_steps(self, calendar: str | None, day: date) -> tuple[Switching, ...]:
        kept = self._almanacs.get(calendar) if calendar is not None else None
        steps = self._routines.get(kept.program_on(day)) if kept is not None else None
        return steps.switchings(self._frame(day), self._site.zone) if steps is not None else ()

    def _make_night(self, calendar: str | None, day: date) -> Night:
        frame = self._frame(day)
        steps = self._steps(calendar, day)
        before = self._steps(calendar, day - timedelta(days=1))
        default = Switching(frame.from_ns, self._default, Operation.SET, DEFAULT_WHY)
        return Night(
            day=day,
            switchings=steps,
            sunset_ns=frame.sunset_ns,
            sunrise_ns=frame.sunrise_ns,
            from_ns=frame.from_ns,
            to_ns=frame.to_ns,
            carried=before[-1] if before else default,
            program=steps[0].program if steps else None,
        )


def site_of(config: Config) -> Site:
    """Where the gateway's lamps stand. Raises ConfigError for a timezone that there is not."""
    gateway = config.gateway
    try:
        zone = ZoneInfo(gateway.timezone)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(f"no timezone is called '{gateway.timezone}': use Asia/Ho_Chi_Minh") from error
    return Site(gateway.latitude, gateway.longitude, zone)

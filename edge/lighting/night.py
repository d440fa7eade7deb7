"""One night from noon to noon: its sun, and what a program switches in it. Pure."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from edge.config.lighting import Operation
from edge.lighting.sun import sunrise_s, sunset_s
from edge.lighting.times import NOON_S, SECOND_NS, Anchor, At, local_ns, offset_s

FULL = 100.0
"""All the light that there is, in percent."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the lamps stand: degrees north and east, and whose clocks people there read."""

    latitude: float
    longitude: float
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Frame:
    """The night that begins on `day`: from local noon to the next, with its sunset and sunrise."""

    day: date
    from_ns: int
    to_ns: int
    sunset_ns: int
    sunrise_ns: int


@dataclass(frozen=True, slots=True)
class Switching:
    """From `at_ns` on, `level` by `operation`; `why` is the step's own time, `program` whose step it is.

    `fade_s` is how long lamps take to it as it comes, None where the step does not say.
    """

    at_ns: int
    level: float
    operation: Operation
    why: str
    program: str | None = None
    fade_s: float | None = None

    def on(self, weaker: float) -> float:
        """The level that comes of it where the weaker layer says `weaker`."""
        return bounded(self.operation, self.level, weaker)


@dataclass(frozen=True, slots=True)
class Night:
    """What happens to a target between two noons.

    `carried` is what holds before the first switching: the last one of the night before. `program` is None
    where no calendar is assigned; then `carried` is the default level.
    """

    day: date
    switchings: tuple[Switching, ...]
    sunset_ns: int
    sunrise_ns: int
    from_ns: int
    to_ns: int
    carried: Switching
    program: str | None = None

    def at(self, utc_ns: int) -> Switching:
        """The switching in force: the latest at or before this moment."""
        index = bisect_right(self.switchings, utc_ns, key=_at_ns)
        return self.switchings[index - 1] if index else self.carried

    def next_ns(self, utc_ns: int) -> int | None:
        """The first switching after this moment, or None if the night has no more."""
        index = bisect_right(self.switchings, utc_ns, key=_at_ns)
        return self.switchings[index].at_ns if index < len(self.switchings) else None

    def pieces(self, weaker: float) -> Iterator[tuple[int, int, float]]:
        """(from, to, level) of every stretch of the night, without gaps; levels as `weaker` lets them be."""
        since_ns, held = self.from_ns, self.carried
        for switching in self.switchings:
            if switching.at_ns > since_ns:
                yield since_ns, switching.at_ns, held.on(weaker)
            since_ns, held = switching.at_ns, switching
        yield since_ns, self.to_ns, held.on(weaker)


def switched(night: Night, weaker: float) -> Night:
    """The night of what only switches: any light is full light."""

    def turned(one: Switching) -> Switching:
        return replace(one, level=FULL if one.on(weaker) > 0 else 0.0, operation=Operation.SET)

    return replace(night, switchings=tuple(map(turned, night.switchings)), carried=turned(night.carried))


def bounded(operation: Operation, level: float, weaker: float) -> float:
    """What an operation makes of the weaker layer's level.

    `set` takes its place; `max` is the larger of the two (at least `level`), `min` the smaller (at most).
    """
    if operation is Operation.MAX:
        return max(level, weaker)
    if operation is Operation.MIN:
        return min(level, weaker)
    return level


def frame_of(day: date, site: Site) -> Frame:
    """The night that begins on `day`; sun times to the second, never outside of the two noons."""
    morning = day + timedelta(days=1)
    from_ns, to_ns = local_ns(day, NOON_S, site.zone), local_ns(morning, NOON_S, site.zone)
    sunset = sunset_s(day, site.latitude, site.longitude, offset_s(day, site.zone))
    sunrise = sunrise_s(morning, site.latitude, site.longitude, offset_s(morning, site.zone))
    sunset_ns = min(max(round(sunset) * SECOND_NS, from_ns), to_ns)
    return Frame(day, from_ns, to_ns, sunset_ns, min(max(round(sunrise) * SECOND_NS, sunset_ns), to_ns))


def moment_ns(at: At, frame: Frame, zone: ZoneInfo) -> int:
    """When a step is in this night; one that the sun carries out of it is at the noon it passed."""
    if at.anchor is Anchor.CLOCK:
        day = frame.day + timedelta(days=1) if at.is_next_day else frame.day
        moment = local_ns(day, at.offset_s, zone)
    else:
        sun_ns = frame.sunset_ns if at.anchor is Anchor.SUNSET else frame.sunrise_ns
        moment = sun_ns + at.offset_s * SECOND_NS
    return min(max(moment, frame.from_ns), frame.to_ns - SECOND_NS)


def _at_ns(switching: Switching) -> int:
    return switching.at_ns

"""The lighting sections of gateway.toml: programs, calendars, who follows which, and the guard."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from edge.config.section import Id, Seconds, Section

Level = Annotated[float, Field(ge=0, le=100)]
"""Percent of light output."""

FadeS = Annotated[float, Field(ge=0, le=600)]
"""Seconds from one level to another."""


class Operation(StrEnum):
    """What a step of a program does to the level that the weaker layer (sensor, default) asks for.

    `set` takes its place; `max` is the larger of the two, so at least this; `min` the smaller, at most this.
    """

    SET = "set"
    MAX = "max"
    MIN = "min"


class Step(Section):
    """One step of a program: from `at` on, this level.

    `at` is a local time (`22:30`) or the sun with an offset (`sunset`, `sunset+10m`, `sunrise-1h`).
    """

    at: str
    """When."""
    level: Level
    """Percent of light output."""
    operation: Operation = Operation.SET
    """`set` sets it; `max` is at least, `min` at most this, over what is weaker."""
    fade_s: FadeS | None = None
    """How long lamps take to it when this step comes; without it, `fade_s` of [lighting]."""


class SensorRule(Section):
    """While a sensor's point is above (or below) a value, the level is set, at least or at most this."""

    device: Id
    """The device with the sensor."""
    point: str
    """Its point."""
    above: float | None = None
    """While it is above this."""
    below: float | None = None
    """While it is below this."""
    level: Level
    """Percent of light output."""
    operation: Operation = Operation.MAX
    """As in a step."""
    hold_s: Seconds = 120
    """How long it goes on after the sensor went back."""


class Program(Section):
    """[[program]]: one night from noon to noon, step by step."""

    id: Id
    """Its name."""
    title: str | None = None
    """What a person calls it."""
    steps: tuple[Step, ...]
    """What happens in the night."""
    sensor: tuple[SensorRule, ...] = ()
    """What sensors may change."""


class CalendarRule(Section):
    """On which nights another program; all conditions given must hold. The first rule that fits wins.

    `dates` is a day or a span, each `YYYY-MM-DD` (that year) or `MM-DD` (every year), as `from..to`;
    `weekdays` are mon to sun; `holiday` names a [[holiday]]. A night belongs to the day on which it begins.
    """

    program: Id
    """Which program."""
    dates: str | None = None
    """Day or span."""
    weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    """Days of the week."""
    holiday: Id | None = None
    """A [[holiday]]."""


class Calendar(Section):
    """[[calendar]]: ordered rules, and the program of all other nights."""

    id: Id
    """Its name."""
    title: str | None = None
    """What a person calls it."""
    default: Id
    """The program of all other nights."""
    rules: tuple[CalendarRule, ...] = ()
    """The first that fits wins."""


class Holiday(Section):
    """[[holiday]]: named days, since Tết moves every year."""

    id: Id
    """Its name."""
    title: str | None = None
    """What a person calls it."""
    dates: tuple[str, ...]
    """Its days, as in a calendar rule."""


class Segment(Section):
    """[[segment]]: a feeder that a relay or contactor switches, with the lamps on it.

    Without `lamps` those on it have no address of their own: then the feeder is switched as one lamp, by the
    segment's id.
    """

    id: Id
    """Its name as a target."""
    title: str | None = None
    """What a person calls it."""
    relay: Id
    """The device that has the relay."""
    point: str
    """The point and command of the relay on that device, e.g. relay_1."""
    lamps: tuple[Id, ...] = ()
    """The lamps on it that have an address; none where the relay alone lights them."""
    nominal_w: Annotated[float, Field(gt=0)] | None = None
    """What draws on it in all while it is closed, where it has no `lamps`: for energy and savings."""

    @property
    def is_lamp(self) -> bool:
        """Whether the relay is all there is to light it: the segment is a lamp that only switches."""
        return not self.lamps


class Assignment(Section):
    """[[assignment]]: which calendar a target (lamp, group, segment or the gateway's id) follows.

    The narrowest target wins: lamp before group before segment before gateway.
    """

    target: Id
    """A lamp, group, segment or the gateway."""
    calendar: Id
    """Which calendar."""


class Lighting(Section):
    """[lighting]: what holds for all lamps of the gateway."""

    default_level: Level = 100
    """Where no calendar says anything: bright when in doubt."""
    fade_s: FadeS = 3
    """How long a lamp takes to a new level that does not say."""
    dark_level: Level = 30
    """Below this a lamp counts as dark for the guard."""
    guard_lamps: Annotated[int, Field(ge=1)] = 10
    """More lamps than this dark at night at once need a second confirmation."""
    confirm_s: Seconds = 60
    """How long the token for the second confirmation is good."""
    commands_per_minute: Annotated[int, Field(ge=1, le=6000)] = 60
    """More commands than this from one sender are refused."""
    dwell_s: Annotated[float, Field(ge=0)] = 2
    """Least time between two different levels commanded to one target."""
    stagger_lamps: Annotated[int, Field(ge=1)] = 20
    """So many lamps are switched on at once; the next after stagger_s: inrush."""
    stagger_s: Annotated[float, Field(ge=0, le=30)] = 0.3
    """Pause between two lots that are switched on."""
    retries: Annotated[int, Field(ge=0, le=10)] = 3
    """How often a lamp that is not as wanted is told again before it counts as failed."""
    verify_after_s: Annotated[float, Field(ge=0, le=60)] = 0.1
    """Wait after the fade before the level is read back."""
    refresh_s: Seconds = 300
    """How often a lamp whose level drifted without a command is set right."""
    override_end: Literal["night", "forever"] = "night"
    """When an override ends that does not say."""

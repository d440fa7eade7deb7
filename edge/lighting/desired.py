"""Who wins: what one lamp shall have now, from every layer that has a word on it. Pure."""

from dataclasses import dataclass

from edge.config.lighting import Operation
from edge.core.lighting import LightSource
from edge.core.model import Stamp
from edge.lighting.plans import Planned


@dataclass(frozen=True, slots=True)
class Hold:
    """What one command put on lamps, over their plan.

    `until_ns` ends it in UTC; `until_mono_ns` ends it on the clock of this boot, and is what counts where
    both are given, so that a stepped clock neither stretches nor cuts what was asked in seconds. With
    neither it holds until it is released. `command` is the id of the command.
    """

    target: str
    level: float
    until_ns: int | None
    until_mono_ns: int | None
    by: str
    command: str

    def is_over(self, now: Stamp) -> bool:
        """Whether it has ended; one that ends in UTC does not end while the clock is not set."""
        if self.until_mono_ns is not None:
            return now.mono_ns >= self.until_mono_ns
        return self.until_ns is not None and now.utc_ns is not None and now.utc_ns >= self.until_ns

    def ends_ns(self, now: Stamp) -> int | None:
        """The end in UTC, None where there is none or nobody knows."""
        if self.until_ns is None and self.until_mono_ns is not None and now.utc_ns is not None:
            return now.utc_ns + self.until_mono_ns - now.mono_ns
        return self.until_ns

    def left_ns(self, now: Stamp) -> int | None:
        """Nanoseconds until it ends, None where there is no end to wait for."""
        if self.until_mono_ns is not None:
            return self.until_mono_ns - now.mono_ns
        if self.until_ns is None or now.utc_ns is None:
            return None
        return self.until_ns - now.utc_ns


@dataclass(frozen=True, slots=True)
class Sensed:
    """What a sensor's rule of the running program says while its condition holds.

    A step that only bounds the level (max, min) bounds what the sensor says; over one that sets it, the
    rule's own operation says how the two go together.
    """

    level: float
    operation: Operation
    why: str

    def over(self, planned: Planned) -> float:
        """What it makes of the program's level."""
        if planned.operation is not Operation.SET:
            return planned.on(self.level)
        if self.operation is Operation.SET:
            return self.level
        pick = max if self.operation is Operation.MAX else min
        return pick(planned.level, self.level)


@dataclass(frozen=True, slots=True)
class Layers:
    """Everything that has a word on one lamp, beside its plan."""

    emergency: Hold | None = None
    override: Hold | None = None
    sensor: Sensed | None = None


EMPTY = Layers()

PLANNED = frozenset({LightSource.PROGRAM, LightSource.SENSOR})
"""Whose word ends as the next step of the program comes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a lamp shall have, whose word it is, and until when (UTC ns, None: until told otherwise).

    `fade_s` is that of the program's step, for the moment at which it comes; None where it does not say.
    """

    level: float
    source: LightSource
    until_ns: int | None
    why: str
    fade_s: float | None = None

    def fade_after(self, before: "Wanted | None", utc_ns: int | None) -> float | None:
        """The step's own fade where its moment is what ended `before`; None where anything else did.

        The end of a command, a start, another plan, a lamp that comes back: all of these have the usual fade.
        """
        if before is None or before.until_ns is None or utc_ns is None or before.until_ns > utc_ns:
            return None
        came = self.source is LightSource.PROGRAM and before.source in PLANNED
        return self.fade_s if came else None


def holding(layers: Layers, now: Stamp) -> tuple[LightSource, Hold] | None:
    """The command that holds the lamp, the stronger first; None where the plan has it."""
    for source, hold in ((LightSource.EMERGENCY, layers.emergency), (LightSource.OVERRIDE, layers.override)):
        if hold is not None and not hold.is_over(now):
            return source, hold
    return None


def winner(layers: Layers, planned: Planned | None, now: Stamp) -> Wanted | None:
    """Emergency over override over program, with the sensor as the program has it, over the default level.

    None where nobody says anything: there is no command, and no clock by which to read a plan.
    """
    if (held := holding(layers, now)) is not None:
        source, hold = held
        return Wanted(hold.level, source, hold.ends_ns(now), f"{hold.by or 'somebody'} set {hold.target}")
    if planned is None:
        return None
    if planned.program is None:
        return Wanted(planned.level, LightSource.DEFAULT, None, planned.why)
    if layers.sensor is not None and (level := layers.sensor.over(planned)) != planned.level:
        return Wanted(level, LightSource.SENSOR, planned.until_ns, layers.sensor.why)
    return Wanted(planned.level, LightSource.PROGRAM, planned.until_ns, planned.why, planned.fade_s)

"""What makes one simulated thing differ from the next, and what can be wrong with it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class LampFault(StrEnum):
    """What goes wrong with lamps and with the relays that feed them."""

    DEAD = "dead"
    DAY_BURNER = "day_burner"
    CYCLING = "cycling"
    DRIFTING = "drifting"
    NOT_DIMMING = "not_dimming"
    LOST = "lost"
    STUCK_RELAY = "stuck_relay"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault from one UTC second to another; `point` names the relay that is stuck, empty for all."""

    kind: LampFault
    from_s: float = float("-inf")
    to_s: float = float("inf")
    point: str = ""


class AirFault(StrEnum):
    """What goes wrong with sensors."""

    STUCK = "stuck"
    SPIKE = "spike"
    DRIFT = "drift"
    SENTINEL = "sentinel"
    OFFSET = "offset"
    WARM_UP = "warm_up"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One fault of a sensor from one UTC second to another; a spike lasts `step_s`."""

    kind: AirFault
    from_s: float = 0.0
    to_s: float = float("inf")
    step_s: float = 5.0


class Scenario(StrEnum):
    """Which days the town has: as the calendar brings them, or one kind for ever."""

    SEASON = "season"
    CLEAN = "clean"
    RAIN = "rain"
    WINTER = "winter"
    BURNING = "burning"


@dataclass(frozen=True, slots=True)
class Nature:
    """What makes one simulated thing differ from the next.

    A meter sees `base_w` always and `lamps_w` by the lamps' programme, or, where `load_w` is given, what
    really hangs on it, which has used `load_kwh`; a lamp takes `rated_w`.
    `level` is what a lamp was told (0..100), None while it follows the programme; `since_s` is when that
    or its power last changed, in UTC seconds; energy, hours and starts are what its counters said then.

    Sensors of one `site` (default: the seed) are in the same air; an `optical` one counts dust by its light
    and so takes moisture for dust.
    """

    seed: int
    base_w: float = 60.0
    lamps_w: float = 1500.0
    load_w: float | None = None
    load_kwh: float = 0.0
    rated_w: float = 80.0
    is_lamp: bool = False
    level: float | None = None
    since_s: float = 0.0
    powered: bool = True
    power_cycled: bool = False
    energy_kwh: float = 0.0
    burnt_h: float = 0.0
    starts: float = 0.0
    troubles: tuple[Trouble, ...] = ()
    site: int | None = None
    scenario: Scenario = Scenario.SEASON
    optical: bool = False
    flaws: tuple[Flaw, ...] = ()

    @property
    def air(self) -> int:
        """Seed of the air around it."""
        return self.seed if self.site is None else self.site

    def flaw(self, kind: AirFault, utc_s: float) -> Flaw | None:
        """The fault of that kind that the sensor has at that moment."""
        for one in self.flaws:
            if one.kind is kind and one.from_s <= utc_s < one.to_s:
                return one
        return None

    def trouble(self, kind: LampFault, utc_s: float, point: str = "") -> Trouble | None:
        """The fault of that kind that is there at that moment, for `point` if it is a relay's."""
        for one in self.troubles:
            if one.kind is kind and one.from_s <= utc_s < one.to_s and one.point in ("", point):
                return one
        return None


Model = Callable[[Nature, int, float], float]
"""Nature, phase or index (0: the whole), UTC seconds."""

"""Burn hours, starts and energy of a lamp where its controller counts none, and what a night saved. Pure."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from edge.core.lighting import LampNight
from edge.lighting.monitor import View
from edge.lighting.power import expected_w

LIT_W = 2.0
"""A lamp that draws more than this is lit; stand-by of its gear is less."""

_HOUR_S = 3600.0


@dataclass(slots=True)
class Burn:
    """What the gateway itself counted of one lamp: an account kept over restarts.

    The `night_` figures are of the running night: what it used (kWh), what it would have used in full
    light, the share of that use which was measured, not estimated from the level (kWh), for how long it
    shone, and for how long it was counted at all.
    """

    burn_s: float = 0.0
    starts: int = 0
    used_kwh: float = 0.0
    night_used_kwh: float = 0.0
    night_full_kwh: float = 0.0
    night_measured_kwh: float = 0.0
    lit: bool | None = None
    night_lit_s: float = 0.0
    night_counted_s: float = 0.0

    def advance(self, view: View, seconds: float) -> None:
        """Count `seconds` during which the lamp was as `view` says."""
        lit = is_lit(view)
        if lit and self.lit is False:
            self.starts += 1
        if lit is not None:
            self.lit = lit
        if self.lit:
            self.burn_s += seconds
        power_w, measured = _power(view)
        used_kwh = power_w * seconds / _HOUR_S / 1000
        self.used_kwh += used_kwh
        if view.night:
            self.night_lit_s += seconds if self.lit else 0.0
            self.night_counted_s += seconds
        if view.night and view.nominal_w is not None:
            self.night_used_kwh += used_kwh
            self.night_full_kwh += view.nominal_w * seconds / _HOUR_S / 1000
            self.night_measured_kwh += used_kwh if measured else 0.0

    def new_night(self) -> None:
        """The night is over: its figures begin anew."""
        self.night_used_kwh = self.night_full_kwh = self.night_measured_kwh = 0.0
        self.night_lit_s = self.night_counted_s = 0.0

    def night(self, device: str) -> LampNight:
        """The running night of the lamp that is called so."""
        return LampNight(
            device=device,
            used_kwh=self.night_used_kwh,
            full_kwh=self.night_full_kwh,
            measured_kwh=self.night_measured_kwh,
            lit_h=self.night_lit_s / _HOUR_S,
            counted_h=self.night_counted_s / _HOUR_S,
        )

    def text(self) -> str:
        """As it is kept."""
        return json.dumps([round(value, 6) if isinstance(value, float) else value for value in _values(self)])


@dataclass(frozen=True, slots=True)
class Saving:
    """What a night used and saved against full light all night, over `lamps` of known nominal power.

    Always an estimate: nobody measured the night in full light. `measured` is the share (0 to 1) of the use
    that was measured; the rest is estimated from levels too.
    """

    used_kwh: float
    full_kwh: float
    lamps: int
    measured: float

    @property
    def saved_kwh(self) -> float:
        """What was saved; below 0 where lamps took more than their nominal power."""
        return self.full_kwh - self.used_kwh

    @property
    def saved_percent(self) -> float:
        """The same in percent of full light."""
        return self.saved_kwh / self.full_kwh * 100 if self.full_kwh else 0.0


def saving(burns: Iterable[Burn]) -> Saving:
    """The running night of all these lamps."""
    known = [burn for burn in burns if burn.night_full_kwh > 0]
    used_kwh = sum(burn.night_used_kwh for burn in known)
    measured_kwh = sum(burn.night_measured_kwh for burn in known)
    return Saving(
        used_kwh=used_kwh,
        full_kwh=sum(burn.night_full_kwh for burn in known),
        lamps=len(known),
        measured=measured_kwh / used_kwh if used_kwh else 0.0,
    )


def burn_of(text: str | None) -> Burn:
    """What was kept; nothing where there was nothing, or nothing that can be read."""
    try:
        values = json.loads(text or "[]")
        burn_s, starts, used_kwh, night_used, night_full, night_measured, lit, *late = values
        night_lit, night_counted = late or (0.0, 0.0)  # what an older version kept has neither
        return Burn(
            float(burn_s),
            int(starts),
            float(used_kwh),
            float(night_used),
            float(night_full),
            float(night_measured),
            None if lit is None else bool(lit),
            float(night_lit),
            float(night_counted),
        )
    except (ValueError, TypeError):
        return Burn()


def is_lit(view: View) -> bool | None:
    """Whether a lamp burns: by its status, its power or its level, in this order; else as wanted."""
    if not view.online:
        return None if view.wanted is None else view.wanted > 0
    if (lamp_on := view.values.get("lamp_on")) is not None:
        return bool(lamp_on)
    if (power_w := view.values.get("active_power")) is not None:
        return power_w > LIT_W
    level = view.values.get("level", view.wanted)
    return None if level is None else level > 0


def _power(view: View) -> tuple[float, bool]:
    """Watts, and whether they were measured."""
    if view.online and (power_w := view.values.get("active_power")) is not None:
        return max(0.0, power_w), True
    level = view.wanted if view.wanted is not None else view.values.get("level")
    if view.nominal_w is None or level is None:
        return 0.0, False
    return expected_w(view.nominal_w, level), False


def _values(burn: Burn) -> list[float | int | bool | None]:
    return list(asdict(burn).values())

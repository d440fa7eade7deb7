"""What a night of several lamps takes by their plans, as far as their nominal power is known. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from edge.config.schema import Config
from edge.lighting.energy import full_energy_kwh, night_energy_kwh
from edge.lighting.night import FULL
from edge.lighting.plans import Plans


@dataclass(frozen=True, slots=True)
class Cost:
    """What a night of a target takes: an estimate over the lamps whose nominal power is known."""

    lamps: int
    known: int
    energy_kwh: float
    full_kwh: float


def cost_of(config: Config, plans: Plans, lamps: Sequence[str], day: date) -> Cost:
    """What these lamps should use, each by its own plan."""
    gears = {device.id: (device.nominal_w, device.minimum_level) for device in config.device}
    gears |= {segment.id: (segment.nominal_w, FULL) for segment in config.segment if segment.is_lamp}
    energy_kwh = full_kwh = 0.0
    known = 0
    for lamp in lamps:
        nominal_w, minimum_level = gears[lamp]
        if nominal_w is not None:
            night = plans.night(lamp, day)
            default = config.lighting.default_level
            energy_kwh += night_energy_kwh(night, nominal_w, default, minimum_level)
            full_kwh += full_energy_kwh(night, nominal_w)
            known += 1
    return Cost(len(lamps), known, energy_kwh, full_kwh)

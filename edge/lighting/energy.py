"""What a night of a plan costs: estimates from the nominal power of the lamps. Pure."""

from edge.lighting.night import Night
from edge.lighting.power import expected_w

HOUR_NS = 3600 * 1_000_000_000


def night_energy_kwh(night: Night, nominal_w: float, weaker: float, minimum_level: float = 0.0) -> float:
    """What a lamp that follows this night should use from noon to noon, in kWh: an estimate.

    `weaker` is the level where the program only bounds; a lamp dimmed below `minimum_level` stays there.
    """
    return sum(
        expected_w(nominal_w, max(level, minimum_level) if level > 0 else 0.0) * (to_ns - from_ns)
        for from_ns, to_ns, level in night.pieces(weaker)
    ) / (HOUR_NS * 1000)


def full_energy_kwh(night: Night, nominal_w: float) -> float:
    """What the lamp would use burning in full from sunset to sunrise, in kWh."""
    return nominal_w * (night.sunrise_ns - night.sunset_ns) / (HOUR_NS * 1000)

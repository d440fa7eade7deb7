"""What a lamp should draw at a level: the one estimate that watching, energy and savings use. Pure."""

FIXED_SHARE = 0.06
"""Share of the nominal power that LED gear takes whenever it is on, however low the level.

An estimate: gear differs, and so does its efficiency at low levels; what is computed from it says so.
"""


def expected_w(nominal_w: float, level: float) -> float:
    """Watts that a lamp of `nominal_w` should draw at `level` percent; 0 when it is dark."""
    if level <= 0:
        return 0.0
    return nominal_w * (FIXED_SHARE + (1 - FIXED_SHARE) * min(level, 100.0) / 100)

"""PM2.5 of low-cost sensors, corrected for humidity. Pure. The raw value always stays beside it.

Damp particles look larger to a laser. The US EPA's formula of 2021 was fitted in the United States with the
sensor's own humidity; in the damp winters of Quảng Bình it can fall below zero, which becomes zero here. A
local fit beside a reference instrument (`gianh air fit`) is better.
"""

from edge.config.air import Correction, CorrectionKind

CORRECTED = "pm2_5_corrected"
"""The point that stands beside the raw one."""

SLOPE_LOW, SLOPE_MIDDLE, SLOPE_SMOKE = 0.524, 0.786, 0.69
PER_PERCENT, INTERCEPT = 0.0862, 5.75
SMOKE_INTERCEPT, SMOKE_SQUARE = 2.966, 0.000884


def source_point(correction: Correction) -> str:
    """The point that is corrected: the CF=1 channel for the EPA's formula, else the usual one."""
    return "pm2_5_standard" if correction.kind is CorrectionKind.EPA_2021 else "pm2_5"


def name_of(correction: Correction) -> str:
    """Formula and version, which go with every corrected value: `epa-2021 v1`."""
    return f"{correction.kind} v{correction.version}"


def corrected(correction: Correction, x: float, rh: float) -> float:
    """Corrected PM2.5 in ug/m3, never below zero, of an hourly mean `x` in ug/m3 and `rh` in percent."""
    if correction.kind is CorrectionKind.EPA_2021:
        found = epa_2021(x, rh)
    else:
        found = correction.a + correction.b * x + correction.c * rh
    return max(0.0, found)


def epa_2021(x: float, rh: float) -> float:
    """The US EPA's piecewise formula of 2021 for Plantower's CF=1 channel, in ug/m3; not clamped.

    Continuous: between 30 and 50, and between 210 and 260, one line is blended into the next.
    """
    damp = INTERCEPT - PER_PERCENT * rh
    smoke = SMOKE_INTERCEPT + SLOPE_SMOKE * x + SMOKE_SQUARE * x**2
    if x < 30:
        return SLOPE_LOW * x + damp
    if x < 50:
        return _blend(x / 20 - 1.5, SLOPE_LOW, SLOPE_MIDDLE) * x + damp
    if x < 210:
        return SLOPE_MIDDLE * x + damp
    if x < 260:
        return _blend(x / 50 - 4.2, SLOPE_MIDDLE * x + damp, smoke)
    return smoke


def _blend(part: float, first: float, second: float) -> float:
    return first * (1 - part) + second * part

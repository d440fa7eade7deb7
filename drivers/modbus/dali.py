"""DALI arc levels and light output on the standard logarithmic curve. Pure.

percent = 10 ** ((level - 1) / (253 / 3) - 1) for levels 1 to 254; 0 is off, 255 says that there is none.
"""

from math import log10, nan

LEVEL_MAX = 254
_STEPS = 253 / 3


def _percent(level: int) -> float:
    return float(f"{10 ** ((level - 1) / _STEPS - 1):.4g}")


PERCENT = (0.0, *(_percent(level) for level in range(1, LEVEL_MAX + 1)), nan)
"""Light output in percent by arc level, to four digits; NaN for 255."""


def arc_level(percent: float) -> int:
    """The arc level nearest to a light output of `percent`; any light at all is at least level 1."""
    if percent <= 0:
        return 0
    return min(max(round(1 + _STEPS * (log10(percent) + 1)), 1), LEVEL_MAX)


def light_of(signal: float) -> float:
    """Light output in percent at a share of the full signal in percent, each as of 254 arc levels.

    Any signal at all is at least arc level 1; beyond the full signal it is given back as it is.
    """
    if signal <= 0 or signal > 100:
        return signal
    arc = max(signal * LEVEL_MAX / 100, 1.0)
    return float(f"{10 ** ((arc - 1) / _STEPS - 1):.7g}")


def signal_of(percent: float) -> float:
    """The share of the full signal in percent that gives a light output of `percent`."""
    if percent <= 0:
        return 0.0
    return min(max(1 + _STEPS * (log10(percent) + 1), 1.0), LEVEL_MAX) * 100 / LEVEL_MAX

"""NowCast: what the particles of the last twelve hours say about now. Pure.

The weighted mean of Decision 1459/QĐ-TCMT and of the US EPA: each older hour weighs w times less, with
w = min / max of the hours, at least 1/2. It is normalised by the weights of the hours that there are. The
Decision writes a plain sum for w = 1/2, which agrees only while no hour is missing; with one missing it
comes out a quarter too low.
"""

import math
from collections.abc import Sequence

from edge.air.index.scale import HIGHEST, truncated

HOURS = 12
RECENT, RECENT_MIN = 3, 2
"""Of the last three hours at least two are needed."""

WEIGHT_MIN = 0.5
DIGITS = 9
"""To which the mean is rounded: twelve hours of 29.6 are 29.6 again, whatever binary sums say."""


def nowcast(values: Sequence[float | None]) -> float | None:
    """The NowCast of hourly means in ug/m3, the current hour first, None where an hour is missing.

    None where fewer than two of the last three hours exist. Hours beyond twelve are not looked at; values
    below zero count as zero, those that are no number as missing.
    """
    hours = values[:HOURS]
    known = [one for one in hours if one is not None]
    if known and not (min(known) >= 0.0 and sum(known) <= HIGHEST):
        hours = [_believed(one) for one in hours]
        known = [one for one in hours if one is not None]
    if len(hours[:RECENT]) - hours[:RECENT].count(None) < RECENT_MIN:
        return None
    highest = max(known)
    weight = max(WEIGHT_MIN, min(known) / highest) if highest else 1.0
    total = weights = 0.0
    if len(known) == len(hours):
        for value in reversed(known):
            total = total * weight + value
            weights = weights * weight + 1.0
    else:
        for hour in reversed(hours):
            total = total * weight + (hour or 0.0)
            weights = weights * weight + (hour is not None)
    return round(total / weights, DIGITS)


def us_nowcast(values: Sequence[float | None]) -> float | None:
    """The same as the US EPA publishes it: cut to 0.1 ug/m3."""
    found = nowcast(values)
    return None if found is None else truncated(found, 1)


def _believed(value: float | None) -> float | None:
    if value is None or 0.0 <= value <= HIGHEST:
        return value
    return min(HIGHEST, max(0.0, value)) if math.isfinite(value) else None

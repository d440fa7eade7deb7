"""How values become one: arithmetic, as vectors, by sound energy, or as an increase. Pure."""

import math
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from edge.core.vocabulary import Averaging, Kind, quantity

WEIGHED_BY: Mapping[str, str] = MappingProxyType({"wind_direction": "wind_speed"})
"""Directions count as much as the wind blows, where the same poll (or mean) has its speed."""

CALM = 1e-9
"""A resultant no longer than this has no direction."""

NEAR_WRAP = 1e-3
"""Within this part of a register's end a falling counter is taken for one that went round."""

WRAPS = tuple(count / scale for count in (2**16, 2**32) for scale in (1, 10, 100, 1_000))
"""Where counters of 16 and 32 bits go round, in the usual scales."""


@cache
def averaging_of(point: str) -> Averaging | None:
    """How the point is averaged; None for states, for indices and for what the vocabulary does not have."""
    known = quantity(point)
    if known is None or known.kind is Kind.STATE or point.startswith("aqi_"):
        return None
    return known.mean


def average(kind: Averaging, parts: Iterable[tuple[float, float]]) -> float | None:
    """The mean of (value, weight); of increases the sum. None where there is nothing, or no direction."""
    if kind is Averaging.INCREASE:
        increases = [value for value, _ in parts]
        return math.fsum(increases) if increases else None
    if kind is Averaging.CIRCULAR:
        return _direction(parts)
    total = weighed = 0.0
    if kind is Averaging.ENERGY:
        for value, weight in parts:
            total += weight
            weighed += weight * 10.0 ** (value / 10.0)
        return 10.0 * math.log10(weighed / total) if weighed > 0 else None
    for value, weight in parts:
        total += weight
        weighed += weight * value
    return weighed / total if total > 0 else None


def _direction(parts: Iterable[tuple[float, float]]) -> float | None:
    east = north = total = 0.0
    for degrees, weight in parts:
        angle = math.radians(degrees)
        east += weight * math.sin(angle)
        north += weight * math.cos(angle)
        total += weight
    return direction_of(east, north, total)


def direction_of(east: float, north: float, total: float) -> float | None:
    """Where a resultant points (0..360, without 360), None where it is too short against all its weights."""
    if total <= 0 or math.hypot(east, north) <= CALM * total:
        return None
    degrees = math.degrees(math.atan2(east, north)) % 360.0
    return 0.0 if degrees >= 360.0 else degrees


def increase(before: float, now: float) -> float:
    """By how much a counter grew between two readings; never negative.

    A counter that fell was either set to 0 (what it shows now has come since) or, if it stood at the very
    end of a register, went round.
    """
    if now >= before:
        return now - before
    for wrap in WRAPS:
        if wrap * (1 - NEAR_WRAP) <= before <= wrap and now <= wrap * NEAR_WRAP:
            return wrap - before + now
    return max(now, 0.0)

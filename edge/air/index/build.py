"""From sub-indices to the index: the highest decides. Pure."""

import math
from collections.abc import Mapping
from operator import itemgetter
from types import MappingProxyType

from edge.air.index.categories import category_of
from edge.core.air import Index

PARTICLES = ("pm2_5", "pm10")
"""Without one of these there is no index."""

POLLUTANTS = (*PARTICLES, "o3", "no2", "so2", "co")
"""In the order in which they are shown; of equals the first is the main one."""

POLLUTANTS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType({"vn": POLLUTANTS, "us": PARTICLES})
"""Which of them an index of a family is made of."""

Figures = tuple[float | None, ...]
"""An index and its sub-indices in the order of its points."""


def built(scheme: str, at_ns: int, found: Mapping[str, int | None], no_particles: str) -> Index:
    """The index of these sub-indices; `no_particles` says in words what was lacking."""
    sub = tuple([(name, value) for name in POLLUTANTS if (value := found.get(name)) is not None])
    if not sub or sub[0][0] not in PARTICLES:
        return Index(scheme, at_ns, None, sub, why=no_particles)
    main, value = max(sub, key=itemgetter(1))
    return Index(scheme, at_ns, value, sub, main, category_of(scheme, value).key)


def points_of(scheme: str) -> tuple[str, ...]:
    """The points that an index is sent as: `aqi_vn`, `aqi_vn_pm2_5` and so on."""
    name = f"aqi_{family_of(scheme)}"
    return (name, *(f"{name}_{pollutant}" for pollutant in POLLUTANTS_OF[family_of(scheme)]))


def values_of(index: Index) -> Figures:
    """What stands at these points; nothing at any where there is no index."""
    return figures(POLLUTANTS_OF[family_of(index.scheme)], dict(index.sub))


def figures(pollutants: tuple[str, ...], found: Mapping[str, int | None]) -> Figures:
    """The same from sub-indices, for where nobody asks what decides and what it means."""
    own = [None if (value := found.get(name)) is None else float(value) for name in pollutants]
    if own[: len(PARTICLES)].count(None) == len(PARTICLES):
        return (None,) * (1 + len(own))
    return (max(filter(None, own), default=0.0), *own)


def family_of(scheme: str) -> str:
    """`vn` of `vn_hour` and `vn_day`, else `us`."""
    return scheme.partition("_")[0]


def usable(value: float | None) -> float | None:
    """A concentration, or None for what is no number."""
    return value if value is not None and math.isfinite(value) else None

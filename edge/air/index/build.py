"""From sub-indices to the index: the highest decides. Pure."""

import math
from collections.abc import Mapping

from edge.air.index.categories import category_of
from edge.core.air import Index

PARTICLES = ("pm2_5", "pm10")
"""Without one of these there is no index."""

POLLUTANTS = (*PARTICLES, "o3", "no2", "so2", "co")
"""In the order in which they are shown; of equals the first is the main one."""


def built(scheme: str, at_ns: int, found: Mapping[str, int | None], no_particles: str) -> Index:
    """The index of these sub-indices; `no_particles` says in words what was lacking."""
    sub = {name: value for name in POLLUTANTS if (value := found.get(name)) is not None}
    ordered = tuple(sub.items())
    if not any(name in sub for name in PARTICLES):
        return Index(scheme, at_ns, None, ordered, why=no_particles)
    main = max(sub, key=sub.__getitem__)
    return Index(scheme, at_ns, sub[main], ordered, main, category_of(scheme, sub[main]).key)


def points_of(index: Index) -> tuple[tuple[str, float], ...]:
    """An index as points for sending: `aqi_vn`, `aqi_vn_pm2_5` and so on; nothing where there is no index."""
    if index.value is None:
        return ()
    name = f"aqi_{family_of(index.scheme)}"
    subs = ((f"{name}_{pollutant}", float(value)) for pollutant, value in index.sub)
    return ((name, float(index.value)), *subs)


def family_of(scheme: str) -> str:
    """`vn` of `vn_hour` and `vn_day`, else `us`."""
    return scheme.partition("_")[0]


def usable(value: float | None) -> float | None:
    """A concentration, or None for what is no number."""
    return value if value is not None and math.isfinite(value) else None

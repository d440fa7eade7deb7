"""What an access point must not tell because few people are behind it. Pure.

One to group_min - 1 people have no number, nor has their traffic: who stands at the access point would know
whose it is. Nobody at all is told, as 0. Bands are left out too where total and the other band would give
the few away. What SNMP counts in octets alone is told: IF-MIB knows of no people.
"""

from collections.abc import Sequence

from drivers.access_points.figures import BANDS, Figures
from drivers.access_points.paths import RATE
from drivers.coded import ProfilePoint

_BAND_PATHS = tuple(f"clients {band}" for band in BANDS)
_TRAFFIC = ("octets from clients", "octets to clients")
_WITH_TOTAL = frozenset((*_BAND_PATHS, "hotspot clients", *_TRAFFIC, *(RATE + path for path in _TRAFFIC)))

_COUNTS = ("clients", "hotspot_clients")
"""How the names of points that count people begin."""


def without_few(figures: Figures, group_min: int) -> Figures:
    """The figures without those behind which one to `group_min - 1` people stand, or that give them away."""

    def few(count: float | None) -> bool:
        return count is not None and 0 < count < group_min

    hidden = {path for path in ("clients", "hotspot clients") if few(figures.get(path))}
    total, bands = figures.get("clients"), [figures.get(path) for path in _BAND_PATHS]
    known = [count for count in bands if count is not None]
    if few(total):
        hidden |= _WITH_TOTAL
    if any(map(few, bands)) or (total is not None and few(total - sum(known))):
        hidden.update(_BAND_PATHS)
    return {path: number for path, number in figures.items() if path not in hidden}


def counts_hidden(
    points: Sequence[ProfilePoint], values: Sequence[float | None], group_min: int
) -> tuple[float | None, ...]:
    """The values without counts of one to `group_min - 1`, by the points' names: for MIBs of any vendor."""
    return tuple(
        None if value is not None and point.name.startswith(_COUNTS) and 0 < value < group_min else value
        for point, value in zip(points, values, strict=True)
    )

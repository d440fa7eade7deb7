"""US EPA AQI of particles, with the breakpoints of May 2024. Pure.

Gases are left out: their US scales are in ppm and ppb over other averaging times, and the index of this
country is VN_AQI.
"""

from collections.abc import Mapping, Sequence

from edge.air.index.build import PARTICLES, built, usable
from edge.air.index.nowcast import nowcast
from edge.air.index.scale import scales, sub_index
from edge.air.index.vn import NO_DAY, NO_HOUR
from edge.core.air import Index


def us_sub(pollutant: str, value: float | None) -> int | None:
    """The sub-index of `pm2_5` or `pm10` in ug/m3, over 24 hours or by NowCast; may pass 500."""
    value = usable(value)
    return None if value is None else sub_index(scales("us")[pollutant], value)


def us(hours: Mapping[str, Sequence[float | None]], at_ns: int) -> Index:
    """The current US AQI from 1 h means by pollutant, the current hour first: by NowCast."""
    return us_now({name: nowcast(hours.get(name, ())) for name in PARTICLES}, at_ns)


def us_now(now: Mapping[str, float | None], at_ns: int) -> Index:
    """The same from the NowCast of particles; cut, as its scales cut whatever they are asked."""
    return built("us", at_ns, us_subs(now), NO_HOUR)


def us_day(means: Mapping[str, float | None], at_ns: int) -> Index:
    """The daily US AQI from means of 24 hours."""
    return built("us", at_ns, us_subs(means), NO_DAY)


def us_subs(found: Mapping[str, float | None]) -> dict[str, int | None]:
    """The sub-indices of particles, over 24 hours or by NowCast."""
    return {name: us_sub(name, found.get(name)) for name in PARTICLES}

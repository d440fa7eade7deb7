"""VN_AQI, hourly and daily: Decision 1459/QĐ-TCMT (2019-11-12). Pure.

All concentrations in ug/m3, CO as well. Above the last row of its table, where the Decision is silent, the
index is 500.
"""

from collections.abc import Iterable, Mapping, Sequence

from edge.air.index.build import PARTICLES, POLLUTANTS, built, usable
from edge.air.index.nowcast import nowcast
from edge.air.index.scale import scales, sub_index
from edge.core.air import Index

O3_8H = "o3_8h"
NO_HOUR = "no PM2.5 or PM10: at least 2 of the last 3 hours are needed"
NO_DAY = "no PM2.5 or PM10: a mean of 24 hours is needed, with 18 of them"


def vn_sub(column: str, value: float | None) -> int | None:
    """The sub-index of one column of the Decision's table: a pollutant, or `o3_8h`; None where there is none.

    O3 over eight hours above 400 has none: its column ends there and O3 over one hour stands in.
    """
    value = usable(value)
    if value is None:
        return None
    scale = scales("vn")[column]
    if column == O3_8H and value > scale.end:
        return None
    return sub_index(scale, value)


def vn_hour(hours: Mapping[str, Sequence[float | None]], at_ns: int) -> Index:
    """The hourly VN_AQI from 1 h means by pollutant, the current hour first.

    Particles by NowCast of the last twelve hours, gases by the current hour.
    """
    return vn_now(present(hours), at_ns)


def present(hours: Mapping[str, Sequence[float | None]]) -> dict[str, float | None]:
    """What the index of an hour is made of, from 1 h means by pollutant, the current hour first."""
    return {name: _now(name, values) for name, values in hours.items() if name in POLLUTANTS}


def vn_now(now: Mapping[str, float | None], at_ns: int) -> Index:
    """The hourly VN_AQI of what is `present`."""
    return built("vn_hour", at_ns, vn_subs(now), NO_HOUR)


def vn_subs(now: Mapping[str, float | None]) -> dict[str, int | None]:
    """The sub-indices of what is `present`."""
    return {name: vn_sub(name, value) for name, value in now.items()}


def vn_day(figures: Mapping[str, float | None], at_ns: int) -> Index:
    """The daily VN_AQI from a day's figures, which `day_figures` makes.

    `pm2_5` and `pm10`: the mean of 24 hours; `o3`, `no2`, `so2`, `co`: the highest 1 h mean; `o3_8h`: the
    highest 8 h mean. O3 takes the larger of its two sub-indices.
    """
    sub = {name: vn_sub(name, figures.get(name)) for name in POLLUTANTS}
    both = [one for one in (sub["o3"], vn_sub(O3_8H, figures.get(O3_8H))) if one is not None]
    return built("vn_day", at_ns, {**sub, "o3": max(both, default=None)}, NO_DAY)


def day_figures(
    means: Mapping[str, float | None],
    hours: Mapping[str, Sequence[float | None]],
    o3_8h: Sequence[float | None],
) -> dict[str, float | None]:
    """What the daily index is made of: 24 h means, the day's 1 h means, and its 24 running 8 h means of O3.

    The hours are those that end from 01:00 to 00:00. The highest is that of the hours that there are: it
    cannot be too high.
    """
    highest = {name: _highest(values) for name, values in hours.items() if name not in PARTICLES}
    return highest | {name: means.get(name) for name in PARTICLES} | {O3_8H: _highest(o3_8h)}


def _now(name: str, values: Sequence[float | None]) -> float | None:
    if name in PARTICLES:
        return nowcast(values)
    return values[0] if values else None


def _highest(values: Iterable[float | None]) -> float | None:
    return max((one for one in map(usable, values) if one is not None), default=None)

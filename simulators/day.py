"""A believable day in Ba Đồn: light, traffic and warmth. Pure functions of UTC seconds and a seed."""

import math
import zlib
from datetime import date
from functools import lru_cache

from edge.lighting.sun import DAY_S, sunrise_s, sunset_s

LATITUDE, LONGITUDE = 17.7556, 106.4231
OFFSET_S = 7 * 3600.0
"""Asia/Ho_Chi_Minh: seven hours ahead of UTC, no summer time."""

EPOCH_DAY = date(2026, 1, 1).toordinal()
"""Local day on which every simulated counter began."""

_UNIX_DAY = date(1970, 1, 1).toordinal()
DIM_FROM_S, DIM_TO_S = 22 * 3600.0, 4.5 * 3600.0
DIM_LEVEL = 0.6
"""The town's lamps burn in full from sunset to 22:00, at 60 % to 04:30, in full again to sunrise."""


def local(utc_s: float) -> tuple[int, float]:
    """The local day (as date.toordinal) and the seconds since its midnight."""
    days, second = divmod(utc_s + OFFSET_S, DAY_S)
    return _UNIX_DAY + int(days), second


def midnight_s(day: int) -> float:
    """The UTC second at which a local day (as date.toordinal) begins."""
    return (day - _UNIX_DAY) * DAY_S - OFFSET_S


def hour_of(utc_s: float) -> float:
    """Local hour of day, 0 to 24."""
    return local(utc_s)[1] / 3600.0


def wobble(seed: int, name: str, utc_s: float, period_s: float) -> float:
    """A smooth wandering between -1 and 1 that takes about `period_s` to forget where it was."""
    step, part = divmod(utc_s / period_s, 1.0)
    before, after = _scatter(seed, name, int(step)), _scatter(seed, name, int(step) + 1)
    return before + (after - before) * part * part * (3.0 - 2.0 * part)


def constant(seed: int, name: str) -> float:
    """A number between 0 and 1 that belongs to this seed and name."""
    return (_scatter(seed, name, 0) + 1.0) / 2.0


def _scatter(seed: int, name: str, step: int) -> float:
    return zlib.crc32(f"{seed}/{name}/{step}".encode()) / 2**31 - 1.0


@lru_cache(maxsize=1024)
def sun_of_day(day: int) -> tuple[float, float]:
    """Seconds after local midnight of sunrise and sunset of a local day."""
    midnight_s = (day - _UNIX_DAY) * DAY_S - OFFSET_S
    when = date.fromordinal(day)
    return (
        sunrise_s(when, LATITUDE, LONGITUDE, OFFSET_S) - midnight_s,
        sunset_s(when, LATITUDE, LONGITUDE, OFFSET_S) - midnight_s,
    )


def lit(utc_s: float) -> float:
    """Share of full light that the lamps give by their programme: 0, 0.6 or 1."""
    day, second = local(utc_s)
    sunrise, sunset = sun_of_day(day)
    if sunrise <= second < sunset:
        return 0.0
    return DIM_LEVEL if second < DIM_TO_S or second >= DIM_FROM_S else 1.0


def lit_s(utc_s: float) -> float:
    """Seconds of full light that the programme gave since the epoch: the integral of `lit`."""
    day, second = local(utc_s)
    return _lit_before_s(day) + _lit_in_day_s(day, second)


@lru_cache(maxsize=16)
def _lit_before_s(day: int) -> float:
    return sum(_lit_in_day_s(one, DAY_S) for one in range(EPOCH_DAY, day))


def _lit_in_day_s(day: int, second: float) -> float:
    sunrise, sunset = sun_of_day(day)
    dim_s = min(second, DIM_TO_S) + max(0.0, second - DIM_FROM_S)
    full_s = max(0.0, min(second, sunrise) - DIM_TO_S) + max(0.0, min(second, DIM_FROM_S) - sunset)
    return DIM_LEVEL * dim_s + full_s


def since_epoch_s(utc_s: float) -> float:
    """Seconds since the counters began; never negative."""
    return max(0.0, utc_s - ((EPOCH_DAY - _UNIX_DAY) * DAY_S - OFFSET_S))


def hump(hour: float, centre: float, width: float) -> float:
    """A bell over the hours of day, 1 at its centre; it goes on over midnight."""
    away = (hour - centre + 12.0) % 24.0 - 12.0
    return math.exp(-((away / width) ** 2))


def traffic(utc_s: float) -> float:
    """How full the streets are, 0 to 1: peaks before school and after work."""
    hour = hour_of(utc_s)
    return min(1.0, 0.05 + hump(hour, 6.75, 1.1) + 0.35 * hump(hour, 11.5, 2.5) + hump(hour, 17.25, 1.4))


def evening_load(utc_s: float) -> float:
    """How much the town's households draw, 0 to 1; the voltage sags with it."""
    hour = hour_of(utc_s)
    return min(1.0, 0.15 + 0.85 * hump(hour, 19.5, 2.0) + 0.3 * hump(hour, 11.5, 1.5))


def winter(utc_s: float) -> float:
    """1 in the middle of January, 0 in the middle of July."""
    return 0.5 + 0.5 * math.cos(2 * math.pi * (since_epoch_s(utc_s) / DAY_S - 15.0) / 365.25)


def temperature(seed: int, utc_s: float) -> float:
    """Air temperature in °C: 18 in winter to 30 in summer, warmest at 14:00."""
    daily = 3.5 * math.cos(2 * math.pi * (hour_of(utc_s) - 14.0) / 24.0)
    return 30.0 - 11.5 * winter(utc_s) + daily + 1.2 * wobble(seed, "temperature", utc_s, 10_800.0)


def humidity(seed: int, utc_s: float) -> float:
    """Relative humidity in %: nights near saturation, drier afternoons."""
    daily = 13.0 * math.cos(2 * math.pi * (hour_of(utc_s) - 14.0) / 24.0)
    wander = 4.0 * wobble(seed, "humidity", utc_s, 14_400.0)
    return max(35.0, min(99.5, 82.0 + 4.0 * winter(utc_s) - daily + wander))


def daylight(utc_s: float) -> float:
    """0 at night, up to 1 at noon."""
    day, second = local(utc_s)
    sunrise, sunset = sun_of_day(day)
    if not sunrise < second < sunset:
        return 0.0
    return math.sin(math.pi * (second - sunrise) / (sunset - sunrise))

"""Believable weather of Ba Đồn: rain, wind, sun, temperature, humidity and pressure. Pure.

All are functions of a site's seed, a scenario and UTC seconds. Rain falls in showers of one local day, more
of them in the wet season; it cools, fills the air with moisture and hides the sun. Wind is the monsoon's plus
a breeze, from the sea by day and from the land by night.
"""

import math
import random
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from edge.lighting.sun import DAY_S
from simulators import day
from simulators.nature import Scenario

MEMORY_S = 3 * 3600.0
"""The air stays washed and moist for so long after rain."""

WASHED_MM = 3.0
"""So much rain in that time washes two thirds of what can be washed."""

NORTH_EAST, SOUTH_WEST, SEA = 20.0, 235.0, 65.0
"""Where the winter monsoon, the summer monsoon and the breeze from the sea come from, in degrees."""


@dataclass(frozen=True, slots=True)
class Shower:
    """Rain from one second of a local day on, strongest in its middle."""

    begin_s: float
    length_s: float
    peak_mm_h: float

    def intensity_mm_h(self, second: float) -> float:
        """How hard it rains at that second of the day."""
        part = (second - self.begin_s) / self.length_s
        return self.peak_mm_h * math.sin(math.pi * part) ** 2 if 0.0 < part < 1.0 else 0.0

    def fallen_mm(self, second: float) -> float:
        """How much of it has fallen by then: the integral of the intensity."""
        part = min(1.0, max(0.0, (second - self.begin_s) / self.length_s))
        whole = self.peak_mm_h * self.length_s / 3600.0
        return whole * (part / 2.0 - math.sin(2.0 * math.pi * part) / (4.0 * math.pi))

    def lasted_s(self, second: float) -> float:
        """How long it has rained by then."""
        return min(self.length_s, max(0.0, second - self.begin_s))


_FIXED: dict[Scenario, tuple[Shower, ...]] = {
    Scenario.CLEAN: (Shower(3.5 * 3600.0, 5400.0, 6.0),),
    Scenario.RAIN: (Shower(6.0 * 3600.0, 7200.0, 22.0), Shower(15.0 * 3600.0, 10_800.0, 45.0)),
    Scenario.BURNING: (),
    Scenario.WINTER: (),
}


def _chance(day_number: int) -> float:
    """How likely a day has a shower: October is the wettest month, late May has thunderstorms."""
    of_year = date.fromordinal(day_number).timetuple().tm_yday
    autumn = math.exp(-(((of_year - 285) / 40.0) ** 2))
    spring = math.exp(-(((of_year - 150) / 30.0) ** 2))
    return 0.12 + 0.55 * autumn + 0.15 * spring


@lru_cache(maxsize=4096)
def showers(site: int, scenario: Scenario, day_number: int) -> tuple[Shower, ...]:
    """The showers of a local day (date.toordinal); none goes over midnight."""
    if scenario in _FIXED:
        return _FIXED[scenario]
    chance, likely = random.Random(f"{site}/{day_number}/rain"), _chance(day_number)
    found = []
    for _ in range(3):
        begin_s, length_s = chance.uniform(0.0, DAY_S - 10_800.0), chance.uniform(900.0, 10_800.0)
        peak_mm_h = chance.expovariate(1.0 / 10.0) + 0.5
        if chance.random() < likely * 0.6:
            found.append(Shower(begin_s, length_s, min(90.0, peak_mm_h)))
    return tuple(found)


@lru_cache(maxsize=64)
def _before(site: int, scenario: Scenario, day_number: int) -> tuple[float, float]:
    """Millimetres and seconds of rain from the epoch to the midnight that begins this day."""
    past = [one for then in range(day.EPOCH_DAY, day_number) for one in showers(site, scenario, then)]
    return sum(one.fallen_mm(DAY_S) for one in past), sum(one.length_s for one in past)


def rain_intensity(site: int, scenario: Scenario, utc_s: float) -> float:
    """How hard it rains, in mm/h."""
    number, second = day.local(utc_s)
    return sum(one.intensity_mm_h(second) for one in showers(site, scenario, number))


def rainfall(site: int, scenario: Scenario, utc_s: float) -> float:
    """Rain since the epoch, in mm."""
    number, second = day.local(utc_s)
    if number < day.EPOCH_DAY:
        return 0.0
    today = sum(one.fallen_mm(second) for one in showers(site, scenario, number))
    return _before(site, scenario, number)[0] + today


def rain_duration(site: int, scenario: Scenario, utc_s: float) -> float:
    """Seconds in which it rained since the epoch."""
    number, second = day.local(utc_s)
    if number < day.EPOCH_DAY:
        return 0.0
    today = sum(one.lasted_s(second) for one in showers(site, scenario, number))
    return _before(site, scenario, number)[1] + today


def wetness(site: int, scenario: Scenario, utc_s: float) -> float:
    """How much the rain of the last hours still does, 0 to 1."""
    fallen_mm = rainfall(site, scenario, utc_s) - rainfall(site, scenario, utc_s - MEMORY_S)
    return 1.0 - math.exp(-fallen_mm / WASHED_MM)


def stillness(utc_s: float) -> float:
    """How still the air is by the hour: 1 before dawn, 0 in the afternoon."""
    return 0.5 - 0.5 * math.cos(2 * math.pi * (day.hour_of(utc_s) - 15.0) / 24.0)


def wind(site: int, scenario: Scenario, utc_s: float) -> tuple[float, float]:
    """The wind's parts from the east and from the north, in m/s."""
    winter, breeze = day.winter(utc_s), 1.0 - 2.0 * stillness(utc_s)
    parts = (
        (2.6 * winter, NORTH_EAST),
        (2.2 * (1.0 - winter), SOUTH_WEST),
        (2.4 * breeze if breeze > 0 else 1.0 * breeze, SEA),
    )
    east = sum(speed * math.sin(math.radians(origin)) for speed, origin in parts)
    north = sum(speed * math.cos(math.radians(origin)) for speed, origin in parts)
    east += 0.8 * day.wobble(site, "east", utc_s, 2_400.0) + 0.35 * day.wobble(site, "gust", utc_s, 240.0)
    north += 0.8 * day.wobble(site, "north", utc_s, 2_400.0) + 0.35 * day.wobble(site, "lull", utc_s, 240.0)
    strength = 1.0 + 0.12 * math.sqrt(rain_intensity(site, scenario, utc_s))
    if scenario in (Scenario.BURNING, Scenario.WINTER):
        strength *= 0.45
    return strength * east, strength * north


def wind_speed(site: int, scenario: Scenario, utc_s: float) -> float:
    """Speed of the wind, in m/s."""
    return math.hypot(*wind(site, scenario, utc_s))


def wind_direction(site: int, scenario: Scenario, utc_s: float) -> float:
    """Where the wind comes from, in degrees from north over east."""
    return math.degrees(math.atan2(*wind(site, scenario, utc_s))) % 360.0


def cloud(site: int, scenario: Scenario, utc_s: float) -> float:
    """How much of the sky is covered, 0 to 1."""
    covered = 0.3 + 0.25 * day.wobble(site, "cloud", utc_s, 7_200.0) + 0.6 * wetness(site, scenario, utc_s)
    return min(1.0, max(0.0, covered))


def solar_radiation(site: int, scenario: Scenario, utc_s: float) -> float:
    """Sunshine on a level plane, in W/m²."""
    return 980.0 * math.pow(day.daylight(utc_s), 1.15) * (1.0 - 0.72 * cloud(site, scenario, utc_s))


def temperature(site: int, scenario: Scenario, utc_s: float) -> float:
    """Air temperature, in °C."""
    return day.temperature(site, utc_s) - 3.5 * wetness(site, scenario, utc_s)


def humidity(site: int, scenario: Scenario, utc_s: float) -> float:
    """Relative humidity, in %."""
    dry = day.humidity(site, utc_s)
    return dry + (98.0 - dry) * 0.8 * wetness(site, scenario, utc_s) if dry < 98.0 else dry


def dew_point(site: int, scenario: Scenario, utc_s: float) -> float:
    """Dew point by Magnus' formula, in °C."""
    warmth = temperature(site, scenario, utc_s)
    moist = math.log(humidity(site, scenario, utc_s) / 100.0) + 17.62 * warmth / (243.12 + warmth)
    return 243.12 * moist / (17.62 - moist)


def pressure(site: int, utc_s: float) -> float:
    """Air pressure, in hPa: higher in winter, with the tide of the tropics, highest at 10 and 22."""
    tide = 1.3 * math.cos(4 * math.pi * (day.hour_of(utc_s) - 10.0) / 24.0)
    weather = 3.5 * day.wobble(site, "pressure", utc_s, 3 * DAY_S)
    return 1005.5 + 9.0 * day.winter(utc_s) + tide + weather

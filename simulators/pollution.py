"""Believable air of a town: dust, gases and noise. Pure functions, as those of simulators.weather.

Dust and exhaust follow the streets and gather where the wind is still; rain washes the air; the sun makes
ozone, which fresh exhaust eats. After the rice harvests, straw burns on the fields in the evening.
"""

import math
from datetime import date

from edge.lighting.sun import DAY_S
from simulators import day, weather
from simulators.nature import Scenario

BURNING_DAYS = ((140, 162), (244, 265))
"""After the spring and the summer harvest straw is burnt, on these days of the year."""

SEASON_PLUME, SCENARIO_PLUME = (50.0, 190.0), (400.0, 470.0)
"""PM2.5 that a burning evening brings at its worst, in µg/m³: usual ones, and those of the scenario."""

PLUME_H = 19.8
"""Local hour at which the smoke is thickest."""

_STAGNANT = {Scenario.CLEAN: 0.4, Scenario.WINTER: 2.3}


def plume(site: int, scenario: Scenario, utc_s: float) -> float:
    """PM2.5 from burning straw, in µg/m³: up quickly after work, down slowly until the small hours."""
    number, second = day.local(utc_s - DAY_S / 2)
    worst = _worst(site, scenario, number)
    if worst == 0.0:
        return 0.0
    away_h = second / 3600.0 + 12.0 - PLUME_H
    shape = math.exp(-((away_h / (1.4 if away_h < 0 else 3.2)) ** 2))
    wander = 1.0 + 0.12 * day.wobble(site, "smoke", utc_s, 1_200.0)
    return worst * shape * wander * (1.0 - 0.85 * weather.wetness(site, scenario, utc_s))


def _worst(site: int, scenario: Scenario, evening: int) -> float:
    """What the evening of that local day brings at its worst."""
    drawn = day.constant(site, f"straw{evening}")
    if scenario is Scenario.BURNING:
        low, high = SCENARIO_PLUME
        return low + (high - low) * drawn
    of_year = date.fromordinal(evening).timetuple().tm_yday
    in_season = any(first <= of_year <= last for first, last in BURNING_DAYS)
    if scenario is not Scenario.SEASON or not in_season or drawn < 0.5:
        return 0.0
    low, high = SEASON_PLUME
    return low + (high - low) * (2.0 * drawn - 1.0)


def gathering(site: int, scenario: Scenario, utc_s: float) -> float:
    """How much stays where it was made: above 1 in still air, below in wind."""
    speed = weather.wind_speed(site, scenario, utc_s)
    return _STAGNANT.get(scenario, 1.0) / (0.55 + 0.25 * speed)


def pm2_5(site: int, scenario: Scenario, utc_s: float) -> float:
    """Fine dust, in µg/m³."""
    made = 6.0 + 9.0 * day.winter(utc_s) + 10.0 * day.traffic(utc_s) + 5.0 * weather.stillness(utc_s)
    washed = 1.0 - 0.75 * weather.wetness(site, scenario, utc_s)
    wander = 1.0 + 0.18 * day.wobble(site, "dust", utc_s, 5_400.0)
    there = made * gathering(site, scenario, utc_s) * washed * wander
    return max(1.0, there + plume(site, scenario, utc_s))


def pm10(site: int, scenario: Scenario, utc_s: float) -> float:
    """Dust up to 10 µm, in µg/m³: the fine, and what wheels and wind raise from dry ground."""
    dry = 1.0 - 0.9 * weather.wetness(site, scenario, utc_s)
    raised = 5.0 + 15.0 * day.traffic(utc_s) * min(1.5, gathering(site, scenario, utc_s))
    blown = 0.5 * weather.wind_speed(site, scenario, utc_s) ** 2
    return 1.2 * pm2_5(site, scenario, utc_s) + (raised + blown) * dry


def no2(site: int, scenario: Scenario, utc_s: float) -> float:
    """Nitrogen dioxide, in µg/m³."""
    made = 5.0 + 28.0 * day.traffic(utc_s) + 6.0 * day.winter(utc_s) + 4.0 * weather.stillness(utc_s)
    wander = 1.0 + 0.15 * day.wobble(site, "no2", utc_s, 2_400.0)
    return made * gathering(site, scenario, utc_s) * wander + 0.05 * plume(site, scenario, utc_s)


def no(site: int, scenario: Scenario, utc_s: float) -> float:
    """Nitric oxide, in µg/m³: fresh exhaust."""
    return (1.5 + 16.0 * day.traffic(utc_s)) * gathering(site, scenario, utc_s)


def nox(site: int, scenario: Scenario, utc_s: float) -> float:
    """Both nitrogen oxides, counted as NO2, in µg/m³."""
    return no2(site, scenario, utc_s) + no(site, scenario, utc_s) * 46.0055 / 30.006


def o3(site: int, scenario: Scenario, utc_s: float) -> float:
    """Ozone, in µg/m³: made by the sun with its peak in the early afternoon, eaten by exhaust."""
    sun = day.hump(day.hour_of(utc_s), 14.0, 3.6) * (1.0 - 0.25 * day.winter(utc_s))
    made = 105.0 * sun * (1.0 - 0.6 * weather.cloud(site, scenario, utc_s))
    wander = 6.0 * day.wobble(site, "o3", utc_s, 5_400.0)
    return max(4.0, 34.0 + made + wander - 0.45 * no2(site, scenario, utc_s))


def so2(site: int, scenario: Scenario, utc_s: float) -> float:
    """Sulphur dioxide, in µg/m³."""
    made = 4.0 + 3.0 * day.traffic(utc_s) + 3.0 * day.winter(utc_s)
    wander = 1.0 + 0.2 * day.wobble(site, "so2", utc_s, 3_600.0)
    return made * gathering(site, scenario, utc_s) * wander + 0.02 * plume(site, scenario, utc_s)


def co(site: int, scenario: Scenario, utc_s: float) -> float:
    """Carbon monoxide, in µg/m³: exhaust, and the smoke of straw."""
    made = 280.0 + 650.0 * day.traffic(utc_s) + 180.0 * weather.stillness(utc_s)
    return made * gathering(site, scenario, utc_s) + 11.0 * plume(site, scenario, utc_s)


def co2(site: int, scenario: Scenario, utc_s: float) -> float:
    """Carbon dioxide, in ppm: plants breathe out by night."""
    gathered = gathering(site, scenario, utc_s)
    made = (16.0 * weather.stillness(utc_s) + 22.0 * day.traffic(utc_s)) * gathered
    return 416.0 + made + 0.12 * plume(site, scenario, utc_s)


def tvoc(site: int, scenario: Scenario, utc_s: float) -> float:
    """Volatile organic compounds, in ppb."""
    made = (50.0 + 110.0 * day.traffic(utc_s)) * gathering(site, scenario, utc_s)
    return made + 0.5 * plume(site, scenario, utc_s)


def noise(site: int, scenario: Scenario, utc_s: float) -> float:
    """Sound level of a street, in dB(A): traffic by day, rain on the roofs."""
    passing = 2.0 * day.wobble(site, "noise", utc_s, 30.0)
    rain = 11.0 * (1.0 - math.exp(-weather.rain_intensity(site, scenario, utc_s) / 12.0))
    return 41.0 + 25.0 * math.pow(day.traffic(utc_s), 0.7) + rain + passing

"""Sunrise and sunset by NOAA's formula. Pure.

Within 4 s of the sun's computed elevation at Ba Đồn on every day of a year. Where the sun does not rise, the
night fills the day: sunrise and sunset fall on solar noon; where it does not set, both fall on midnight.
"""

import math
from datetime import date

DAY_S = 86_400.0
HORIZON_DEG = -0.8333
"""Elevation of the sun's centre when its upper rim stands on the horizon, refraction included."""

_J2000_UTC_S = 946_728_000.0


def sunrise_s(day: date, latitude: float, longitude: float, offset_s: float) -> float:
    """UTC seconds of sunrise on the local `day` of a zone `offset_s` ahead of UTC."""
    return _crossing_s(day, latitude, longitude, offset_s, -1)


def sunset_s(day: date, latitude: float, longitude: float, offset_s: float) -> float:
    """UTC seconds of sunset on the local `day` of a zone `offset_s` ahead of UTC."""
    return _crossing_s(day, latitude, longitude, offset_s, 1)


def _crossing_s(day: date, latitude: float, longitude: float, offset_s: float, side: int) -> float:
    midnight_s = (day.toordinal() - 719_163) * DAY_S - offset_s
    at_s = midnight_s + DAY_S / 2 + side * DAY_S / 4
    for _ in range(3):
        declination, equation_s = _sun(at_s)
        noon_s = midnight_s + DAY_S / 2 + offset_s - longitude * 240.0 - equation_s
        at_s = noon_s + side * _half_day_s(declination, math.radians(latitude))
    return at_s


def _half_day_s(declination: float, latitude: float) -> float:
    cosine = (math.sin(math.radians(HORIZON_DEG)) - math.sin(latitude) * math.sin(declination)) / (
        math.cos(latitude) * math.cos(declination)
    )
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine)))) * 240.0


def elevation_deg(utc_s: float, latitude: float, longitude: float) -> float:
    """How high the sun stands, in degrees, without refraction."""
    declination, equation_s = _sun(utc_s)
    hour = math.radians(((utc_s % DAY_S) + equation_s + longitude * 240.0 - DAY_S / 2) / 240.0)
    lat = math.radians(latitude)
    return math.degrees(
        math.asin(
            math.sin(lat) * math.sin(declination) + math.cos(lat) * math.cos(declination) * math.cos(hour)
        )
    )


def _sun(utc_s: float) -> tuple[float, float]:
    """Declination in radians and equation of time in seconds (NOAA solar calculator, after Meeus)."""
    century = (utc_s - _J2000_UTC_S) / (DAY_S * 36_525)
    mean_long = math.radians((280.46646 + century * (36_000.76983 + century * 0.0003032)) % 360)
    anomaly = math.radians(357.52911 + century * (35_999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = (
        math.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + math.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + math.sin(3 * anomaly) * 0.000289
    )
    node = math.radians(125.04 - 1934.136 * century)
    apparent = mean_long + math.radians(centre - 0.00569 - 0.00478 * math.sin(node))
    oblique = math.radians(23.4392911 - 0.0130042 * century + 0.00256 * math.cos(node))
    declination = math.asin(math.sin(oblique) * math.sin(apparent))
    y = math.tan(oblique / 2) ** 2
    equation = (
        y * math.sin(2 * mean_long)
        - 2 * eccentricity * math.sin(anomaly)
        + 4 * eccentricity * y * math.sin(anomaly) * math.cos(2 * mean_long)
        - 0.5 * y * y * math.sin(4 * mean_long)
        - 1.25 * eccentricity**2 * math.sin(2 * anomaly)
    )
    return declination, math.degrees(equation) * 240.0

"""What sensors of air and weather show: the air around them, through what each of them is like. Pure.

Sensors of one site are in the same air. Each has a small error of its own; an optical dust sensor besides
takes moisture for dust, as cheap ones do.
"""

from collections.abc import Callable, Mapping

from simulators import day, pollution, weather
from simulators.nature import Model, Nature, Scenario

Truth = Callable[[int, Scenario, float], float]
"""Site's seed, scenario, UTC seconds."""

SPREAD, OPTICAL_SPREAD = 0.01, 0.06
"""How far sensors of one kind differ: a reference analyser, a cheap sensor."""

CF1_KNEE, CF1_SLOPE = 30.0, 0.72
"""The maker's atmospheric values run below the CF=1 ones from here on."""


def _gain(nature: Nature) -> float:
    spread = OPTICAL_SPREAD if nature.optical else SPREAD
    return 1.0 + spread * (2.0 * day.constant(nature.seed, "gain") - 1.0)


def _seen(nature: Nature, truth: float, name: str, utc_s: float) -> float:
    noise = 0.03 if nature.optical else 0.008
    return truth * _gain(nature) * (1.0 + noise * day.wobble(nature.seed, name, utc_s, 20.0))


def _of(truth: Truth, name: str) -> Model:
    """A share of something: the error grows with it."""
    return lambda nature, _, utc_s: _seen(nature, truth(nature.air, nature.scenario, utc_s), name, utc_s)


def _beside(truth: Truth, name: str, apart: float) -> Model:
    """A scale without a nought of its own: sensors are up to `apart` beside it."""

    def model(nature: Nature, _: int, utc_s: float) -> float:
        own = apart * (2.0 * day.constant(nature.seed, name) - 1.0)
        return truth(nature.air, nature.scenario, utc_s) + own

    return model


def _exactly(truth: Truth) -> Model:
    return lambda nature, _, utc_s: truth(nature.air, nature.scenario, utc_s)


def _dust(share: float, truth: Truth, standard: bool = False) -> Model:
    def model(nature: Nature, _: int, utc_s: float) -> float:
        there = share * truth(nature.air, nature.scenario, utc_s)
        if not nature.optical:
            return _seen(nature, there, "dust", utc_s)
        moist = max(0.0, weather.humidity(nature.air, nature.scenario, utc_s) - 55.0) / 45.0
        shown = _seen(nature, there * (1.25 + 0.5 * moist**2), "dust", utc_s)
        if standard or shown < CF1_KNEE:
            return shown
        return CF1_KNEE + CF1_SLOPE * (shown - CF1_KNEE)

    return model


def _pressure(site: int, _: Scenario, utc_s: float) -> float:
    return weather.pressure(site, utc_s)


def _speed(share: float) -> Truth:
    return lambda site, scenario, utc_s: share * weather.wind_speed(site, scenario, utc_s)


def _direction(turn: float) -> Truth:
    return lambda site, scenario, utc_s: (weather.wind_direction(site, scenario, utc_s) + turn) % 360.0


def _heaviest(site: int, scenario: Scenario, utc_s: float) -> float:
    number, second = day.local(utc_s)
    fallen = [one.peak_mm_h for one in weather.showers(site, scenario, number) if one.begin_s < second]
    return max(fallen, default=0.0)


AIR: Mapping[str, Model] = {
    "temperature": _beside(weather.temperature, "temperature", 0.3),
    "relative_humidity": _beside(weather.humidity, "relative_humidity", 1.5),
    "dew_point": _exactly(weather.dew_point),
    "atmospheric_pressure": _beside(_pressure, "atmospheric_pressure", 0.4),
    "pm1": _dust(0.68, pollution.pm2_5),
    "pm2_5": _dust(1.0, pollution.pm2_5),
    "pm4": _dust(1.12, pollution.pm2_5),
    "pm10": _dust(1.0, pollution.pm10),
    "pm1_standard": _dust(0.68, pollution.pm2_5, standard=True),
    "pm2_5_standard": _dust(1.0, pollution.pm2_5, standard=True),
    "pm10_standard": _dust(1.0, pollution.pm10, standard=True),
    "particles_0_3": _dust(110.0, pollution.pm2_5, standard=True),
    "particles_0_5": _dust(32.0, pollution.pm2_5, standard=True),
    "particles_1_0": _dust(6.5, pollution.pm2_5, standard=True),
    "particles_2_5": _dust(0.8, pollution.pm2_5, standard=True),
    "particles_5_0": _dust(0.15, pollution.pm10, standard=True),
    "particles_10_0": _dust(0.05, pollution.pm10, standard=True),
    "pm0_5_number": _dust(6.7, pollution.pm2_5, standard=True),
    "pm1_number": _dust(7.7, pollution.pm2_5, standard=True),
    "pm2_5_number": _dust(7.8, pollution.pm2_5, standard=True),
    "pm4_number": _dust(7.85, pollution.pm2_5, standard=True),
    "pm10_number": _dust(7.9, pollution.pm2_5, standard=True),
    "typical_particle_size": lambda nature, _, utc_s: (
        0.55 + 0.15 * day.wobble(nature.seed, "size", utc_s, 3_600.0)
    ),
    "co": _of(pollution.co, "co"),
    "co2": _of(pollution.co2, "co2"),
    "h2s": _of(lambda site, scenario, utc_s: 0.3 * pollution.so2(site, scenario, utc_s), "h2s"),
    "no": _of(pollution.no, "no"),
    "no2": _of(pollution.no2, "no2"),
    "nox": _of(pollution.nox, "nox"),
    "o3": _of(pollution.o3, "o3"),
    "so2": _of(pollution.so2, "so2"),
    "tvoc": _of(pollution.tvoc, "tvoc"),
    "noise_laeq": _beside(pollution.noise, "noise_laeq", 0.5),
    "wind_speed": _exactly(_speed(1.0)),
    "wind_speed_min": _exactly(_speed(0.75)),
    "wind_speed_max": _exactly(_speed(1.3)),
    "wind_gust_speed": _exactly(_speed(1.5)),
    "wind_direction": _exactly(_direction(0.0)),
    "wind_direction_min": _exactly(_direction(-12.0)),
    "wind_direction_max": _exactly(_direction(12.0)),
    "wind_gust_direction": _exactly(_direction(6.0)),
    "rainfall": lambda nature, _, utc_s: 0.2 * (weather.rainfall(nature.air, nature.scenario, utc_s) // 0.2),
    "rain_duration": _exactly(weather.rain_duration),
    "rain_intensity": _exactly(weather.rain_intensity),
    "rain_intensity_max": _exactly(_heaviest),
    "solar_radiation": _exactly(weather.solar_radiation),
    "illuminance": lambda nature, _, utc_s: (
        0.3 + 105.0 * weather.solar_radiation(nature.air, nature.scenario, utc_s)
    ),
}

"""What a faulty sensor shows instead of the air. Pure functions of UTC seconds."""

import math
import zlib

from edge.core.vocabulary import Averaging, Kind, quantity
from simulators.nature import AirFault, Flaw, Nature

SPIKE_OF = 20
"""One reading of so many is a spike,"""

SPIKE_TIMES = 6.0
"""and so many times too high."""

DRIFT_A_DAY, DRIFT_MAX = 0.6, 4.0
"""What a drifting sensor adds a day, as a share of what it should show, and when it ends."""

AWAY_S, AWAY_STEPS, CYCLE = 180.0, 8, 10
"""A sensor with a bad plug loses power for so long or so many readings, once in so many times that."""

SETTLES_S = 15.0
"""Its error then falls with this time constant."""

WARM_UP_TIMES = 1.5
"""A sensor that has just got its power shows so much more."""

SENTINEL = -999.0

_BESIDE = {
    "temperature": 6.0,
    "relative_humidity": -22.0,
    "atmospheric_pressure": 9.0,
    "dew_point": 6.0,
    "noise_laeq": 14.0,
    "wind_direction": 70.0,
}
"""How far a sensor with an offset is beside the truth where a share of it would make no sense."""

_OFFSET_TIMES, _OFFSET = 1.8, 8.0


def shown_at_s(nature: Nature, utc_s: float) -> float:
    """The moment whose value the sensor shows: now, or when it got stuck."""
    stuck = nature.flaw(AirFault.STUCK, utc_s)
    return utc_s if stuck is None else stuck.from_s


def silent(nature: Nature, utc_s: float) -> bool:
    """Whether the sensor does not answer at all."""
    if nature.flaw(AirFault.SILENT, utc_s) is not None:
        return True
    power = nature.flaw(AirFault.WARM_UP, utc_s)
    return power is not None and _since_plugged_s(power, utc_s) < 0.0


def flawed(nature: Nature, name: str, value: float, utc_s: float) -> float:
    """What the sensor makes of `value`: nothing new for counters and states, which its faults spare."""
    known = quantity(name)
    if known is None or known.kind is not Kind.GAUGE:
        return value
    if nature.flaw(AirFault.SENTINEL, utc_s):
        return SENTINEL
    wrong = value
    if nature.flaw(AirFault.OFFSET, utc_s):
        beside = _BESIDE.get(name)
        wrong = _OFFSET_TIMES * wrong + _OFFSET if beside is None else wrong + beside
    if drift := nature.flaw(AirFault.DRIFT, utc_s):
        days = (utc_s - drift.from_s) / 86_400.0
        wrong *= min(DRIFT_MAX, 1.0 + DRIFT_A_DAY * days)
    if (power := nature.flaw(AirFault.WARM_UP, utc_s)) and name not in _BESIDE:
        since_s = max(0.0, _since_plugged_s(power, utc_s))
        wrong *= 1.0 + WARM_UP_TIMES * math.exp(-since_s / SETTLES_S)
    if (spike := nature.flaw(AirFault.SPIKE, utc_s)) and _spikes(nature, spike, utc_s):
        wrong = SPIKE_TIMES * wrong + 1.0
    if known.mean is Averaging.CIRCULAR:
        return wrong % 360.0
    return min(known.high, max(known.low, wrong))


def lost_s(power: Flaw) -> float:
    """For how long the sensor has no power each time: long enough that somebody who reads it notices."""
    return max(AWAY_S, AWAY_STEPS * power.step_s)


def _since_plugged_s(power: Flaw, utc_s: float) -> float:
    """Seconds since the power came back; negative while it is away."""
    away_s = lost_s(power)
    return (utc_s - power.from_s) % (CYCLE * away_s) - away_s


def _spikes(nature: Nature, spike: Flaw, utc_s: float) -> bool:
    step = int((utc_s - spike.from_s) / spike.step_s)
    return zlib.crc32(f"{nature.seed}/spike/{step}".encode()) % SPIKE_OF == 0

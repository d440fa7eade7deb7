"""What each quantity of a simulated device is at a moment. Pure functions of UTC seconds."""

import math
import re
from collections.abc import Mapping

from edge.core.vocabulary import Kind, quantity, vocabulary
from simulators import day
from simulators.air_models import AIR
from simulators.flaws import flawed, shown_at_s
from simulators.lamps import LAMP, broken
from simulators.nature import Model, Nature

__all__ = ["MODELS", "Nature", "broken", "split", "value"]

_PHASE = re.compile(r"phase([123])_(.+)")
_INDEX = re.compile(r"(.+)_([1-9][0-9]?)")
_WS_PER_KWH = 3.6e6


def value(nature: Nature, name: str, utc_s: float) -> float:
    """What it shows as vocabulary point `name`: within the vocabulary's range unless it is at fault."""
    base, index = split(name)
    known = quantity(name)
    model = LAMP.get(base) if nature.is_lamp else None
    model = model or MODELS.get(base) or AIR.get(base)
    at_s = shown_at_s(nature, utc_s) if nature.flaws else utc_s
    found = model(nature, index, at_s) if model is not None else default(nature, name, at_s)
    found = found if known is None else min(known.high, max(known.low, found))
    return flawed(nature, name, found, utc_s) if nature.flaws else found


def split(name: str) -> tuple[str, int]:
    """The base quantity of a point name and its phase or index, 0 where it has none."""
    if name in vocabulary():
        return name, 0
    if phase := _PHASE.fullmatch(name):
        return phase[2], int(phase[1])
    if index := _INDEX.fullmatch(name):
        return index[1], int(index[2])
    return name, 0


def default(nature: Nature, name: str, utc_s: float) -> float:
    """Something believable for a quantity that has no model: states rest, counters count, gauges wander."""
    known = quantity(name)
    if known is None or known.kind is Kind.STATE:
        return 0.0
    if known.kind is Kind.COUNTER:
        return math.floor(day.since_epoch_s(utc_s) / 3600.0)
    middle = known.low + (known.high - known.low) * (0.1 + 0.1 * day.constant(nature.seed, name))
    return middle + (known.high - known.low) * 0.02 * day.wobble(nature.seed, name, utc_s, 1_800.0)


def _share(nature: Nature, phase: int) -> float:
    if phase == 0:
        return 1.0
    parts = [1.0 + 0.2 * day.constant(nature.seed, f"share{one}") for one in (1, 2, 3)]
    return parts[phase - 1] / sum(parts)


def _power(nature: Nature, phase: int, utc_s: float) -> float:
    noise = 1.0 + 0.01 * day.wobble(nature.seed, f"power{phase}", utc_s, 60.0)
    lamps_w = nature.lamps_w * day.lit(utc_s) if nature.load_w is None else nature.load_w
    return _share(nature, phase) * (nature.base_w + lamps_w) * noise


def _energy(nature: Nature, phase: int, utc_s: float) -> float:
    spent_ws = nature.base_w * day.since_epoch_s(utc_s)
    spent_ws += nature.lamps_w * day.lit_s(utc_s) if nature.load_w is None else nature.load_kwh * _WS_PER_KWH
    return _share(nature, phase) * (1200.0 * day.constant(nature.seed, "energy") + spent_ws / _WS_PER_KWH)


def _voltage(nature: Nature, phase: int, utc_s: float) -> float:
    offset = 1.5 * day.wobble(nature.seed, f"phase{phase}", 0.0, 1.0)
    wander = 1.8 * day.wobble(nature.seed, f"volt{phase}", utc_s, 120.0)
    return 232.5 + offset - 9.0 * day.evening_load(utc_s) + wander


def _factor(nature: Nature, phase: int, utc_s: float) -> float:
    still = 0.95 if day.lit(utc_s) or nature.is_lamp else 0.82
    return still + 0.015 * day.wobble(nature.seed, f"factor{phase}", utc_s, 300.0)


def _apparent(nature: Nature, phase: int, utc_s: float) -> float:
    return _power(nature, phase, utc_s) / _factor(nature, phase, utc_s)


def _reactive(nature: Nature, phase: int, utc_s: float) -> float:
    return _power(nature, phase, utc_s) * math.tan(math.acos(_factor(nature, phase, utc_s)))


def _current(nature: Nature, phase: int, utc_s: float) -> float:
    return _apparent(nature, phase, utc_s) / _voltage(nature, phase, utc_s)


def _relay(nature: Nature, index: int, utc_s: float) -> float:
    """Relay 1 is the lamps' contactor, closed by night; 2 feeds the cabinet, 3 a segment: always closed."""
    return {1: float(day.lit(utc_s) > 0.0), 2: 1.0, 3: 1.0}.get(index, 0.0)


def _around(name: str, middle: float, swing: float) -> Model:
    return lambda nature, _index, utc_s: middle + swing * day.wobble(nature.seed, name, utc_s, 1_800.0)


MODELS: Mapping[str, Model] = {
    "supply_voltage": _voltage,
    "supply_current": _current,
    "active_power": _power,
    "apparent_power": _apparent,
    "reactive_power": _reactive,
    "power_factor": _factor,
    "phase_angle": lambda nature, phase, utc_s: math.degrees(math.acos(_factor(nature, phase, utc_s))),
    "frequency": lambda nature, _, utc_s: 50.0 + 0.03 * day.wobble(nature.seed, "hertz", utc_s, 20.0),
    "active_energy": _energy,
    "active_energy_import": _energy,
    "active_energy_export": lambda *_: 0.0,
    "reactive_energy": lambda nature, phase, utc_s: 0.35 * _energy(nature, phase, utc_s),
    "reactive_energy_import": lambda nature, phase, utc_s: 0.35 * _energy(nature, phase, utc_s),
    "reactive_energy_export": lambda *_: 0.0,
    "apparent_energy": lambda nature, phase, utc_s: 1.06 * _energy(nature, phase, utc_s),
    "maximum_demand": lambda nature, *_: nature.base_w + nature.lamps_w,
    "voltage_distortion": _around("distortion", 2.4, 0.8),
    "neutral_current": lambda nature, _, utc_s: 0.08 * _current(nature, 0, utc_s),
    "relay_state": _relay,
    "bus_load": _around("load", 34.0, 6.0),
}

"""Means brought to the reference conditions of QCVN 05:2023 (Nm3), where they are held against a limit. Pure.

What a cubic metre of warm air holds would lie in less than one at 25 °C, and there be denser. Temperature and
pressure are the station's own means over the same span; where it has none, 25 °C and 1013.25 hPa stand in,
and that is said. What is kept and sent stays as it was measured, and the indices take it so: whether Decision
1459/QĐ-TCMT counts in Nm3 is not verified.
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from edge.air.correction import CORRECTED
from edge.air.units import REFERENCE_HPA, REFERENCE_K, ZERO_C_K, to_reference
from edge.config.air import Conditions
from edge.core.air import COVERAGE_MIN, MeanValue, ReferenceState
from edge.core.air_columns import COVERAGE, FULL, Columns

CONVERSION = "Nm3 v1"
"""Name and version: change the number with the formula or with what stands in."""

DEFAULTS: Mapping[str, Conditions] = dict.fromkeys(("pm1", "pm2_5", "pm4", "pm10", "tsp"), Conditions.AMBIENT)
"""Particles are counted in the air as it is drawn in; the profiles of gas analysers scale to 25 °C."""

ASSUMED_C = REFERENCE_K - ZERO_C_K
VALID = round(COVERAGE_MIN * FULL)
TEMPERATURE, PRESSURE = "temperature", "atmospheric_pressure"
PRESSURE_HPA = (800.0, 1100.0)
"""A pressure that is believed."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The air that was measured: None where the station does not say."""

    temperature_c: float | None = None
    pressure_hpa: float | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether something stands in for the temperature or the pressure."""
        return self.temperature_c is None or self.pressure_hpa is None

    @property
    def factor(self) -> float:
        """By which ug/m3 become ug/Nm3."""
        temperature_c = ASSUMED_C if self.temperature_c is None else self.temperature_c
        return to_reference(
            1.0, temperature_c, REFERENCE_HPA if self.pressure_hpa is None else self.pressure_hpa
        )

    @property
    def words(self) -> str:
        """As a person reads it."""
        temperature_c, pressure_hpa = self.temperature_c, self.pressure_hpa
        warmth = f"{ASSUMED_C:g} °C assumed" if temperature_c is None else f"{temperature_c:.1f} °C"
        weight = f"{REFERENCE_HPA:g} hPa assumed" if pressure_hpa is None else f"{pressure_hpa:.1f} hPa"
        return f"{warmth}, {weight}"


def ambient_of(points: Iterable[str], conditions: Mapping[str, Conditions]) -> tuple[str, ...]:
    """Those of the points that are measured in the air as it is."""
    given = {**DEFAULTS, **conditions}
    own = dict.fromkeys(_source(point) for point in points)
    return tuple(sorted(point for point in own if given.get(point) is Conditions.AMBIENT))


def surroundings(values: Mapping[str, MeanValue]) -> Surroundings:
    """The air by the means of one span, from those that are valid."""
    found = {name: one.value for name, one in values.items() if one.is_valid}
    return _believed(found.get(TEMPERATURE), found.get(PRESSURE))


def at_reference(ambient: Iterable[str], columns: Columns) -> tuple[Columns, frozenset[int]]:
    """The columns with these points in ug/Nm3, and the ends of spans in which something was assumed."""
    points = [name for name in columns.values if _source(name) in frozenset(ambient)]
    if not points:
        return columns, frozenset()
    warmth, weight = _column(columns, TEMPERATURE), _column(columns, PRESSURE)
    airs = [_believed(*both) for both in zip(warmth, weight, strict=True)]
    assumed = frozenset(end_ns for end_ns, air in zip(columns.ends_ns, airs, strict=True) if air.is_assumed)
    factors = [air.factor for air in airs]
    converted = {
        name: array("d", [value * by for value, by in zip(columns.values[name], factors, strict=True)])
        for name in points
    }
    return replace(columns, values={**columns.values, **converted}), assumed


def reference_state(ambient: tuple[str, ...], values: Mapping[str, MeanValue]) -> ReferenceState | None:
    """How a station's values are brought to Nm3 now, for whoever shows it; None where none is."""
    if not ambient:
        return None
    air = surroundings(values)
    return ReferenceState(CONVERSION, ambient, air.temperature_c, air.pressure_hpa, air.factor)


def _source(point: str) -> str:
    return "pm2_5" if point == CORRECTED else point


def _believed(temperature_c: float | None, pressure_hpa: float | None) -> Surroundings:
    low, high = PRESSURE_HPA
    is_pressure = pressure_hpa is not None and low <= pressure_hpa <= high
    return Surroundings(temperature_c, pressure_hpa if is_pressure else None)


def _column(columns: Columns, name: str) -> list[float | None]:
    if name not in columns.values:
        return [None] * len(columns)
    both = zip(columns.values[name], columns.marks[name], strict=True)
    return [value if mark & COVERAGE >= VALID else None for value, mark in both]

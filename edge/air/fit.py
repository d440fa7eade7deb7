"""Fits a low-cost PM2.5 sensor to the reference that it stands beside, and judges both. Pure.

The fit is least squares of `reference = a + b * sensor + c * rh`. A sensor is judged as the US EPA's targets
of 2021 for PM2.5 sensors do: by the line of the sensor against the reference, R², RMSE and NRMSE. The EPA
looks at means of 24 hours of at least 30 days; over single hours the same targets are harder to meet.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.core.errors import ConfigError

ROWS_MIN = 10
"""With fewer rows three numbers cannot be told from chance."""

COLLINEAR = 1e-9
"""The part of one column that the other must leave unexplained."""

_REMEDY = {
    "reference": "look whether the reference was running",
    "sensor": "look whether the sensor is stuck",
    "rh": "leave the column rh out",
}

SLOPE_OFF, INTERCEPT_OFF, R2_MIN, RMSE_MAX, NRMSE_MAX = 0.35, 5.0, 0.70, 7.0, 30.0


@dataclass(frozen=True, slots=True)
class Row:
    """One mean of both instruments: ug/m3, and relative humidity in percent where it was measured."""

    reference: float
    sensor: float
    rh: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a sensor agrees with the reference: `sensor = intercept + slope * reference`, and its errors.

    `rmse` in ug/m3; `nrmse` in percent of the mean of the reference.
    """

    slope: float
    intercept: float
    r2: float
    rmse: float
    nrmse: float

    @property
    def checks(self) -> tuple[tuple[str, float, str, bool], ...]:
        """Name, value, target and whether it is met, of each of the EPA's targets."""
        near = self.rmse <= RMSE_MAX or self.nrmse <= NRMSE_MAX
        return (
            ("slope", self.slope, f"1.0 ± {SLOPE_OFF:g}", abs(self.slope - 1) <= SLOPE_OFF),
            ("intercept", self.intercept, f"± {INTERCEPT_OFF:g} µg/m³", abs(self.intercept) <= INTERCEPT_OFF),
            ("r2", self.r2, f"≥ {R2_MIN:.2f}", self.r2 >= R2_MIN),
            ("rmse", self.rmse, f"≤ {RMSE_MAX:g} µg/m³, or NRMSE as below", near),
            ("nrmse", self.nrmse, f"≤ {NRMSE_MAX:g} %, or RMSE as above", near),
        )

    @property
    def meets(self) -> bool:
        """Whether all targets are met."""
        return all(met for *_, met in self.checks)


@dataclass(frozen=True, slots=True)
class Fit:
    """`reference = a + b * sensor + c * rh`, and how the sensor agrees without it (`raw`) and with it."""

    a: float
    b: float
    c: float
    rows: int
    raw: Agreement
    corrected: Agreement


def fitted(rows: Sequence[Row]) -> Fit:
    """The fit of these rows, with humidity if all have it; raises ConfigError where there can be none."""
    if len(rows) < ROWS_MIN:
        raise ConfigError(f"{len(rows)} rows are too few for a fit: {ROWS_MIN} are needed, 30 days are right")
    reference = [row.reference for row in rows]
    sensor = [row.sensor for row in rows]
    rh = [row.rh for row in rows if row.rh is not None]
    columns = {"reference": reference, "sensor": sensor, **({"rh": rh} if rh else {})}
    for name, column in columns.items():
        if min(column) == max(column):
            raise ConfigError(
                f"{name} is {column[0]:g} in every row, so nothing can be fitted: {_REMEDY[name]}"
            )
    a, b, c = (float(f"{one:.6g}") for one in _least_squares(reference, sensor, rh))
    if b <= 0:
        raise ConfigError(
            "the sensor falls while the reference rises: are the columns named the right way round?"
        )
    better = [max(0.0, a + b * row.sensor + c * (row.rh or 0.0)) for row in rows]
    return Fit(a, b, c, len(rows), agreement(reference, sensor), agreement(reference, better))


def agreement(reference: Sequence[float], sensor: Sequence[float]) -> Agreement:
    """How values agree with those of a reference that is not the same throughout."""
    mean = math.fsum(reference) / len(reference)
    across, along, own = _product(reference, sensor), _product(reference, reference), _product(sensor, sensor)
    slope = across / along
    squares = math.fsum((one - other) ** 2 for one, other in zip(reference, sensor, strict=True))
    rmse = math.sqrt(squares / len(reference))
    return Agreement(
        slope=slope,
        intercept=math.fsum(sensor) / len(sensor) - slope * mean,
        r2=across**2 / (along * own) if own else 0.0,
        rmse=rmse,
        nrmse=100 * rmse / mean if mean > 0 else math.inf,
    )


def _least_squares(
    reference: Sequence[float], sensor: Sequence[float], rh: Sequence[float]
) -> tuple[float, float, float]:
    count = len(reference)
    own, across = _product(sensor, sensor), _product(sensor, reference)
    slope, damp = across / own, 0.0
    if rh:
        both, damps, against = _product(sensor, rh), _product(rh, rh), _product(rh, reference)
        rest = own * damps - both**2
        if rest <= COLLINEAR * own * damps:
            raise ConfigError(
                "sensor and rh rise and fall together, so their parts cannot be told apart: "
                "take more days, or leave the column rh out"
            )
        slope = (across * damps - against * both) / rest
        damp = (against * own - across * both) / rest
    means = math.fsum(reference) / count, math.fsum(sensor) / count, math.fsum(rh) / count
    return means[0] - slope * means[1] - damp * means[2], slope, damp


def _product(one: Sequence[float], other: Sequence[float]) -> float:
    """The sum of products of both about their means."""
    mean, other_mean = math.fsum(one) / len(one), math.fsum(other) / len(other)
    return math.fsum((x - mean) * (y - other_mean) for x, y in zip(one, other, strict=True))

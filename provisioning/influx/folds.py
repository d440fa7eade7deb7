"""What becomes of fields in coarser time: counters by their last, gauges by mean, least and most. Pure.

A field keeps its name in every policy, so that one query asks any of them; `_min` and `_max` stand beside it.
Directions are averaged as vectors, sound levels by their energy, as the vocabulary says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge.core.vocabulary import Averaging, Kind, quantity
from edge.lighting import night_rows

RAW = "autogen"

PREFIX = "gianh_"
"""What the names of our queries and tasks begin with; others are left alone."""

NIGHT = ("night_used_kwh", "night_full_kwh", "night_saved_kwh", "night_saved_percent")
"""What a gateway tells of a night, beside its health."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One resolution: how long it is kept (days, 0 for ever), and how it is made of the one before.

    Every `every` what is younger than `back` is made anew, so that rows that come late are in it.
    """

    name: str
    days: int
    step: str = ""
    every: str = ""
    back: str = ""


POLICIES = (
    Policy(RAW, 60),
    Policy("minute", 366, "1m", "5m", "6h"),
    Policy("hour", 1827, "1h", "30m", "2d"),
    Policy("day", 0, "1d", "1h", "3d"),
)


def policy_of(name: str) -> str:
    """The policy that a query or task of ours fills, by its name."""
    return name.removeprefix(PREFIX).partition("_")[0]


class Fold(StrEnum):
    """How the values of a step become one."""

    LAST = "last"
    MEAN = "mean"
    CIRCULAR = "circular"
    ENERGY = "energy"


def folds(measurements: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, Fold], tuple[str, ...]]:
    """The fields of each measurement by how they are folded; of nights, told once each, the last."""
    found: dict[tuple[str, Fold], list[str]] = {}
    for measurement, fields in measurements.items():
        more = NIGHT if measurement == "gateway" else ()
        for field in (*fields, *more):
            fold = Fold.LAST if measurement in night_rows.POINTS else fold_of(field)
            found.setdefault((measurement, fold), []).append(field)
    return {key: tuple(fields) for key, fields in found.items()}


def fold_of(field: str) -> Fold:
    """How one field is folded; what the vocabulary lacks, as a gauge."""
    known = quantity(field)
    if known is None:
        return Fold.MEAN
    if known.kind is Kind.COUNTER:
        return Fold.LAST
    return {Averaging.CIRCULAR: Fold.CIRCULAR, Averaging.ENERGY: Fold.ENERGY}.get(known.mean, Fold.MEAN)

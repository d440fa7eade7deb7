"""The vocabulary: every quantity once, from `vocabulary.toml`."""

import re
import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib import resources

_PHASE = re.compile(r"phase([123])_(.+)")
_INDEX = re.compile(r"(.+?)_([1-9][0-9]?)")


class Kind(StrEnum):
    """How a quantity behaves in time."""

    GAUGE = "gauge"
    COUNTER = "counter"
    STATE = "state"


class Averaging(StrEnum):
    """How a mean of a quantity is taken.

    Directions are averaged as vectors, sound levels by their energy (ISO 1996-1), and of a counter the
    increase is taken.
    """

    ARITHMETIC = "arithmetic"
    CIRCULAR = "circular"
    ENERGY = "energy"
    INCREASE = "increase"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity: `unit` is its UCUM code, `display` what a person reads, `low..high` what can be true."""

    name: str
    kind: Kind
    unit: str
    display: str
    low: float
    high: float
    en: str
    vi: str
    phases: bool = False
    indexed: bool = False
    mean: Averaging = Averaging.ARITHMETIC


@cache
def vocabulary() -> dict[str, Quantity]:
    """All base quantities by name, in the file's order."""
    text = resources.files("edge.core").joinpath("vocabulary.toml").read_text("utf-8")
    found: dict[str, Quantity] = {}
    for name, row in tomllib.loads(text).items():
        low, high = row.pop("range")
        kind = Kind(row.pop("kind"))
        usual = Averaging.INCREASE if kind is Kind.COUNTER else Averaging.ARITHMETIC
        mean = Averaging(row.pop("mean", usual))
        found[name] = Quantity(name=name, kind=kind, low=low, high=high, mean=mean, **row)
    return found


@cache
def quantity(name: str) -> Quantity | None:
    """The quantity that a point name stands for, or None.

    `phase2_supply_voltage` and `relay_state_4` are derived from the base entries that allow it.
    """
    base = vocabulary().get(name)
    if base is not None:
        return base
    if phase := _PHASE.fullmatch(name):
        base = vocabulary().get(phase[2])
        if base is not None and base.phases:
            return _derived(base, name, f", phase {phase[1]}", f", pha {phase[1]}")
    if index := _INDEX.fullmatch(name):
        base = vocabulary().get(index[1])
        if base is not None and base.indexed:
            return _derived(base, name, f" {index[2]}", f" {index[2]}")
    return None


def _derived(base: Quantity, name: str, en: str, vi: str) -> Quantity:
    return replace(base, name=name, en=base.en + en, vi=base.vi + vi, phases=False, indexed=False)

"""Days of a station's values without running a gateway, for tests, reports and measurements. Pure.

The air is computed at nodes and drawn straight between them, with noise on top, which makes a year of minutes
in seconds. `exactly` gives what the running simulation would show instead.
"""

import math
import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, pairwise

from edge.core.vocabulary import Averaging, Kind, quantity
from simulators.flaws import flawed, shown_at_s, silent
from simulators.models import value
from simulators.nature import Nature

STATION = (
    "pm2_5",
    "pm10",
    "no2",
    "so2",
    "co",
    "o3",
    "temperature",
    "relative_humidity",
    "atmospheric_pressure",
    "wind_speed",
    "wind_direction",
    "rainfall",
    "noise_laeq",
)
"""What a station of all six pollutants tells."""

NODE_S = 600.0
NOISE = 0.02
"""What a value wanders between two minutes, as a share of it."""

NOISE_TABLE = 4093
"""Noise comes again after so many values; a prime, so that it does not come at the same minute."""

ABSENT = math.nan


@dataclass(frozen=True, slots=True)
class History:
    """Values of `names` from UTC second `start_s` on, one every `step_s`; NaN where the sensor was silent."""

    start_s: float
    step_s: float
    names: tuple[str, ...]
    columns: "tuple[array[float], ...]"

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def column(self, name: str) -> "array[float]":
        """All values of one quantity, oldest first."""
        return self.columns[self.names.index(name)]

    def at_ns(self, index: int) -> int:
        """UTC nanoseconds of a value: the end of its step, as means are stamped."""
        return round((self.start_s + (index + 1) * self.step_s) * 1e9)


def history(
    nature: Nature,
    start_s: float,
    days: float,
    names: Sequence[str] = STATION,
    step_s: float = 60.0,
    node_s: float = NODE_S,
) -> History:
    """`days` days of a station, quickly: like the simulation, but for noise. Same arguments, same values.

    `node_s` is how often the air is computed, in whole steps; an hour is good enough for a year.
    """
    count, steps = round(days * 86_400.0 / step_s), round(node_s / step_s)
    columns = tuple(_column(nature, name, start_s, count, step_s, steps) for name in names)
    return History(start_s, step_s, tuple(names), columns)


def exactly(
    nature: Nature, start_s: float, days: float, names: Sequence[str] = STATION, step_s: float = 60.0
) -> History:
    """What the running simulation shows at the end of each step."""
    count = round(days * 86_400.0 / step_s)
    moments = [start_s + (index + 1) * step_s for index in range(count)]
    columns = tuple(
        array("d", (ABSENT if silent(nature, at_s) else value(nature, name, at_s) for at_s in moments))
        for name in names
    )
    return History(start_s, step_s, tuple(names), columns)


def _column(
    nature: Nature, name: str, start_s: float, count: int, step_s: float, steps: int
) -> "array[float]":
    sound, known = replace(nature, flaws=()), quantity(name)
    moments = (start_s + node * steps * step_s for node in range(count // steps + 2))
    nodes = [value(sound, name, at_s) for at_s in moments]
    if known is not None and known.mean is Averaging.CIRCULAR:
        drawn = [degrees % 360.0 for degrees in _lines(_unrolled(nodes), steps)]
    elif known is not None and known.kind is not Kind.GAUGE:
        drawn = [node for node in nodes for _ in range(steps)]
    else:
        drawn = _lines(nodes, steps)
        if known is not None:
            drawn = _noisy(drawn, f"{nature.seed}/{name}/{start_s}", known.low, known.high)
    column = array("d", drawn[1 : count + 1])
    return _spoilt(nature, name, column, start_s, step_s) if nature.flaws else column


def _lines(nodes: Sequence[float], steps: int) -> list[float]:
    """Straight lines from node to node."""
    found: list[float] = []
    for before, after in pairwise(nodes):
        rise = (after - before) / steps
        found += [before + rise * step for step in range(steps)]
    found.append(nodes[-1])
    return found


def _unrolled(nodes: Sequence[float]) -> list[float]:
    """Directions that go on beyond the circle, so that each is the shorter way from the one before."""
    found = [nodes[0]]
    for degrees in nodes[1:]:
        found.append(found[-1] + (degrees - found[-1] + 180.0) % 360.0 - 180.0)
    return found


def _noisy(drawn: Sequence[float], seed: str, low: float, high: float) -> list[float]:
    chance = random.Random(seed)
    factors = cycle([1.0 + NOISE * (chance.random() - 0.5) for _ in range(NOISE_TABLE)])
    found = [one * factor for one, factor in zip(drawn, factors, strict=False)]
    if low <= min(found) and max(found) <= high:
        return found
    return [min(high, max(low, one)) for one in found]


def _spoilt(
    nature: Nature, name: str, sound: "array[float]", start_s: float, step_s: float
) -> "array[float]":
    found = array("d", sound)
    for index in range(len(sound)):
        at_s = start_s + (index + 1) * step_s
        if silent(nature, at_s):
            found[index] = ABSENT
            continue
        stuck_s = shown_at_s(nature, at_s)
        held = sound[max(0, round((stuck_s - start_s) / step_s) - 1)] if stuck_s < at_s else sound[index]
        found[index] = flawed(nature, name, held, at_s)
    return found

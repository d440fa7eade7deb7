"""Days of a station's values without running a gateway, for tests, reports and measurements. Pure.

The air is computed every ten minutes and drawn straight between, with the sensor's own noise on top, which
makes a year of minutes in seconds. `exactly` gives what the running simulation would show instead.
"""

import math
import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    nature: Nature, start_s: float, days: float, names: Sequence[str] = STATION, step_s: float = 60.0
) -> History:
    """`days` days of a station, quickly: like the simulation, but for noise. Same arguments, same values."""
    count = round(days * 86_400.0 / step_s)
    columns = tuple(_column(nature, name, start_s, count, step_s) for name in names)
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


def _column(nature: Nature, name: str, start_s: float, count: int, step_s: float) -> "array[float]":
    sound = replace(nature, flaws=())
    nodes = int(count * step_s / NODE_S) + 2
    at_nodes = [value(sound, name, start_s + node * NODE_S) for node in range(nodes)]
    drawn = _drawn(name, at_nodes, count, step_s)
    known = quantity(name)
    if known is not None and known.kind is Kind.GAUGE and known.mean is Averaging.ARITHMETIC:
        chance = random.Random(f"{nature.seed}/{name}/{start_s}").random
        low, high = known.low, known.high
        for index, found in enumerate(drawn):
            drawn[index] = min(high, max(low, found * (1.0 + NOISE * (chance() - 0.5))))
    return _spoilt(nature, name, drawn, start_s, step_s) if nature.flaws else drawn


def _drawn(name: str, nodes: Sequence[float], count: int, step_s: float) -> "array[float]":
    """Straight lines between the nodes; round the compass the shorter way; counters only where they stand."""
    known = quantity(name)
    circular = known is not None and known.mean is Averaging.CIRCULAR
    counts = known is not None and known.kind is Kind.COUNTER
    found = array("d", bytes(8 * count))
    for index in range(count):
        place = (index + 1) * step_s / NODE_S
        node = int(place)
        before, after = nodes[node], nodes[node + 1]
        if circular:
            turn = (after - before + 180.0) % 360.0 - 180.0
            found[index] = (before + turn * (place - node)) % 360.0
        elif counts:
            found[index] = before
        else:
            found[index] = before + (after - before) * (place - node)
    return found


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

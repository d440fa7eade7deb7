"""What hangs on a simulated meter: lamps and other meters, wherever they are read."""

from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.lamps import Feeder, broken, fed
from simulators.models import value
from simulators.nature import Nature

Reads = Callable[[str], float]
"""The value of one thing's point now, by the point's name."""

FRESH_S = 0.1
"""What was added up is good so long: a meter is asked for many values in one go."""


@dataclass(slots=True)
class Load:
    """Things whose power and energy a meter sees; they are joined to it once all of them are there."""

    things: list[Reads] = field(default_factory=list)
    _of_s: float = float("-inf")
    _sums: tuple[float, float] = (0.0, 0.0)

    def sums(self, utc_s: float) -> tuple[float, float]:
        """Watts and kWh of all together."""
        if not 0 <= utc_s - self._of_s < FRESH_S:
            self._of_s = utc_s
            self._sums = (
                sum(reads("active_power") for reads in self.things),
                sum(reads("active_energy") for reads in self.things),
            )
        return self._sums


class RelayedLamps:
    """Lamps without any controller, behind a relay; only a meter sees them."""

    def __init__(self, nominal_w: float, feeder: Feeder, utc_s: Callable[[], float]) -> None:
        seed = next(one for one in range(100) if not broken(Nature(one)))
        self._nature = Nature(seed, rated_w=nominal_w, is_lamp=True, level=100.0, powered=False)
        self._feeder, self._utc_s = feeder, utc_s

    def read(self, name: str) -> float:
        """The value of a point of all of them together."""
        self._nature = fed(self._nature, self._feeder.closed, self._feeder.since_s)
        return value(self._nature, name, self._utc_s())

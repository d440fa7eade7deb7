"""Units that do not answer: known per bus and unit, asked ever more rarely, at a bounded cost. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from edge.core.backoff import Backoff, Chance

MISSES_TO_DEAD = 3
"""So many unanswered questions in a row, and a unit counts as dead."""

PROBES = Backoff(first_s=2.0, cap_s=300.0, factor=2.0, floor=0.5)
"""Waits between two questions to a dead unit."""

ALLOWANCE_S = 0.5
"""Most time on the line that silence may save up for later questions to dead units."""


@dataclass(slots=True)
class _Unit:
    misses: int = 0
    probes: int = 0
    next_probe_ns: int = 0


class Units:
    """The units of one bus: who is alive, who is dead, and whether a dead one may be asked now.

    Time lost to silence is charged to an allowance that grows with `share` of the time that passes; while
    it is overdrawn no dead unit is asked, so silent units cost the bus at most that share in the long run.
    """

    def __init__(self, share: float, now_ns: int, chance: Chance) -> None:
        self._share = share
        self._chance = chance
        self._units: dict[str, _Unit] = {}
        self._allowance_s = ALLOWANCE_S
        self._counted_ns = now_ns
        self.lost_s = 0.0

    def is_dead(self, unit: str) -> bool:
        """Whether a unit counts as dead."""
        known = self._units.get(unit)
        return known is not None and known.misses >= MISSES_TO_DEAD

    def dead(self) -> tuple[str, ...]:
        """All dead units."""
        return tuple(unit for unit in self._units if self.is_dead(unit))

    def keep_only(self, units: Iterable[str]) -> None:
        """Forget the units that are no longer configured."""
        wanted = set(units)
        self._units = {unit: known for unit, known in self._units.items() if unit in wanted}

    def answered(self, unit: str) -> bool:
        """A unit answered; says whether it was dead until now."""
        known = self._units.pop(unit, None)
        return known is not None and known.misses >= MISSES_TO_DEAD

    def missed(self, unit: str, cost_s: float, now_ns: int) -> bool:
        """A unit kept silent for `cost_s` of bus time; says whether it counts as dead from now on."""
        self._earn(now_ns)
        self._allowance_s -= cost_s
        self.lost_s += cost_s
        known = self._units.setdefault(unit, _Unit())
        known.misses += 1
        if known.misses < MISSES_TO_DEAD:
            return False
        known.probes += 1
        wait_s = PROBES.wait_s(known.probes, self._chance)
        known.next_probe_ns = now_ns + round(wait_s * 1e9)
        return known.misses == MISSES_TO_DEAD

    def due(self, now_ns: int) -> str | None:
        """The dead unit to ask now, if one is due and the allowance permits."""
        self._earn(now_ns)
        if self._allowance_s < 0:
            return None
        waiting = [(known.next_probe_ns, unit) for unit, known in self._units.items() if self.is_dead(unit)]
        at_ns, unit = min(waiting, default=(now_ns + 1, ""))
        return unit if at_ns <= now_ns else None

    def next_ns(self, now_ns: int) -> int | None:
        """When `due` is worth asking again, or None if no unit is dead."""
        self._earn(now_ns)
        times = [known.next_probe_ns for unit, known in self._units.items() if self.is_dead(unit)]
        if not times:
            return None
        solvent_ns = now_ns + round(max(0.0, -self._allowance_s) / self._share * 1e9)
        return max(min(times), solvent_ns)

    def _earn(self, now_ns: int) -> None:
        passed_s = (now_ns - self._counted_ns) / 1e9
        self._counted_ns = now_ns
        self._allowance_s = min(ALLOWANCE_S, self._allowance_s + passed_s * self._share)

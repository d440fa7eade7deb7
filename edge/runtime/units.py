"""Units that do not answer: set aside per bus and unit, asked ever more rarely, at a bounded cost. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from edge.core.backoff import Backoff, Chance

PROBES = Backoff(first_s=1.0, cap_s=300.0, factor=2.0, floor=0.5)
"""Waits between two questions to a silent unit, after the first, which comes as soon as it is affordable."""

ALLOWANCE_S = 0.5
"""Most time on the line that silence may save up for later questions to dead units."""


ROUNDING_S = 1e-9
"""Times are whole nanoseconds: less than one is no debt."""


@dataclass(slots=True)
class _Unit:
    misses: int = 0
    next_probe_ns: int = 0


class Units:
    """The silent units of one bus, and whether one of them may be asked now.

    A unit is set aside with the first question that it leaves unanswered, and is back with the first
    answer. Time lost to silence is charged to an allowance that grows with `share` of the time that
    passes; while it is overdrawn no silent unit is asked, so that they cost the bus at most that share in
    the long run, however many fell silent at once.
    """

    def __init__(self, share: float, now_ns: int, chance: Chance) -> None:
        self._share = share
        self._chance = chance
        self._silent: dict[str, _Unit] = {}
        self._allowance_s = ALLOWANCE_S
        self._counted_ns = now_ns
        self.lost_s = 0.0

    def is_silent(self, unit: str) -> bool:
        """Whether a unit is set aside."""
        return unit in self._silent

    def silent(self) -> tuple[str, ...]:
        """All units that are set aside."""
        return tuple(self._silent)

    def keep_only(self, units: Iterable[str]) -> None:
        """Forget the units that are no longer configured."""
        wanted = set(units)
        self._silent = {unit: known for unit, known in self._silent.items() if unit in wanted}

    def answered(self, unit: str) -> bool:
        """A unit answered; says whether it was set aside until now."""
        return self._silent.pop(unit, None) is not None

    def missed(self, unit: str, cost_s: float, now_ns: int) -> None:
        """A unit kept silent for `cost_s` of bus time."""
        self._earn(now_ns)
        self._allowance_s -= cost_s
        self.lost_s += cost_s
        known = self._silent.setdefault(unit, _Unit())
        wait_s = PROBES.wait_s(known.misses, self._chance) if known.misses else 0.0
        known.misses += 1
        known.next_probe_ns = now_ns + round(wait_s * 1e9)

    def due(self, now_ns: int) -> str | None:
        """The silent unit to ask now, if one is due and the allowance permits."""
        self._earn(now_ns)
        if self._allowance_s < -ROUNDING_S:
            return None
        waiting = [(known.next_probe_ns, unit) for unit, known in self._silent.items()]
        at_ns, unit = min(waiting, default=(now_ns + 1, ""))
        return unit if at_ns <= now_ns else None

    def next_ns(self, now_ns: int) -> int | None:
        """When `due` is worth asking again, or None if no unit is silent."""
        self._earn(now_ns)
        if not self._silent:
            return None
        solvent_ns = now_ns + round(max(0.0, -self._allowance_s) / self._share * 1e9)
        return max(min(known.next_probe_ns for known in self._silent.values()), solvent_ns)

    def _earn(self, now_ns: int) -> None:
        passed_s = (now_ns - self._counted_ns) / 1e9
        self._counted_ns = now_ns
        self._allowance_s = min(ALLOWANCE_S, self._allowance_s + passed_s * self._share)

"""How long to wait before trying again: exponential, full jitter, capped. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

Chance = Callable[[], float]
"""Gives a number in [0, 1); `random.random`, or a seeded one in tests."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that grow from `first_s` by `factor` up to `cap_s`, each drawn from [floor, 1) of itself.

    Full jitter (floor 0) spreads a thousand gateways that lost the same broker at the same moment;
    a floor keeps a probe from coming at once.
    """

    first_s: float = 1.0
    cap_s: float = 60.0
    factor: float = 2.0
    floor: float = 0.0

    def wait_s(self, failures: int, chance: Chance) -> float:
        """Seconds to wait after `failures` failures in a row (1 or more)."""
        exponent = min(max(failures, 1) - 1, 62)
        widest_s = min(self.cap_s, self.first_s * self.factor**exponent)
        return widest_s * (self.floor + (1.0 - self.floor) * chance())

"""When a sensor that rests in turns is awake. Pure: the time is given."""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What is to be done with the sensor now."""

    WAKE = "wake"
    READ = "read"
    SLEEP = "sleep"
    REST = "rest"


@dataclass(slots=True)
class Duty:
    """Awake for `awake_s`, asleep for `sleep_s`, in turns; it begins by waking the sensor up.

    `turned_s` is when it was last woken or put to sleep, by any clock that never steps.
    """

    awake_s: float
    sleep_s: float
    is_awake: bool = False
    turned_s: float | None = None

    def step(self, now_s: float) -> Step:
        """What to do; `turn` says that waking it up or putting it to sleep was done."""
        if self.left_s(now_s) > 0:
            return Step.READ if self.is_awake else Step.REST
        return Step.SLEEP if self.is_awake else Step.WAKE

    def turn(self, now_s: float) -> None:
        """It was woken up, or put to sleep."""
        self.is_awake, self.turned_s = not self.is_awake, now_s

    def left_s(self, now_s: float) -> float:
        """How long it stays as it is."""
        if self.turned_s is None:
            return 0.0
        return self.turned_s + (self.awake_s if self.is_awake else self.sleep_s) - now_s

"""How often a lamp started by itself within the last hour: cycling shows so. Pure."""

from collections import deque
from dataclasses import dataclass, field

HOUR_NS = 3600 * 10**9
STARTS_MAX = 100
"""So many starts are remembered of one lamp; more within an hour say nothing new."""


@dataclass(slots=True)
class Starts:
    """The starts of one lamp that nobody commanded, by its own counter or by its being seen off and on."""

    _times: deque[int] = field(default_factory=lambda: deque(maxlen=STARTS_MAX))
    _counter: float | None = None
    _lit: bool | None = None
    _commanded: int = 0
    _wanted: float | None = None

    def wanted(self, level: float | None) -> None:
        """What it is to have now; from dark to light is a start that was commanded."""
        if level and not self._wanted:
            self._commanded += 1
        self._wanted = level

    def seen(self, counter: float | None, lit: bool | None, mono_ns: int) -> None:
        """What was read: the controller's switch-on counter where it has one, and whether it is lit."""
        if counter is not None:
            before, self._counter = self._counter, counter
            if before is not None and counter > before:
                self._started(int(counter - before), mono_ns)
        elif lit is not None:
            before_lit, self._lit = self._lit, lit
            if lit and before_lit is False:
                self._started(1, mono_ns)

    def count(self, mono_ns: int) -> int:
        """Starts within the last hour that nobody commanded."""
        while self._times and self._times[0] <= mono_ns - HOUR_NS:
            self._times.popleft()
        return len(self._times)

    def _started(self, times: int, mono_ns: int) -> None:
        own = max(0, times - self._commanded)
        self._commanded = 0
        self._times.extend([mono_ns] * min(own, STARTS_MAX))

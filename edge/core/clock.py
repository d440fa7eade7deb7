"""The system's clock: UTC and monotonic nanoseconds, whether UTC is set, and steps of it."""

import asyncio
import time
from pathlib import Path

from edge.core.model import Stamp

SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd makes this file once the clock was set from the network (v239 and later)."""

EARLIEST_NS = 1_735_689_600 * 1_000_000_000
"""2025-01-01: Gianh is younger, so a clock that says less is certainly wrong."""

STEP_NS = 2_000_000_000
"""A change of UTC against monotonic time by more than this is a step, not slewing."""


class SystemClock:
    """The machine's clocks.

    Where `needs_sync` is true (a gateway without a clock chip), UTC is believed only once the system
    says that it was set from the network; otherwise any date on which Gianh can exist is believed.
    """

    def __init__(self, needs_sync: bool = False, synchronized: Path = SYNCHRONIZED) -> None:
        self._needs_sync = needs_sync
        self._synchronized = synchronized
        self._set = False

    @property
    def rate(self) -> float:
        """How fast UTC runs against the monotonic clock."""
        return 1.0

    def mono_ns(self) -> int:
        """Nanoseconds since boot, suspended time included."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def utc_ns(self) -> int:
        """Nanoseconds since 1970 as the system has it."""
        return time.time_ns()

    def is_set(self) -> bool:
        """Whether UTC can be believed; once yes, yes until the end of this process."""
        if not self._set:
            self._set = time.time_ns() > EARLIEST_NS and (not self._needs_sync or self._synchronized.exists())
        return self._set

    def stamp(self) -> Stamp:
        """Now."""
        utc_ns = time.time_ns()
        return Stamp(self.mono_ns(), utc_ns if self._set or self.is_set() else None)

    async def sleep(self, seconds: float) -> None:
        """Wait at least `seconds`."""
        await asyncio.sleep(seconds)


class SimulatedClock(SystemClock):
    """A clock for simulations: UTC begins at `start_ns` and runs `rate` times as fast as real time."""

    def __init__(self, start_ns: int, rate: float) -> None:
        super().__init__()
        self._start_ns, self._rate = start_ns, rate
        self._began_ns = self.mono_ns()

    @property
    def rate(self) -> float:
        """How fast the simulated day runs."""
        return self._rate

    def utc_ns(self) -> int:
        """Nanoseconds since 1970 of the simulated day."""
        return self._start_ns + round((self.mono_ns() - self._began_ns) * self._rate)

    def stamp(self) -> Stamp:
        """Now, in the simulated day."""
        return Stamp(self.mono_ns(), self.utc_ns())

    def is_set(self) -> bool:
        """A simulated clock is always right."""
        return True


class StepWatch:
    """Tells when UTC, which runs `rate` times as fast as the monotonic clock, was stepped against it."""

    def __init__(self, utc_ns: int, mono_ns: int, rate: float = 1.0) -> None:
        self._rate = rate
        self._offset_ns = self._offset(utc_ns, mono_ns)

    def step_ns(self, utc_ns: int, mono_ns: int) -> int:
        """Nanoseconds by which UTC was stepped since the last call; 0 if it was not."""
        offset_ns = self._offset(utc_ns, mono_ns)
        step_ns, self._offset_ns = offset_ns - self._offset_ns, offset_ns
        return step_ns if abs(step_ns) > STEP_NS else 0

    def _offset(self, utc_ns: int, mono_ns: int) -> int:
        return utc_ns - round(mono_ns * self._rate)

"""Virtual time: an event loop whose clock jumps to the next timer, so that an hour passes in a moment."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from edge.core.model import Stamp

T = TypeVar("T")

EPOCH_NS = 1_790_000_000 * 1_000_000_000
"""UTC at virtual time zero."""


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if not events and timeout is None:
            raise RuntimeError("everything waits for something that will never come")
        if not events and timeout:
            self.now_s += timeout
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time() is virtual; nothing in it may wait for the real world."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self._jumping.now_s


class VirtualClock:
    """The Clock port on a virtual loop."""

    def __init__(self, is_set: bool = True) -> None:
        self._loop = asyncio.get_running_loop()
        self.believed = is_set
        self.offset_ns = EPOCH_NS

    def mono_ns(self) -> int:
        return round(self._loop.time() * 1e9)

    def utc_ns(self) -> int:
        return self.mono_ns() + self.offset_ns

    @property
    def rate(self) -> float:
        return 1.0

    def is_set(self) -> bool:
        return self.believed

    def stamp(self) -> Stamp:
        return Stamp(self.mono_ns(), self.utc_ns() if self.believed else None)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class FastClock(VirtualClock):
    """A clock on which UTC runs `rate` times as fast, as in a simulated day."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate

    @property
    def rate(self) -> float:
        return self._rate

    def utc_ns(self) -> int:
        return round(self.mono_ns() * self._rate) + self.offset_ns


def run_virtual(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a fresh virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)

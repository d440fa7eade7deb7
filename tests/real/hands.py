"""A clock moved by hand beside real servers, and waiting for what becomes true."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

from edge.core.model import Stamp

SECOND_NS = 1_000_000_000
WAIT_S = 20.0

BREATH_S = 15
"""So often (s of its time) the hand clock lets others work, whether somebody waits or not."""


class HandClock:
    """The Clock port: time stands still until `advance`."""

    def __init__(self, utc_ns: int) -> None:
        self._offset_ns, self._mono_ns = utc_ns, 0
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def rate(self) -> float:
        return 1.0

    def mono_ns(self) -> int:
        return self._mono_ns

    def utc_ns(self) -> int:
        return self._mono_ns + self._offset_ns

    def is_set(self) -> bool:
        return True

    def stamp(self) -> Stamp:
        return Stamp(self._mono_ns, self.utc_ns())

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._mono_ns + round(seconds * SECOND_NS), future))
        await future

    async def advance(self, seconds: int) -> None:
        """Move on second by second, and let what is woken work."""
        for second in range(seconds):
            self._mono_ns += SECOND_NS
            due = [future for at_ns, future in self._sleepers if at_ns <= self._mono_ns]
            self._sleepers = [one for one in self._sleepers if one[0] > self._mono_ns]
            for future in due:
                if not future.done():
                    future.set_result(None)
            if due or second % BREATH_S == 0:
                await asyncio.sleep(0.002)


@contextlib.contextmanager
def silence(port: int) -> Iterator[None]:
    """Something that takes connections there and never says a word."""
    with socket.create_server(("127.0.0.1", port)):
        yield


async def until(holds: Callable[[], bool], clock: HandClock | None = None) -> None:
    """Wait until this is true; a clock is moved on meanwhile."""
    async with asyncio.timeout(WAIT_S):
        while not holds():
            if clock is not None:
                await clock.advance(1)
            await asyncio.sleep(0.005)

"""A line: the byte stream to one bus, over a serial port or a TCP connection alike.

A line is a file descriptor that the event loop watches. It never guesses: bytes come out in the order in
which they came in, and once the other end is gone every call says so.
"""

import asyncio
import os
import select
from typing import Protocol

from edge.core.errors import LinkDown
from edge.core.sayings import say

CHUNK_BYTES = 4096
BUFFER_BYTES_MAX = 65_536
"""More than this unread means that something babbles; the oldest bytes go."""

TICK_S = 0.001
"""The event loop's timers are whole milliseconds, rounded up (epoll)."""


class Handle(Protocol):
    """Something open that has a file descriptor."""

    def fileno(self) -> int:
        """The descriptor, non-blocking."""

    def close(self) -> None:
        """Give the descriptor back; safe twice."""


class Opening(Protocol):
    """Where a line leads, and how it is opened."""

    @property
    def name(self) -> str:
        """What a person calls it: a device file, or host and port."""

    async def open(self) -> Handle:
        """Open it now. Raises LinkDown with the reason and the remedy."""


class Line:
    """One byte stream that can be opened again and again."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._handle: Handle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._kernel = select.poll()
        self._trouble: LinkDown | None = None
        self.last_rx_s = 0.0
        """When the newest byte arrived, on the event loop's clock."""

    @property
    def name(self) -> str:
        """What a person calls this line."""
        return self._opening.name

    @property
    def is_open(self) -> bool:
        """Whether the line is open and nothing is known against it."""
        return self._handle is not None

    @property
    def descriptor(self) -> int | None:
        """The file descriptor while the line is open, for what only the kernel knows of it."""
        return None if self._handle is None else self._handle.fileno()

    async def open(self) -> None:
        """Open, or open anew. Raises LinkDown."""
        self.close()
        self._loop = asyncio.get_running_loop()
        handle = await self._opening.open()
        self._handle, self._trouble = handle, None
        self._kernel = select.poll()
        self._kernel.register(handle.fileno(), select.POLLIN)
        self._loop.add_reader(handle.fileno(), self._readable)

    def close(self) -> None:
        """Close; safe at any time. Who waits is told that the line is down."""
        self._lose(say("closed", line=self.name), discard=True)

    async def write(self, data: bytes) -> None:
        """Hand `data` to the kernel. Raises LinkDown."""
        while data:
            handle = self._open_handle()
            try:
                data = data[os.write(handle.fileno(), data) :]
            except BlockingIOError:
                await self._writable(handle)
            except OSError as error:
                self._lose(say("takes_no_bytes", line=self.name, why=error.strerror))

    async def receive(self, until_s: float) -> bytes:
        """The bytes that came since the last call, waiting for the first until `until_s`; else none.

        `until_s` is on the event loop's clock. Raises LinkDown once the line is gone and all was taken.
        """
        if not self._buffer:
            self._open_handle()
            await self._wait(until_s)
            if not self._buffer and self._handle is None:
                self._open_handle()
        return self.take()

    def take(self) -> bytes:
        """The bytes that came since the last call, without waiting."""
        taken = bytes(self._buffer)
        self._buffer.clear()
        return taken

    async def quiet(self, until_s: float, for_s: float, give_up_s: float) -> bytes:
        """Wait until it is `until_s` and no byte came for `for_s`; gives what was thrown away meanwhile.

        All on the event loop's clock, precise to well under a millisecond. Past `give_up_s` it returns
        although the line is not silent: `last_rx_s` tells. Raises LinkDown.
        """
        loop = asyncio.get_running_loop()
        thrown = self.take()
        while (now_s := loop.time()) < give_up_s:
            at_s = max(until_s, self.last_rx_s + for_s)
            if now_s < at_s:
                self._open_handle()
                await pause_until(loop, min(at_s, give_up_s))
            elif self._kernel_is_silent():
                break
            thrown += self.take()
        self._open_handle()
        return thrown

    def _open_handle(self) -> Handle:
        if self._handle is None:
            raise self._trouble or LinkDown(say("not_open", line=self.name))
        return self._handle

    def _kernel_is_silent(self) -> bool:
        """Whether no byte waits unseen: one may, where the event loop was held up."""
        if self._handle is None or not self._kernel.poll(0):
            return True
        self._readable()
        return False

    def _readable(self) -> None:
        handle = self._handle
        if handle is None or self._loop is None:
            return
        try:
            chunk = os.read(handle.fileno(), CHUNK_BYTES)
            if not chunk:
                # A serial port with nothing to read says so in the same way as one that is gone.
                if not self._kernel.poll(0):
                    return
                chunk = os.read(handle.fileno(), CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(say("went_away", line=self.name, why=error.strerror))
            return
        if not chunk:
            self._lose(say("closed_by_other", line=self.name))
            return
        self.last_rx_s = self._loop.time()
        self._buffer += chunk
        if len(self._buffer) > BUFFER_BYTES_MAX:
            del self._buffer[:-BUFFER_BYTES_MAX]
        self._wake()

    async def _wait(self, until_s: float) -> None:
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        timer = loop.call_at(until_s, self._wake)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _writable(self, handle: Handle) -> None:
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        loop.add_writer(handle.fileno(), self._wake)
        try:
            await waiter
        finally:
            self._waiter = None
            if self._handle is handle:
                loop.remove_writer(handle.fileno())

    def _lose(self, reason: str, discard: bool = False) -> None:
        """Give the descriptor back at once: kept, it would soon be somebody else's number."""
        if discard:
            self._buffer.clear()
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        self._trouble = LinkDown(reason)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(handle.fileno())
            self._loop.remove_writer(handle.fileno())
        handle.close()
        self._wake()


async def pause_until(loop: asyncio.AbstractEventLoop, at_s: float) -> None:
    """Sleep until `at_s` with sub-millisecond precision: whole ticks asleep, the rest by yielding."""
    left_s = at_s - loop.time()
    if left_s > TICK_S:
        await asyncio.sleep(int(left_s / TICK_S) * TICK_S - TICK_S / 20)
    while loop.time() < at_s:  # noqa: ASYNC110, time is no event; less than a tick is left
        await asyncio.sleep(0)

"""A serial line on a pseudo-terminal that takes the time real characters take."""

import asyncio
import fcntl
import heapq
import itertools
import os
import selectors
import struct
import termios
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

LATENCY_S = 0.016
"""A USB adapter hands over what it received at least this often (latency timer of common FTDI chips)."""

SPIN_S = 0.000_2
"""The end of an answer is waited for this long by looking at the clock: waking up is less exact."""

UNREAD_MAX = 1024
"""Bytes that wait for a reader before the line forgets them, as a UART does with nobody listening."""

READ_MAX = 4096
FAST_BAUDRATE = 19_200
FAST_SILENCE_S = 0.00175


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How characters look on the line."""

    baudrate: int = 9600
    parity: str = "N"
    stop_bits: int = 1
    byte_size: int = 8

    @property
    def char_s(self) -> float:
        """Seconds that one character takes: start, data, parity and stop bits."""
        bits = 1 + self.byte_size + (self.parity != "N") + self.stop_bits
        return bits / self.baudrate

    @property
    def silence_s(self) -> float:
        """Least silence between two frames (Modbus over serial line V1.02 §2.5.1.1)."""
        return FAST_SILENCE_S if self.baudrate > FAST_BAUDRATE else 3.5 * self.char_s


@dataclass(frozen=True, slots=True)
class Heard:
    """Bytes that the other side sent: when their last character ended, and how long all was quiet before.

    `quiet_s` is negative where they began while the line was still busy; `clear` is False where they
    met an answer on the line, which garbles both.
    """

    data: bytes
    end_s: float
    quiet_s: float
    clear: bool


@dataclass(slots=True)
class WireCount:
    """What happened on a line since it was opened."""

    bytes_in: int = 0
    bytes_out: int = 0
    collisions: int = 0
    overruns: int = 0
    wrong_baudrate: int = 0
    late_s_max: float = 0.0


@dataclass(order=True, slots=True)
class _Transmission:
    start_s: float
    order: int
    data: bytes = field(compare=False)
    sent: int = field(compare=False, default=0)


def precise_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose timers are good to about 0.1 ms; epoll rounds up to whole milliseconds.

    It takes file descriptors below 1024 only: some 400 lines a process.
    """
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


class SerialWire:
    """The simulator's end of one line; the other end is a device file that `link` points to.

    `hear` is called with what the master sends. One event loop owns the line; times are `loop.time()`.
    """

    def __init__(
        self,
        link: Path,
        settings: LineSettings,
        hear: Callable[[Heard], None] | None = None,
        chunk_s: float = LATENCY_S,
        echo: bool = False,
    ) -> None:
        self.link = link
        self.settings = settings
        self.count = WireCount()
        self.busy_until_s = 0.0
        self._hear = hear
        self._chars_per_chunk = max(1, int(chunk_s / settings.char_s))
        self._echo = echo
        self._master = -1
        self._slave = -1
        self._queue: list[_Transmission] = []
        self._order = itertools.count()
        self._current: _Transmission | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def plugged(self) -> bool:
        """Whether the adapter is plugged in, so that its device file is there."""
        return self._master >= 0

    def open(self) -> None:
        """Plug the adapter in: make the pseudo-terminal and its stable name. Needs a running loop."""
        self._loop = asyncio.get_running_loop()
        self._master, self._slave = os.openpty()
        try:
            tty.setraw(self._slave, termios.TCSANOW)
            self._set_baudrate()
            os.set_blocking(self._master, False)
            self._name()
        except OSError:
            self.close()
            raise
        self._loop.add_reader(self._master, self._readable)

    def _name(self) -> None:
        self.link.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.link.with_name(self.link.name + ".new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.link)

    def close(self) -> None:
        """Unplug the adapter: whoever has it open sees a hang-up. Safe to call twice."""
        if not self.plugged or self._loop is None:
            return
        self._loop.remove_reader(self._master)
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._current = None, None
        self._queue.clear()
        self.link.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1

    def send(self, data: bytes, start_s: float) -> None:
        """Put `data` on the line from `start_s` on, or as soon after it as the line is free."""
        if self.plugged and data:
            heapq.heappush(self._queue, _Transmission(start_s, next(self._order), data))
            if self._current is None:
                self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._queue and self._loop is not None:
            when_s = max(self._queue[0].start_s, self.busy_until_s)
            self._timer = self._loop.call_at(when_s, self._begin)

    def _begin(self) -> None:
        assert self._loop is not None
        begin_s = max(self._queue[0].start_s, self.busy_until_s)
        if begin_s > self._loop.time():
            self._arm()
            return
        self._current = heapq.heappop(self._queue)
        self._current.start_s = begin_s
        self.busy_until_s = begin_s + len(self._current.data) * self.settings.char_s
        self._next_chunk()

    def _next_chunk(self) -> None:
        assert self._loop is not None
        assert self._current is not None
        upto = min(self._current.sent + self._chars_per_chunk, len(self._current.data))
        when_s = self._current.start_s + upto * self.settings.char_s
        early_s = SPIN_S if upto == len(self._current.data) else 0.0
        self._timer = self._loop.call_at(when_s - early_s, self._deliver, upto, when_s)

    def _deliver(self, upto: int, when_s: float) -> None:
        assert self._loop is not None
        assert self._current is not None
        current = self._current
        while self._loop.time() < when_s:
            pass
        self._put(current.data[current.sent : upto])
        self.count.late_s_max = max(self.count.late_s_max, self._loop.time() - when_s)
        current.sent = upto
        if upto < len(current.data):
            self._next_chunk()
            return
        self._current = None
        self._timer = None
        self._arm()

    def _put(self, data: bytes) -> None:
        unread = struct.unpack("i", fcntl.ioctl(self._slave, termios.FIONREAD, b"\0\0\0\0"))[0]
        if unread > UNREAD_MAX:
            termios.tcflush(self._slave, termios.TCIFLUSH)
            self.count.overruns += 1
        try:
            self.count.bytes_out += os.write(self._master, data)
        except BlockingIOError:
            self.count.overruns += 1

    def _readable(self) -> None:
        assert self._loop is not None
        try:
            data = os.read(self._master, READ_MAX)
        except (BlockingIOError, InterruptedError):
            return
        at_s = self._loop.time()
        quiet_s = at_s - self.busy_until_s
        end_s = max(at_s, self.busy_until_s) + len(data) * self.settings.char_s
        clear = self._current is None
        if not clear:
            self._garble(at_s)
            end_s = at_s + len(data) * self.settings.char_s
        self.busy_until_s = max(self.busy_until_s, end_s)
        self.count.bytes_in += len(data)
        if self._echo:
            self._loop.call_at(end_s, self._echo_back, data)
        if not self._same_baudrate():
            self.count.wrong_baudrate += 1
            return
        if self._hear is not None:
            self._hear(Heard(data, end_s, quiet_s, clear))

    def _garble(self, at_s: float) -> None:
        assert self._current is not None
        self.count.collisions += 1
        current = self._current
        kept = max(current.sent, int((at_s - current.start_s) / self.settings.char_s))
        spoilt = bytes(byte ^ 0x5A for byte in current.data[kept:])
        current.data = current.data[:kept] + spoilt

    def _echo_back(self, data: bytes) -> None:
        if self.plugged:
            self._put(data)

    def _set_baudrate(self) -> None:
        speed = _speed(self.settings.baudrate)
        if speed is not None:
            mode = termios.tcgetattr(self._slave)
            mode[4] = mode[5] = speed
            termios.tcsetattr(self._slave, termios.TCSANOW, mode)

    def _same_baudrate(self) -> bool:
        speed = _speed(self.settings.baudrate)
        return speed is None or speed == termios.tcgetattr(self._slave)[5]


def _speed(baudrate: int) -> int | None:
    speed: int | None = getattr(termios, f"B{baudrate}", None)
    return speed

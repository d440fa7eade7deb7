"""A serial line on a pseudo-terminal to which devices of different settings are wired.

A pseudo-terminal carries bytes, no levels: what an adapter would deliver at the master's settings is worked
out by `simulators.uart`, and its errors are counted here as the adapter's driver counts them.
"""

import asyncio
import os
import termios
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from simulators.uart import Char, Sent, received
from simulators.wire import LATENCY_S, READ_MAX, LineSettings, SerialWire

SPEEDS = {
    getattr(termios, f"B{baudrate}"): baudrate
    for baudrate in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
}

Answers = Callable[[bytes, LineSettings, float], Sequence[Sent]]
"""What the devices send upon bytes of the master: its settings, and when its last character ended."""


@dataclass(slots=True)
class UartErrors:
    """What the adapter's driver counts (TIOCGICOUNT): characters with errors since the port was made."""

    parity: int = 0
    frame: int = 0


class MixedWire(SerialWire):
    """One end of the line; `answers` says what the devices send. One event loop owns it.

    `swapped`: the adapter's A and B are the wrong way round on a line with bias, so that it takes the idle
    line for a break: one zero with a frame error each time that it lets go of the line, and no device ever
    understands it.
    """

    def __init__(self, link: Path, answers: Answers, echo: bool = False, swapped: bool = False) -> None:
        super().__init__(link, LineSettings())
        self.errors = UartErrors()
        self.swapped = swapped
        self.echoes = echo
        self._answers = answers

    @property
    def master(self) -> LineSettings:
        """How whoever has the device file open has set it.

        The kernel takes PARENB from a pseudo-terminal, so INPCK, which goes with it, tells of parity.
        """
        mode = termios.tcgetattr(self._slave)
        parity = "N"
        if mode[0] & termios.INPCK:
            parity = "O" if mode[2] & termios.PARODD else "E"
        stop_bits = 2 if mode[2] & termios.CSTOPB else 1
        return LineSettings(SPEEDS.get(mode[5], 9600), parity, stop_bits)

    def say(self, sent: Sequence[Sent]) -> None:
        """Put on the line what devices send, together."""
        loop = asyncio.get_running_loop()
        chars = received(sent, self.master, self.swapped)
        if sent:
            self.busy_until_s = max(self.busy_until_s, *(one.end_s for one in sent))
        for _, portion in groupby(chars, key=lambda char: int((char.at_s - chars[0].at_s) / LATENCY_S)):
            group = list(portion)
            loop.call_at(group[-1].at_s, self._hand_over, group)

    def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            data = os.read(self._master, READ_MAX)
        except (BlockingIOError, InterruptedError):
            return
        master, at_s = self.master, loop.time()
        end_s = at_s + len(data) * master.char_s
        self.count.bytes_in += len(data)
        if at_s < self.busy_until_s:
            # Nobody understands a request that meets an answer, and the adapter hears only itself.
            self.count.collisions += 1
            self.busy_until_s = max(self.busy_until_s, end_s)
            return
        self.busy_until_s = end_s
        if self.echoes:
            loop.call_at(end_s, self._put_open, data)
        if self.swapped:
            loop.call_at(end_s, self._hand_over, [Char(end_s, 0, frame_error=True)])
            return
        self.say(self._answers(data, master, end_s))

    def _hand_over(self, chars: Sequence[Char]) -> None:
        if not self.plugged:
            return
        self.errors.parity += sum(char.parity_error for char in chars)
        self.errors.frame += sum(char.frame_error for char in chars)
        checked = self.master.parity != "N"
        self._put(bytes(0 if checked and char.wrong else char.byte for char in chars))

    def _put_open(self, data: bytes) -> None:
        if self.plugged:
            self._put(data)

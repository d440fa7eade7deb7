"""Serial ports: opened by pyserial, every failure with its remedy."""

import contextlib
import errno
import os
import termios
from dataclasses import dataclass
from pathlib import Path

import serial
from serial.tools import list_ports

from drivers.line import Handle
from edge.core.errors import LinkDown
from edge.core.sayings import say

BY_ID = Path("/dev/serial/by-id")
LISTED_MAX = 6
"""How many adapters an error message names."""

_BUSY = (errno.EBUSY, errno.EAGAIN)
_DENIED = (errno.EACCES, errno.EPERM)
_ABSENT = (errno.ENOENT, errno.ENODEV, errno.ENXIO)


@dataclass(frozen=True, slots=True)
class SerialOpening:
    """A serial port and its settings; a by-id name is resolved anew at every open."""

    path: str
    baudrate: int = 9600
    byte_size: int = 8
    parity: str = "N"
    stop_bits: int = 1

    @property
    def name(self) -> str:
        """The device file."""
        return self.path

    async def open(self) -> Handle:
        """Open the port for this process alone. Raises LinkDown."""
        try:
            port = serial.Serial(
                self.path,
                baudrate=self.baudrate,
                bytesize=self.byte_size,
                parity="N" if _is_pseudo(self.path) else self.parity,
                stopbits=self.stop_bits,
                timeout=0,
                exclusive=True,
            )
        except (OSError, ValueError, termios.error) as error:
            raise LinkDown(_sentence(self.path, error)) from error
        _settle_input(port.fileno(), self.parity)
        # FTDI adapters hold bytes back for 16 ms otherwise; ports that know no such flag say so.
        with contextlib.suppress(ValueError, OSError):
            port.set_low_latency_mode(True)
        return port


def _is_pseudo(path: str) -> bool:
    """Whether it is a pseudo-terminal (socat, a simulated line): they know no parity and refuse it."""
    return os.path.realpath(path).startswith("/dev/pts/")


def _settle_input(descriptor: int, parity: str) -> None:
    """A break is noise on RS-485; with BRKINT left on by another program it would flush what was received.

    Where there is parity it is looked at: a character that fails is read as zero, never as a good one.
    """
    mode = termios.tcgetattr(descriptor)
    mode[0] &= ~(termios.BRKINT | termios.INPCK)
    mode[2] &= ~termios.PARODD
    if parity != "N":
        mode[0] |= termios.INPCK
        mode[2] |= termios.PARODD if parity == "O" else 0
    termios.tcsetattr(descriptor, termios.TCSANOW, mode)


def _sentence(path: str, error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number in _ABSENT:
        return say("port_absent", line=path, known=_candidates())
    if number in _DENIED:
        return say("port_denied", line=path)
    if number in _BUSY:
        return say("port_busy", line=path, path=path)
    if isinstance(error, ValueError):
        return say("port_settings", line=path, why=error)
    return say("port_no_serial", line=path, why=error)


def adapters() -> tuple[str, ...]:
    """The serial adapters that are plugged in: by their stable names, then ports that have none."""
    named = sorted(BY_ID.glob("*")) if BY_ID.is_dir() else []
    targets = {str(path.resolve()) for path in named}
    plugged = sorted(port.device for port in list_ports.comports() if port.hwid != "n/a")
    return (*map(str, named), *(device for device in plugged if device not in targets))


def _candidates() -> str:
    found = sorted(str(path) for path in BY_ID.glob("*"))[:LISTED_MAX]
    if not found:
        return f"No adapter is listed under {BY_ID}."
    return f"Plugged in: {', '.join(found)}."

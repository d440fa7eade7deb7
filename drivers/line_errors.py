"""What the driver of a serial adapter counts: characters with wrong parity, no stop bit, or breaks.

The kernel keeps the totals of each port (TIOCGICOUNT of linux/serial.h); pseudo-terminals, network
converters and some adapters have none.
"""

import fcntl
import struct
from dataclasses import dataclass

TIOCGICOUNT = 0x545D
"""As on x86 and ARM (asm-generic/ioctls.h)."""

_LAYOUT = struct.Struct("20i")
_FRAME, _PARITY, _BREAKS = 6, 8, 9


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """Totals since the port was made, or what one question added to them."""

    parity: int = 0
    frame: int = 0
    breaks: int = 0

    def since(self, before: "ErrorCounts") -> "ErrorCounts":
        """What came on top of `before`."""
        return ErrorCounts(
            self.parity - before.parity, self.frame - before.frame, self.breaks - before.breaks
        )

    def __bool__(self) -> bool:
        return bool(self.parity or self.frame or self.breaks)


def error_counts(descriptor: int) -> ErrorCounts | None:
    """The totals of the port that is open there; None where nobody counts."""
    try:
        counted = _LAYOUT.unpack(fcntl.ioctl(descriptor, TIOCGICOUNT, bytes(_LAYOUT.size)))
    except OSError:
        return None
    return ErrorCounts(counted[_PARITY], counted[_FRAME], counted[_BREAKS])

"""What raw serial sensors have in common: a stream of bytes in, whole frames out."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame with a good checksum; `data` ends where its measured values end."""

    data: bytes


class FrameParser(Protocol):
    """Finds frames in a byte stream. Pure: no clock, no line; never raises, whatever the bytes are."""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, oldest first."""

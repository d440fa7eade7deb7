"""What raw serial sensors have in common: a stream of bytes in, whole frames out. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

VALUES = "values"
"""Kind of the frames that hold measured values."""


class State(StrEnum):
    """What a sensor says of itself in a frame."""

    FINE = "fine"
    DOUBTFUL = "doubtful"
    """It reports a fault of its own: its values are suspect."""
    EMPTY = "empty"
    """It has nothing new."""
    IDLE = "idle"
    """It does not measure, or not in the way that is understood here: it must be started."""
    REFUSED = "refused"
    """It does not do what it was asked."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame with a good checksum; `data` ends where its measured values end.

    `kind` is VALUES, or what the frame answers to; `note` is what a refusal says.
    """

    data: bytes
    kind: str = VALUES
    state: State = State.FINE
    note: str = ""


class FrameParser(Protocol):
    """Finds frames in a byte stream. Pure: no clock, no line; never raises, whatever the bytes are."""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, oldest first."""


Size = Callable[[bytes, int], int | None]
"""Bytes of the frame that begins at this place; 0 where none can, None while that is not known."""

Make = Callable[[bytes], Frame | None]
"""The frame that these bytes are, None where its checksum is wrong."""


class Scanner:
    """A parser for frames that begin with known bytes and then tell how long they are.

    Whatever turns out to be no frame is searched anew from its second byte on, since a good one may begin
    inside it. Between two calls it holds less than one frame.
    """

    def __init__(self, start: bytes, size: Size, make: Make) -> None:
        self._start, self._size, self._make = start, size, make
        self._buffer = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, oldest first."""
        buffer, at = self._buffer + data, 0
        frames: list[Frame] = []
        while (at := buffer.find(self._start, at)) >= 0:
            size = self._size(buffer, at)
            if size is None or len(buffer) - at < size:
                self._buffer = buffer[at:]
                return frames
            frame = self._make(buffer[at : at + size]) if size else None
            if frame is not None:
                frames.append(frame)
            at += size if frame is not None else 1
        self._buffer = self._begun(buffer)
        return frames

    def _begun(self, buffer: bytes) -> bytes:
        """As much of the starting bytes as the buffer ends with."""
        for length in range(len(self._start) - 1, 0, -1):
            if buffer.endswith(self._start[:length]):
                return self._start[:length]
        return b""

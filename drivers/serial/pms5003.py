"""Plantower PMS5003 and its relatives: frames of particle counts. Pure.

A frame is 42 4D, a length, big-endian 16-bit values, and a sum of all bytes before it. `length` counts what
follows it: 28 for PMS5003 and 7003, 20 for older sensors, which have reserved words where the newer ones
count particles, and 36 for the 5003ST, which adds formaldehyde, temperature and humidity behind.
"""

from drivers.serial.frame import Frame

MAGIC = b"\x42\x4d"
HEADER_BYTES = 4
CHECKSUM_BYTES = 2

USABLE_BYTES = {20: 16, 28: 28, 36: 36}
"""Length field of each variant, and where in its frame the measured values end."""

FRAME_BYTES_MAX = HEADER_BYTES + max(USABLE_BYTES)


class Pms5003Parser:
    """Finds the frames in whatever the sensor's line brings; its buffer never holds more than one frame."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, oldest first."""
        self._buffer += data
        frames: list[Frame] = []
        while (at := self._buffer.find(MAGIC)) >= 0:
            self._buffer = self._buffer[at:]
            size = _size(self._buffer)
            if size is None or len(self._buffer) < size:
                return frames
            if size and _is_good(self._buffer[:size]):
                frames.append(Frame(self._buffer[: USABLE_BYTES[size - HEADER_BYTES]]))
                self._buffer = self._buffer[size:]
            else:
                # The magic was noise, or the frame is spoilt: the next one may begin inside it.
                self._buffer = self._buffer[len(MAGIC) :]
        self._buffer = MAGIC[:1] if self._buffer.endswith(MAGIC[:1]) else b""
        return frames


def _size(buffer: bytes) -> int | None:
    """Bytes of the frame that begins here; 0 where none can, None while that is not known."""
    if len(buffer) < HEADER_BYTES:
        return None
    length = int.from_bytes(buffer[2:HEADER_BYTES], "big")
    return HEADER_BYTES + length if length in USABLE_BYTES else 0


def _is_good(frame: bytes) -> bool:
    return sum(frame[:-CHECKSUM_BYTES]) == int.from_bytes(frame[-CHECKSUM_BYTES:], "big")

"""Winsen MH-Z19: carbon dioxide, asked for by nine bytes and answered by nine. Pure.

A request is FF 01, a code, five bytes and a checksum; an answer FF, the code, six bytes and a checksum, which
is the two's complement of the sum of all but the first byte. Its zero calibration (code 87) is not here on
purpose: said at the wrong time, it spoils every later value.
"""

from drivers.serial.frame import Frame, Scanner
from drivers.serial.sensor import Ask, Sensor

HEAD, ADDRESS = 0xFF, 0x01
FRAME_BYTES = 9
VALUES_END = 4
READ, AUTO_BASELINE = 0x86, 0x79
ON, OFF = 0xA0, 0x00


class Mhz19Parser(Scanner):
    """Finds the frames in whatever the sensor's line brings."""

    def __init__(self) -> None:
        super().__init__(bytes((HEAD,)), _size, _made)


def command(code: int, data: int = 0) -> bytes:
    """The nine bytes that ask or tell the sensor something."""
    body = bytes((ADDRESS, code, data, 0, 0, 0, 0))
    return bytes((HEAD,)) + body + bytes((_checksum(body),))


def _size(buffer: bytes, at: int) -> int | None:
    if len(buffer) - at < 2:
        return None
    return FRAME_BYTES if buffer[at + 1] == READ else 0


def _made(frame: bytes) -> Frame | None:
    return Frame(frame[:VALUES_END]) if _checksum(frame[1:-1]) == frame[-1] else None


def _checksum(body: bytes) -> int:
    return -sum(body) & 0xFF


MHZ19 = Sensor(
    parser=Mhz19Parser,
    frame_bytes_max=FRAME_BYTES,
    query=Ask(command(READ)),
    warm_up_s=180.0,
    baseline_on=Ask(command(AUTO_BASELINE, ON)),
    baseline_off=Ask(command(AUTO_BASELINE, OFF)),
)

"""Nova SDS011: PM2.5 and PM10 in frames of ten bytes, and the commands that it takes. Pure.

A frame is AA C0, two little-endian 16-bit values in 0.1 ug/m3, the sensor's id, the low byte of the sum of
these six bytes, and AB. Before its first measurement the sensor sends zeroes for both values. A command is
AA B4, 15 bytes of which the last two are the id (FF FF: whoever hears it), their sum, and AB.
"""

from drivers.serial.frame import Frame, Scanner
from drivers.serial.sensor import Ask, Sensor

HEAD, TAIL = 0xAA, 0xAB
REPORT, COMMAND = 0xC0, 0xB4
FRAME_BYTES = 10
VALUES_AT, VALUES_END = 2, 6
CHECKSUM_AT = 8
DATA_BYTES = 13
ANY_ID = b"\xff\xff"

MODE, QUERY, POWER = 0x02, 0x04, 0x06
"""First byte of a command's data. MODE takes 0 for sending by itself and 1 for being asked, POWER 0 and 1."""


class Sds011Parser(Scanner):
    """Finds the frames in whatever the sensor's line brings."""

    def __init__(self) -> None:
        super().__init__(bytes((HEAD,)), _size, _made)


def command(*data: int) -> bytes:
    """The nineteen bytes that tell the sensor something."""
    body = bytes(data).ljust(DATA_BYTES, b"\x00") + ANY_ID
    return bytes((HEAD, COMMAND)) + body + bytes((sum(body) & 0xFF, TAIL))


def _size(buffer: bytes, at: int) -> int | None:
    if len(buffer) - at < 2:
        return None
    return FRAME_BYTES if buffer[at + 1] == REPORT else 0


def _made(frame: bytes) -> Frame | None:
    if frame[-1] != TAIL or sum(frame[VALUES_AT:CHECKSUM_AT]) & 0xFF != frame[CHECKSUM_AT]:
        return None
    # Both zero is what it says before it has measured: the frame ends before its values then.
    return Frame(frame[: VALUES_END if any(frame[VALUES_AT:VALUES_END]) else VALUES_AT])


SDS011 = Sensor(
    parser=Sds011Parser,
    frame_bytes_max=FRAME_BYTES,
    interval_s=1.5,
    query=Ask(command(QUERY)),
    active=(Ask(command(MODE, 1, 0)),),
    passive=(Ask(command(MODE, 1, 1)),),
    wake=(Ask(command(POWER, 1, 1)),),
    sleep=(Ask(command(POWER, 1, 0)),),
)

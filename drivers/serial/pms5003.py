"""Plantower PMS5003 and its relatives: frames of particle counts, and the commands that they take. Pure.

A frame is 42 4D, a length, big-endian 16-bit values, and a sum of all bytes before it. `length` counts what
follows it: 28 for PMS5003 and 7003, 20 for older sensors, which have reserved words where the newer ones
count particles, and 36 for the 5003ST, which adds formaldehyde, temperature and humidity behind. A command is
42 4D, its code, two bytes of data and the sum; what some models answer to it is no frame of values.
"""

from drivers.serial.frame import Frame, Scanner
from drivers.serial.sensor import Ask, Sensor

MAGIC = b"\x42\x4d"
HEADER_BYTES = 4
CHECKSUM_BYTES = 2

USABLE_BYTES = {20: 16, 28: 28, 36: 36}
"""Length field of each variant, and where in its frame the measured values end."""

FRAME_BYTES_MAX = HEADER_BYTES + max(USABLE_BYTES)

MODE, READ, POWER = 0xE1, 0xE2, 0xE4
"""Codes of commands; MODE takes 0 for passive and 1 for active, POWER 0 for sleep and 1 for waking up."""


class Pms5003Parser(Scanner):
    """Finds the frames in whatever the sensor's line brings."""

    def __init__(self) -> None:
        super().__init__(MAGIC, _size, _made)


def command(code: int, data: int = 0) -> bytes:
    """The seven bytes that tell the sensor something."""
    body = MAGIC + bytes((code,)) + data.to_bytes(2, "big")
    return body + sum(body).to_bytes(CHECKSUM_BYTES, "big")


def _size(buffer: bytes, at: int) -> int | None:
    if len(buffer) - at < HEADER_BYTES:
        return None
    length = int.from_bytes(buffer[at + 2 : at + HEADER_BYTES], "big")
    return HEADER_BYTES + length if length in USABLE_BYTES else 0


def _made(frame: bytes) -> Frame | None:
    if sum(frame[:-CHECKSUM_BYTES]) != int.from_bytes(frame[-CHECKSUM_BYTES:], "big"):
        return None
    return Frame(frame[: USABLE_BYTES[len(frame) - HEADER_BYTES]])


PMS5003 = Sensor(
    parser=Pms5003Parser,
    frame_bytes_max=FRAME_BYTES_MAX,
    interval_s=2.3,
    query=Ask(command(READ)),
    active=(Ask(command(MODE, 1)),),
    passive=(Ask(command(MODE, 0)),),
    wake=(Ask(command(POWER, 1)),),
    sleep=(Ask(command(POWER, 0)),),
)

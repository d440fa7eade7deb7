"""Sensirion SPS30 over SHDLC: particle mass, number and size, asked for while it measures. Pure.

A frame lies between two bytes 7E; inside, 7E, 7D, 11 and 13 are written as 7D and the byte xor 20. A request
is address, code, length, data and checksum; an answer has a state behind the code. The checksum is the
inverted low byte of the sum of all before it. Values are ten big-endian floats.
"""

from types import MappingProxyType

from drivers.serial.frame import VALUES, Frame, State
from drivers.serial.sensor import Ask, Sensor

FLAG, ESCAPE, FLIP = 0x7E, 0x7D, 0x20
STUFFED = bytes((FLAG, ESCAPE, 0x11, 0x13))
ADDRESS = 0
HEADER_BYTES = 4
VALUES_BYTES = 40
START, STOP, READ = 0x00, 0x01, 0x03
AS_FLOATS = b"\x01\x03"

KINDS = MappingProxyType({START: "start", STOP: "stop", READ: VALUES})
"""Codes of commands, and what the frames are that answer them."""

DEVICE_ERROR = 0x80
"""Bit of the state byte: fan, laser or temperature is out of its bounds."""

NOT_NOW = 0x43
REFUSALS = MappingProxyType(
    {
        0x01: "wrong length of data",
        0x02: "unknown command",
        0x03: "no access right",
        0x04: "illegal parameter",
        0x28: "argument out of range",
        NOT_NOW: "not allowed in its present state",
    }
)
"""What the state codes of SHDLC devices mean, for people; only NOT_NOW decides anything."""

INNER_BYTES_MAX = HEADER_BYTES + VALUES_BYTES + 1
STUFFED_BYTES_MAX = 2 * INNER_BYTES_MAX


class Sps30Parser:
    """Finds the frames in whatever the sensor's line brings.

    Every flag ends one frame and begins the next, so that noise costs the frame that it hits and no other.
    Between two calls it holds at most one byte more than the longest frame.
    """

    def __init__(self) -> None:
        self._inside: bytes | None = None

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, oldest first."""
        head, *rest = data.split(bytes((FLAG,)))
        frames: list[Frame] = []
        if self._inside is not None:
            head = self._inside + head
        elif rest:
            head = b""
        else:
            return frames
        *whole, tail = head, *rest
        for stuffed in whole:
            frame = _made(unstuffed(stuffed)) if 0 < len(stuffed) <= STUFFED_BYTES_MAX else None
            if frame is not None:
                frames.append(frame)
        self._inside = tail[: STUFFED_BYTES_MAX + 1]
        return frames


def command(code: int, data: bytes = b"") -> bytes:
    """A request, ready for the wire."""
    body = bytes((ADDRESS, code, len(data))) + data
    return wrapped(body + bytes((_checksum(body),)))


def wrapped(inner: bytes) -> bytes:
    """`inner` stuffed and between flags."""
    flag = bytes((FLAG,))
    return flag + b"".join(_stuffed(byte) for byte in inner) + flag


def unstuffed(stuffed: bytes) -> bytes:
    """What lies between two flags, as it was before stuffing; nothing where that cannot be."""
    first, *rest = stuffed.split(bytes((ESCAPE,)))
    if not all(rest):
        return b""
    return first + b"".join(bytes((part[0] ^ FLIP,)) + part[1:] for part in rest)


def _stuffed(byte: int) -> bytes:
    return bytes((ESCAPE, byte ^ FLIP)) if byte in STUFFED else bytes((byte,))


def _made(inner: bytes) -> Frame | None:
    if len(inner) <= HEADER_BYTES or len(inner) != HEADER_BYTES + inner[3] + 1:
        return None
    kind = KINDS.get(inner[1])
    if inner[0] != ADDRESS or kind is None or _checksum(inner[:-1]) != inner[-1]:
        return None
    code = inner[2] & ~DEVICE_ERROR
    state = _state(kind, inner[2], inner[3])
    usable = inner[:-1] if kind == VALUES and inner[3] == VALUES_BYTES else inner[:HEADER_BYTES]
    return Frame(usable, kind, state, REFUSALS.get(code, f"state {code:02X}") if code else "")


def _state(kind: str, said: int, length: int) -> State:
    code = said & ~DEVICE_ERROR
    if code == NOT_NOW or (kind == VALUES and not code and length not in (0, VALUES_BYTES)):
        return State.IDLE
    if code:
        return State.REFUSED
    if kind == VALUES and length == 0:
        return State.EMPTY
    return State.DOUBTFUL if said & DEVICE_ERROR else State.FINE


def _checksum(body: bytes) -> int:
    return ~sum(body) & 0xFF


SPS30 = Sensor(
    parser=Sps30Parser,
    frame_bytes_max=2 + STUFFED_BYTES_MAX,
    query=Ask(command(READ), VALUES),
    wake=(Ask(command(STOP), KINDS[STOP]), Ask(command(START, AS_FLOATS), KINDS[START])),
    sleep=(Ask(command(STOP), KINDS[STOP]),),
)

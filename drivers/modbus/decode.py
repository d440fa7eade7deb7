"""From bytes on the wire to values, and back. Pure; a decoder is compiled once and then runs fast."""

from collections.abc import Sequence

from drivers.coded import Coded, ProfilePoint
from drivers.modbus.plan import Block
from edge.core.model import Quality

Flags = tuple[tuple[int, Quality], ...]


class Decoder:
    """Decodes the answers to `blocks` into the values of `points`, in the order of `points`.

    A value is None, and flagged bad, where its block brought nothing, no block covers it, the device
    says that it has none (NaN, `invalid`), or it is outside what can be true.
    """

    def __init__(self, points: Sequence[ProfilePoint], blocks: Sequence[Block]) -> None:
        raise NotImplementedError

    def decode(self, raw: Sequence[bytes | None]) -> tuple[tuple[float | None, ...], Flags]:
        """Values and flags from the register bytes of each block as on the wire, None where it failed.

        Coils are bytes of 8 with the lowest address in the lowest bit. Raises ProtocolError where an
        answer's length is not its block's.
        """
        raise NotImplementedError


def encode(coded: Coded, value: float) -> tuple[int, ...]:
    """The registers (16-bit words in wire order) or the coil that say `value`; a bit is set in its place.

    Raises ConfigError where the value does not fit the type.
    """
    raise NotImplementedError

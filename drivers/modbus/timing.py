"""How long things take on a serial line. Pure."""

from dataclasses import dataclass

from edge.config.schema import Bus

SILENCE_CHARS = 3.5
"""Silence between two frames (Modbus over serial line V1.02 §2.5.1.1)."""

FAST_SILENCE_S = 0.001_75
"""The same above 19200 baud, fixed (ibid.)."""

FAST_BAUDRATE = 19_200


@dataclass(frozen=True, slots=True)
class WireTiming:
    """Character time and inter-frame silence of one bus, in seconds."""

    char_s: float
    silence_s: float

    @classmethod
    def of(cls, bus: Bus) -> "WireTiming":
        """By the bus's settings: a character is start bit, data bits, parity bit if any, stop bits."""
        bits = 1 + bus.byte_size + (bus.parity != "N") + bus.stop_bits
        char_s = bits / bus.baudrate
        fast = bus.baudrate > FAST_BAUDRATE
        return cls(char_s, FAST_SILENCE_S if fast else SILENCE_CHARS * char_s)

    def wire_s(self, length: int) -> float:
        """How long `length` characters are on the wire."""
        return length * self.char_s

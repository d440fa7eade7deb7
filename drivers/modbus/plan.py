"""Which registers to ask for at once: few requests, within the device's limits, around what it refuses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drivers.coded import Coded, Table


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """One request: `count` registers (coils; bytes of a frame) from `address` on."""

    table: Table
    address: int
    count: int

    @property
    def end(self) -> int:
        """First address behind the block."""
        return self.address + self.count

    def covers(self, other: "Block | Coded") -> bool:
        """Whether all of `other` lies in this block."""
        return self.table is other.table and self.address <= other.address and other.end <= self.end


def plan_blocks(
    points: Iterable[Coded], gap_max: int, count_max: int, barriers: Iterable[Block] = ()
) -> tuple[Block, ...]:
    """The fewest requests that bring every readable point, each point whole in one of them.

    `gap_max` bounds each run that is read needlessly, `count_max` a request (a value wider than that is
    asked for alone). `barriers` are requests that the device refused with exception 02: none of them is
    part of any block, so a point that contains one is unreadable and left out.
    """
    raise NotImplementedError


def split(block: Block, points: Iterable[Coded]) -> tuple[Block, ...]:
    """Two halves that cover the same points without the filler between them; () where it is one value."""
    raise NotImplementedError


def culprit(block: Block, halves: Sequence[Block]) -> Block:
    """What to keep as a barrier when `block` was refused though both halves were answered.

    The filler between the halves; the block itself where they touch.
    """
    raise NotImplementedError


def write_barriers(barriers: Iterable[Block]) -> str:
    """Barriers as a short text for the driver's memory: `input:12+2 holding:40+1`."""
    raise NotImplementedError


def read_barriers(text: str) -> frozenset[Block]:
    """Barriers from `write_barriers`; what cannot be understood is left out, and learnt again."""
    raise NotImplementedError


def character_s(baudrate: int, parity: str, stop_bits: int) -> float:
    """Seconds that one character takes: start bit, 8 data bits, parity bit if any, stop bits."""
    raise NotImplementedError


def silence_s(baudrate: int, parity: str, stop_bits: int) -> float:
    """Least silence between two frames: 3.5 characters, 1.75 ms above 19200 baud.

    Modbus over serial line V1.02 §2.5.1.1.
    """
    raise NotImplementedError


def wire_time_s(block: Block, baudrate: int, parity: str, stop_bits: int, turnaround_s: float) -> float:
    """Seconds that one read takes on an RTU line: request, turnaround, answer, silence before the next."""
    raise NotImplementedError

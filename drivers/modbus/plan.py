"""Which registers to ask for at once: few requests, within the device's limits, around what it refuses."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drivers.coded import Coded, Table
from drivers.modbus.timing import WireTiming

_REQUEST_CHARS = 8
_ANSWER_CHARS = 5
_BARRIER = re.compile(r"(coil|discrete|holding|input|frame):(\d{1,5})\+(\d{1,4})")


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
    walls = tuple(barriers)
    blocks: list[Block] = []
    for span in _spans(points):
        if not _free(span, walls):
            continue
        wider = _join(blocks[-1], span, gap_max) if blocks else None
        if wider is not None and wider.count <= max(count_max, blocks[-1].count) and _free(wider, walls):
            blocks[-1] = wider
        else:
            blocks.append(span)
    return tuple(blocks)


def split(block: Block, points: Iterable[Coded]) -> tuple[Block, ...]:
    """Two halves that cover the same points without the filler between them; () where it is one value."""
    spans = [span for span in _spans(points) if block.covers(span)]
    ends = [max(span.end for span in spans[: index + 1]) for index in range(len(spans))]
    cuts = [index for index in range(1, len(spans)) if spans[index].address >= ends[index - 1]]
    if not cuts:
        return ()
    middle = (block.address + block.end) / 2
    cut = min(cuts, key=lambda index: abs(spans[index].address - middle))
    left, right = spans[0].address, spans[cut].address
    return (
        Block(block.table, left, ends[cut - 1] - left),
        Block(block.table, right, ends[-1] - right),
    )


def culprit(block: Block, halves: Sequence[Block]) -> Block:
    """What to keep as a barrier when `block` was refused though both halves were answered.

    The filler between the halves; the block itself where they touch.
    """
    left, right = halves
    if left.end < right.address:
        return Block(block.table, left.end, right.address - left.end)
    return Block(block.table, left.address, right.end - left.address)


def write_barriers(barriers: Iterable[Block]) -> str:
    """Barriers as a short text for the driver's memory: `holding:40+1 input:12+2`."""
    return " ".join(f"{block.table}:{block.address}+{block.count}" for block in sorted(barriers))


def read_barriers(text: str) -> frozenset[Block]:
    """Barriers from `write_barriers`; what cannot be understood is left out, and learnt again."""
    found = (_BARRIER.fullmatch(word) for word in text.split())
    return frozenset(Block(Table(hit[1]), int(hit[2]), int(hit[3])) for hit in found if hit and int(hit[3]))


def wire_time_s(block: Block, timing: WireTiming, turnaround_s: float) -> float:
    """Seconds that one read takes on an RTU line: request, turnaround, answer, silence before the next."""
    bits = block.table in (Table.COIL, Table.DISCRETE)
    answer = _ANSWER_CHARS + ((block.count + 7) // 8 if bits else 2 * block.count)
    return timing.wire_s(_REQUEST_CHARS + answer) + turnaround_s + timing.silence_s


def _spans(points: Iterable[Coded]) -> list[Block]:
    """What each point takes, each once, in the order in which blocks grow."""
    return sorted({Block(point.table, point.address, point.count) for point in points})


def _join(block: Block, span: Block, gap_max: int) -> Block | None:
    """`block` grown over `span`, None where too much would be read needlessly between them."""
    if span.table is not block.table or span.address - block.end > gap_max:
        return None
    return Block(block.table, block.address, max(block.end, span.end) - block.address)


def _free(block: Block, barriers: Sequence[Block]) -> bool:
    return not any(block.covers(barrier) for barrier in barriers)

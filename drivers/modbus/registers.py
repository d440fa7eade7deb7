"""What a technician asks of a device: its registers as they are, and which points lie where. Pure."""

from collections.abc import Iterable, Sequence

from drivers.coded import Coded, Table, Type
from drivers.modbus.plan import Block
from drivers.modbus.round import Round
from edge.core.errors import ConfigError
from edge.core.registers import MappedPoint, RegisterBlock
from edge.core.sayings import say

BLOCKS_MAX = 8
"""Most requests that one look at a device costs; what lies beyond is not shown."""


def blocks_of(device: str, rounds: Iterable[Round]) -> Sequence[RegisterBlock]:
    """The requests that bring what is polled of a device. Raises ConfigError where there is nothing."""
    mine = [made for made in rounds if made.poll.device == device]
    if not mine:
        raise ConfigError(say("no_registers_polled", device=device))
    blocks = dict.fromkeys(block for made in mine for block in made.blocks)
    return [RegisterBlock(one.table.value, one.address, one.count) for one in sorted(blocks)[:BLOCKS_MAX]]


def map_of(device: str, rounds: Iterable[Round]) -> Sequence[MappedPoint]:
    """The points of a device in the order of their registers."""
    points = [point for made in rounds if made.poll.device == device for point in made.points]
    points.sort(key=lambda point: (point.table.value, point.address, point.name))
    return [
        MappedPoint(point.name, point.table.value, point.address, point.count, _kind(point))
        for point in points
    ]


def planned_block(device: str, block: RegisterBlock, rounds: Iterable[Round]) -> tuple[int, Block]:
    """The unit and the request of a block. Raises ConfigError for one that is not polled."""
    for made in rounds:
        if made.poll.device == device:
            for one in made.blocks:
                if (one.table.value, one.address, one.count) == (block.table, block.address, block.count):
                    return made.address, one
    raise ConfigError(say("not_polled", device=device, block=block.name))


def unpacked(block: Block, data: bytes) -> Sequence[int]:
    """Registers as numbers from 0 to 65535, or bits as 0 and 1."""
    if block.table in (Table.COIL, Table.DISCRETE):
        return [data[at // 8] >> at % 8 & 1 for at in range(block.count)]
    return [int.from_bytes(data[at : at + 2]) for at in range(0, 2 * block.count, 2)]


def _kind(point: Coded) -> str:
    if point.type in (Type.BIT, Type.COIL, Type.U16, Type.S16):
        return point.type.value
    return f"{point.type.value} {point.word_order.value}"

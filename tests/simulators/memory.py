"""A slave with plain registers, for tests of what stands around it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from drivers.profile import Table
from simulators.modbus import Code, Refusal


@dataclass
class PlainUnit:
    """Every table has `size` places; a register holds its own address until it is written."""

    size: int = 200
    set: dict[tuple[Table, int], int] = field(default_factory=dict)

    def read(self, table: Table, address: int, count: int) -> Sequence[int]:
        if address + count > self.size:
            raise Refusal(Code.ILLEGAL_ADDRESS)
        bits = table in (Table.COIL, Table.DISCRETE)
        return [
            self.set.get((table, one), one % 2 if bits else one) for one in range(address, address + count)
        ]

    def write(self, table: Table, address: int, values: Sequence[int]) -> None:
        if address + len(values) > self.size:
            raise Refusal(Code.ILLEGAL_ADDRESS)
        for offset, value in enumerate(values):
            self.set[table, address + offset] = value

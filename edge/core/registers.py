"""Shapes and the port of raw registers: what a technician looks at when a value cannot be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from edge.core.ports import Breathe


@dataclass(frozen=True, slots=True)
class RegisterBlock:
    """Registers or bits that one request brings: `table` is coil, discrete, holding or input."""

    table: str
    address: int
    count: int

    @property
    def name(self) -> str:
        """How a block is called in an outcome: `holding 40+6`."""
        return f"{self.table} {self.address}+{self.count}"


@dataclass(frozen=True, slots=True)
class MappedPoint:
    """Where a point of a device lies: `kind` is how its registers are read, such as `u16` or `f32`."""

    point: str
    table: str
    address: int
    count: int
    kind: str


@runtime_checkable
class RegisterDriver(Protocol):
    """What a driver of registers offers beside polling. Only that bus's own task calls `read_registers`."""

    def blocks_of(self, device: str) -> Sequence[RegisterBlock]:
        """The requests that bring all that is polled of a device. Pure."""

    def map_of(self, device: str) -> Sequence[MappedPoint]:
        """The points of a device by their registers. Pure."""

    async def read_registers(self, device: str, block: RegisterBlock, breathe: Breathe) -> Sequence[int]:
        """The block's registers, or its bits, as they are. Raises as Driver.read does."""

"""Numbers in a device: where they lie, how they are written, what they mean."""

from dataclasses import dataclass
from enum import StrEnum

from drivers.shapes import FORBID, Address, Bit, Divisor, Integers, Range, Seconds, Stride
from edge.core.errors import ConfigError
from edge.core.vocabulary import Quantity, quantity

_REGISTERS = {"u16": 1, "s16": 1, "u32": 2, "s32": 2, "f32": 2, "u64": 4, "s64": 4, "f64": 4}


class Table(StrEnum):
    """Where a value lies: one of Modbus's four tables, a sensor's own frame, an access point's answer."""

    COIL = "coil"
    DISCRETE = "discrete"
    HOLDING = "holding"
    INPUT = "input"
    FRAME = "frame"
    """A raw serial sensor's frame; addresses and counts are bytes."""
    ANSWER = "answer"
    """What an access point answers; the point's `path` says where."""


class Type(StrEnum):
    """How a value is written; `bit` is one bit of a 16-bit register, `coil` a coil or discrete input."""

    U16 = "u16"
    S16 = "s16"
    U32 = "u32"
    S32 = "s32"
    U64 = "u64"
    S64 = "s64"
    F32 = "f32"
    F64 = "f64"
    BIT = "bit"
    COIL = "coil"


class WordOrder(StrEnum):
    """Order of the bytes on the wire, A being the most significant; 64-bit values likewise."""

    ABCD = "ABCD"
    CDAB = "CDAB"
    BADC = "BADC"
    DCBA = "DCBA"


class Curve(StrEnum):
    """How a level is written: as itself, as a DALI arc level 0 to 254 on the logarithmic curve, or as a
    share of the full signal (percent, by scale and offset) that is taken for that share of 254."""

    LINEAR = "linear"
    DALI = "dali"
    LOGARITHMIC = "logarithmic"


class Per(StrEnum):
    """What an address is repeated for, by the strides of `[addressing]`."""

    UNIT = "unit"
    CHANNEL = "channel"
    SUB_ADDRESS = "sub_address"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A number and where and how it is written: value = raw * scale / divisor + offset.


    `channel_stride` overrides the profile's where this register's table is laid out otherwise.
    """

    __pydantic_config__ = FORBID
    name: str
    table: Table
    address: Address
    type: Type
    word_order: WordOrder = WordOrder.ABCD
    bit: Bit | None = None
    scale: float = 1.0
    divisor: Divisor = 1
    offset: float = 0.0
    curve: Curve = Curve.LINEAR
    per: Per = Per.UNIT
    channel_stride: Stride | None = None
    verified: bool = True
    note: str = ""

    @property
    def count(self) -> int:
        """Registers that the value takes; coils for a coil, bytes in a frame."""
        registers = _REGISTERS.get(self.type, 1)
        return 2 * registers if self.table is Table.FRAME else registers

    @property
    def end(self) -> int:
        """First address behind the value."""
        return self.address + self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePoint(Coded):
    """A quantity of the vocabulary that the device measures; `invalid` raw numbers mean no value.

    `path` stands for table, address and type where an access point is asked.
    """

    __pydantic_config__ = FORBID
    invalid: Integers = ()
    range: Range | None = None
    interval_s: Seconds | None = None
    path: str = ""

    @property
    def quantity(self) -> Quantity:
        """What the vocabulary says about it. Raises ConfigError for a name that is not there."""
        found = quantity(self.name)
        if found is None:
            raise ConfigError(f"{self.name} is not in the vocabulary: correct the name or add it there")
        return found

    @property
    def valid(self) -> tuple[float, float]:
        """What can be true: the point's own range, else the vocabulary's."""
        if self.range is not None:
            return self.range
        found = self.quantity
        return found.low, found.high


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileCommand(Coded):
    """Something that the device can be told, in `range`; `reads_back` is the point that shows it.

    `broadcast` says that it may also be sent to unit 0, where every device of the bus obeys it.
    `multiple` asks for function 15 or 16 even for one coil or register.
    """

    __pydantic_config__ = FORBID
    range: Range
    reads_back: str | None = None
    broadcast: bool = False
    multiple: bool = False

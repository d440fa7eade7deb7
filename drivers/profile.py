"""A device model as data: what `drivers/profiles/<id>.toml` says, as frozen shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from edge.core.errors import ConfigError
from edge.core.vocabulary import Quantity, quantity

_FORBID = ConfigDict(extra="forbid")
_REGISTERS = {"u16": 1, "s16": 1, "u32": 2, "s32": 2, "f32": 2, "u64": 4, "s64": 4, "f64": 4}


def _frozen(value: object) -> object:
    """Tables of the file as tuples of pairs, lists as tuples: a profile is immutable all through."""
    if isinstance(value, Mapping):
        return tuple((key, _frozen(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    return value


Address = Annotated[int, Field(ge=0, le=0xFFFF)]
Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]
Range = Annotated[tuple[float, float], BeforeValidator(_frozen)]
Numbers = Annotated[tuple[tuple[str, float], ...], BeforeValidator(_frozen)]
Ranges = Annotated[tuple[tuple[str, tuple[float, float]], ...], BeforeValidator(_frozen)]
Codes = Annotated[tuple[tuple[str, int], ...], BeforeValidator(_frozen)]


class Table(StrEnum):
    """Where a value lies: one of Modbus's four tables, or a sensor's own frame."""

    COIL = "coil"
    DISCRETE = "discrete"
    HOLDING = "holding"
    INPUT = "input"
    FRAME = "frame"
    """A raw serial sensor's frame; addresses and counts are bytes."""


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
    """How a level is written: as itself, or as a DALI arc level 0 to 254 on the logarithmic curve."""

    LINEAR = "linear"
    DALI = "dali"


class Per(StrEnum):
    """What an address is repeated for, by the strides of `[addressing]`."""

    UNIT = "unit"
    CHANNEL = "channel"
    SUB_ADDRESS = "sub_address"
    GROUP = "group"


class DriverKind(StrEnum):
    """Which driver reads devices of a profile."""

    MODBUS = "modbus"
    PMS5003 = "pms5003"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The device's name for people."""

    __pydantic_config__ = _FORBID
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which manual and table the map is from; `verified` only where it was read or tried, not guessed."""

    __pydantic_config__ = _FORBID
    title: str
    verified: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """How the device talks when it leaves the factory; `response_s` is its usual turnaround."""

    __pydantic_config__ = _FORBID
    baudrate: Annotated[int, Field(ge=300, le=4_000_000)] = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    response_s: Annotated[float, Field(ge=0, le=10)] = 0.02
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Most registers (or coils) in one request, and most that may be read needlessly between two points."""

    __pydantic_config__ = _FORBID
    count_max: Annotated[int, Field(ge=1, le=125)] = 125
    gap_max: Annotated[int, Field(ge=0, le=124)] = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """How far apart the registers of channels, sub-addresses and groups lie (DALI gateways)."""

    __pydantic_config__ = _FORBID
    channel_stride: Annotated[int, Field(ge=0)] = 0
    channel_max: Annotated[int, Field(ge=0, le=15)] = 0
    sub_address_stride: Annotated[int, Field(ge=0)] = 0
    sub_address_max: Annotated[int, Field(ge=0, le=63)] = 0
    group_stride: Annotated[int, Field(ge=0)] = 0
    group_max: Annotated[int, Field(ge=0, le=15)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A number and where and how it is written: value = raw * scale + offset.

    `channel_stride` overrides the profile's where this register's table is laid out otherwise.
    """

    __pydantic_config__ = _FORBID
    name: str
    table: Table
    address: Address
    type: Type
    word_order: WordOrder = WordOrder.ABCD
    bit: Annotated[int, Field(ge=0, le=15)] | None = None
    scale: float = 1.0
    offset: float = 0.0
    curve: Curve = Curve.LINEAR
    per: Per = Per.UNIT
    channel_stride: Annotated[int, Field(ge=0)] | None = None
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
    """A quantity of the vocabulary that the device measures; `invalid` raw numbers mean no value."""

    __pydantic_config__ = _FORBID
    invalid: Annotated[tuple[int, ...], BeforeValidator(_frozen)] = ()
    range: Range | None = None
    interval_s: Seconds | None = None

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

    __pydantic_config__ = _FORBID
    range: Range
    reads_back: str | None = None
    broadcast: bool = False
    multiple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """How a scan recognises the device: registers that answer, and points that then are plausible."""

    __pydantic_config__ = _FORBID
    table: Table
    address: Address
    count: Positive
    equals: Annotated[tuple[int, ...], BeforeValidator(_frozen)] = ()
    plausible: Ranges = ()
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A register that changes how the device is reached; `codes` gives the number for each choice."""

    __pydantic_config__ = _FORBID
    address: Address
    table: Table = Table.HOLDING
    type: Type = Type.U16
    range: Range | None = None
    codes: Codes = ()
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readdress:
    """How the unit id and the line's settings are changed, and when the device follows."""

    __pydantic_config__ = _FORBID
    unit: Setting | None = None
    baudrate: Setting | None = None
    parity: Setting | None = None
    effective: Literal["at_once", "after_restart", "unknown"] = "unknown"
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBlock:
    """Registers as words, coils as bytes, or a frame's bytes: hexadecimal, as on the wire."""

    __pydantic_config__ = _FORBID
    table: Table
    address: Address
    hex: str

    @property
    def data(self) -> bytes:
        """The bytes. Raises ValueError where the text is not hexadecimal."""
        return bytes.fromhex(self.hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSample:
    """Bytes and the values that they must decode to; `bad` names points that must have no value."""

    __pydantic_config__ = _FORBID
    origin: Annotated[Literal["manual", "recorded", "worked out"], Field(alias="from")]
    note: str
    blocks: Annotated[tuple[SampleBlock, ...], Field(min_length=1)]
    values: Numbers
    bad: Annotated[tuple[str, ...], BeforeValidator(_frozen)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A device model. `measurement` (key `class`) is the room its samples share with like devices."""

    __pydantic_config__ = _FORBID
    id: str
    measurement: Annotated[str, Field(alias="class", pattern="[a-z][a-z0-9_]*")]
    driver: DriverKind
    interval_s: Seconds
    title: Title
    source: Source
    serial: Serial = Serial()
    limits: Limits = Limits()
    addressing: Addressing = Addressing()
    points: Annotated[tuple[ProfilePoint, ...], Field(min_length=1)]
    commands: tuple[ProfileCommand, ...] = ()
    identify: Identify | None = None
    readdress: Readdress | None = None
    samples: tuple[ProfileSample, ...] = ()

    def interval_of_s(self, point: ProfilePoint) -> float:
        """How often a point is read unless the configuration says otherwise."""
        return point.interval_s or self.interval_s

    def points_of(self, channel: int = 0, sub_address: int = 0) -> tuple[ProfilePoint, ...]:
        """The points of one device behind the unit, with their absolute addresses.

        Raises ConfigError where the device cannot have this channel or sub-address.
        """
        self._check_place(channel, sub_address)
        return tuple(
            replace(point, address=self._address(point, channel, sub_address)) for point in self.points
        )

    def command(self, name: str, channel: int = 0, sub_address: int = 0, group: int = 0) -> ProfileCommand:
        """One command with its absolute address. Raises ConfigError where there is none such."""
        self._check_place(channel, sub_address)
        if not 0 <= group <= self.addressing.group_max:
            raise ConfigError(f"{self.id} has groups 0 to {self.addressing.group_max}, not {group}")
        for found in self.commands:
            if found.name == name:
                return replace(found, address=self._address(found, channel, sub_address, group))
        known = ", ".join(command.name for command in self.commands) or "nothing"
        raise ConfigError(f"{self.id} has no command {name}; it can be told: {known}")

    def _check_place(self, channel: int, sub_address: int) -> None:
        limits = self.addressing
        if not 0 <= channel <= limits.channel_max:
            raise ConfigError(f"{self.id} has channels 0 to {limits.channel_max}, not {channel}")
        if not 0 <= sub_address <= limits.sub_address_max:
            raise ConfigError(f"{self.id} has sub-addresses 0 to {limits.sub_address_max}, not {sub_address}")

    def _address(self, coded: Coded, channel: int, sub_address: int, group: int = 0) -> int:
        if coded.per is Per.UNIT:
            return coded.address
        stride = coded.channel_stride
        address = coded.address + channel * (self.addressing.channel_stride if stride is None else stride)
        if coded.per is Per.SUB_ADDRESS:
            return address + sub_address * self.addressing.sub_address_stride
        if coded.per is Per.GROUP:
            return address + group * self.addressing.group_stride
        return address

"""A device model as data: the shapes of what `drivers/profiles/<id>.toml` says."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from drivers.coded import Coded, Per, ProfileCommand, ProfilePoint, Table, Type
from drivers.shapes import (
    FORBID,
    Address,
    Baudrate,
    ChannelMax,
    ClassName,
    Codes,
    Count,
    CountMax,
    GapMax,
    Integers,
    Names,
    Numbers,
    Origin,
    Range,
    Ranges,
    Seconds,
    Stride,
    SubAddressMax,
    Turnaround,
)
from edge.core.errors import ConfigError
from edge.core.sayings import say


class DriverKind(StrEnum):
    """Which driver reads devices of a profile."""

    MODBUS = "modbus"
    PMS5003 = "pms5003"
    SDS011 = "sds011"
    SPS30 = "sps30"
    MHZ19 = "mhz19"
    NMEA = "nmea"
    OPENWRT = "openwrt"
    MIKROTIK = "mikrotik"
    SNMP = "snmp"


AP_DRIVERS = (DriverKind.OPENWRT, DriverKind.MIKROTIK, DriverKind.SNMP)
"""Those of Wi-Fi access points; each needs a bus of the kind of its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The device's name for people."""

    __pydantic_config__ = FORBID
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which manual and table the map is from; `verified` only where it was read or tried, not guessed."""

    __pydantic_config__ = FORBID
    title: str
    verified: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """How the device talks when it leaves the factory; `response_s` is its usual turnaround."""

    __pydantic_config__ = FORBID
    baudrate: Baudrate = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    response_s: Turnaround = 0.02
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Most registers (or coils) in one request, and most that may be read needlessly between two points."""

    __pydantic_config__ = FORBID
    count_max: CountMax = 125
    gap_max: GapMax = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """How far apart the registers of channels, sub-addresses and groups lie (DALI gateways)."""

    __pydantic_config__ = FORBID
    channel_stride: Stride = 0
    channel_max: ChannelMax = 0
    sub_address_stride: Stride = 0
    sub_address_max: SubAddressMax = 0
    group_stride: Stride = 0
    group_max: ChannelMax = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """How a scan recognises the device: registers that answer, and points that then are plausible."""

    __pydantic_config__ = FORBID
    table: Table
    address: Address
    count: Count
    equals: Integers = ()
    plausible: Ranges = ()
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A register that changes how the device is reached; `codes` gives the number for each choice.

    `many` asks for function 16 even for one register.
    """

    __pydantic_config__ = FORBID
    address: Address
    table: Table = Table.HOLDING
    type: Type = Type.U16
    range: Range | None = None
    codes: Codes = ()
    many: bool = False
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """What has to be written after a setting, so that the device keeps it over a loss of power."""

    __pydantic_config__ = FORBID
    address: Address
    value: Address
    table: Table = Table.HOLDING
    many: bool = False
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readdress:
    """How the unit id and the line's settings are changed, and when the device follows."""

    __pydantic_config__ = FORBID
    unit: Setting | None = None
    baudrate: Setting | None = None
    parity: Setting | None = None
    save: Save | None = None
    effective: Literal["at_once", "after_restart", "unknown"] = "unknown"
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LampModel:
    """[lamp]: by which commands of the profile a lamp gets its level, in percent of light.

    A `level` of range 0 to 1 can only be switched. `group` (per = group) sets all lamps of a DALI group,
    `line` all of a channel or unit: each is there only where it reaches nothing but lamps. `fade` takes
    DALI's fade time code, 0 to 15. `fades` says that the controller goes to a new level in the time it was
    told, so that it is read back only afterwards; where not, each gear fades as it was commissioned.
    `verified` and `note` are about `fades`.
    """

    __pydantic_config__ = FORBID
    level: str = "level"
    group: str | None = None
    line: str | None = None
    fade: str | None = None
    fades: bool = False
    verified: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBlock:
    """Registers as words, coils as bytes, or a sensor's frames: hexadecimal, as on the wire, or as `text`.

    Of an access point: all answers of one poll as `text`, a JSON object; the next block is the next poll.
    """

    __pydantic_config__ = FORBID
    table: Table
    address: Address
    hex: str = ""
    text: str = ""

    @property
    def data(self) -> bytes:
        """The bytes. Raises ValueError where `hex` is not hexadecimal."""
        return bytes.fromhex(self.hex) + self.text.encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSample:
    """Bytes and the values that they must decode to; `bad` names points that must have no value."""

    __pydantic_config__ = FORBID
    origin: Origin
    note: str
    blocks: tuple[SampleBlock, ...]
    values: Numbers
    bad: Names = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A device model. `measurement` (key `class`) is the room its samples share with like devices."""

    __pydantic_config__ = FORBID
    id: str
    measurement: ClassName
    driver: DriverKind
    interval_s: Seconds
    title: Title
    source: Source
    serial: Serial = Serial()
    limits: Limits = Limits()
    addressing: Addressing = Addressing()
    points: tuple[ProfilePoint, ...]
    commands: tuple[ProfileCommand, ...] = ()
    lamp: LampModel | None = None
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
        if channel == 0 and sub_address == 0:
            return self.points
        return tuple(
            replace(point, address=self._address(point, channel, sub_address)) for point in self.points
        )

    def command(self, name: str, channel: int = 0, sub_address: int = 0, group: int = 0) -> ProfileCommand:
        """One command with its absolute address. Raises ConfigError where there is none such."""
        self._check_place(channel, sub_address)
        if not 0 <= group <= self.addressing.group_max:
            raise ConfigError(
                say("no_such_group", device=self.id, most=self.addressing.group_max, group=group)
            )
        for found in self.commands:
            if found.name == name:
                return replace(found, address=self._address(found, channel, sub_address, group))
        known = ", ".join(command.name for command in self.commands) or "nothing"
        raise ConfigError(say("no_such_command", device=self.id, command=name, known=known))

    def _check_place(self, channel: int, sub_address: int) -> None:
        limits = self.addressing
        if not 0 <= channel <= limits.channel_max:
            raise ConfigError(
                say("no_such_channel", device=self.id, most=limits.channel_max, channel=channel)
            )
        if not 0 <= sub_address <= limits.sub_address_max:
            raise ConfigError(
                say("no_sub_address", device=self.id, most=limits.sub_address_max, address=sub_address)
            )

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

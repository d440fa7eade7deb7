"""A device whose unit id and line settings can be changed by its profile's [readdress] rule."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from drivers.coded import Table, Type
from drivers.device_model import Profile, Setting
from simulators.frames import frame, is_good
from simulators.modbus import BROADCAST, Code, Refusal, Unit, answer
from simulators.wire import LineSettings


class Follows(StrEnum):
    """When a device goes by settings that were written."""

    AT_ONCE = "at_once"
    AFTER_RESTART = "after_restart"


@dataclass(frozen=True, slots=True)
class Reached:
    """How a device is reached."""

    unit: int
    line: LineSettings


class CabinetDevice:
    """One device: what it answers at its address and settings, and where it is after it was told another.

    `turnaround_s` is its own, so that two that answer at once do not begin at the same moment.
    """

    def __init__(
        self,
        name: str,
        profile: Profile,
        inner: Unit,
        at: Reached,
        follows: Follows = Follows.AT_ONCE,
        turnaround_s: float = 0.005,
    ) -> None:
        self.name, self.profile, self.follows, self.turnaround_s = name, profile, follows, turnaround_s
        self.at = self.told = at
        self.powered = True
        self._inner = inner
        rule = profile.readdress
        settings = (rule.unit, rule.baudrate, rule.parity) if rule is not None else (None, None, None)
        self._settings = dict(zip(("unit", "baudrate", "parity"), settings, strict=True))

    def hear(self, request: bytes, line: LineSettings) -> bytes | None:
        """The whole frame of its answer, or None where it does not understand or is not meant."""
        if not self.powered or not _understood(self.at.line, line) or not is_good(request):
            return None
        if request[0] not in (self.at.unit, BROADCAST):
            return None
        said = answer({request[0]: self}, request[0], request[1:-2])
        own = frame(self.at.unit, said) if said is not None and request[0] != BROADCAST else None
        if self.follows is Follows.AT_ONCE:
            self.at = self.told
        return own

    def restart(self) -> None:
        """Take its power away and give it again."""
        self.at = self.told

    def read(self, table: Table, address: int, count: int) -> Sequence[int]:
        """As simulators.modbus.Unit."""
        for key, setting in self._settings.items():
            if setting is not None and (table, address) == (setting.table, setting.address):
                if count != _count(setting):
                    raise Refusal(Code.ILLEGAL_ADDRESS)
                return _words(setting, self._number(key, setting))
        rule = self.profile.identify
        if rule is not None and (table, address, count) == (rule.table, rule.address, rule.count):
            # What a profile names to know the device by is there, though not all of it is a point.
            return [self._named(table, address + n, rule.equals[n : n + 1]) for n in range(count)]
        return self._inner.read(table, address, count)

    def _named(self, table: Table, address: int, equals: Sequence[int]) -> int:
        if equals:
            return equals[0]
        try:
            return self._inner.read(table, address, 1)[0]
        except Refusal:
            return 0

    def write(self, table: Table, address: int, values: Sequence[int]) -> None:
        """As simulators.modbus.Unit."""
        for key, setting in self._settings.items():
            if setting is not None and (table, address) == (setting.table, setting.address):
                if len(values) != _count(setting):
                    raise Refusal(Code.ILLEGAL_VALUE)
                self._tell(key, setting, _number(setting, values))
                return
        self._inner.write(table, address, values)

    def _number(self, key: str, setting: Setting) -> int:
        if key == "unit":
            return self.told.unit
        line = self.told.line
        name = str(line.baudrate) if key == "baudrate" else f"{line.parity}{line.stop_bits}"
        return dict(setting.codes).get(name, 0)

    def _tell(self, key: str, setting: Setting, number: int) -> None:
        if key == "unit":
            low, high = setting.range or (1, 247)
            if not low <= number <= high:
                raise Refusal(Code.ILLEGAL_VALUE)
            self.told = replace(self.told, unit=number)
            return
        name = {code: name for name, code in setting.codes}.get(number)
        if name is None:
            raise Refusal(Code.ILLEGAL_VALUE)
        line = self.told.line
        if key == "baudrate":
            line = replace(line, baudrate=int(name))
        else:
            line = replace(line, parity=name[0], stop_bits=int(name[1]))
        self.told = replace(self.told, line=line)


def _understood(own: LineSettings, master: LineSettings) -> bool:
    """Stop bits may differ: a second one is silence for whoever waits for one."""
    return (own.baudrate, own.parity, own.byte_size) == (master.baudrate, master.parity, master.byte_size)


def _count(setting: Setting) -> int:
    return 2 if setting.type in (Type.F32, Type.U32) else 1


def _words(setting: Setting, number: int) -> tuple[int, ...]:
    if setting.type is Type.F32:
        return struct.unpack(">2H", struct.pack(">f", number))
    return (number,) if setting.type is Type.U16 else divmod(number, 0x10000)


def _number(setting: Setting, values: Sequence[int]) -> int:
    if setting.type is Type.F32:
        return int(struct.unpack(">f", struct.pack(">2H", *values))[0])
    return values[0] if setting.type is Type.U16 else values[0] * 0x10000 + values[1]

"""What a change would write, before anything is written. Pure."""

from dataclasses import dataclass
from itertools import pairwise

from drivers.modbus.frame import Ask, rtu_frame, write_ask
from edge.config.schema import BusKind
from provisioning.address.rules import stops, writes
from provisioning.address.site import Change


@dataclass(frozen=True, slots=True)
class Planned:
    """One frame: to which unit, at which register, which words, what it is for, and as it goes on the wire.

    On the network `frame` is the unit id and what follows it, without the header that counts the questions.
    """

    unit: int
    register: int
    values: tuple[int, ...]
    what: str
    frame: str

    def __str__(self) -> str:
        values = " ".join(f"{value:#06x}" for value in self.values)
        return f"{self.what}: register {self.register:#06x} = {values}, frame {self.frame}"


def planned(change: Change, kind: BusKind) -> tuple[Planned, ...]:
    """All that would be written, in its order. Raises ConfigError for what the profile's rule cannot do."""
    found: list[Planned] = []
    save = change.profile.readdress.save if change.profile.readdress is not None else None
    for old, new in pairwise(stops(change.profile, change.old, change.new)):
        write = writes(change.profile, old, new)[0]
        setting = write.setting
        ask = write_ask(old.unit, setting.table, setting.address, write.words, write.many)
        found.append(Planned(old.unit, setting.address, write.words, write.what, _frame(kind, ask)))
        if save is not None:
            ask = write_ask(new.unit, save.table, save.address, (save.value,), save.many)
            found.append(Planned(new.unit, save.address, (save.value,), "save command", _frame(kind, ask)))
    return tuple(found)


def _frame(kind: BusKind, ask: Ask) -> str:
    frame = rtu_frame(ask)
    return (frame[:-2] if kind is BusKind.TCP else frame).hex(" ").upper()

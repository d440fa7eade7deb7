"""Units on a bus, made from device profiles: what they answer, and what writing to them changes."""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise, product

from drivers.modbus.decode import Decoder
from drivers.modbus.plan import Block
from drivers.profile import Coded, Per, Profile, ProfileCommand, ProfilePoint, Table, Type
from simulators.flaws import silent
from simulators.lamps import Feeder, fed, told
from simulators.load import Load
from simulators.modbus import Code, Refusal, Silence, pack_bits
from simulators.models import Nature, value
from simulators.nature import LampFault
from simulators.registers import registers_of

UtcSeconds = Callable[[], float]
"""Tells simulated time."""

_BITS = frozenset({Table.COIL, Table.DISCRETE})
_CODED = tuple(one.name for one in fields(Coded) if one.name != "name")


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Who behind a unit: channel and sub-address, both 0 where there is just the unit."""

    channel: int = 0
    sub_address: int = 0


@dataclass(frozen=True, slots=True)
class Occupant:
    """One device behind a unit: its model, where behind the unit, and what it is like.

    A lamp may be fed by a `feeder`; a relay board `feeds` some, by the point that shows each relay; a `load`
    hangs on a meter. A lamp is in the DALI `groups`; None stands for the one that its sub-address leaves as
    remainder.
    """

    profile: Profile
    nature: Nature
    spot: Spot = field(default_factory=Spot)
    feeder: Feeder | None = None
    feeds: Mapping[str, Feeder] = field(default_factory=dict)
    groups: frozenset[int] | None = None
    load: Load | None = None


_Key = tuple[str, Spot]
_Address = tuple[Table, int]


@dataclass(frozen=True, slots=True)
class _Word:
    who: _Key
    point: ProfilePoint


@dataclass(frozen=True, slots=True)
class _Order:
    command: ProfileCommand
    shown_by: tuple[ProfilePoint, ...]
    who: tuple[_Key, ...]


class SimulatedUnit:
    """One unit with the registers of its occupants' profiles: one meter, or a gateway and its lamps.

    Reading shows the models' values at `utc_s()`; a write that is one of the profiles' commands changes
    what the point that reads it back shows. Other addresses are refused with exception 02, and so are
    those in `holes`.
    """

    def __init__(
        self, occupants: Sequence[Occupant], utc_s: UtcSeconds, holes: frozenset[_Address] = frozenset()
    ) -> None:
        self._utc_s = utc_s
        self._natures = {(one.profile.id, one.spot): one.nature for one in occupants}
        self._feeders = {(one.profile.id, one.spot): one.feeder for one in occupants if one.feeder}
        self._loads = {(one.profile.id, one.spot): one.load for one in occupants if one.load}
        self._feeds = {
            ((one.profile.id, one.spot), point): feeder
            for one in occupants
            for point, feeder in one.feeds.items()
        }
        self._held: dict[tuple[_Key, str], float] = {}
        self._words = _words(occupants)
        gap_max = max((one.profile.limits.gap_max for one in occupants), default=0)
        self._readable = _readable(self._words, gap_max) - holes
        self._orders = _orders(occupants)

    def value(self, profile: str, name: str, spot: Spot | None = None) -> float:
        """What point `name` of one occupant is now."""
        return self._value((profile, spot or Spot()), name)

    def _value(self, who: _Key, name: str) -> float:
        held = self._held.get((who, name))
        return value(self._nature(who), name, self._utc_s()) if held is None else held

    def _nature(self, who: _Key) -> Nature:
        """What it is like now, its power having come or gone since it was last looked at."""
        nature, feeder = self._natures[who], self._feeders.get(who)
        if feeder is not None and feeder.closed is not nature.powered:
            self._natures[who] = nature = fed(nature, feeder.closed, feeder.since_s)
        if (load := self._loads.get(who)) is not None:
            load_w, load_kwh = load.sums(self._utc_s())
            return replace(nature, load_w=load_w, load_kwh=load_kwh)
        return nature

    def _refuse_lost(self, who: _Key) -> None:
        if self._natures[who].trouble(LampFault.LOST, self._utc_s()):
            raise Refusal(Code.GATEWAY_TARGET_SILENT)

    def read(self, table: Table, address: int, count: int) -> Sequence[int]:
        """As simulators.modbus.Unit."""
        wanted = range(address, address + count)
        if any((table, one) not in self._readable for one in wanted):
            raise Refusal(Code.ILLEGAL_ADDRESS)
        image = dict.fromkeys(wanted, 0)
        found = {word for one in wanted for word in self._words.get((table, one), ())}
        for who in {word.who for word in found}:
            self._refuse_lost(who)
            if silent(self._natures[who], self._utc_s()):
                raise Silence("the sensor is silent")
        for word in found:
            self._show(word, image)
        return tuple(image[one] for one in wanted)

    def _show(self, word: _Word, image: dict[int, int]) -> None:
        point = word.point
        for offset, part in enumerate(registers_of(point, self._value(word.who, point.name))):
            if point.address + offset in image:
                image[point.address + offset] |= part

    def write(self, table: Table, address: int, values: Sequence[int]) -> None:
        """As simulators.modbus.Unit."""
        at = 0
        todo: list[tuple[_Order, float]] = []
        while at < len(values):
            order = self._orders.get((table, address + at))
            if order is None:
                raise Refusal(Code.ILLEGAL_ADDRESS)
            count = order.command.count
            todo.append((order, _said(order.command, order.shown_by, values[at : at + count])))
            at += count
        for order, said in todo:
            self._obey(order, said)

    def _obey(self, order: _Order, said: float) -> None:
        if order.command.per is Per.SUB_ADDRESS:
            self._refuse_lost(order.who[0])
        for who, point in product(order.who, order.shown_by):
            nature, utc_s = self._nature(who), self._utc_s()
            if nature.trouble(LampFault.LOST, utc_s):
                continue
            if point.name == "level" and nature.is_lamp:
                self._natures[who] = told(nature, said, utc_s)
            elif not nature.trouble(LampFault.STUCK_RELAY, utc_s, point.name):
                self._held[who, point.name] = said
                if feeder := self._feeds.get((who, point.name)):
                    feeder.turn(said > 0, utc_s)


def _said(command: ProfileCommand, shown_by: Sequence[ProfilePoint], values: Sequence[int]) -> float:
    """The value that a write means; refuses with exception 03 what is out of range."""
    if len(values) < command.count:
        raise Refusal(Code.ILLEGAL_VALUE)
    if not shown_by:
        return float(values[0])
    coding = {name: getattr(command, name) for name in _CODED}
    as_point = ProfilePoint(name=shown_by[0].name, range=command.range, **coding)
    block = Block(command.table, command.address, command.count)
    bits = command.table in _BITS
    raw = pack_bits(values) if bits else struct.pack(f">{len(values)}H", *values)
    found = Decoder((as_point,), (block,)).decode((raw,))[0][0]
    if found is None:
        raise Refusal(Code.ILLEGAL_VALUE)
    return found


def _words(occupants: Sequence[Occupant]) -> dict[_Address, tuple[_Word, ...]]:
    """Whose point is shown at each address; several only where they are bits of one register."""
    found: dict[_Address, tuple[_Word, ...]] = {}
    for one in occupants:
        who = (one.profile.id, one.spot)
        for point in one.profile.points_of(one.spot.channel, one.spot.sub_address):
            for address in range(point.address, point.end):
                there = found.get((point.table, address), ())
                if not there or (point.type is Type.BIT and there[0].who == who):
                    found[point.table, address] = (*there, _Word(who, point))
    return found


def _readable(words: Iterable[_Address], gap_max: int) -> set[_Address]:
    """The addresses with a value, and the gaps between them that devices of this kind fill with zeros."""
    found = set(words)
    ordered = sorted(found, key=lambda key: (key[0].value, key[1]))
    for (table, before), (other, after) in pairwise(ordered):
        if table is other and after - before - 1 <= gap_max:
            found.update((table, address) for address in range(before + 1, after))
    return found


def _orders(occupants: Sequence[Occupant]) -> dict[_Address, _Order]:
    found: dict[_Address, _Order] = {}
    for one in occupants:
        profile, spot = one.profile, one.spot
        spots = {other.spot: other.groups for other in occupants if other.profile is profile}
        for command in profile.commands:
            shown_by = _shown_by(profile, command)
            for group in range(profile.addressing.group_max + 1 if command.per is Per.GROUP else 1):
                there = profile.command(command.name, spot.channel, spot.sub_address, group)
                obeying = _obeying(command.per, profile, spots, spot, group)
                who = tuple((profile.id, other) for other in obeying)
                found[there.table, there.address] = _Order(there, shown_by, who)
    return found


def _shown_by(profile: Profile, command: ProfileCommand) -> tuple[ProfilePoint, ...]:
    """Where a command shows: the point that reads it back.

    Where none does, the point that it is named after (`group_level`), or all of its kind (`relays`).
    """
    one = command.reads_back or command.name.rpartition("_")[2]
    kind = command.name.removesuffix("s") + "_"
    return tuple(
        point
        for point in profile.points
        if point.name == one or (command.reads_back is None and point.name.startswith(kind))
    )


def _obeying(
    per: Per, profile: Profile, spots: Mapping[Spot, frozenset[int] | None], spot: Spot, group: int
) -> Iterable[Spot]:
    """Who obeys: a group takes its lamps, else every one whose sub-address leaves its number as remainder."""
    if per is Per.SUB_ADDRESS:
        return (spot,)
    line = tuple(one for one in spots if one.channel == spot.channel)
    if per is Per.CHANNEL:
        return line
    if per is Per.GROUP:
        groups = profile.addressing.group_max + 1
        return tuple(one for one in line if group in _groups(spots[one], one.sub_address % groups))
    return tuple(spots)


def _groups(said: frozenset[int] | None, remainder: int) -> frozenset[int]:
    return frozenset({remainder}) if said is None else said

"""Units on a bus, made from device profiles: what they answer, and what writing to them changes."""

import itertools
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from drivers.modbus.decode import Decoder, encode
from drivers.modbus.plan import Block
from drivers.profile import Coded, Per, Profile, ProfileCommand, ProfilePoint, Table, Type
from simulators.modbus import Code, Refusal, pack_bits
from simulators.models import Nature, value

UtcSeconds = Callable[[], float]
"""Tells simulated time."""

_BITS = frozenset({Table.COIL, Table.DISCRETE})
_CODED = tuple(field.name for field in fields(Coded) if field.name != "name")


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Who behind a unit: channel and sub-address, both 0 where there is just the unit."""

    channel: int = 0
    sub_address: int = 0


@dataclass(frozen=True, slots=True)
class _Word:
    spot: Spot
    point: ProfilePoint


@dataclass(frozen=True, slots=True)
class _Order:
    command: ProfileCommand
    shown_by: ProfilePoint | None
    spots: tuple[Spot, ...]


class SimulatedUnit:
    """One unit with the registers of its profile; several lamps can stand behind it.

    Reading shows the models' values at `utc_s()`; a write that is one of the profile's commands changes
    what the point that reads it back shows. Other addresses are refused with exception 02, and so are
    those in `holes`.
    """

    def __init__(
        self,
        profile: Profile,
        natures: Mapping[Spot, Nature],
        utc_s: UtcSeconds,
        holes: frozenset[tuple[Table, int]] = frozenset(),
    ) -> None:
        self.profile = profile
        self.natures = dict(natures)
        self._utc_s = utc_s
        self._held: dict[tuple[Spot, str], float] = {}
        self._words = _words(profile, natures)
        self._readable = _readable(self._words, profile.limits.gap_max) - holes
        self._orders = _orders(profile, tuple(natures))

    def value(self, spot: Spot, name: str) -> float:
        """What point `name` is now."""
        held = self._held.get((spot, name))
        return value(self.natures[spot], name, self._utc_s()) if held is None else held

    def read(self, table: Table, address: int, count: int) -> Sequence[int]:
        """As simulators.modbus.Unit."""
        wanted = range(address, address + count)
        if any((table, one) not in self._readable for one in wanted):
            raise Refusal(Code.ILLEGAL_ADDRESS)
        image = dict.fromkeys(wanted, 0)
        found = {word for one in wanted for word in self._words.get((table, one), ())}
        for word in found:
            self._show(word, image)
        return tuple(image[one] for one in wanted)

    def _show(self, word: _Word, image: dict[int, int]) -> None:
        point = word.point
        for offset, part in enumerate(encode(point, self.value(word.spot, point.name))):
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
        if order.shown_by is None:
            return
        for spot in order.spots:
            nature = self.natures[spot]
            if order.shown_by.name == "level" and nature.is_lamp:
                self.natures[spot] = replace(nature, level=said, since_s=self._utc_s())
            else:
                self._held[spot, order.shown_by.name] = said


def _said(command: ProfileCommand, shown_by: ProfilePoint | None, values: Sequence[int]) -> float:
    """The value that a write means; refuses with exception 03 what is out of range."""
    if len(values) < command.count:
        raise Refusal(Code.ILLEGAL_VALUE)
    if shown_by is None:
        return float(values[0])
    coding = {name: getattr(command, name) for name in _CODED}
    as_point = ProfilePoint(name=shown_by.name, range=command.range, **coding)
    block = Block(command.table, command.address, command.count)
    bits = command.table in _BITS
    raw = pack_bits(values) if bits else struct.pack(f">{len(values)}H", *values)
    found = Decoder((as_point,), (block,)).decode((raw,))[0][0]
    if found is None:
        raise Refusal(Code.ILLEGAL_VALUE)
    return found


def _words(profile: Profile, natures: Mapping[Spot, Nature]) -> dict[tuple[Table, int], tuple[_Word, ...]]:
    found: dict[tuple[Table, int], tuple[_Word, ...]] = {}
    for number, spot in enumerate(natures):
        for point in profile.points_of(spot.channel, spot.sub_address):
            if number and point.per is Per.UNIT:
                continue
            for address in range(point.address, point.end):
                there = found.get((point.table, address), ())
                if point.type is Type.BIT or not there:
                    found[point.table, address] = (*there, _Word(spot, point))
    return found


def _readable(words: Mapping[tuple[Table, int], tuple[_Word, ...]], gap_max: int) -> set[tuple[Table, int]]:
    """The addresses with a value, and the gaps between them that devices of this kind fill with zeros."""
    found = set(words)
    ordered = sorted(words, key=lambda key: (key[0].value, key[1]))
    for (table, before), (other, after) in itertools.pairwise(ordered):
        if table is other and after - before - 1 <= gap_max:
            found.update((table, address) for address in range(before + 1, after))
    return found


def _orders(profile: Profile, spots: tuple[Spot, ...]) -> dict[tuple[Table, int], _Order]:
    found: dict[tuple[Table, int], _Order] = {}
    points = {point.name: point for point in profile.points}
    for command in profile.commands:
        shown_by = points.get(command.reads_back or "")
        for spot in spots:
            for group in range(profile.addressing.group_max + 1 if command.per is Per.GROUP else 1):
                there = profile.command(command.name, spot.channel, spot.sub_address, group)
                who = _addressed(command.per, profile, spots, spot, group)
                found[there.table, there.address] = _Order(there, shown_by, who)
    return found


def _addressed(
    per: Per, profile: Profile, spots: tuple[Spot, ...], spot: Spot, group: int
) -> tuple[Spot, ...]:
    """Who obeys: a group takes every lamp whose sub-address leaves its number as the remainder."""
    if per is Per.SUB_ADDRESS:
        return (spot,)
    line = tuple(one for one in spots if one.channel == spot.channel)
    if per is Per.CHANNEL:
        return line
    if per is Per.GROUP:
        groups = profile.addressing.group_max + 1
        return tuple(one for one in line if one.sub_address % groups == group)
    return spots

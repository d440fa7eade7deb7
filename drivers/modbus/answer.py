"""The raw numbers in one answer: words cut by type, bytes brought in order, coils unpacked. Pure."""

import struct
from collections.abc import Callable, Sequence
from math import nan
from operator import itemgetter

from drivers.coded import ProfilePoint, Table, Type, WordOrder
from drivers.modbus.plan import Block
from drivers.modbus.shortest import shorten
from edge.core.errors import ProtocolError
from edge.core.sayings import say

FORMAT = {
    Type.U16: "H",
    Type.S16: "h",
    Type.U32: "I",
    Type.S32: "i",
    Type.U64: "Q",
    Type.S64: "q",
    Type.F32: "f",
    Type.F64: "d",
    Type.BIT: "H",
}
"""How struct calls each type that lies in registers; each is as long as its registers."""

Field = tuple[int, Type, WordOrder]
"""First byte in the answer, type, order of its bytes."""


def in_order(size: int, order: WordOrder) -> list[int]:
    """Where each byte of a value, most significant first, lies on the wire."""
    places = list(range(size))
    if order in (WordOrder.CDAB, WordOrder.DCBA):
        places = [word * 2 + half for word in reversed(range(size // 2)) for half in (0, 1)]
    if order in (WordOrder.BADC, WordOrder.DCBA):
        places = [place ^ 1 for place in places]
    return places


class Answer:
    """Cuts the answer to one block into raw numbers; `places` says which of them is which point's."""

    def __init__(self, block: Block, points: Sequence[ProfilePoint]) -> None:
        self._cuts: list[_Cut] = []
        if block.table in (Table.COIL, Table.DISCRETE):
            self._length = (block.count + 7) // 8
            self._bits = tuple(point.address - block.address for point in points)
            self.places = tuple(range(len(points)))
            self.size = len(points)
        else:
            unit = 1 if block.table is Table.FRAME else 2
            self._length = unit * block.count
            self._bits = ()
            fields = [((p.address - block.address) * unit, p.type, p.word_order) for p in points]
            self.places = self._cut(fields)
            self.size = len(set(fields))
        self.absent = (nan,) * self.size

    def numbers(self, data: bytes) -> list[float]:
        """The raw numbers. Raises ProtocolError where `data` has the wrong length."""
        if len(data) != self._length:
            raise ProtocolError(say("answer_bytes", bytes=len(data), wanted=self._length))
        if self._bits:
            word = int.from_bytes(data, "little")
            return [word >> bit & 1 for bit in self._bits]
        found: list[float] = []
        for cut in self._cuts:
            found += cut.numbers(data)
        return found

    def _cut(self, fields: Sequence[Field]) -> tuple[int, ...]:
        """Sort fields into cuts in which none overlap; gives each field's place among the numbers."""
        layers: list[list[Field]] = []
        for field in sorted(set(fields)):
            for layer in layers:
                if layer[-1][0] + struct.calcsize(FORMAT[layer[-1][1]]) <= field[0]:
                    layer.append(field)
                    break
            else:
                layers.append([field])
        self._cuts = [_Cut(layer, self._length) for layer in layers]
        ordered = [field for layer in layers for field in layer]
        return tuple(ordered.index(field) for field in fields)


class _Cut:
    """One pass of struct over an answer."""

    def __init__(self, fields: Sequence[Field], length: int) -> None:
        layout, end = ">", 0
        order = list(range(length))
        for start, kind, word_order in fields:
            size = struct.calcsize(FORMAT[kind])
            layout += f"{start - end}x{FORMAT[kind]}"
            order[start : start + size] = [start + place for place in in_order(size, word_order)]
            end = start + size
        self._unpack = struct.Struct(f"{layout}{length - end}x").unpack
        self._floats = tuple(i for i, field in enumerate(fields) if field[1] is Type.F32)
        self._permute: Callable[[bytes], tuple[int, ...]] | None = None
        if order != list(range(length)):
            self._permute = itemgetter(*order)

    def numbers(self, data: bytes) -> list[float]:
        if self._permute is not None:
            data = bytes(self._permute(data))
        found: list[float] = list(self._unpack(data))
        shorten(found, self._floats)
        return found

"""From bytes on the wire to values. Pure; a decoder is compiled once and then runs fast."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import nan
from operator import le

from drivers.coded import Curve, ProfilePoint, Type
from drivers.modbus.answer import Answer
from drivers.modbus.dali import PERCENT, light_of
from drivers.modbus.encode import encode
from drivers.modbus.linear import IDENTITY, Linear
from drivers.modbus.plan import Block
from edge.core.model import Quality

__all__ = ["Decoder", "Flags", "decoder_of", "encode"]

DECODERS_MAX = 256
"""So many decoders are remembered: one for each profile, interval, and set of registers that is refused."""

Flags = tuple[tuple[int, Quality], ...]

Mend = Callable[[float], float]


class Decoder:
    """Decodes the answers to `blocks` into the values of `points`, in the order of `points`.

    A value is None, and flagged bad, where its block brought nothing, no block covers it, the device
    says that it has none (NaN, `invalid`), or it is outside what can be true.
    """

    def __init__(self, points: Sequence[ProfilePoint], blocks: Sequence[Block]) -> None:
        # Place 0 of the raw numbers is NaN for ever: what no block covers points there.
        self._answers: list[Answer] = []
        places = [0] * len(points)
        size = 1
        for block in blocks:
            inside = [i for i, point in enumerate(points) if block.covers(point)]
            answer = Answer(block, [points[i] for i in inside])
            for i, place in zip(inside, answer.places, strict=True):
                places[i] = size + place
            size += answer.size
            self._answers.append(answer)
        self._mends: list[tuple[int, Mend]] = []
        self._steps: list[tuple[int, int, int, int]] = []
        for place, point in zip(places, points, strict=True):
            linear = Linear.of(point)
            if (mend := _mend(point, linear)) is not None:
                self._mends.append((place, mend))
                place, size = size, size + 1
                scaled = point.type in (Type.F32, Type.F64) or point.curve is Curve.LOGARITHMIC
                linear = IDENTITY if scaled else linear
            self._steps.append((place, linear.factor, linear.shift, linear.divisor))
        self._lows = tuple(point.valid[0] for point in points)
        self._highs = tuple(point.valid[1] for point in points)

    def decode(self, raw: Sequence[bytes | None]) -> tuple[tuple[float | None, ...], Flags]:
        """Values and flags from the register bytes of each block as on the wire, None where it failed.

        Coils are bytes of 8 with the lowest address in the lowest bit. Raises ProtocolError where an
        answer's length is not its block's.
        """
        numbers: list[float] = [nan]
        for answer, data in zip(self._answers, raw, strict=True):
            numbers += answer.absent if data is None else answer.numbers(data)
        for place, mend in self._mends:
            numbers.append(mend(numbers[place]))
        values = [
            (numbers[place] * factor + shift) / divisor for place, factor, shift, divisor in self._steps
        ]
        if all(map(le, self._lows, values)) and all(map(le, values, self._highs)):
            return tuple(values), ()
        bounds = zip(values, self._lows, self._highs, strict=True)
        judged = tuple(value if low <= value <= high else None for value, low, high in bounds)
        return judged, tuple((i, Quality.BAD) for i, value in enumerate(judged) if value is None)


@lru_cache(maxsize=DECODERS_MAX)
def decoder_of(points: tuple[ProfilePoint, ...], blocks: tuple[Block, ...]) -> Decoder:
    """The decoder of a poll, which all devices share that are asked the same."""
    return Decoder(points, blocks)


def _mend(point: ProfilePoint, linear: Linear) -> Mend | None:
    """What must happen to the raw number of a point before the common arithmetic, if anything."""
    if point.invalid:
        return _unless_invalid(frozenset(point.invalid), _curve(point, linear))
    if point.type is Type.BIT:
        return _one_bit(point.bit or 0)
    if point.curve is not Curve.LINEAR:
        return _curve(point, linear)
    if point.type in (Type.F32, Type.F64) and linear != IDENTITY:
        return linear.of_float
    return None


def _one_bit(bit: int) -> Mend:
    return lambda raw: raw if raw != raw else int(raw) >> bit & 1


def _curve(point: ProfilePoint, linear: Linear) -> Mend:
    if point.curve is Curve.LINEAR:
        return lambda raw: raw
    if point.curve is Curve.LOGARITHMIC:
        return lambda raw: light_of(linear.of_float(raw))
    return lambda raw: PERCENT[int(raw)] if 0 <= raw < len(PERCENT) else nan


def _unless_invalid(invalid: frozenset[int], then: Mend) -> Mend:
    return lambda raw: nan if raw in invalid else then(raw)

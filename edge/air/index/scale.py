"""From one concentration to its sub-index, rounded half up. Pure.

Binary floats cannot hold 29.6; a sum that should end in .5 may end just under it, and the printed index would
be one too low. So where a half or a cut decides, the decimal that the float stands for decides, exactly.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

NEAR = 1e-6
"""As near to a half as this, floats are not asked: their error stays far below."""

HIGHEST = 1e6
"""More than this, a gram in a cubic metre, is taken as this."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight piece: concentrations `low..high` have indices `index_low..index_high`."""

    low: float
    high: float
    index_low: int
    index_high: int


@dataclass(frozen=True, slots=True)
class Scale:
    """The breakpoints of one pollutant, rising, in ug/m3.

    `digits`: decimals to which a concentration is cut first (None: not at all); `last`: the highest index
    (None: beyond the last row its line goes on).
    """

    segments: tuple[Segment, ...]
    digits: int | None = None
    last: int | None = None

    @property
    def end(self) -> float:
        """The highest concentration of its table."""
        return self.segments[-1].high


def sub_index(scale: Scale, value: float) -> int:
    """The index of a concentration, rounded half up; one below zero is taken as zero."""
    if not 0.0 <= value <= HIGHEST:
        value = min(HIGHEST, max(0.0, value))
    if scale.digits is not None:
        value = truncated(value, scale.digits)
    for segment in scale.segments:
        if value <= segment.high:
            break
    slope = (segment.index_high - segment.index_low) / (segment.high - segment.low)
    index = segment.index_low + slope * (value - segment.low)
    below = math.floor(index)
    rounded = below + (index - below >= 0.5)
    if abs(index - below - 0.5) < NEAR:
        rounded = math.floor(_exact(segment, value) + Fraction(1, 2))
    return rounded if scale.last is None else min(scale.last, rounded)


def truncated(value: float, digits: int) -> float:
    """A number cut to some decimals: 35.46 to 35.4, and 35.4 stays so."""
    scaled = value * 10**digits
    below = math.floor(scaled)
    if value >= 0 and NEAR < scaled - below < 1 - NEAR:
        return float(below) / float(10**digits)
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_DOWN))


@cache
def scales(family: str) -> Mapping[str, Scale]:
    """The scales of a family of indices (`vn` or `us`) by pollutant; `o3_8h` is O3 over eight hours."""
    table = _table()[family]
    if family == "vn":
        return {name: _joined(points, table) for name, points in table["at"].items()}
    return {
        name: Scale(tuple(Segment(*row) for row in rows), table["digits"][name])
        for name, rows in table["rows"].items()
    }


def title_of(family: str) -> str:
    """What a person calls a family of indices."""
    return str(_table()[family]["title"])


def source_of(family: str) -> str:
    """Where the breakpoints of a family come from."""
    return str(_table()[family]["source"])


def _exact(segment: Segment, value: float) -> Fraction:
    low, high = Fraction(repr(segment.low)), Fraction(repr(segment.high))
    slope = (segment.index_high - segment.index_low) / (high - low)
    return segment.index_low + slope * (Fraction(repr(value)) - low)


def _joined(points: Iterable[float], table: Mapping[str, Any]) -> Scale:
    steps = pairwise(zip(points, table["index"], strict=False))
    segments = (Segment(low, high, index_low, index_high) for (low, index_low), (high, index_high) in steps)
    return Scale(tuple(segments), last=table["last"])


@cache
def _table() -> dict[str, Any]:
    text = resources.files("edge.air.index").joinpath("breakpoints.toml").read_text("utf-8")
    return tomllib.loads(text)

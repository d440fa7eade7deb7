"""Scale and offset in whole numbers, so that a raw 231 at a scale of 0.1 is exactly 23.1. Pure."""

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, lcm

from drivers.coded import Coded


@dataclass(frozen=True, slots=True)
class Linear:
    """value = (raw * factor + shift) / divisor; one correctly rounded division for whole raw numbers."""

    factor: int
    shift: int
    divisor: int

    @classmethod
    def of(cls, coded: Coded) -> "Linear":
        """By the decimal text of scale and offset, which is what the profile's author wrote."""
        scale, offset = Fraction(repr(coded.scale)) / coded.divisor, Fraction(repr(coded.offset))
        divisor = lcm(scale.denominator, offset.denominator)
        return cls(int(scale * divisor), int(offset * divisor), divisor)

    def of_float(self, raw: float) -> float:
        """The value of a raw number that is a decimal itself, without digits that the scaling made up."""
        return float(f"{(raw * self.factor + self.shift) / self.divisor:.15g}")

    def raw_of(self, value: float) -> int:
        """The whole raw number nearest to `value`. Raises ValueError for NaN and infinities."""
        if not isfinite(value):
            raise ValueError(f"{value} is not a number")
        return round((Fraction(repr(float(value))) * self.divisor - self.shift) / self.factor)

    def raw_float_of(self, value: float) -> float:
        """The raw decimal that `of_float` makes `value` of."""
        if self == IDENTITY:
            return value
        return float(f"{(value * self.divisor - self.shift) / self.factor:.15g}")


IDENTITY = Linear(1, 0, 1)

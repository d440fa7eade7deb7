"""32-bit floats as the decimals that people mean: 230.1, not 230.10000610351562. Pure and fast."""

import struct
from collections.abc import Iterable
from math import floor, inf, isfinite, log10, ulp

_FLOAT = struct.Struct(">f")
_NEAREST = 6755399441055744.0
"""1.5 * 2**52: adding and taking it away again rounds a double to the nearest whole number."""

_HALF_GAP = 2.0**28
"""Half the distance between neighbouring 32-bit floats, in distances between doubles there."""


def _powers(exponent: int) -> tuple[float, ...]:
    """Powers of ten that make numbers in [2**(exponent-1), 2**exponent) whole with 6 to 9 digits."""
    first = max(0, 5 - floor(log10(2.0**exponent)))
    return tuple(10.0**decimals for decimals in range(first, first + 5))


_SCALES = {
    ulp(2.0 ** (exponent - 1)): (ulp(2.0 ** (exponent - 1)) * _HALF_GAP, _powers(exponent))
    for exponent in range(-30, 24)
}
"""By the double's own distance: half a 32-bit distance, and what to try."""


def shorten(numbers: list[float], places: Iterable[int]) -> None:
    """Replace each 32-bit float at `places` by the shortest decimal that is the same 32-bit float.

    Whole numbers, which a 32-bit float says exactly, stay as they are; so do NaN and infinities. Six digits
    are tried first, since two decimals of six digits are never the same 32-bit float.
    """
    scales = _SCALES
    for place in places:
        number = numbers[place]
        known = scales.get(ulp(number))
        if known is None:
            numbers[place] = _by_text(number)
            continue
        half, tens = known
        for ten in tens:
            decimal = (number * ten + _NEAREST - _NEAREST) / ten
            if -half < decimal - number < half:
                numbers[place] = decimal
                break
        else:
            numbers[place] = _by_text(number)


def _by_text(number: float) -> float:
    """The same for numbers that the quick way leaves out: very small and very large ones."""
    if not isfinite(number) or number.is_integer():
        return number + 0.0
    wanted = _FLOAT.pack(number)
    for digits in range(1, 9):
        decimal = float(f"{number:.{digits}g}")
        if abs(decimal) < inf and _FLOAT.pack(decimal) == wanted:
            return decimal
    return float(f"{number:.9g}")

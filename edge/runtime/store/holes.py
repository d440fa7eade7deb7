"""Numbers of a journal that have no row, and are known to have none. Pure."""

from collections.abc import Iterable

HOLES_MAX = 1_000
"""Ranges that are remembered; the oldest go first, and what is then missing is reported as damage."""


class Holes:
    """Ranges of sequence numbers without rows, ascending, not touching each other."""

    __slots__ = ("_ranges",)

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._ranges = sorted(ranges)[-HOLES_MAX:]

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """First and last number of each range."""
        return tuple(self._ranges)

    def add(self, first: int, last: int) -> tuple[int, int]:
        """A new range at the end; returns it as it is kept, grown if it touches the one before."""
        if self._ranges and self._ranges[-1][1] + 1 >= first:
            first = self._ranges.pop()[0]
        self._ranges.append((first, last))
        del self._ranges[:-HOLES_MAX]
        return first, last

    def drop_through(self, seq: int) -> None:
        """Forget ranges that end at `seq` or before."""
        self._ranges = [part for part in self._ranges if part[1] > seq]

    def count(self, after: int, through: int) -> int:
        """How many of the numbers after `after` up to `through` have no row."""
        return _overlap(self._ranges, after, through)


def missing(ranges: Iterable[tuple[int, int]], after: int, through: int) -> int:
    """How many numbers after `after` up to `through` lie in none of the ranges."""
    return max(0, through - after) - _overlap(ranges, after, through)


def _overlap(ranges: Iterable[tuple[int, int]], after: int, through: int) -> int:
    return sum(max(0, min(last, through) - max(first, after + 1) + 1) for first, last in ranges)

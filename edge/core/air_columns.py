"""Means as columns: a year of minutes is too much for one object a value. Standard library only."""

import math
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

FULL = 10_000
"""Coverage 1 as it is kept: in ten-thousandths."""

SUSPECT = 0x4000
"""Bit of a mark: suspicious values went in."""

CALIBRATING = 0x8000
"""Bit of a mark: the station was being calibrated for part of the span."""

COVERAGE = 0x3FFF
"""The bits of a mark that are the coverage."""

NOTHING = math.nan
"""Stands where a point has no value; its mark is 0 but for CALIBRATING."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Means of one station and span, oldest first: `values` and `marks` by point, as long as `ends_ns`."""

    ends_ns: "array[int]" = field(default_factory=lambda: array("q"))
    values: "dict[str, array[float]]" = field(default_factory=dict)
    marks: "dict[str, array[int]]" = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ends_ns)

    def extend(
        self, ends_ns: "array[int]", names: tuple[str, ...], values: "array[float]", marks: "array[int]"
    ) -> None:
        """Rows that follow, all of the same names; `values` and `marks` row after row."""
        count, width = len(self.ends_ns), len(names)
        self.ends_ns.extend(ends_ns)
        for position, name in enumerate(names):
            self._pad(name, count)
            self.values[name].extend(values[position::width])
            self.marks[name].extend(marks[position::width])
        self.level()

    def join(self, other: "Columns") -> None:
        """All rows of others that follow."""
        count = len(self.ends_ns)
        self.ends_ns.extend(other.ends_ns)
        for name, values in other.values.items():
            self._pad(name, count)
            self.values[name].extend(values)
            self.marks[name].extend(other.marks[name])
        self.level()

    def cut(self, first: int, last: int) -> "Columns":
        """Rows `first` to `last` (without it), as their own."""
        return self._of_rows(lambda column: column[first:last])

    def picked(self, rows: Sequence[int]) -> "Columns":
        """These rows, in this order."""
        return self._of_rows(lambda column: array(column.typecode, [column[at] for at in rows]))

    def between(self, after_ns: int, through_ns: int) -> "Columns":
        """The rows whose end lies in (after_ns, through_ns]."""
        first, last = bisect_right(self.ends_ns, after_ns), bisect_right(self.ends_ns, through_ns)
        return self if (first, last) == (0, len(self)) else self.cut(first, last)

    def replaced_by(self, newer: "Columns") -> "Columns":
        """These rows and those of others; of two with one end that of the others."""
        if not newer or not self:
            return newer or self
        if self.ends_ns[-1] < newer.ends_ns[0]:
            self.join(newer)
            return self
        both = self.picked([at for at, end_ns in enumerate(self.ends_ns) if end_ns not in newer.ends_ns])
        both.join(newer)
        return both.picked(sorted(range(len(both)), key=both.ends_ns.__getitem__))

    def _of_rows(self, some: "Callable[[array[Any]], array[Any]]") -> "Columns":
        return Columns(
            some(self.ends_ns),
            {name: some(column) for name, column in self.values.items()},
            {name: some(column) for name, column in self.marks.items()},
        )

    def with_values(self) -> "Columns":
        """Those rows that have any value, or were of a calibration."""
        if not self.marks:
            return Columns()
        there = [any(marks) for marks in zip(*self.marks.values(), strict=True)]
        return self if all(there) else self.picked([at for at, one in enumerate(there) if one])

    def level(self) -> None:
        """Make every column as long as there are rows."""
        count = len(self.ends_ns)
        for name in self.values:
            self._pad(name, count)

    def _pad(self, name: str, count: int) -> None:
        if name not in self.values:
            self.values[name], self.marks[name] = array("d"), array("H")
        column, marks = self.values[name], self.marks[name]
        missing = count - len(column)
        if missing > 0:
            column.extend(array("d", (NOTHING,)) * missing)
            marks.extend(array("H", (0,)) * missing)

"""Means as rows and columns, and back. Standard library only."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from struct import Struct

from edge.core.air import Mean, MeanValue, Span
from edge.core.air_columns import CALIBRATING, COVERAGE, FULL, NOTHING, SUSPECT, Columns


def mark_of(value: MeanValue) -> int:
    """Coverage in ten-thousandths, with its bits."""
    mark = round(value.coverage * FULL)
    if value.suspect:
        mark |= SUSPECT
    return mark | CALIBRATING if value.calibrating else mark


def value_of(value: float, mark: int) -> MeanValue:
    """A value and its mark as one."""
    coverage = (mark & COVERAGE) / FULL
    return MeanValue(value, coverage, bool(mark & SUSPECT), bool(mark & CALIBRATING))


def columns_of(means: Iterable[Mean]) -> Columns:
    """Means of one station and span, oldest first, as columns."""
    ends_ns: list[int] = []
    columns: dict[str, tuple[list[float], list[int]]] = {}
    for count, mean in enumerate(means):
        ends_ns.append(mean.end_ns)
        for name, value in mean.values:
            column = columns.get(name)
            if column is None:
                column = columns[name] = ([], [])
            values, marks = column
            _pad(values, marks, count)
            values.append(value.value)
            marks.append(mark_of(value))
    found = Columns(array("q", ends_ns))
    for name, (values, marks) in columns.items():
        _pad(values, marks, len(ends_ns))
        found.values[name], found.marks[name] = array("d", values), array("H", marks)
    return found


def _pad(values: list[float], marks: list[int], count: int) -> None:
    if missing := count - len(values):
        values += [NOTHING] * missing
        marks += [0] * missing


def packed_rows(columns: Columns, names: Sequence[str]) -> Iterator[tuple[int, bytes, bytes]]:
    """Each row's end, and its values and marks in the order of the names, as bytes that can be compared."""
    count = len(columns)
    values = [columns.values.get(name) or (NOTHING,) * count for name in names]
    marks = [columns.marks.get(name) or (0,) * count for name in names]
    amounts, bits = Struct(f"={len(names)}d").pack, Struct(f"={len(names)}H").pack
    if not names:
        yield from ((end_ns, b"", b"") for end_ns in columns.ends_ns)
        return
    rows, bits_of = zip(*values, strict=True), zip(*marks, strict=True)
    for end_ns, row, row_marks in zip(columns.ends_ns, rows, bits_of, strict=True):
        yield end_ns, amounts(*row), bits(*row_marks)


def means_of(station: str, span: Span, columns: Columns) -> Sequence[Mean]:
    """Columns as means; a value that is not there is left out."""
    names = sorted(columns.values)
    return [
        Mean(
            station,
            span,
            end_ns,
            tuple(
                (name, value_of(columns.values[name][at], columns.marks[name][at]))
                for name in names
                if columns.marks[name][at]
            ),
        )
        for at, end_ns in enumerate(columns.ends_ns)
    ]

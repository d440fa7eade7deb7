"""Means as rows and columns, and back. Standard library only."""

from array import array
from collections.abc import Iterable, Mapping, Sequence

from edge.core.air import Mean, MeanValue, Span
from edge.core.air_columns import CALIBRATING, COVERAGE, FULL, SUSPECT, Columns


def mark_of(value: MeanValue) -> int:
    """Coverage in ten-thousandths, with its bits."""
    mark = min(FULL, max(0, round(value.coverage * FULL)))
    return mark | (SUSPECT if value.suspect else 0) | (CALIBRATING if value.calibrating else 0)


def value_of(value: float, mark: int) -> MeanValue:
    """A value and its mark as one."""
    coverage = (mark & COVERAGE) / FULL
    return MeanValue(value, coverage, bool(mark & SUSPECT), bool(mark & CALIBRATING))


def values_of(found: Mapping[str, tuple[float, int]]) -> tuple[tuple[str, MeanValue], ...]:
    """Values and marks by point as those of a mean, sorted by point."""
    return tuple((name, value_of(*found[name])) for name in sorted(found))


def columns_of(means: Iterable[Mean]) -> Columns:
    """Means of one station and span, oldest first, as columns."""
    columns = Columns()
    for mean in means:
        names = tuple(name for name, _ in mean.values)
        values = array("d", [value.value for _, value in mean.values])
        marks = array("H", [mark_of(value) for _, value in mean.values])
        columns.append(mean.end_ns, names, values, marks)
    return columns


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

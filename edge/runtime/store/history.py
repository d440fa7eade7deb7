"""Local history: stored samples page by page, and what there is of whom. Synchronous."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.core.model import Layout, SampleRow, Stream
from edge.runtime.store.database import Database
from edge.runtime.store.means import SERIES
from edge.runtime.store.rows import Row, sample_row
from edge.runtime.store.sound import JOURNAL_COLUMNS, number, sound_rows

PAGE_ROWS = 20_000
"""So many rows of the journal are looked through at once: some tens of milliseconds, and some megabytes."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Samples of a part of the journal that ends at `through`; after the `last` page there are no more."""

    rows: tuple[Row, ...]
    through: int
    last: int


def read_history(
    database: Database, layouts: Iterable[int], after: int, from_ns: int, to_ns: int
) -> HistoryPage:
    """The next page: sound samples of these layouts taken in [from_ns, to_ns), in the order of storing.

    Raises StoreTrouble or StoreDamaged.
    """
    ((last,),) = database.run(f"SELECT max(seq) FROM {Stream.SAMPLE}")
    if last is None or number(last) <= after:
        return HistoryPage((), after, after)
    end = database.run(
        f"SELECT seq FROM {Stream.SAMPLE} WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ?", (after, PAGE_ROWS - 1)
    )
    through = number(end[0][0] if end else last)
    wanted = ",".join(str(layout) for layout in sorted(layouts))
    raw = database.run(
        f"SELECT {JOURNAL_COLUMNS} FROM {Stream.SAMPLE} WHERE seq > ? AND seq <= ?"
        f" AND at_ns >= ? AND at_ns < ? AND layout IN ({wanted}) ORDER BY seq",
        (after, through, from_ns, to_ns),
    )
    return HistoryPage(tuple(sound_rows(raw)), through, number(last))


def layouts_of(layouts: Mapping[int, Layout], devices: Iterable[str]) -> dict[int, Layout]:
    """The layouts of what was read from these devices; not of what was derived."""
    wanted = frozenset(devices)
    return {key: one for key, one in layouts.items() if one.device in wanted and not one.series}


def kept_points(layouts: Mapping[int, Layout], of_means: bool) -> dict[str, tuple[str, ...]]:
    """The points that were ever kept, by device or (of means) by station."""
    found: dict[str, dict[str, None]] = {}
    for layout in layouts.values():
        if layout.series == (SERIES if of_means else ""):
            found.setdefault(layout.device, {}).update(dict.fromkeys(layout.names))
    return {name: tuple(points) for name, points in found.items()}


def rows_of(page: HistoryPage, layouts: Mapping[int, Layout]) -> list[SampleRow]:
    """The samples of a page."""
    return [sample_row(row, layouts) for row in page.rows if row.layout in layouts]

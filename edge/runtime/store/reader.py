"""Reads the store of a gateway that does not run. While it reads, no gateway can start on the file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from edge.config.schema import Store as Settings
from edge.core.air import Span
from edge.core.air_columns import Columns
from edge.core.errors import TransientError
from edge.core.model import Layout, SampleRow
from edge.runtime.store.database import Database
from edge.runtime.store.history import kept_points, layouts_of, read_history, rows_of
from edge.runtime.store.means import read_means, unpack
from edge.runtime.store.rows import layout_of, text_crc
from edge.runtime.store.sound import number


class StoreReader:
    """An open store; made by `reading`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._layouts: dict[int, Layout] = {
            number(key): layout_of(str(body))
            for key, body, crc in database.run("SELECT id, body, crc FROM layout ORDER BY id")
            if crc == text_crc(str(body))
        }

    def points(self, of_means: bool) -> dict[str, tuple[str, ...]]:
        """The points that were ever kept, by device or (of means) by station."""
        return kept_points(self._layouts, of_means)

    def means(
        self, stations: Sequence[str], span: Span, after_ns: int, through_ns: int
    ) -> Mapping[str, Columns]:
        """Means whose end lies in (after_ns, through_ns]."""
        rows = read_means(self._database, stations, span, after_ns, through_ns)
        return unpack(rows, self._layouts, after_ns, through_ns)

    def samples(self, devices: Sequence[str], from_ns: int, to_ns: int) -> Iterator[list[SampleRow]]:
        """Samples of these devices taken in [from_ns, to_ns), page by page."""
        wanted, after, last = layouts_of(self._layouts, devices), 0, 1
        while wanted and after < last:
            page = read_history(self._database, wanted, after, from_ns, to_ns)
            after, last = page.through, page.last
            yield rows_of(page, wanted)


@contextmanager
def reading(path: Path, settings: Settings) -> Iterator[StoreReader]:
    """The store at a path. Raises ConfigError, StoreDamaged or StoreTrouble, also where there is none."""
    if not path.is_file():
        raise TransientError(f"there is no store at {path}: the gateway has kept nothing yet")
    database = Database(path, settings.bytes_max)
    database.open()
    try:
        yield StoreReader(database)
    finally:
        database.close()

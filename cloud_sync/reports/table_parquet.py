"""Tables as Parquet: all that knows the library pyarrow."""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it has no types

from cloud_sync.reports.table import TableRow

GROUP_ROWS = 20_000
"""Rows that are gathered for one row group."""


class ParquetTable:
    """A table as Parquet: times are timestamps in ns, values doubles; with a zone, shown as local time."""

    def __init__(self, path: Path, points: Sequence[str], zone: ZoneInfo | None = None) -> None:
        moment = pa.timestamp("ns", tz=str(zone) if zone is not None else "UTC")
        columns = [("time", moment), ("source", pa.dictionary(pa.int32(), pa.string()))]
        columns += [(point, pa.float64()) for point in points]
        self._schema = pa.schema([*columns, ("remarks", pa.string())])
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[TableRow] = []

    def write(self, rows: Sequence[TableRow]) -> None:
        """See Table."""
        self._rows += rows
        if len(self._rows) >= GROUP_ROWS:
            self._flush()

    def close(self) -> None:
        """See Table."""
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        by_column = zip(*(row.values for row in rows), strict=True)
        values = [[float(text) if text else None for text in column] for column in by_column]
        columns = [[row.at_ns for row in rows], [row.source for row in rows], *values]
        columns.append([row.remarks or None for row in rows])
        arrays = [pa.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

"""Tables of any length as files: CSV by itself, Parquet where the library is. Bounded memory."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TextIO
from zoneinfo import ZoneInfo

from edge.core.times import rfc3339


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line: when (UTC ns), of whom, decimal texts by column (empty: no value), and what is to be said."""

    at_ns: int
    source: str
    values: Sequence[str]
    remarks: str = ""


class Table(Protocol):
    """A table that is being written; one column for each point."""

    def write(self, rows: Sequence[TableRow]) -> None:
        """Write some rows more. Raises OSError."""

    def close(self) -> None:
        """Finish the file. Raises OSError."""


class CsvTable:
    """A table as CSV; times as RFC 3339 in UTC or, with a zone, as local time with its offset."""

    def __init__(self, file: TextIO, points: Sequence[str], zone: ZoneInfo | None = None) -> None:
        self._writer, self._zone = csv.writer(file, lineterminator="\n"), zone
        self._writer.writerow(("time", "source", *points, "remarks"))

    def write(self, rows: Sequence[TableRow]) -> None:
        """See Table."""
        self._writer.writerows((self._time(row.at_ns), row.source, *row.values, row.remarks) for row in rows)

    def close(self) -> None:
        """See Table."""

    def _time(self, at_ns: int) -> str:
        return rfc3339(at_ns) if self._zone is None else rfc3339_local(at_ns, self._zone)


def rfc3339_local(at_ns: int, zone: ZoneInfo) -> str:
    """UTC nanoseconds as RFC 3339 with the offset of a zone."""
    seconds, rest_ns = divmod(at_ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, zone)
    offset = f"{moment:%z}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest_ns:09d}{offset[:3]}:{offset[3:]}"

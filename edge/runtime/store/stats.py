"""The store in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.core.model import Stream


@dataclass(frozen=True, slots=True)
class StoreStats:
    """The store now; `bytes` is the file without its log, `bytes_written` and `values` count since the start.

    `pending` is what each target is owed by stream; `dropped` counts rows that some target never got, over
    all starts; `damaged` rows were unreadable or had a wrong sum; `trouble` says why nothing can be written.
    """

    stored: int
    pending: Mapping[tuple[str, Stream], int]
    dropped: int
    quarantined: int
    undated: int
    damaged: int
    bytes: int
    bytes_written: int
    values: int
    commit_s: float
    trouble: str | None

    @property
    def bytes_per_value(self) -> float:
        """What one value costs the card."""
        return self.bytes_written / self.values if self.values else 0.0

"""The newest rows of one stream in memory: those not yet on disk, and a tail of those that are. Pure."""

from collections import deque
from dataclasses import dataclass
from itertools import islice

from edge.runtime.store.rows import Row


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a stream memory may hold."""

    tail_rows: int = 2_000
    tail_bytes: int = 1_000_000
    unwritten_rows: int = 20_000
    unwritten_bytes: int = 8_000_000


class Window:
    """Rows `first..last` without gaps; those up to `durable` are on disk and stay for fast readers only."""

    def __init__(self, last: int, bounds: Bounds) -> None:
        self.last = last
        self.durable = last
        self._bounds = bounds
        self._rows: deque[Row] = deque()
        self._bytes = 0
        self._unwritten_bytes = 0

    @property
    def first(self) -> int:
        """The oldest number in memory, or the next to come."""
        return self.last + 1 - len(self._rows)

    @property
    def unwritten_count(self) -> int:
        """Rows that are not on disk yet."""
        return self.last - self.durable

    def append(self, at_ns: int, layout: int, body: str) -> None:
        """The next row."""
        self.last += 1
        row = Row(self.last, at_ns, layout, body)
        self._rows.append(row)
        self._bytes += row.size_bytes
        self._unwritten_bytes += row.size_bytes

    def unwritten(self) -> tuple[Row, ...]:
        """Rows that are not on disk yet."""
        return tuple(islice(self._rows, self.durable + 1 - self.first, None))

    def written(self, through: int) -> None:
        """Rows up to `through` are on disk; those that are too many as a tail leave."""
        rows = self._rows
        for row in islice(rows, self.durable + 1 - self.first, max(0, through + 1 - self.first)):
            self._unwritten_bytes -= row.size_bytes
        self.durable = max(self.durable, through)
        while rows and rows[0].seq <= self.durable and self._tail_is_full():
            self._bytes -= rows.popleft().size_bytes

    def _tail_is_full(self) -> bool:
        tail_rows = self.durable + 1 - self.first
        tail_bytes = self._bytes - self._unwritten_bytes
        return tail_rows > self._bounds.tail_rows or tail_bytes > self._bounds.tail_bytes

    def after(self, seen: int, limit: int, through: int) -> list[Row] | None:
        """At most `limit` rows after `seen` up to `through`; None if older ones must come first."""
        start = seen + 1 - self.first
        if start < 0:
            return None
        return list(islice(self._rows, start, max(start, min(start + limit, through + 1 - self.first))))

    def shed(self) -> tuple[Row, Row] | None:
        """Drop the oldest unwritten rows if there are too many; returns the first and last dropped.

        An eighth goes at once, so that a long trouble leaves few holes.
        """
        if not self._is_over(1.0):
            return None
        first: Row | None = None
        last: Row | None = None
        while self._rows and (self._rows[0].seq <= self.durable or self._is_over(0.875)):
            row = self._rows.popleft()
            self._bytes -= row.size_bytes
            if row.seq > self.durable:
                first, last, self.durable = first or row, row, row.seq
                self._unwritten_bytes -= row.size_bytes
        return (first, last) if first and last else None

    def _is_over(self, share: float) -> bool:
        return (
            self.unwritten_count > self._bounds.unwritten_rows * share
            or self._unwritten_bytes > self._bounds.unwritten_bytes * share
        )

"""Means that wait for the disk, by span: whoever reads one span does not look at the others. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from edge.runtime.store.means import Key, MeanRow


class WaitingMeans:
    """One row for each span, end and station: a newer one takes the place of an older one."""

    def __init__(self) -> None:
        self._of: defaultdict[int, dict[Key, MeanRow]] = defaultdict(dict)

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def __iter__(self) -> Iterator[MeanRow]:
        for rows in self._of.values():
            yield from rows.values()

    def put(self, row: MeanRow) -> None:
        """A row that the disk does not have yet."""
        self._of[row[0]][row[:3]] = row

    def drop(self, key: Key) -> None:
        """A row that is not to come to the disk any more."""
        self._of[key[0]].pop(key, None)

    def written(self, row: MeanRow) -> None:
        """The disk has a row; what came in its place since stays."""
        rows = self._of[row[0]]
        if rows.get(row[:3]) == row:
            del rows[row[:3]]

    def of(self, span_s: int, stations: Collection[str], after_ns: int, through_ns: int) -> list[MeanRow]:
        """Rows of a span and of stations, whose end lies in (after_ns, through_ns]."""
        return [
            row for row in self._of[span_s].values() if after_ns < row[1] <= through_ns and row[2] in stations
        ]

    def bound(self, most: int) -> None:
        """Let the oldest of the span that has most leave, until there are no more than `most`."""
        for _ in range(len(self) - most):
            rows = max(self._of.values(), key=len)
            del rows[next(iter(rows))]

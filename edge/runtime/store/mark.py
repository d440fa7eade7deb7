"""How far a target is with a stream: what it was handed, and what it has settled. Pure."""

from collections.abc import Iterable, Sequence
from itertools import islice

from edge.runtime.store.rows import Row


class Mark:
    """Rows up to `seen` were handed out; of these the open ones are not settled.

    Only `low` is kept on disk: after a crash everything behind it is owed again. Memory is bounded by
    what callers ask for at once, since more is handed out only while less than that is open.
    """

    __slots__ = ("_again", "_open", "seen")

    def __init__(self, done: int) -> None:
        self.seen = done
        self._open: dict[int, Row] = {}
        self._again: dict[int, Row] = {}

    @property
    def low(self) -> int:
        """Every row up to this one is settled."""
        return next(iter(self._open)) - 1 if self._open else self.seen

    @property
    def open_count(self) -> int:
        """Rows that were handed out, or are owed again, and are not settled."""
        return len(self._open) + len(self._again)

    def hand_out(self, rows: Sequence[Row], through: int) -> None:
        """Rows after `seen`, ascending; there are no others up to `through`."""
        self._open.update((row.seq, row) for row in rows)
        self.seen = through

    def owe_again(self, rows: Iterable[Row]) -> None:
        """Rows from quarantine, behind the mark, are owed once more."""
        self._again.update((row.seq, row) for row in rows if row.seq not in self._open)

    def forget_again(self) -> None:
        """Rows from quarantine are no longer owed."""
        self._again.clear()

    def owed(self, limit: int) -> list[Row]:
        """The oldest rows that were handed out and are not settled."""
        rows = list(islice(self._again.values(), limit))
        rows.extend(islice(self._open.values(), limit - len(rows)))
        return rows

    def settle(self, seq: int) -> Row | None:
        """The row is no longer owed; None if it was not."""
        row = self._open.pop(seq, None)
        return row if row is not None else self._again.pop(seq, None)

    def is_again(self, seq: int) -> bool:
        """Whether the row is owed once more from quarantine."""
        return seq in self._again

    def skip(self, through: int) -> int:
        """Rows up to `through` will never be settled; returns how many open ones were among them."""
        lost = [seq for seq in self._open if seq <= through]
        for seq in lost:
            del self._open[seq]
        self.seen = max(self.seen, through)
        return len(lost)

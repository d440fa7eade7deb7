"""What came in, counted: since the start, and by client since the last look. Pure."""

from collections import Counter
from collections.abc import Iterable

from edge.core.wifi import Accounting, AccountingCounts, Dropped, Taken


class Intake:
    """Counts records and packets; it never sees their contents."""

    def __init__(self) -> None:
        self._taken: Counter[Taken] = Counter()
        self._repeated = self._rejected = 0
        self.packets_of: Counter[str] = Counter()
        self.refused_of: Counter[str] = Counter()
        self.unknown = 0

    def taken(self, records: Iterable[Accounting], results: Iterable[Taken]) -> None:
        """Records were taken in."""
        for record, result in zip(records, results, strict=True):
            self._taken[result] += 1
            self.packets_of[record.client] += 1

    def repeated(self, client: str) -> None:
        """A packet came again while the first was on its way."""
        self._repeated += 1
        self.packets_of[client] += 1

    def dropped(self, client: str, why: str) -> None:
        """A packet was not taken."""
        self._rejected += 1
        if why == Dropped.UNKNOWN_CLIENT:
            self.unknown += 1
        elif client:
            self.packets_of[client] += 1
            if why == Dropped.AUTHENTICATOR:
                self.refused_of[client] += 1

    def looked(self) -> None:
        """Begin to count anew what is counted between two looks."""
        self.packets_of, self.refused_of = Counter(), Counter()
        self.unknown = 0

    def counts(self) -> AccountingCounts:
        """Since the start."""
        duplicates = self._taken[Taken.DUPLICATE] + self._repeated
        accepted = self._taken[Taken.COUNTED] + self._taken[Taken.LATE]
        return AccountingCounts(accepted + duplicates + self._rejected, accepted, duplicates, self._rejected)

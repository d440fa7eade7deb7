"""Different devices of a day, by place. Pure.

A device counts for the day in which its pseudonym was made, and only where its record happened on that day:
what comes after midnight of the day before has another pseudonym, and nobody knows whether it was counted.
"""

from collections.abc import Iterable, Sequence
from struct import Struct

from edge.core.wifi import KeptRow
from edge.wifi.distinct import Distinct
from edge.wifi.kept import SEEN, VISITORS

_BODY = Struct("<I")


class Visitors:
    """Today's devices as sketches, and the counts of days that are over."""

    def __init__(self) -> None:
        self.day = 0
        self._today: dict[str, Distinct] = {}
        self._past: dict[tuple[int, str], int] = {}
        self._rows: list[KeptRow] = []

    def restore(self, seen: Iterable[KeptRow], past: Iterable[KeptRow], day: int) -> None:
        """Take in what was kept: of an earlier day that did not end while we ran, its counts."""
        for row in past:
            if len(row.body) == _BODY.size:
                self._past[row.at, row.place] = _BODY.unpack(row.body)[0]
        for row in sorted(seen, key=lambda row: row.at):
            if row.at > day:
                continue
            self.turn(row.at)
            self._today.setdefault(row.place, Distinct()).add(row.key)
        self.turn(day)

    def rows(self) -> list[KeptRow]:
        """What changed since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def turn(self, day: int) -> None:
        """It is this local day: of the one before only counts stay."""
        if day == self.day:
            return
        for place, sketch in self._today.items():
            # A clock that went back and forth made two parts of the day: the larger one is told.
            count = max(sketch.count(), self._past.get((self.day, place), 0))
            self._past[self.day, place] = count
            self._rows.append(KeptRow(VISITORS, self.day, place, 0, _BODY.pack(count)))
        self.day, self._today = day, {}
        self._past = {key: count for key, count in self._past.items() if key[0] >= day - 3}

    def see(self, places: Sequence[str], device: int) -> None:
        """A device was at these places today."""
        for place in places:
            sketch = self._today.get(place)
            if sketch is None:
                sketch = self._today[place] = Distinct()
            if sketch.add(device):
                self._rows.append(KeptRow(SEEN, self.day, place, device, b""))

    def size(self) -> int:
        """How many hashes are kept of today, about."""
        return sum(sketch.count() for sketch in self._today.values())

    def count(self, day: int, place: str) -> int:
        """How many different devices there were."""
        if day == self.day:
            sketch = self._today.get(place)
            return 0 if sketch is None else sketch.count()
        return self._past.get((day, place), 0)

"""How many sessions were there: at the begin of an hour, at most within it, and now, by place. Pure.

Looked at from minute to minute: who comes and goes within one minute makes no peak. It is worked out
backwards from how many are there now, so that records out of order change it as if they had come in time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import Struct

from edge.core.wifi import KeptRow
from edge.wifi.days import HOUR_S, MINUTE_S
from edge.wifi.kept import GRID, MINUTE
from edge.wifi.usage import HOURS_OPEN_S, Tally

_BODY = Struct("<ii")


@dataclass(frozen=True, slots=True)
class Presence:
    """How many were there in an hour at a place."""

    first: int
    most: int


class Grid:
    """Presence by hour and place; `members` has the hotspots of each place."""

    def __init__(self, members: Mapping[str, Sequence[str]]) -> None:
        self.members = members
        self._hours: dict[tuple[int, str], Presence] = {}
        self._dirty: set[tuple[int, str]] = set()
        self.changed_hours: set[int] = set()
        self.at_end: dict[int, dict[str, int]] = {}

    def restore(self, rows: Iterable[KeptRow]) -> None:
        """Take in what was kept."""
        for row in rows:
            if len(row.body) == _BODY.size:
                self._hours[row.at, row.place] = Presence(*_BODY.unpack(row.body))

    def rows(self) -> list[KeptRow]:
        """What changed since the last call."""
        dirty, self._dirty = self._dirty, set()
        return [
            KeptRow(GRID, hour_s, place, 0, _BODY.pack(found.first, found.most))
            for hour_s, place in sorted(dirty)
            if (found := self._hours.get((hour_s, place))) is not None
        ]

    def presence(self, hour_s: int, place: str) -> Presence:
        """How many were there in an hour."""
        return self._hours.get((hour_s, place), Presence(0, 0))

    def look(self, tally: Tally, now_s: int) -> None:
        """Work out the hours whose minutes are still open."""
        first_s = max(tally.floors_s[MINUTE], (now_s - 3 * HOUR_S) // HOUR_S * HOUR_S)
        series = {hotspot: _series(tally, hotspot, first_s, now_s) for hotspot in _hotspots(self.members)}
        self.at_end = {}
        for place, hotspots in self.members.items():
            lines = [series[hotspot] for hotspot in hotspots]
            counts = [max(0, sum(column)) for column in zip(*lines, strict=True)]
            for hour_s in range(first_s, now_s + 1, HOUR_S):
                at = (hour_s - first_s) // MINUTE_S
                hour = counts[at : at + HOUR_S // MINUTE_S + 1]
                self._keep(hour_s, place, Presence(hour[0], max(hour)) if hour else Presence(0, 0))
            for minutes, count in enumerate(counts):
                self.at_end.setdefault(first_s + minutes * MINUTE_S, {})[place] = count
        floor_s = now_s - HOURS_OPEN_S
        self._hours = {key: one for key, one in self._hours.items() if key[0] >= floor_s}

    def _keep(self, hour_s: int, place: str, found: Presence) -> None:
        if found != self.presence(hour_s, place):
            self._hours[hour_s, place] = found
            self._dirty.add((hour_s, place))
            self.changed_hours.add(hour_s)


def _hotspots(members: Mapping[str, Sequence[str]]) -> set[str]:
    return {hotspot for hotspots in members.values() for hotspot in hotspots}


def _series(tally: Tally, hotspot: str, first_s: int, now_s: int) -> list[int]:
    """How many were there at the begin of each minute from `first_s` on, and now at the end."""
    count = tally.open[hotspot]
    counts = [count]
    # A sender's clock may be ahead of ours: what is told of the next minutes has not been yet.
    for ahead_s in range(now_s // MINUTE_S * MINUTE_S + 10 * MINUTE_S, now_s, -MINUTE_S):
        if (bucket := tally.bucket(MINUTE, ahead_s, hotspot)) is not None:
            counts[0] = count = count - bucket.net
    for minute_s in range(now_s // MINUTE_S * MINUTE_S, first_s - 1, -MINUTE_S):
        bucket = tally.bucket(MINUTE, minute_s, hotspot)
        if bucket is not None:
            count -= bucket.net
        counts.append(count)
    return counts[::-1]

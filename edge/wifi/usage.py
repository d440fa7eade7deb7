"""Usage of hotspots by minute and hour: what began, ended and was carried when. Pure.

Bytes between two records of a session are spread over the time between them. Minutes stay in memory for a few
hours and hours for two days; what comes in later than that counts in the oldest hour that is there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from struct import Struct

from edge.core.wifi import KeptKey, KeptRow
from edge.wifi.days import HOUR_S, MINUTE_S, SECOND_NS
from edge.wifi.kept import HOUR, MINUTE
from edge.wifi.session import ENDINGS, OWN, Ending

MINUTES_OPEN_S = 3 * HOUR_S
HOURS_OPEN_S = 50 * HOUR_S
"""So long they can still change: two local days at least."""

_BODY = Struct("<11i3q")


@dataclass(slots=True)
class Bucket:
    """What happened at a hotspot in a minute or an hour; `came` and `went` are roaming."""

    began: int = 0
    came: int = 0
    went: int = 0
    ends: list[int] = field(default_factory=lambda: [0] * len(ENDINGS))
    dwell_s: int = 0
    up: int = 0
    down: int = 0

    @property
    def ended(self) -> int:
        """Sessions that ended, however."""
        return sum(self.ends)

    @property
    def lost(self) -> int:
        """Those of them whose end nobody told."""
        return sum(self.ends[at] for at, ending in enumerate(ENDINGS) if ending in OWN)

    @property
    def net(self) -> int:
        """How many more are there at its end than at its begin."""
        return self.began + self.came - self.went - self.ended

    def add(self, other: "Bucket") -> None:
        """Take another one in."""
        self.began += other.began
        self.came += other.came
        self.went += other.went
        self.ends = [mine + more for mine, more in zip(self.ends, other.ends, strict=True)]
        self.dwell_s += other.dwell_s
        self.up += other.up
        self.down += other.down


def pack(bucket: Bucket) -> bytes:
    """A bucket as bytes."""
    of = bucket
    return _BODY.pack(of.began, of.came, of.went, *of.ends, of.dwell_s, of.up, of.down)


def unpack(body: bytes) -> Bucket:
    """The bucket in bytes that `pack` made; an empty one where they are others."""
    if len(body) != _BODY.size:
        return Bucket()
    began, came, went, *ends, dwell_s, up, down = _BODY.unpack(body)
    return Bucket(began, came, went, ends, dwell_s, up, down)


class Tally:
    """Buckets of all hotspots by minute and by hour, and how many sessions are there now."""

    def __init__(self) -> None:
        self._buckets: dict[int, dict[tuple[int, str], Bucket]] = {MINUTE: {}, HOUR: {}}
        self._dirty: dict[KeptKey, None] = {}
        self.changed_hours: set[int] = set()
        self.floors_s = {MINUTE: 0, HOUR: 0}
        self.open: Counter[str] = Counter()

    def restore(self, rows: Iterable[KeptRow]) -> None:
        """Take in what was kept."""
        for row in rows:
            self._buckets[row.kind][row.at, row.place] = unpack(row.body)

    def rows(self) -> list[KeptRow]:
        """What changed since the last call."""
        dirty, self._dirty = self._dirty, {}
        return [
            KeptRow(kind, at_s, hotspot, 0, pack(bucket))
            for kind, at_s, hotspot, _ in dirty
            if (bucket := self._buckets[kind].get((at_s, hotspot))) is not None
        ]

    def advance(self, now_s: int) -> None:
        """Close what is too old to be changed."""
        for kind, keep_s in ((MINUTE, MINUTES_OPEN_S), (HOUR, HOURS_OPEN_S)):
            floor_s = (now_s - keep_s) // HOUR_S * HOUR_S
            if floor_s > self.floors_s[kind]:
                self.floors_s[kind] = floor_s
                buckets = self._buckets[kind]
                self._buckets[kind] = {key: one for key, one in buckets.items() if key[0] >= floor_s}

    def size(self, kind: int) -> int:
        """How many minutes or hours can still change."""
        return len(self._buckets[kind])

    def bucket(self, kind: int, at_s: int, hotspot: str) -> Bucket | None:
        """What is known of a minute or hour that begins at `at_s`; None where nothing happened."""
        return self._buckets[kind].get((at_s, hotspot))

    def began(self, hotspot: str, at_ns: int, times: int = 1) -> None:
        """A session began."""
        self.open[hotspot] += times
        for bucket in self._at(hotspot, at_ns):
            bucket.began += times

    def ended(self, hotspot: str, at_ns: int, ending: Ending, dwell_s: int, times: int = 1) -> None:
        """A session ended."""
        self.open[hotspot] -= times
        for bucket in self._at(hotspot, at_ns):
            bucket.ends[ENDINGS.index(ending)] += times
            bucket.dwell_s += times * dwell_s

    def roamed(self, old: str, new: str, at_ns: int) -> None:
        """A session went from one access point to another."""
        self.open[old] -= 1
        self.open[new] += 1
        for bucket in self._at(old, at_ns):
            bucket.went += 1
        for bucket in self._at(new, at_ns):
            bucket.came += 1

    def moved(self, hotspot: str, from_ns: int, to_ns: int, up: int, down: int) -> None:
        """So many bytes were carried between two moments: spread evenly, no byte more or less."""
        for kind in (HOUR, MINUTE):
            floor_s = self.floors_s[kind]
            for at_s, share_up, share_down in spread(from_ns, to_ns, kind, up, down, floor_s):
                if at_s < floor_s and kind == MINUTE:
                    continue
                bucket = self._bucket(kind, max(at_s, floor_s), hotspot)
                bucket.up += share_up
                bucket.down += share_down

    def _at(self, hotspot: str, at_ns: int) -> Iterator[Bucket]:
        at_s = at_ns // SECOND_NS
        yield self._bucket(HOUR, max(at_s // HOUR_S * HOUR_S, self.floors_s[HOUR]), hotspot)
        if at_s >= self.floors_s[MINUTE]:
            yield self._bucket(MINUTE, at_s // MINUTE_S * MINUTE_S, hotspot)

    def _bucket(self, kind: int, at_s: int, hotspot: str) -> Bucket:
        if kind == HOUR:
            self.changed_hours.add(at_s)
        self._dirty[kind, at_s, hotspot, 0] = None
        buckets = self._buckets[kind]
        found = buckets.get((at_s, hotspot))
        if found is None:
            found = buckets[at_s, hotspot] = Bucket()
        return found


def spread(
    from_ns: int, to_ns: int, step_s: int, up: int, down: int, floor_s: int = 0
) -> Iterator[tuple[int, int, int]]:
    """Begin of each step between two moments with its share; the shares add up exactly.

    What lies before `floor_s`, a multiple of the step, is one share, with the step before it.
    """
    step_ns = step_s * SECOND_NS
    length_ns = to_ns - from_ns
    if length_ns <= 0 or from_ns // step_ns == to_ns // step_ns:
        yield to_ns // step_ns * step_s, up, down
        return
    done_up = done_down = 0
    at = max(from_ns // step_ns, floor_s // step_s - 1)
    while at * step_ns < to_ns:
        past_ns = min((at + 1) * step_ns, to_ns) - from_ns
        through_up, through_down = up * past_ns // length_ns, down * past_ns // length_ns
        yield at * step_s, through_up - done_up, through_down - done_down
        done_up, done_down = through_up, through_down
        at += 1

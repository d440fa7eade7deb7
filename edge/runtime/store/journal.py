"""One stream's book-keeping in memory: what is stored, and how far each target is with it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.core.model import Stream
from edge.runtime.store.holes import Holes
from edge.runtime.store.mark import Mark
from edge.runtime.store.rows import Row
from edge.runtime.store.window import Bounds, Window


@dataclass(frozen=True, slots=True)
class Extent:
    """What of a stream lies on disk: rows `floor..last`, and how far each target had come."""

    floor: int = 1
    last: int = 0
    marks: tuple[tuple[str, int], ...] = ()
    holes: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows `first..last` go, and targets had not settled some: how many, by target."""

    stream: Stream
    first: Row
    last: Row
    unsettled: tuple[tuple[str, int], ...]
    hole: tuple[int, int]


class Journal:
    """Rows `floor..last` of one stream, its window in memory and one mark per target."""

    def __init__(self, stream: Stream, extent: Extent, targets: Sequence[str], bounds: Bounds) -> None:
        self.stream = stream
        self.floor = extent.floor
        self._bounds = bounds
        self.window = Window(extent.last, bounds)
        self.holes = Holes(extent.holes)
        self.marks: dict[str, Mark] = {}
        self._kept = dict(extent.marks)
        self._parked = dict(extent.marks)
        self.use_targets(targets)

    def use_targets(self, targets: Sequence[str]) -> None:
        """From now on these; a new one is owed every row that is kept, a known one goes on at its mark.

        A target that is left out keeps its mark, and holds nothing back.
        """
        for gone in self.marks.keys() - set(targets):
            self._parked[gone] = self.marks.pop(gone).low
        oldest = self.floor - 1
        for target in targets:
            if target not in self.marks:
                self.marks[target] = Mark(min(max(self._parked.pop(target, oldest), oldest), self.last))

    def join(self, extent: Extent) -> int:
        """The file, not readable until now, has these rows before ours; returns how many of ours cannot stay.

        Marks begin anew from the file: what was handed out from memory is owed once more.
        """
        ours = self.window.first
        lost = 0
        if extent.last >= ours:
            lost, self.window = self.window.last - ours + 1, Window(extent.last, self._bounds)
        elif extent.last < extent.floor:
            extent = Extent(ours, ours - 1, extent.marks)
        targets = list(self.marks)
        self.floor, self.holes, self.marks = extent.floor, Holes(extent.holes), {}
        if extent.last + 1 < self.window.first:
            self.holes.add(extent.last + 1, self.window.first - 1)
        self._kept, self._parked = dict(extent.marks), dict(extent.marks)
        self.use_targets(targets)
        return lost

    @property
    def last(self) -> int:
        """The newest number given out."""
        return self.window.last

    @property
    def stored(self) -> int:
        """Rows that exist, on disk or about to be."""
        return self.last - self.floor + 1 - self.holes.count(self.floor - 1, self.last)

    @property
    def delivered(self) -> int:
        """Every row up to this one is settled with every target; the newest row is never among them."""
        low = min((mark.low for mark in self.marks.values()), default=self.last)
        return min(low, self.window.durable, self.last - 1)

    def pending(self, target: str) -> int:
        """Rows that the target has not settled."""
        mark = self.marks[target]
        return self.last - mark.seen + mark.open_count - self.holes.count(mark.seen, self.last)

    def changed_marks(self) -> tuple[tuple[str, int], ...]:
        """Marks that differ from what the disk has, none beyond what the next commit brings there."""
        lows = ((target, mark.low) for target, mark in self.marks.items())
        return tuple((target, low) for target, low in lows if self._kept.get(target) != low)

    def marks_written(self, marks: Iterable[tuple[str, int]]) -> None:
        """These marks are on disk."""
        self._kept.update(marks)

    def take_over(self, extent: Extent) -> None:
        """The file is another one: what it lacks of the written rows is a hole, every mark is due again."""
        self.floor = extent.floor
        self.holes = Holes(extent.holes)
        if self.window.durable > extent.last:
            self.holes.add(extent.last + 1, self.window.durable)
        self._kept.clear()

    def cut(self, through: int) -> tuple[tuple[str, int], ...]:
        """Rows up to `through` go; returns per target how many it had not settled."""
        lost: list[tuple[str, int]] = []
        for target, mark in self.marks.items():
            after = max(mark.seen, self.floor - 1)
            unseen = max(0, through - after) - self.holes.count(after, through)
            count = mark.skip(through) + unseen
            if count:
                lost.append((target, count))
        self.floor = max(self.floor, through + 1)
        self.holes.drop_through(through)
        return tuple(lost)

    def shed(self) -> Loss | None:
        """Drop the oldest rows that memory cannot hold while the disk takes none."""
        dropped = self.window.shed()
        if dropped is None:
            return None
        first, last = dropped
        lost: list[tuple[str, int]] = []
        for target, mark in self.marks.items():
            count = max(0, last.seq - max(mark.seen, first.seq - 1))
            count += sum(mark.settle(seq) is not None for seq in range(first.seq, last.seq + 1))
            if count:
                lost.append((target, count))
        return Loss(self.stream, first, last, tuple(lost), self.holes.add(first.seq, last.seq))


def extents(
    floors: Mapping[Stream, tuple[int, int]],
    marks: Iterable[tuple[str, Stream, int]],
    holes: Iterable[tuple[Stream, int, int]],
) -> dict[Stream, Extent]:
    """Join what the tables say; a number that a mark or a hole has seen is never given out again."""
    marks, holes = list(marks), list(holes)
    found: dict[Stream, Extent] = {}
    for stream, (floor, last) in floors.items():
        own_marks = tuple((target, done) for target, of, done in marks if of is stream)
        own_holes = tuple((first, end) for of, first, end in holes if of is stream)
        last = max([last, *(done for _, done in own_marks), *(end for _, end in own_holes)])
        found[stream] = Extent(floor or last + 1, last, own_marks, own_holes)
    return found

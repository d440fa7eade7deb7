"""Who is due: a fixed grid per poll; a missed slot is skipped, never caught up in a burst. Pure."""

import heapq
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class _Slot(Generic[K]):
    key: K
    interval_ns: int
    due_ns: int
    live: bool = True


class Schedule(Generic[K]):
    """Polls by the time they are due, in nanoseconds of a monotonic clock.

    Every poll is due once at once, so that a fresh gateway shows values soon; from then on each keeps to
    its own grid, the grids spread evenly over their intervals, so that a line is used evenly.
    """

    def __init__(self, polls: Iterable[tuple[K, float]], now_ns: int) -> None:
        self._slots: dict[K, _Slot[K]] = {}
        self._heap: list[tuple[int, int, _Slot[K]]] = []
        self._phase: dict[K, int] = {}
        self._count = 0
        self.skipped = 0
        self.replace(polls, now_ns)

    def replace(self, polls: Iterable[tuple[K, float]], now_ns: int) -> None:
        """Take another set of (key, interval in seconds); those that stay as they were keep their times."""
        wanted = {key: round(interval_s * 1e9) for key, interval_s in polls}
        for key in [key for key, slot in self._slots.items() if wanted.get(key) != slot.interval_ns]:
            self._slots.pop(key).live = False
        for position, (key, interval_ns) in enumerate(wanted.items()):
            self._phase[key] = interval_ns * position // max(len(wanted), 1)
            if key not in self._slots:
                self._slots[key] = slot = _Slot(key, interval_ns, now_ns)
                self._push(slot)
        self._phase = {key: phase for key, phase in self._phase.items() if key in wanted}

    def due(self, now_ns: int) -> K | None:
        """The longest waiting poll that is due, taken off until `done`; None if none is."""
        self._drop_dead()
        if not self._heap or self._heap[0][0] > now_ns:
            return None
        return heapq.heappop(self._heap)[2].key

    def next_ns(self) -> int | None:
        """When the next poll is due, or None if there is none."""
        self._drop_dead()
        return self._heap[0][0] if self._heap else None

    def done(self, key: K, now_ns: int) -> None:
        """Put a poll that `due` gave back on its grid, at the first slot after now."""
        slot = self._slots.get(key)
        if slot is None:
            return
        slot.due_ns = self._next_slot(slot, now_ns)
        self._push(slot)

    def hasten(self, key: K, now_ns: int) -> None:
        """Make a waiting poll due at once (its unit came back)."""
        slot = self._slots.get(key)
        if slot is not None and slot.due_ns > now_ns:
            slot.live = False
            self._slots[key] = fresh = _Slot(key, slot.interval_ns, now_ns)
            self._push(fresh)

    def _next_slot(self, slot: _Slot[K], now_ns: int) -> int:
        phase_ns, interval_ns = self._phase[slot.key], slot.interval_ns
        # A quarter of an interval is the least distance, so that the step onto the grid is not too short.
        earliest_ns = max(now_ns, slot.due_ns + interval_ns // 4)
        due_ns = earliest_ns + (phase_ns - earliest_ns) % interval_ns
        if due_ns == earliest_ns:
            due_ns += interval_ns
        # The first step leads from "at once" onto the grid and is up to one and a quarter intervals long.
        self.skipped += max(0, -(-(4 * (due_ns - slot.due_ns) - 5 * interval_ns) // (4 * interval_ns)))
        return due_ns

    def _push(self, slot: _Slot[K]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (slot.due_ns, self._count, slot))

    def _drop_dead(self) -> None:
        while self._heap and not self._heap[0][2].live:
            heapq.heappop(self._heap)

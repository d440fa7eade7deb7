"""Relays that feed lamps with an address of their own: closed whenever one of these is to shine. Pure."""

import random
from collections.abc import Callable, Iterable, Mapping

from edge.config.lighting import Segment
from edge.core.backoff import Backoff, Chance
from edge.core.model import DeviceState

RETRY = Backoff(first_s=2.0, cap_s=60.0, floor=0.5)
"""Waits before a relay that could not be told to close is told again."""


def is_closed(segment: Segment, values: Mapping[str, float]) -> bool | None:
    """What the relay of a segment says among its device's values; None where it does not say."""
    said = values.get(shown_by(segment, values))
    return None if said is None else bool(said)


def shown_by(segment: Segment, values: Mapping[str, float]) -> str:
    """The point that shows the relay: that of its command, or the one that the segment names."""
    point = segment.point.replace("relay_", "relay_state_")
    return point if point in values else segment.point


class Feeders:
    """Finds the feeders that are open although a lamp on them is to shine, each once until it was closed.

    One that could not be told is told again, after growing waits. Times are monotonic nanoseconds.
    """

    def __init__(self, segments: Iterable[Segment], chance: Chance = random.random) -> None:
        self._segments = {segment.id: segment for segment in segments}
        self._chance = chance
        self._open: set[str] = set()
        self._told: set[str] = set()
        self._failures: dict[str, int] = {}
        self._rest_ns: dict[str, int] = {}

    def use(self, segments: Iterable[Segment]) -> None:
        """Take another configuration; what is known of relays that stay the same stays."""
        old, self._segments = self._segments, {segment.id: segment for segment in segments}
        same = {one for one, segment in self._segments.items() if _relay(old.get(one)) == _relay(segment)}
        self._open &= same
        self._told &= same
        for gone in self._failures.keys() - same:
            self._forget(gone)

    def take(self, state: DeviceState) -> bool:
        """Take in what a relay's device says; whether that may be a reason to act."""
        found = False
        for one, segment in self._segments.items():
            if segment.relay != state.device or segment.is_lamp:
                continue
            if not state.online:
                # What it said last may not be so any more; it is asked again once it answers.
                self._open.discard(one)
                continue
            closed = is_closed(segment, dict(state.values))
            if closed:
                self._open.discard(one)
                self._told.discard(one)
                self._forget(one)
            elif closed is False:
                self._open.add(one)
                found = True
        return found

    def due(self, shines: Callable[[str], bool], now_ns: int) -> list[Segment]:
        """The feeders to close now; each is given once, and again only after it was seen closed, or where
        `switched` says that it could not be told."""
        found = [
            self._segments[one]
            for one in sorted(self._open - self._told)
            if self._rest_ns.get(one, 0) <= now_ns and any(shines(lamp) for lamp in self._segments[one].lamps)
        ]
        self._told.update(segment.id for segment in found)
        return found

    def switched(self, one: str, applied: bool, now_ns: int) -> bool:
        """Take in whether a feeder could be told to close; whether that is news, or one more failure."""
        if applied:
            self._forget(one)
            return True
        self._told.discard(one)
        failures = self._failures[one] = self._failures.get(one, 0) + 1
        self._rest_ns[one] = now_ns + round(RETRY.wait_s(failures, self._chance) * 1e9)
        return failures == 1

    def next_ns(self, now_ns: int) -> int | None:
        """When one is to be told again, None where nothing waits for that."""
        waits = (self._rest_ns.get(one, 0) for one in self._open - self._told)
        return min((rest_ns for rest_ns in waits if rest_ns > now_ns), default=None)

    def _forget(self, one: str) -> None:
        self._failures.pop(one, None)
        self._rest_ns.pop(one, None)

    def lamps_at(self, relay: str) -> list[str]:
        """The segments behind a relay's device that are lamps themselves."""
        return [one.id for one in self._segments.values() if one.is_lamp and one.relay == relay]


def _relay(segment: Segment | None) -> tuple[str, str] | None:
    return None if segment is None else (segment.relay, segment.point)

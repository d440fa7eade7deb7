"""Relays that feed lamps with an address of their own: closed whenever one of these is to shine. Pure."""

from collections.abc import Callable, Iterable, Mapping

from edge.config.lighting import Segment
from edge.core.model import DeviceState


def is_closed(segment: Segment, values: Mapping[str, float]) -> bool | None:
    """What the relay of a segment says among its device's values; None where it does not say."""
    said = values.get(shown_by(segment, values))
    return None if said is None else bool(said)


def shown_by(segment: Segment, values: Mapping[str, float]) -> str:
    """The point that shows the relay: that of its command, or the one that the segment names."""
    point = segment.point.replace("relay_", "relay_state_")
    return point if point in values else segment.point


class Feeders:
    """Finds the feeders that are open although a lamp on them is to shine, each once until it was closed."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self._segments = {segment.id: segment for segment in segments}
        self._open: set[str] = set()
        self._told: set[str] = set()

    def use(self, segments: Iterable[Segment]) -> None:
        """Take another configuration; what is known of relays that stay the same stays."""
        old, self._segments = self._segments, {segment.id: segment for segment in segments}
        same = {one for one, segment in self._segments.items() if _relay(old.get(one)) == _relay(segment)}
        self._open &= same
        self._told &= same

    def take(self, state: DeviceState) -> bool:
        """Take in what a relay's device says; whether that may be a reason to act."""
        found = False
        for one, segment in self._segments.items():
            if segment.relay != state.device or segment.is_lamp or not state.online:
                continue
            closed = is_closed(segment, dict(state.values))
            if closed:
                self._open.discard(one)
                self._told.discard(one)
            elif closed is False:
                self._open.add(one)
                found = True
        return found

    def due(self, shines: Callable[[str], bool]) -> list[Segment]:
        """The feeders to close now; each is given once, and again only after it was seen closed."""
        found = [
            self._segments[one]
            for one in sorted(self._open - self._told)
            if any(shines(lamp) for lamp in self._segments[one].lamps)
        ]
        self._told.update(segment.id for segment in found)
        return found

    def lamps_at(self, relay: str) -> list[str]:
        """The segments behind a relay's device that are lamps themselves."""
        return [one.id for one in self._segments.values() if one.is_lamp and one.relay == relay]


def _relay(segment: Segment | None) -> tuple[str, str] | None:
    return None if segment is None else (segment.relay, segment.point)

"""What of the longer spans must be worked out, once it is over. Pure."""

from zoneinfo import ZoneInfo

from edge.air.derived import INDEX_HOURS
from edge.air.spans import HOUR_NS, day_end, touched
from edge.core.air import Span


class Ladder:
    """Ends of spans, hourly and daily indices that some change touches; each is due once its end is past."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._spans: dict[Span, set[int]] = {span: set() for span in Span}
        self._index_hours: set[int] = set()
        self._index_days: set[int] = set()

    def minute(self, end_ns: int) -> None:
        """A minute changed."""
        for span in (Span.FIVE_MINUTES, Span.HOUR):
            self._spans[span].update(touched(span, end_ns, self._zone))

    def hour(self, end_ns: int) -> None:
        """An hour changed: what runs over it, its day, and what NowCast makes of it."""
        running = touched(Span.EIGHT_HOURS, end_ns, self._zone)
        self._spans[Span.EIGHT_HOURS].update(running)
        self._spans[Span.DAY].add(day_end(end_ns, self._zone))
        self._index_hours.update(end_ns + hours * HOUR_NS for hours in range(INDEX_HOURS))
        self._index_days.update((day_end(end_ns, self._zone), day_end(running[-1], self._zone)))

    def due(self, span: Span, now_ns: int) -> list[int]:
        """Ends of this span that are past, oldest first."""
        return sorted(end for end in self._spans[span] if end <= now_ns)

    def done(self, span: Span, end_ns: int) -> None:
        """This one is worked out."""
        self._spans[span].discard(end_ns)

    def due_index_hours(self, now_ns: int) -> list[int]:
        """Hours whose index is wanted."""
        return sorted(end for end in self._index_hours if end <= now_ns)

    def due_index_days(self, now_ns: int) -> list[int]:
        """Days whose index is wanted, by the midnight that ends them."""
        return sorted(end for end in self._index_days if end <= now_ns)

    def done_index_hour(self, end_ns: int) -> None:
        """This one is worked out."""
        self._index_hours.discard(end_ns)

    def done_index_day(self, end_ns: int) -> None:
        """This one is worked out."""
        self._index_days.discard(end_ns)

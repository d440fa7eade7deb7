"""When usage is told: a minute at its end; an hour when every sender has had its turn; later corrections."""

from collections.abc import Callable

from edge.core.model import Sample
from edge.core.ports import Memory
from edge.wifi.books import Books
from edge.wifi.days import HOUR_S, MINUTE_S, SECOND_NS, day_of
from edge.wifi.told import hours_of
from edge.wifi.usage import HOURS_OPEN_S

GRACE_S = 120
"""Senders send again for so long, more or less."""

HOUR_KEY, DAY_KEY = "wifi/told_hour", "wifi/told_day"


class Schedule:
    """Tells what is due. `interim_s` is the longest interval of any sender.

    Up to where it has told is remembered, so that a restart leaves nothing out.
    """

    def __init__(self, books: Books, memory: Memory, keep: Callable[[Sample], None], interim_s: int) -> None:
        self._books, self._memory, self._keep = books, memory, keep
        self.use(interim_s)

    def use(self, interim_s: int) -> None:
        """The longest interval of any sender is another one."""
        self._settle_s = interim_s + GRACE_S

    def tell(self, now_s: int) -> None:
        """Tell what is due at this minute."""
        telling = self._books.telling
        self._all(telling.minute(now_s // MINUTE_S * MINUTE_S))
        settled_s = (now_s - self._settle_s) // HOUR_S * HOUR_S
        told_s = self._recalled(HOUR_KEY, settled_s)
        changed = self._books.changed_hours()
        floor_s = (now_s - HOURS_OPEN_S) // HOUR_S * HOUR_S + HOUR_S
        due = {*range(max(told_s, floor_s), settled_s, HOUR_S), *(at for at in changed if at < told_s)}
        for hour_s in sorted(at for at in due if at >= floor_s):
            self._all(telling.hour(hour_s))
        self._remember(HOUR_KEY, max(told_s, settled_s))
        self._days({day_of(self._books.zone, at * SECOND_NS) for at in due}, settled_s, floor_s)

    def _days(self, changed: set[int], settled_s: int, floor_s: int) -> None:
        """Days whose last hour is settled, those that were told before only where something changed."""
        zone = self._books.zone
        open_day = day_of(zone, settled_s * SECOND_NS)
        told = self._recalled(DAY_KEY, open_day)
        for day in sorted({*range(told, open_day), *changed}):
            if day < open_day and hours_of(zone, day)[0] >= floor_s:
                self._all(self._books.telling.day(day))
        self._remember(DAY_KEY, max(told, open_day))

    def _all(self, samples: list[Sample]) -> None:
        for sample in samples:
            self._keep(sample)

    def _recalled(self, key: str, default: int) -> int:
        try:
            return int(self._memory.recall(key) or default)
        except ValueError:
            return default

    def _remember(self, key: str, value: int) -> None:
        self._memory.remember(key, str(value))

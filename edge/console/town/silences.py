"""Alarms that this console neither sounds nor blinks for until an end; they stand and are shown."""

import json

from edge.console.town.sight import Sight
from edge.core.ports import Clock

KEY = "console/silences"
SILENCES_MAX = 1_000
LONGEST_S = 7 * 86_400
"""Longest silence: a week."""


class Silences:
    """Ends (UTC ns) by alarm, kept over restarts."""

    def __init__(self, sight: Sight, clock: Clock) -> None:
        self._sight, self._clock = sight, clock
        self.until: dict[str, int] = _read(sight.recall(KEY))

    def put(self, alarm: str, until_ns: int | None) -> None:
        """Silence an alarm, or (None) let it be heard again."""
        self.until.pop(alarm, None)
        if until_ns is not None:
            self.until[alarm] = until_ns
        self._tidy()
        self._sight.remember(KEY, json.dumps(self.until))

    def _tidy(self) -> None:
        now_ns = self._clock.utc_ns()
        for name in [name for name, until_ns in self.until.items() if until_ns <= now_ns]:
            del self.until[name]
        while len(self.until) > SILENCES_MAX:
            del self.until[min(self.until, key=lambda name: self.until[name])]


def _read(text: str | None) -> dict[str, int]:
    try:
        found = json.loads(text or "{}")
        return {str(name): int(until_ns) for name, until_ns in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}

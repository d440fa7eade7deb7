"""How often somebody may command: a bucket of tokens for each sender, a pause for each target. No clock."""

from collections import OrderedDict

from edge.core.lighting import HOME_ASSISTANT
from edge.core.sayings import say

SENDERS_MAX = 1024
"""Senders that are told apart; all later ones share one bucket until an old one has been quiet."""

TARGETS_MAX = 4096
"""Targets whose last command is remembered; the oldest leave."""

OTHERS = "others"


class Rate:
    """Counts what senders do; times are monotonic nanoseconds.

    A sender is `source/by`. Home Assistant's topics do not say who gave a command, so that all of them are
    one sender by nature; being a source of its own, nobody on MQTT can use it up by its name.
    """

    def __init__(self, per_minute: int, dwell_s: float) -> None:
        self._per_minute, self._dwell_ns = per_minute, round(dwell_s * 1e9)
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._last: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def too_many(self, sender: str, now_ns: int) -> str:
        """Take one token of the sender's; says why there was none, empty if there was."""
        if sender not in self._buckets and len(self._buckets) >= SENDERS_MAX:
            self._forget_the_quiet(now_ns)
            sender = sender if len(self._buckets) < SENDERS_MAX else OTHERS
        tokens, at_ns = self._buckets.get(sender, (float(self._per_minute), now_ns))
        tokens = min(float(self._per_minute), tokens + (now_ns - at_ns) * self._per_minute / 60e9)
        enough = tokens >= 1
        self._buckets[sender] = (tokens - 1 if enough else tokens, now_ns)
        self._buckets.move_to_end(sender)
        if enough:
            return ""
        if sender.startswith(f"{HOME_ASSISTANT}/"):
            return say("too_often_home_assistant", most=self._per_minute)
        return say("too_often", most=self._per_minute)

    def too_soon(self, target: str, level: float, now_ns: int) -> str:
        """Why the target may not have another level yet, empty if it may."""
        before = self._last.get(target)
        if before is None or before[0] == level or now_ns - before[1] >= self._dwell_ns:
            return ""
        return say("too_soon", target=target, level=f"{before[0]:g}", seconds=f"{self._dwell_ns / 1e9:g}")

    def gave(self, target: str, level: float, now_ns: int) -> None:
        """Note that a target was given a level."""
        self._last[target] = (level, now_ns)
        self._last.move_to_end(target)
        if len(self._last) > TARGETS_MAX:
            self._last.popitem(last=False)

    def _forget_the_quiet(self, now_ns: int) -> None:
        """Let go of whoever's bucket is full again: nothing is lost by forgetting them."""
        while self._buckets:
            sender, (_, at_ns) = next(iter(self._buckets.items()))
            if now_ns - at_ns < 60_000_000_000:
                return
            del self._buckets[sender]

"""What leaves when the disk's share is full, and in which order. Pure."""

from dataclasses import dataclass

LOW_WATER = 0.95
"""Down to this share of the cap is made free at once, so that gaps are few and told once."""

ROWS_AT_ONCE = 20_000
"""Most rows that one transaction takes away."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows of one stream: `delivered` of `stored` are settled with every target; the newest always stays."""

    stored: int
    delivered: int


@dataclass(frozen=True, slots=True)
class Room:
    """How many of the oldest rows go, by kind."""

    samples: int = 0
    events: int = 0
    undated: int = 0


def make_room(live_bytes: int, bytes_max: int, samples: Holding, events: Holding, undated: int) -> Room:
    """The plan: delivered history first, then undated and owed samples, owed events last of all.

    Rows are taken as equally large; what that misses, the next call sees.
    """
    if live_bytes <= bytes_max:
        return Room()
    rows = max(1, samples.stored + events.stored + undated)
    excess = live_bytes - bytes_max * LOW_WATER
    need = min(ROWS_AT_ONCE, max(1, round(excess * rows / live_bytes)))
    old_samples = min(need, samples.delivered)
    need -= old_samples
    old_events = min(need, events.delivered)
    need -= old_events
    old_undated = min(need, undated)
    need -= old_undated
    more_samples = min(need, max(0, samples.stored - 1 - old_samples))
    need -= more_samples
    more_events = min(need, max(0, events.stored - 1 - old_events))
    return Room(old_samples + more_samples, old_events + more_events, old_undated)

"""What a session's counter grew by, whatever it did meanwhile. Pure."""

from dataclasses import dataclass

RATE_MAX_BYTES_S = 2_500_000_000 // 8
"""No access point carries more for one visitor than 2.5 Gbit/s."""

SLACK_S = 5
"""Counters and times are not read at the same instant, and times are whole seconds."""

WRAP = 1 << 32
"""A counter without Gigawords begins anew here."""

FAR = WRAP >> 1
"""A counter that falls from above this has wrapped, if the other one does not say otherwise."""

FAR_BESIDE_GROWTH = WRAP >> 2
"""The same while the other one grew, which no reset explains well."""


@dataclass(frozen=True, slots=True)
class Totals:
    """A session's counters as one record tells them; `wide`: they cannot wrap."""

    up: int
    down: int
    wide: bool


@dataclass(frozen=True, slots=True)
class Growth:
    """What was carried between two records; `believed` is what the next is held against.

    What no line can carry in the time counts nothing, and is not believed.
    """

    up: int
    down: int
    believed: Totals


def growth(old: Totals, new: Totals, elapsed_s: float) -> Growth:
    """From one record to a later one of the same session.

    A counter that fell was wrapped where the other one shows that the session went on and it had come far
    enough; else it was reset, and what it shows now is what it grew by. Neither counts less than nothing.
    """
    limit = round(RATE_MAX_BYTES_S * (max(0.0, elapsed_s) + SLACK_S))
    narrow = not (old.wide or new.wide)
    up = _grown(old.up, new.up, narrow and _wraps(old.up, old.down, new.down), limit)
    down = _grown(old.down, new.down, narrow and _wraps(old.down, old.up, new.up), limit)
    believed = Totals(
        old.up if up is None else new.up,
        old.down if down is None else new.down,
        old.wide or new.wide,
    )
    return Growth(up or 0, down or 0, believed)


def _wraps(old: int, other_old: int, other_new: int) -> bool:
    if other_new > other_old:
        return old >= FAR_BESIDE_GROWTH
    return old >= FAR and (other_new == other_old or other_old >= FAR)


def _grown(old: int, new: int, wraps: bool, limit: int) -> int | None:
    if new >= old:
        grown = new - old
    elif wraps and old < WRAP and new + WRAP - old <= limit:
        grown = new + WRAP - old
    else:
        grown = new
    return grown if grown <= limit else None

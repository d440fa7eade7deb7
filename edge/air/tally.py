"""How many values each check found fault with, hour by hour, kept beside the means. Pure.

Counts travel as means of a place of their own, `STATION/checks`: its points are `pm2_5/stuck` for what was
refused, `pm2_5/stuck/suspicious` for what was only suspected. So they are kept and let go like means.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from edge.air.spans import SECOND_NS, end_of
from edge.core.air import Mean, MeanValue, Remark, Span, Verdict
from edge.core.air_report import Refused

UTC = ZoneInfo("UTC")
SUSPICIOUS = "suspicious"
JUDGED = "judged"
"""Counts samples, whatever was said of them."""

OPEN_MAX = 48
"""So many hours may be open at once; late samples may bear on old ones."""

KEEP_EVERY_NS = 600 * SECOND_NS
"""How often counts that grow are kept: a crash costs as much."""


def checks_of(station: str) -> str:
    """Under which name the counts of a station are kept; no station or device can be called so."""
    return f"{station}/checks"


class Tally:
    """The counts of one station that are still growing."""

    def __init__(self, station: str) -> None:
        self._place = checks_of(station)
        self._hours: dict[int, dict[str, int]] = {}
        self._changed: set[int] = set()
        self._kept_ns = 0

    def add(self, remarks: Iterable[Remark], at_ns: int, is_again: bool = False) -> None:
        """Take in what was said of one sample that was taken at `at_ns`, or is only now known of it."""
        end_ns = end_of(Span.HOUR, at_ns, UTC)
        counts = self._hours.setdefault(end_ns, {})
        self._changed.add(end_ns)
        head = () if is_again else (JUDGED,)
        for name in (*head, *(_name(remark) for remark in remarks)):
            counts[name] = counts.get(name, 0) + 1

    def take_up(self, kept: Iterable[Mean]) -> None:
        """Go on from what earlier runs kept of these hours."""
        for mean in kept:
            counts = self._hours.setdefault(mean.end_ns, {})
            for name, value in mean.values:
                counts[name] = counts.get(name, 0) + round(value.value)

    def due(self, now_ns: int) -> list[Mean]:
        """What is to be kept now and then."""
        if abs(now_ns - self._kept_ns) < KEEP_EVERY_NS:
            return []
        self._kept_ns = now_ns
        return self.changed()

    def changed(self) -> list[Mean]:
        """What is to be kept anew, oldest first; each hour in the place of what was kept of it before."""
        found = [
            Mean(
                self._place,
                Span.HOUR,
                end_ns,
                tuple((name, MeanValue(float(count), 1.0)) for name, count in sorted(counts.items())),
            )
            for end_ns, counts in sorted(self._hours.items())
            if end_ns in self._changed
        ]
        self._changed.clear()
        for end_ns in sorted(self._hours)[:-OPEN_MAX]:
            del self._hours[end_ns]
        return found


def _name(remark: Remark) -> str:
    name = f"{remark.point}/{remark.check}"
    return f"{name}/{SUSPICIOUS}" if remark.verdict is Verdict.SUSPICIOUS else name


def refused_of(counts: Iterable[tuple[str, int]]) -> tuple[Refused, ...]:
    """Counts by name, in any order, as one row for each point and check."""
    found: dict[tuple[str, str], list[int]] = {}
    for name, count in counts:
        if name == JUDGED:
            continue
        point, check, *more = name.split("/")
        row = found.setdefault((point, check), [0, 0])
        row[more == [SUSPICIOUS]] += count
    return tuple(Refused(point, check, *row) for (point, check), row in sorted(found.items()))

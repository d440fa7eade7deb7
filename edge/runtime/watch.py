"""Who is there and who is not: absence is an event, once, and the return another."""

import logging
from typing import Protocol

from edge.core.model import Event, EventKind, Severity
from edge.core.ports import Clock, Report
from edge.core.sayings import say

log = logging.getLogger(__name__)

MISSES_TO_LOST = 3
"""So many failed polls in a row, and a device counts as lost."""


class Shower(Protocol):
    """What the watch asks of the live state."""

    def lost(self, device: str) -> None:
        """Show that a device is away."""


class Watch:
    """Turns answers and misses into events on a change of state, and tells the live state."""

    def __init__(self, live: Shower, report: Report, clock: Clock) -> None:
        self._live, self._report, self._clock = live, report, clock
        self._misses: dict[str, int] = {}
        self._lost: set[str] = set()
        self._lost_buses: set[str] = set()

    def forget(self, device: str) -> None:
        """A device left the configuration."""
        self._misses.pop(device, None)
        self._lost.discard(device)

    def answered(self, device: str) -> None:
        """A device gave a reading."""
        if device not in self._misses:
            return
        del self._misses[device]
        if device in self._lost:
            self._lost.discard(device)
            self._tell(EventKind.DEVICE_BACK, device, Severity.INFO, say("device_back", device=device))

    def missed(self, device: str, why: str, certain: bool = False) -> None:
        """A device gave no reading; after some in a row, or when it is `certain`, it counts as lost."""
        misses = self._misses[device] = self._misses.get(device, 0) + 1
        if device in self._lost or (misses < MISSES_TO_LOST and not certain):
            log.debug("%s: %s", device, why)
            return
        self._lost.add(device)
        self._live.lost(device)
        self._tell(EventKind.DEVICE_LOST, device, Severity.WARNING, why)

    def is_lost(self, device: str) -> bool:
        """Whether a device counts as lost."""
        return device in self._lost

    def bus_lost(self, bus: str, why: str) -> None:
        """A line could not be opened, or was lost."""
        if bus not in self._lost_buses:
            self._lost_buses.add(bus)
            self._tell(EventKind.BUS_LOST, bus, Severity.ALARM, why)

    def bus_lent(self, bus: str, why: str) -> None:
        """A line was left to somebody else: nothing is missed, nothing is known."""
        self._tell(EventKind.BUS_LENT, bus, Severity.WARNING, why)

    def bus_returned(self, bus: str, why: str) -> None:
        """It came back."""
        self._tell(EventKind.BUS_RETURNED, bus, Severity.INFO, why)

    def bus_back(self, bus: str) -> None:
        """A line is open."""
        if bus in self._lost_buses:
            self._lost_buses.discard(bus)
            self._tell(EventKind.BUS_BACK, bus, Severity.INFO, say("bus_back", bus=bus))

    def _tell(self, kind: EventKind, subject: str, severity: Severity, text: str) -> None:
        level = logging.INFO if severity is Severity.INFO else logging.WARNING
        log.log(level, "%s %s: %s", kind, subject, text)
        self._report(Event(self._clock.stamp(), kind, subject, severity, text))

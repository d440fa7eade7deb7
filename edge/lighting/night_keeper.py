"""Writes each night down as it ends, and says how the running one stands."""

from collections.abc import Callable, Sequence
from datetime import date

from edge.core.lighting import LampNight, NightRecord
from edge.core.ports import Clock, Live
from edge.lighting.night_book import NightBook
from edge.lighting.plans import Plans

HOUR_NS = 3_600_000_000_000

ENERGY = "active_energy"
"""The point of meters, kWh."""


class NightKeeper:
    """Implements NightBoard. `counted` gives the running night of every lamp, `plans` the plans in force."""

    def __init__(
        self,
        book: NightBook,
        counted: Callable[[], Sequence[LampNight]],
        plans: Callable[[], Plans],
        live: Live,
        clock: Clock,
    ) -> None:
        self._book, self._counted, self._plans = book, counted, plans
        self._live, self._clock = live, clock

    def running(self) -> NightRecord | None:
        """The running night as far as it was counted."""
        now_ns, plans = self._clock.utc_ns(), self._plans()
        if not self._clock.is_set() or not plans.is_night(now_ns):
            return None
        day = plans.evening(now_ns)
        hours = (now_ns - plans.dark_ns(day)[0]) / HOUR_NS
        return NightRecord(day, hours, tuple(self._counted()), running=True)

    def kept(self, first: date, last: date) -> list[NightRecord]:
        """The nights that are written down."""
        return self._book.read(first, last)

    def oldest(self) -> date | None:
        """The oldest of them."""
        return self._book.oldest()

    def ended(self, began_ns: int) -> tuple[NightRecord, int] | None:
        """The night in which `began_ns` (UTC) lies is over: write it down.

        Gives what was written, and when the sun rose (UTC ns); None where there are no lamps.
        """
        plans, lamps = self._plans(), tuple(self._counted())
        if not lamps:
            return None
        day = plans.evening(began_ns)
        sunset_ns, sunrise_ns = plans.dark_ns(day)
        hours = (sunrise_ns - sunset_ns) / HOUR_NS
        record = NightRecord(day, hours, lamps, tuple(self._meters({one.device for one in lamps})))
        self._book.add(record)
        return record, sunrise_ns

    def _meters(self, lamps: set[str]) -> list[tuple[str, float]]:
        found = []
        for state in self._live.states():
            value = dict(state.values).get(ENERGY)
            if value is not None and state.online and state.device not in lamps:
                found.append((state.device, value))
        return found

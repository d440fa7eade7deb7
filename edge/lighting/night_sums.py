"""Energy and saving of some lamps over some nights: measured, worked out, and what is missing. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from edge.core.lighting import NightRecord


@dataclass(frozen=True, slots=True)
class NightSum:
    """One night of all lamps together. `known` of the `lamps` have a nominal power: energies are of these.

    `used_kwh` is `measured_kwh` and what was worked out from levels; `full_kwh` what the same hours would
    have taken in full light. `completeness` (0 to 1) is the share of the lamps' hours that was counted.
    """

    night: date
    lamps: int
    known: int
    used_kwh: float
    measured_kwh: float
    full_kwh: float
    lit_h: float
    counted_h: float
    hours: float
    running: bool

    @property
    def completeness(self) -> float:
        """Of the hours from sunset to sunrise of all lamps; of a running night so far nobody can say more."""
        owed = self.hours * self.lamps
        return min(1.0, self.counted_h / owed) if owed else 0.0


@dataclass(frozen=True, slots=True)
class Total:
    """All nights together; `nights` are there of the `owed` that were asked for."""

    nights: int
    owed: int
    used_kwh: float
    measured_kwh: float
    full_kwh: float
    lit_h: float
    completeness: float

    @property
    def saved_kwh(self) -> float:
        """Against the same hours in full light; below 0 where lamps took more."""
        return self.full_kwh - self.used_kwh


def night_sum(record: NightRecord, lamps: Collection[str] | None) -> NightSum:
    """A night of these lamps, or of all that it has."""
    found = [one for one in record.lamps if lamps is None or one.device in lamps]
    known = [one for one in found if one.full_kwh > 0]
    return NightSum(
        night=record.night,
        lamps=len(found) if lamps is None else len(lamps),
        known=len(known),
        used_kwh=sum(one.used_kwh for one in known),
        measured_kwh=sum(one.measured_kwh for one in known),
        full_kwh=sum(one.full_kwh for one in known),
        lit_h=sum(one.lit_h for one in found),
        counted_h=sum(one.counted_h for one in found),
        hours=record.hours,
        running=record.running,
    )


def total(nights: Sequence[NightSum], first: date, last: date) -> Total:
    """The nights together; a night that is missing counts as one in which nothing was counted."""
    owed = (last - first).days + 1
    there = sum(one.completeness for one in nights)
    return Total(
        nights=len(nights),
        owed=owed,
        used_kwh=sum(one.used_kwh for one in nights),
        measured_kwh=sum(one.measured_kwh for one in nights),
        full_kwh=sum(one.full_kwh for one in nights),
        lit_h=sum(one.lit_h for one in nights),
        completeness=min(1.0, there / owed) if owed > 0 else 0.0,
    )


@dataclass(frozen=True, slots=True)
class MeterSum:
    """What a meter counted from the morning after one night to the morning after another, kWh."""

    device: str
    kwh: float
    after: date
    until: date


def meter_sums(records: Iterable[NightRecord], first: date, last: date) -> list[MeterSum]:
    """Of each meter between its readings at the ends of nights; counters that went back are left out.

    `records` begin one night before `first`, at whose end the first reading was taken.
    """
    readings: dict[str, list[tuple[date, float]]] = {}
    for record in records:
        if first - timedelta(days=1) <= record.night <= last:
            for device, value in record.meters:
                readings.setdefault(device, []).append((record.night, value))
    found = []
    for device, values in readings.items():
        (after, begin), (until, end) = values[0], values[-1]
        steps = [late >= early for (_, early), (_, late) in pairwise(values)]
        if len(values) > 1 and all(steps):
            found.append(MeterSum(device, end - begin, after, until))
    return found

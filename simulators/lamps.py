"""What a simulated lamp does: its light, power and counters by what it was told, fed, and suffers. Pure.

A DALI lamp keeps its level until told otherwise; it comes back from a loss of power at full light, with
the power-cycle bit set (IEC 62386 defaults), and forgets a level that was sent while it had no power.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from simulators import day
from simulators.nature import LampFault, Model, Nature

_WS_PER_KWH = 3.6e6
_DAY_S = 86_400.0
WARM_UP_S = 240.0
COLD_EXCESS = 0.08
"""LED gear takes so much more power when cold, and forgets it with this time constant."""

STANDBY_W = 0.5
LAMPS_PER_FAILURE = 30
"""About one lamp in so many is broken."""

FULL, POWER_ON_LEVEL = 100.0, 100.0
CYCLE_S, CYCLE_LIT_S = 300.0, 200.0
"""A cycling lamp burns so long of each so many seconds."""

DRIFT_EXCESS, DRIFT_S = 0.35, 6 * 3600.0
"""A drifting driver takes so much more power in the end, so long after it began."""


@dataclass(slots=True)
class Feeder:
    """The circuit behind a relay: whether it has power, and since when in UTC seconds."""

    closed: bool = True
    since_s: float = float("-inf")

    def turn(self, closed: bool, utc_s: float) -> None:
        """The relay moved, or was told to be where it is."""
        if closed != self.closed:
            self.closed, self.since_s = closed, utc_s


def told(nature: Nature, level: float, utc_s: float) -> Nature:
    """The lamp after it was told a level; without power it does not hear it."""
    if not nature.powered:
        return nature
    return replace(_counted(nature, utc_s, level > 0), level=level, power_cycled=False)


def fed(nature: Nature, powered: bool, utc_s: float) -> Nature:
    """The lamp after its power went or came back."""
    if powered == nature.powered:
        return nature
    counted = _counted(nature, utc_s, powered)
    if not powered:
        return replace(counted, powered=False)
    return replace(counted, powered=True, power_cycled=True, level=POWER_ON_LEVEL)


def _counted(nature: Nature, utc_s: float, lit: bool) -> Nature:
    starts = lamp_starts(nature, 0, utc_s) + float(lit and light(nature, utc_s) == 0.0)
    return replace(
        nature,
        level=lamp_level(nature, 0, utc_s) if nature.level is None else nature.level,
        since_s=utc_s,
        energy_kwh=lamp_energy(nature, 0, utc_s),
        burnt_h=lamp_hours(nature, 0, utc_s),
        starts=starts,
    )


def broken(nature: Nature, utc_s: float = 0.0) -> bool:
    """Whether this lamp is one of the few that fail, or has been made to."""
    by_fate = day.constant(nature.seed, "broken") < 1.0 / LAMPS_PER_FAILURE
    return by_fate or nature.trouble(LampFault.DEAD, utc_s) is not None


def lamp_level(nature: Nature, _index: int, utc_s: float) -> float:
    """What its gear says, in percent: what was commanded, else what the programme says."""
    if not nature.powered:
        return 0.0
    return FULL * day.lit(utc_s) if nature.level is None else nature.level


def light(nature: Nature, utc_s: float) -> float:
    """The light that there really is, in percent."""
    if nature.trouble(LampFault.CYCLING, utc_s) and utc_s % CYCLE_S >= CYCLE_LIT_S:
        return 0.0
    return _steady_light(nature, utc_s)


def _steady_light(nature: Nature, utc_s: float) -> float:
    """The same, in the part of a cycle in which a cycling lamp burns."""
    if not nature.powered or broken(nature, utc_s):
        return 0.0
    if nature.trouble(LampFault.DAY_BURNER, utc_s):
        return FULL
    level = lamp_level(nature, 0, utc_s)
    return FULL if level > 0 and nature.trouble(LampFault.NOT_DIMMING, utc_s) else level


def lamp_on(nature: Nature, _index: int, utc_s: float) -> float:
    """1 while it gives light."""
    return float(light(nature, utc_s) > 0.0)


def lamp_power(nature: Nature, _index: int, utc_s: float) -> float:
    """Stand-by half a watt; LED gear takes somewhat more than its share of light at low levels."""
    if not nature.powered:
        return 0.0
    if (given := light(nature, utc_s)) == 0.0:
        return STANDBY_W
    cold = COLD_EXCESS * math.exp(-_burning_s(nature, utc_s) / WARM_UP_S)
    noise = 0.01 * day.wobble(nature.seed, "lamp", utc_s, 60.0)
    return _steady_w(nature, given) * (1.0 + cold + noise) * _drift(nature, utc_s)


def _steady_w(nature: Nature, given: float) -> float:
    return nature.rated_w * (0.06 + 0.94 * given / FULL) if given > 0 else STANDBY_W


def _drift(nature: Nature, utc_s: float) -> float:
    trouble = nature.trouble(LampFault.DRIFTING, utc_s)
    return 1.0 if trouble is None else 1.0 + DRIFT_EXCESS * min(1.0, (utc_s - trouble.from_s) / DRIFT_S)


def _burning_s(nature: Nature, utc_s: float) -> float:
    """Seconds since the lamp was switched on, by a command or at sunset."""
    if nature.level is not None:
        return max(0.0, utc_s - nature.since_s)
    today, second = day.local(utc_s)
    return (second - day.sun_of_day(today)[1]) % _DAY_S


def lamp_energy(nature: Nature, _index: int, utc_s: float) -> float:
    """kWh: by the programme until the lamp was first told something, from there by what it gave."""
    if nature.level is None:
        return nature.rated_w * day.lit_s(utc_s) / _WS_PER_KWH
    return (
        nature.energy_kwh + sum(watts * spent_s for spent_s, watts, _ in _spans(nature, utc_s)) / _WS_PER_KWH
    )


def lamp_hours(nature: Nature, _index: int, utc_s: float) -> float:
    """Burning hours, counted as energy is."""
    if nature.level is None:
        return 2000.0 * day.constant(nature.seed, "age") + day.lit_s(utc_s) / 3600.0
    return nature.burnt_h + sum(share * spent_s for spent_s, _, share in _spans(nature, utc_s)) / 3600.0


def _spans(nature: Nature, utc_s: float) -> Iterator[tuple[float, float, float]]:
    """Since its last change: seconds, the power then, and the share of the time that it burnt.

    A fault divides the time, so that what a counter has said stays said.
    """
    if not nature.powered:
        return
    edges = {edge for one in nature.troubles for edge in (one.from_s, one.to_s)}
    inner = sorted(edge for edge in edges if nature.since_s < edge < utc_s)
    for began_s, ended_s in pairwise((nature.since_s, *inner, max(utc_s, nature.since_s))):
        given = _steady_light(nature, began_s)
        share = CYCLE_LIT_S / CYCLE_S if nature.trouble(LampFault.CYCLING, began_s) else 1.0
        watts = share * _steady_w(nature, given) + (1.0 - share) * STANDBY_W
        yield ended_s - began_s, watts, share * (given > 0.0)


def lamp_starts(nature: Nature, _index: int, utc_s: float) -> float:
    """How often it was switched on; once a day by the programme, and at every turn of a cycling lamp."""
    spent_s = day.since_epoch_s(utc_s)
    base = math.floor(spent_s / _DAY_S) if nature.level is None else nature.starts
    for one in nature.troubles:
        began_s, ended_s = max(one.from_s, nature.since_s, utc_s - spent_s), min(one.to_s, utc_s)
        if one.kind is LampFault.CYCLING and began_s < ended_s:
            base += _turns(nature, ended_s) - _turns(nature, began_s)
    return base


def _turns(nature: Nature, utc_s: float) -> int:
    """Turns of a cycle until then: all the time at a level, by the programme while that gives light."""
    if nature.level is None:
        return math.floor(day.lit_s(utc_s) / CYCLE_S)
    return math.floor(utc_s / CYCLE_S) if nature.level > 0.0 else 0


def _status(nature: Nature, index: int, utc_s: float) -> float:
    """DALI's answer to QUERY STATUS: bit 1 lamp failure, bit 2 lamp on, bit 7 power cycle seen."""
    return 2.0 * broken(nature, utc_s) + 4.0 * lamp_on(nature, index, utc_s) + 128.0 * nature.power_cycled


def _temperature(nature: Nature, index: int, utc_s: float) -> float:
    return day.temperature(nature.seed, utc_s) + 3.0 + 0.35 * lamp_power(nature, index, utc_s)


LAMP: Mapping[str, Model] = {
    "level": lamp_level,
    "lamp_on": lamp_on,
    "lamp_failure": lambda nature, _, utc_s: float(broken(nature, utc_s)),
    "control_gear_status": _status,
    "control_gear_temperature": _temperature,
    "active_power": lamp_power,
    "active_energy": lamp_energy,
    "supply_current": lambda nature, index, utc_s: lamp_power(nature, index, utc_s) / 218.0,
    "operating_hours": lamp_hours,
    "switch_on_counter": lamp_starts,
}
"""What a lamp's points are, where that is otherwise than for other things."""

"""Numbers of an access point on their way to values: bands, rates, and what can be true. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from drivers.access_points.paths import RATE, counter_of
from drivers.coded import ProfilePoint
from drivers.modbus.decode import Flags
from edge.core.model import Quality

Figures = Mapping[str, float]
"""Numbers by their path; what an access point does not tell is not there."""

BAND_2G = "2g"
BAND_5G = "5g"
BANDS = (BAND_2G, BAND_5G)
"""Bands that are told apart; clients of others are in the total alone."""

BAND_EDGES_MHZ = ((2400.0, 2500.0, BAND_2G), (4900.0, 5925.0, BAND_5G))


@dataclass(frozen=True, slots=True)
class Radio:
    """One network of one radio: how many use it, never who. None is what it does not tell.

    `busy` is the share of time that its channel was busy, in the device's own measure.
    """

    band: str
    up: bool
    clients: int | None = None
    busy: float | None = None
    received: float | None = None
    sent: float | None = None


def band_of(frequency_mhz: float) -> str:
    """The band of a frequency, empty for one that is not told apart."""
    for low, high, band in BAND_EDGES_MHZ:
        if low <= frequency_mhz < high:
            return band
    return ""


def figures_of(radios: Sequence[Radio], uptime_s: float | None, hotspot: int | None = None) -> Figures:
    """All FIGURES that are known. Of networks that share a channel the busiest measure counts."""
    found: dict[str, float | None] = {
        "up": float(any(radio.up for radio in radios)),
        "uptime": uptime_s,
        "clients": _sum(radio.clients for radio in radios),
        "hotspot clients": hotspot,
        "octets from clients": _sum(radio.received for radio in radios) if radios else None,
        "octets to clients": _sum(radio.sent for radio in radios) if radios else None,
    }
    for band in BANDS:
        here = [radio for radio in radios if radio.band == band]
        found[f"clients {band}"] = _sum(radio.clients for radio in here)
        busy = [radio.busy for radio in here if radio.busy is not None]
        found[f"utilisation {band}"] = max(busy, default=None)
    return {path: float(number) for path, number in found.items() if number is not None}


def _sum(numbers: Iterable[float | None]) -> float | None:
    """The sum where all are known: half of it would look like a loss."""
    total = 0.0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


@dataclass(slots=True)
class Rates:
    """Counters of one poll as increase a second. A counter that went back started anew: it has no rate."""

    _before: dict[str, tuple[int, float]] = field(default_factory=dict)

    def joined(self, paths: Iterable[str], figures: Figures, at_ns: int) -> Figures:
        """The figures, and those of `paths` that are rates; `at_ns` is monotonic."""
        rates: dict[str, float] = {}
        for path in paths:
            if not path.startswith(RATE):
                continue
            now = figures.get(counter_of(path))
            before = self._before.pop(path, None)
            if now is None:
                continue
            self._before[path] = (at_ns, now)
            if before is not None and now >= before[1] and at_ns > before[0]:
                rates[path] = (now - before[1]) * 1e9 / (at_ns - before[0])
        return {**figures, **rates}


def judged(points: Sequence[ProfilePoint], figures: Figures) -> tuple[tuple[float | None, ...], Flags]:
    """Values in the order of `points`. What is not told is None; what cannot be true is None and bad."""
    values: list[float | None] = []
    flags: list[tuple[int, Quality]] = []
    for at, point in enumerate(points):
        raw = figures.get(point.path)
        if raw is None:
            values.append(None)
            continue
        value = raw * point.scale / point.divisor + point.offset
        low, high = point.valid
        sound = isfinite(value) and low <= value <= high
        values.append(value if sound else None)
        if not sound:
            flags.append((at, Quality.BAD))
    return tuple(values), tuple(flags)

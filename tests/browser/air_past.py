"""Puts a simulated month of a station's means into the store of a gateway that does not run yet."""

from array import array
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from edge.air.correction import source_point
from edge.config.air import Correction, CorrectionKind
from edge.config.schema import Store as Settings
from edge.core.air import Mean
from edge.core.clock import SystemClock
from edge.runtime.store import Store
from tests.air.month import ZONE, means_from, minutes_of, place, simulated

GAP_DAYS_AGO = 9
"""A day on which the station was out for six hours."""

AT_ONCE = 2_000


async def put_month(data_dir: Path, station: str, end: datetime, days: int = 31) -> int:
    """A month until `end`, with a gap; gives how many means were put."""
    data_dir.mkdir(parents=True, exist_ok=True)
    means = month(station, end, days)
    store = Store(data_dir / "gianh.db", Settings(), SystemClock())
    await store.open(["mqtt"])
    for number, mean in enumerate(means, 1):
        store.air.put_mean(mean)
        if number % AT_ONCE == 0:
            await store.flush()
    await store.flush()
    await store.close()
    return len(means)


def month(station: str, end: datetime, days: int) -> list[Mean]:
    """The means, as the gateway would have made them."""
    now = end.astimezone(ZONE)
    first = now.date() - timedelta(days=days - 1)
    there = replace(place(correction=Correction(kind=CorrectionKind.EPA_2021)), id=station)
    out = datetime(first.year, first.month, first.day, 3, tzinfo=ZONE) + timedelta(days=days - GAP_DAYS_AGO)
    gap = (round(out.timestamp()) * 10**9, round((out + timedelta(hours=6)).timestamp()) * 10**9)
    minutes = minutes_of(simulated(first, days), gaps=[gap])
    raw = source_point(there.correction) if there.correction is not None else "pm2_5"
    minutes.values[raw] = array("d", [1.2 * value for value in minutes.values["pm2_5"]])
    minutes.marks[raw] = minutes.marks["pm2_5"]
    found = means_from(there, minutes)
    now_ns = round(now.timestamp()) * 10**9
    return [mean for means in found.values() for mean in means if mean.end_ns <= now_ns]

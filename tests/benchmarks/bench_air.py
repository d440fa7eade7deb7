"""A year of one-minute data of ten stations recalculated: hours, running 8 h, days, and indices.

In memory (columns to means and indices), and as `gianh air recalculate` does it, from a store on disk and
back. And what quality control and means cost of each sample of an air device.

python -m tests.benchmarks.bench_air [--json]
"""

import asyncio
import math
import random
import tempfile
import time
from array import array
from datetime import UTC, datetime
from pathlib import Path

from edge.air.means import MINUTE_NS
from edge.air.recalculate import day_again, recalculated
from edge.air.spans import HOUR_NS
from edge.air.stations import AirDevice, Place, places_of
from edge.config.schema import Config
from edge.config.schema import Store as Settings
from edge.core.air import Span
from edge.core.air_columns import FULL, Columns
from edge.core.clock import SystemClock
from edge.core.model import Layout
from edge.runtime.store import Store
from edge.runtime.store.means import SERIES, mean_row
from tests.benchmarks.figures import Figure, main

DAYS, STATIONS = 365, 10
POINTS = (
    "pm10",
    "pm2_5",
    "pressure",
    "relative_humidity",
    "temperature",
    "wind_direction",
    "wind_speed",
)
DAY_NS = 24 * HOUR_NS
BEGIN_NS = round(datetime(2025, 1, 1, 17, tzinfo=UTC).timestamp()) * 1_000_000_000
GAPS = 0.01
"""Share of minutes that are missing, so that the usual way is not the only one measured."""

LIMIT_S = 20.0


def places() -> tuple[Place, ...]:
    """Ten stations, half of them corrected for humidity."""
    names = [f"air-{number}" for number in range(STATIONS)]
    correction = {"kind": "local", "a": 1.0, "b": 0.6, "c": -0.05}
    config = Config.model_validate(
        {
            "gateway": {"id": "gw", "latitude": 17.7, "longitude": 106.4},
            "device": [{"id": name, "profile": "pms5003", "bus": "b"} for name in names],
            "station": [
                {"id": name, "devices": [name], **({"correction": correction} if at % 2 else {})}
                for at, name in enumerate(names)
            ],
        }
    )
    return places_of(
        config, {name: AirDevice(name, name, "air", dict.fromkeys(POINTS, 5.0)) for name in names}
    )


def day(number: int, chance: random.Random) -> Columns:
    """1440 minutes of one station, some of them missing."""
    columns = Columns()
    there = [minute for minute in range(1, 1441) if chance.random() > GAPS]
    columns.ends_ns.extend([BEGIN_NS + number * DAY_NS + minute * MINUTE_NS for minute in there])
    for place, name in enumerate(POINTS):
        wave = [20 + place + 10 * math.sin(minute / 200 + number) + chance.random() for minute in there]
        columns.values[name] = array("d", wave)
        columns.marks[name] = array("H", [FULL if minute % 50 else 9_000 for minute in there])
    return columns


def in_memory(stations: tuple[Place, ...], days: list[Columns]) -> float:
    """Seconds of processor time for a year of all stations, without any store."""
    before_s = time.process_time()
    for place in stations:
        hours = Columns()
        for number in range(DAYS):
            columns = days[number % len(days)]
            shift_ns = BEGIN_NS + (number % len(days)) * DAY_NS
            means, _ = day_again(place, columns, hours, shift_ns, shift_ns + DAY_NS, shift_ns + 2 * DAY_NS)
            assert sum(map(len, means.values())) == 49
    return time.process_time() - before_s


async def fill(store: Store, stations: tuple[Place, ...], days: list[Columns]) -> None:
    """A year of minutes on disk, by the store's own commit, and packed as the gateway packs them."""
    for number in range(DAYS):
        columns = days[number % len(days)]
        late_ns = (number - number % len(days)) * DAY_NS
        for place in stations:
            layout = store._state.layout_id(Layout(place.id, "", POINTS, (), SERIES))
            for at, end_ns in enumerate(columns.ends_ns):
                amounts = array("d", [columns.values[name][at] for name in POINTS]).tobytes()
                marks = array("H", [columns.marks[name][at] for name in POINTS]).tobytes()
                row = mean_row(60, end_ns + late_ns, place.id, layout, amounts, marks)
                store._state.pending.means.put(row)
        await store.flush()
        while await store.air.pack_minutes(BEGIN_NS + (number + 1) * DAY_NS):
            pass


async def from_disk(
    folder: Path, stations: tuple[Place, ...], days: list[Columns], sends: bool
) -> tuple[float, float]:
    """Seconds of processor time for the recalculation of the year, kept and perhaps sent; MB of the file.

    Both threads together: on the clock it is less where there is a core for each.
    """
    store = Store(folder / "year.db", Settings(bytes_max=4_000_000_000), SystemClock())
    await store.open([])
    await fill(store, stations, days)
    sent = frozenset((Span.HOUR, Span.EIGHT_HOURS, Span.DAY))
    began_s = time.process_time()
    end_ns = BEGIN_NS + (DAYS + 1) * DAY_NS
    keep = store.put_sample if sends else (lambda sample: None)
    changed = await recalculated(stations, store.air, keep, sent, BEGIN_NS, end_ns)
    assert await store.flush()
    spent_s = time.process_time() - began_s
    assert changed == STATIONS * DAYS * 49
    size_mb = store.stats().bytes / 1e6
    await store.close()
    return spent_s, size_mb


def figures() -> list[Figure]:
    """All figures of this benchmark."""
    chance = random.Random(4)
    stations, days = places(), [day(number, chance) for number in range(30)]
    name = f"a year of minutes of {STATIONS} stations, {len(POINTS)} points"
    found = [Figure(f"{name}: worked out", in_memory(stations, days), "s CPU", LIMIT_S)]
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as folder:
        spent_s, size_mb = asyncio.run(from_disk(Path(folder), stations, days, sends=False))
    found.append(Figure(f"{name}: from the store and back", spent_s, "s CPU", LIMIT_S))
    found.append(Figure(f"{name}: the file", size_mb, "MB", None))
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as folder:
        spent_s, _ = asyncio.run(from_disk(Path(folder), stations, days, sends=True))
    found.append(Figure(f"{name}: and all of it sent again", spent_s, "s CPU", None))
    return found


if __name__ == "__main__":
    main(figures)

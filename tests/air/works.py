"""An air service on virtual time, with a store and a memory that outlive it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from edge.air.service import AirParts, AirService
from edge.air.stations import AirDevice
from edge.config.schema import Config
from edge.core.air import Mean, Span
from edge.core.air_columns import Columns
from edge.core.air_rows import columns_of, means_of
from edge.core.alarms import Finding
from edge.core.errors import TransientError
from edge.core.model import Command, Event, Layout, Outcome, Quality, Sample, Stamp
from tests.virtual import VirtualClock

GATEWAY = {"id": "gw", "latitude": 17.7, "longitude": 106.4, "commune": "ba-don"}
POINTS = ("pm2_5", "pm10", "relative_humidity")
S = 1_000_000_000


class KeptMeans:
    """Implements MeanStore in a dictionary, through columns as the real one does."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Span, int], Mean] = {}
        self.away = False
        self.forgotten: dict[Span, int] = {}

    def put_mean(self, mean: Mean) -> None:
        self.rows[mean.station, mean.span, mean.end_ns] = mean

    def put_columns(self, station: str, span: Span, columns: Columns) -> None:
        for mean in means_of(station, span, columns):
            self.put_mean(mean)

    async def means(self, station: str, span: Span, after_ns: int, through_ns: int) -> Sequence[Mean]:
        found = await self.mean_columns([station], span, after_ns, through_ns)
        return means_of(station, span, found[station]) if station in found else ()

    async def mean_columns(
        self, stations: Sequence[str], span: Span, after_ns: int, through_ns: int
    ) -> Mapping[str, Columns]:
        if self.away:
            raise TransientError("the disk is away")
        found: dict[str, list[Mean]] = {}
        for (station, of, end_ns), mean in sorted(self.rows.items(), key=lambda row: row[0][2]):
            if station in stations and of is span and after_ns < end_ns <= through_ns:
                found.setdefault(station, []).append(mean)
        return {station: columns_of(means) for station, means in found.items()}

    async def pack_minutes(self, through_ns: int) -> bool:
        return False

    def forget_means(self, span: Span, before_ns: int) -> None:
        self.forgotten[span] = before_ns

    def of(self, station: str, span: Span) -> list[Mean]:
        return [mean for (name, of, _), mean in sorted(self.rows.items()) if (name, of) == (station, span)]


class World:
    """What outlives a service: means, memory; and what it said."""

    def __init__(self) -> None:
        self.store = KeptMeans()
        self.memory: dict[str, str] = {}
        self.kept: list[Sample] = []
        self.findings: list[Finding] = []
        self.events: list[Event] = []

    def recall(self, key: str) -> str | None:
        return self.memory.get(key)

    def remember(self, key: str, value: str) -> None:
        self.memory[key] = value

    def series(self, series: str, station: str = "air-1") -> list[Sample]:
        return [one for one in self.kept if (one.layout.device, one.layout.series) == (station, series)]


def config(**tables: Any) -> Config:
    device = {"id": "air-1", "profile": "pms5003", "bus": "b"}
    return Config.model_validate({"gateway": GATEWAY, "device": [device], **tables})


def devices_of(conf: Config, interval_s: float) -> dict[str, AirDevice]:
    return {
        device.id: AirDevice(device.id, device.id.upper(), "air", dict.fromkeys(POINTS, interval_s))
        for device in conf.device
    }


class Working:
    """One run of the service."""

    def __init__(self, air: AirService, world: World, clock: VirtualClock) -> None:
        self.air, self.world, self.clock = air, world, clock

    def sample(
        self, device: str, values: tuple[float | None, ...], stamp: Stamp, bad: bool = False
    ) -> Sample:
        flags = tuple((at, Quality.BAD) for at, value in enumerate(values) if bad and value is not None)
        return self.air.judge(Sample(Layout(device, "air", POINTS, ()), stamp, values, flags))

    async def feed(
        self,
        seconds: float,
        value: Callable[[float], float] = lambda _: 20.0,
        interval_s: float = 30.0,
        device: str = "air-1",
    ) -> None:
        """Samples for so long; values vary a little, as those of a sensor do."""
        count = 0
        ends_ns = self.clock.mono_ns() + round(seconds * S)
        while self.clock.mono_ns() < ends_ns:
            count += 1
            pm = value(self.clock.mono_ns() / S) + (count % 2) * 1e-3
            self.sample(device, (pm, 2 * pm, 60.0 + (count % 7) / 10), self.clock.stamp())
            await asyncio.sleep(interval_s)

    async def command(self, verb: str, target: str, **arguments: float | bool | str) -> list[Outcome]:
        handler = {"calibrate": self.air.calibrate, "recalculate": self.air.recalculate}[verb]
        command = Command(
            "c-1", verb, target, tuple(arguments.items()), "an", "local", self.clock.stamp(), 2**62
        )
        return [outcome async for outcome in handler(command)]


@asynccontextmanager
async def working(
    world: World,
    conf: Config,
    offset_ns: int,
    is_set: bool = True,
    interval_s: float = 30.0,
) -> AsyncIterator[Working]:
    """A run of the service whose UTC is virtual time and `offset_ns`."""
    clock = VirtualClock(is_set)
    clock.offset_ns = offset_ns
    parts = AirParts(world.store, world.kept.append, world.findings.append, world, world.events.append, clock)
    air = AirService(conf, devices_of(conf, interval_s), parts)
    task = asyncio.create_task(air.run())
    try:
        yield Working(air, world, clock)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

"""A Wi-Fi service on a real store and a clock that is moved by hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from edge.config.alarms import rules_of
from edge.config.schema import Config
from edge.core.alarms import Finding
from edge.core.model import DeviceState, Sample
from edge.runtime.store import Store
from edge.wifi.keys import Keys
from edge.wifi.service import WifiParts, WifiService
from tests.runtime.store_help import START_NS, HandClock, opened
from tests.wifi.records import CONFIG, NOON_S, ZONE, S


class Shown:
    """The live states of access points."""

    def __init__(self) -> None:
        self.now: list[DeviceState] = []

    def states(self) -> Sequence[DeviceState]:
        return self.now

    def watch(self) -> contextlib.AbstractAsyncContextManager[AsyncIterator[DeviceState]]:
        raise AssertionError("the service looks at states and does not watch them")


class World:
    """What a service uses, and what it said."""

    def __init__(self, folder: Path, at_s: int = NOON_S, is_set: bool = True) -> None:
        self.folder, self.clock = folder, HandClock(is_set)
        self.move_to(at_s)
        self.kept: list[Sample] = []
        self.findings: list[Finding] = []
        self.live = Shown()

    def move_to(self, utc_s: float) -> None:
        self.clock.now_ns = round(utc_s * S) - START_NS

    def told(self, series: str, place: str) -> list[dict[str, float | None]]:
        """Rows of a place, oldest first, with their time in s."""
        rows = [
            dict(zip(one.layout.names, one.values, strict=True)) | {"at_s": (one.stamp.utc_ns or 0) // S}
            for one in self.kept
            if (one.layout.series, one.layout.device) == (series, place)
        ]
        return sorted(rows, key=lambda row: row["at_s"])

    @contextlib.asynccontextmanager
    async def running(
        self, config: Config = CONFIG, vfs: str | None = None
    ) -> AsyncIterator[tuple[WifiService, Store]]:
        """A service that runs; ended without an orderly stop of its own."""
        async with opened(self.folder / "gianh.db", self.clock, vfs=vfs) as store:
            keys = Keys(self.folder, ZONE, self.clock)
            parts = WifiParts(
                store.usage, self.kept.append, self.findings.append, store, self.live, self.clock, keys
            )
            assert config.wifi is not None
            wifi = WifiService(config, config.wifi, parts, rules_of(config.alarm))
            task = asyncio.create_task(wifi.run())
            try:
                if self.clock.known:
                    await asyncio.wait_for(wifi.ready.wait(), 5)
                yield wifi, store
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def minutes(self, wifi: WifiService, until_s: int) -> None:
        """Every minute until then, as the service itself does them."""
        now_s = self.clock.utc_ns() // S
        for at_s in range((now_s // 60 + 1) * 60, until_s + 1, 60):
            self.move_to(at_s)
            wifi._minute = at_s // 60
            wifi._tick(at_s * S)
        self.move_to(until_s)


def with_radio() -> Config:
    """The same hotspots, of which one is read as a device too."""
    data = CONFIG.model_dump(exclude_unset=True)
    data["hotspot"][0]["device"] = "radio-1"
    return Config.model_validate(data)

"""Simulated access points for tests, and drivers of them."""

import pytest

from drivers.access_points.driver import AccessPointDriver
from edge.config.schema import Bus, Device, Gateway
from edge.core.clock import SystemClock
from edge.core.model import Reading, Stamp
from simulators.radios import Station

GATEWAY = Gateway(id="g1", latitude=17.75, longitude=106.42)
UPTIME_S = 86_400.0
KINDS = ["openwrt", "mikrotik"]
each_kind = pytest.mark.parametrize("kind", KINDS)


class HalfMinutes(SystemClock):
    """A clock on which every poll comes 30 s after the one before."""

    polls = 0

    def stamp(self) -> Stamp:
        self.polls += 1
        return Stamp(self.polls * 30_000_000_000, None)


async def breathe() -> None:
    pass


def people(count: int, first: int = 100) -> list[Station]:
    each = range(first, first + count)
    return [Station(f"02:00:5E:10:00:{at:02X}", f"10.5.50.{at}", f"visitor-{at}") for at in each]


def bus(kind: str, port: int, **more: object) -> Bus:
    given = {
        "id": "ap-1",
        "kind": kind,
        "host": "127.0.0.1",
        "port": port,
        "username": "gianh",
        "timeout_s": 5,
    }
    return Bus.model_validate({"https": False, **given, **more})


def made(line: Bus, clock: object = None, **more: object) -> AccessPointDriver:
    device = Device(id="quay", profile=f"{line.kind}-ap", bus=line.id, **more)
    return AccessPointDriver(line, [device], GATEWAY, clock or SystemClock())


async def once(driver: AccessPointDriver) -> dict[str, float | None]:
    await driver.open()
    try:
        return named(driver, await driver.read(driver.polls[0], breathe))
    finally:
        await driver.close()


def named(driver: AccessPointDriver, reading: Reading) -> dict[str, float | None]:
    assert reading.flags == ()
    return dict(zip(driver.polls[0].layout.names, reading.values, strict=True))

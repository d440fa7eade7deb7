"""Simulated access points, served."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from simulators.access_points import OpenWrtServer, RouterOsServer
from simulators.radios import SimulatedAccessPoint, SimulatedRadio
from simulators.web import WebServer
from tests.access_points.works import UPTIME_S, people


@pytest.fixture
def point() -> SimulatedAccessPoint:
    return SimulatedAccessPoint(
        [
            SimulatedRadio("wifi2", 2437, stations=people(6), received=1000, sent=50_000, busy=0.4),
            SimulatedRadio("wifi1", 5260, stations=people(8, 106), received=500, sent=4000, busy=0.2),
        ]
    )


@pytest.fixture
async def serve(point: SimulatedAccessPoint) -> AsyncIterator[Callable[..., Awaitable[WebServer]]]:
    running: list[WebServer] = []

    async def started(kind: str, tls: ssl.SSLContext | None = None, **how: bool) -> WebServer:
        served = {"openwrt": OpenWrtServer, "mikrotik": RouterOsServer}[kind]
        server = served(point, lambda: UPTIME_S, tls=tls, **how)
        await server.start()
        running.append(server)
        return server

    yield started
    for server in running:
        await server.stop()


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIANH_BUS_AP_1_PASSWORD", "only to read")

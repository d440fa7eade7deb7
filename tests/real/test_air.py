"""A station of a whole gateway over a real broker, in hours that pass in seconds."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from edge.core.clock import SimulatedClock
from edge.core.model import Command, Outcome
from simulators.tcp import TcpBus
from tests.servers import Mosquitto, Subscriber, running
from tests.world.whole import bare, mqtt, unit, whole, write_file

RATE = 1200.0
START_NS = 1_795_453_200_000_000_000
"""Midnight in Ha Noi."""


def gateway(folder: Path, broker: Mosquitto, port: int) -> Path:
    """One gas sensor on Modbus TCP, which is a station by itself."""
    text = (
        f'[[bus]]\nid = "tcp"\nkind = "tcp"\nhost = "127.0.0.1"\nport = {port}\n'
        '[[device]]\nid = "air-1"\nprofile = "jxct-3001"\nbus = "tcp"\naddress = 1\ninterval_s = 0.2\n'
        '[[check]]\npoint = "pm2_5"\nkind = "stuck"\nenabled = false\n'
        '[[check]]\npoint = "pm10"\nkind = "stuck"\nenabled = false\n'
    )
    return write_file(folder, mqtt(broker), text)


async def test_means_and_indices_arrive_and_the_station_says_what_they_are(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "mosquitto")
    with running(broker):
        bus = TcpBus({1: unit("jxct-3001")})
        await bus.start()
        try:
            async with Subscriber(broker.port, "gianh/v1/gw-a/device/air-1/#") as subscriber:
                clock = SimulatedClock(START_NS, RATE)
                async with bare(gateway(tmp_path, broker, bus.port), clock) as run:
                    heard = await until_index(subscriber)
                    assert run.gateway.rooms.air is not None
                    (state,) = run.gateway.rooms.air.stations()
        finally:
            await bus.stop()
    assert heard["info"]["points"]["aqi_vn"]["label"]["vi"]
    assert heard["mean/1h"]["v"]
    assert heard["mean/1h"]["at"].endswith(":00:00.000000000Z")
    assert heard["index/vn_hour"]["standing"] == "tham khảo"
    assert {index.scheme for index in state.indices} >= {"vn_hour", "us"}


async def until_index(subscriber: Subscriber) -> dict[str, Any]:
    """The last message of each topic, until there is an index."""
    found: dict[str, Any] = {}
    ends = time.monotonic() + 60
    while "index/vn_hour" not in found and time.monotonic() < ends:
        _, topic, body = await subscriber.next()
        found[topic.removeprefix("gianh/v1/gw-a/device/air-1/")] = json.loads(body)
    return found


async def test_the_desk_takes_calibrate_and_a_restart_remembers_it(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "mosquitto")
    with running(broker):
        file = gateway(tmp_path, broker, 1)
        clock = SimulatedClock(START_NS, 1.0)
        async with bare(file, clock) as run:
            said: asyncio.Queue[Outcome] = asyncio.Queue()
            stamp = clock.stamp()
            command = Command(
                "c-1", "calibrate", "air-1", (("for_s", 600.0),), "an", "local", stamp, stamp.mono_ns + 10**10
            )
            run.gateway.desk.submit(command, said.put_nowait)
            assert [(await said.get()).state.value for _ in range(2)] == ["accepted", "verified"]
        async with bare(file, clock) as run:
            assert run.gateway.rooms.air is not None
            async with run.gateway.rooms.air.watch() as states:
                while not (await anext(states)).calibrating:
                    pass


async def test_the_command_line_shows_calibrates_and_recalculates_stations(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "mosquitto")
    with running(broker):
        file = gateway(tmp_path, broker, 1)
        async with whole(file):
            assert "VN_AQI" in await gianh(file, "status")
            assert "calibration for 600 s" in await gianh(file, "calibrate", "air-1", "--for", "600")
            (station,) = json.loads(await gianh(file, "status", "--json"))
            assert (station["id"], station["kind"], station["calibrating"]) == ("air-1", "indicative", True)
            assert "over" in await gianh(file, "calibrate", "air-1", "--release")
            assert "0 means are different" in await gianh(file, "recalculate", "gw-a", "--from", "2026-11-01")
            assert "no station or air device 'nobody'" in await gianh(file, "calibrate", "nobody", code=1)


async def gianh(file: Path, *words: str, code: int = 0) -> str:
    """What `gianh air` says."""
    command = [sys.executable, "-m", "edge.cli", "air", *words, "-c", str(file)]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == code, said.decode()
    return said.decode()

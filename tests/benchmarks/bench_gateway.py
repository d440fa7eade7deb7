"""Poll, store, MQTT and InfluxDB together: processor time per value, memory, and time to the broker.

100 devices on Modbus TCP, once a second each, with 100 and with 10 registers a device.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import aiomqtt
import psutil

from tests.benchmarks.figures import Figure, main
from tests.servers import Influxd, Mosquitto, running

DEVICES, BUSES = 100, 4
SETTLE_S, MEASURE_S = 8.0, 20.0

PROFILE = """\
id = "bench"
class = "meter"
driver = "modbus"
interval_s = 1
title = {{ vi = "Đo", en = "Bench" }}
source = {{ title = "this benchmark", verified = true }}
serial = {{ baudrate = 9600 }}
{points}
[[samples]]
from = "worked out"
note = "tenths"
blocks = [ {{ table = "holding", address = 0, hex = "{words}" }} ]
values = {{ {values} }}
"""


def profile_text(registers: int) -> str:
    """A profile of so many tenths, as meters have them."""

    def name(n: int) -> str:
        return f"analogue_input_{n + 1}" if n < 99 else "rainfall"

    points = [
        f'[[points]]\nname = "{name(n)}"\ntable = "holding"\naddress = {n}\ntype = "u16"\nscale = 0.1\n'
        for n in range(registers)
    ]
    values = ", ".join(f"{name(n)} = 230.0" for n in range(registers))
    return PROFILE.format(points="\n".join(points), words="08FC" * registers, values=values)


def gateway_text(ports: list[int], mqtt_port: int, influx_port: int, data_dir: Path) -> str:
    """The gateway.toml of the run."""
    lines = [
        '[gateway]\nid = "gw-bench"\nlatitude = 17.7556\nlongitude = 106.4231',
        f'data_dir = "{data_dir}"\n[mqtt]\nurl = "mqtt://127.0.0.1:{mqtt_port}"',
        f'[[influx]]\nid = "centre"\nurl = "http://127.0.0.1:{influx_port}"\nversion = 1\ndatabase = "town"',
        "[http]\nport = 0",
    ]
    for bus, port in enumerate(ports):
        lines.append(f'[[bus]]\nid = "bus-{bus}"\nkind = "tcp"\nhost = "127.0.0.1"\nport = {port}')
    for device in range(DEVICES):
        lines.append(
            f'[[device]]\nid = "meter-{device}"\nprofile = "bench"\nbus = "bus-{device % len(ports)}"\n'
            f"address = {device // len(ports) + 1}"
        )
    return "\n".join(lines) + "\n"


@asynccontextmanager
async def slaves() -> AsyncIterator[list[int]]:
    """The slaves, in a process of their own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.slaves", str(BUSES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


async def delays_ms(port: int, seconds: float) -> list[float]:
    """Milliseconds from the bus's answer to a subscriber of the broker, for every sample."""
    delays: list[float] = []
    topic = "gianh/v1/+/device/+/sample"
    protocol = aiomqtt.ProtocolVersion.V5
    ends = time.monotonic() + seconds
    async with aiomqtt.Client("127.0.0.1", port, protocol=protocol) as client:
        await client.subscribe(topic)
        async for message in client.messages:
            at = datetime.fromisoformat(json.loads(bytes(message.payload))["at"])  # type: ignore[arg-type]
            delays.append(1000 * (time.time() - at.timestamp()))
            if time.monotonic() > ends:
                return delays
    return delays


async def measure(registers: int) -> list[Figure]:
    """Run the gateway with so many registers a device, and look at it from outside."""
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as name:
        directory = Path(name)
        broker, influx = Mosquitto(directory / "mosquitto"), Influxd(directory / "influx")
        with running(broker), running(influx):
            influx.query("CREATE DATABASE town")
            async with slaves() as ports:
                file = directory / "gateway.toml"
                file.write_text(gateway_text(ports, broker.port, influx.port, directory / "data"), "utf-8")
                (directory / "bench.toml").write_text(profile_text(registers), "utf-8")
                command = [sys.executable, "-m", "tests.benchmarks.gateway_process", str(file)]
                process = await asyncio.create_subprocess_exec(*command, env=os.environ)
                try:
                    return await observe(process.pid, registers, broker.port, influx)
                finally:
                    process.terminate()
                    await process.wait()


async def observe(pid: int, registers: int, mqtt_port: int, influx: object) -> list[Figure]:
    """Processor time per value stored in InfluxDB, memory, delay to the broker."""
    await asyncio.sleep(SETTLE_S)
    process = psutil.Process(pid)
    before, began = process.cpu_times(), time.monotonic()
    delays = sorted(await delays_ms(mqtt_port, MEASURE_S))
    after, passed_s = process.cpu_times(), time.monotonic() - began
    spent_s = after.user + after.system - before.user - before.system
    polls = len(delays)
    memory_mb = process.memory_info().rss / 1e6
    limit_us = 10.0 if registers == 100 else 50.0
    name = f"{registers} registers a device"
    return [
        Figure(
            f"{name}: values per second",
            polls * registers / passed_s,
            "1/s",
            DEVICES * registers * 0.98,
            "higher",
        ),
        Figure(f"{name}: processor time per value", spent_s * 1e6 / (polls * registers), "us", limit_us),
        Figure(f"{name}: resident memory without the console", memory_mb, "MB", 80.0),
        Figure(f"{name}: bus answer to broker, p99", delays[int(len(delays) * 0.99)], "ms", 500.0),
    ]


def figures() -> list[Figure]:
    """All figures of this benchmark."""
    return [figure for registers in (100, 10) for figure in asyncio.run(measure(registers))]


if __name__ == "__main__":
    main(figures)

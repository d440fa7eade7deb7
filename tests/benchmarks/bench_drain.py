"""A backlog drained from the store into a real InfluxDB 1.x, through the gateway's own forwarder."""

import asyncio
import tempfile
import time
from pathlib import Path

from cloud_sync.influx.publisher import InfluxPublisher
from edge.config.schema import Influx
from edge.config.schema import Store as Settings
from edge.core.clock import SystemClock
from edge.core.model import Layout, Sample, Stamp, Stream
from edge.runtime.forward import Forwarder
from edge.runtime.store import Store
from tests.benchmarks.figures import Figure, main
from tests.servers import Influxd, running

SAMPLES, DEVICES, VALUES = 200_000, 50, 10
START_NS = 1_780_000_000 * 1_000_000_000
LIMIT_PER_S = 20_000


async def fill(store: Store) -> None:
    """Put the backlog in: ten values a sample, one second apart a device."""
    layouts = [
        Layout(
            f"meter-{device}",
            "meter",
            tuple(f"analogue_input_{n + 1}" for n in range(VALUES)),
            (("commune", "ba-don"), ("device", f"meter-{device}"), ("gateway", "gw-bench")),
        )
        for device in range(DEVICES)
    ]
    for number in range(SAMPLES):
        second, device = divmod(number, DEVICES)
        at_ns = START_NS + second * 1_000_000_000
        values = tuple(round(200 + (number * 7 + n * 13) % 1000 / 10, 1) for n in range(VALUES))
        store.put_sample(Sample(layouts[device], Stamp(at_ns, at_ns), values))
        if number % 5000 == 4999:
            await store.flush()


async def drain(directory: Path, influx: Influxd) -> list[Figure]:
    """Samples per second until nothing is owed, and whether all of them are there."""
    clock = SystemClock()
    store = Store(directory / "gianh.db", Settings(), clock)
    await store.open(["centre"])
    await fill(store)
    section = Influx(id="centre", url=influx.url, version=1, database="town")
    publisher = InfluxPublisher(section, (("gateway", "gw-bench"),), clock)
    forwarder = Forwarder(publisher, store, store.put_event, clock, section.batch_max, 1.0)
    began_s, spent_s = time.monotonic(), time.process_time()
    task = asyncio.create_task(forwarder.run())
    while store.stats().pending["centre", Stream.SAMPLE]:
        await asyncio.sleep(0.01)
    passed_s, spent_s = time.monotonic() - began_s, time.process_time() - spent_s
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await publisher.close()
    await store.close()
    found = influx.count("meter", "analogue_input_1")
    assert found == SAMPLES, f"{found} of {SAMPLES} samples arrived"
    return [
        Figure(
            "backlog into InfluxDB 1.x, ten values a sample",
            SAMPLES / passed_s,
            "samples/s",
            LIMIT_PER_S,
            "higher",
        ),
        Figure("backlog into InfluxDB 1.x: our processor time", spent_s * 1e6 / SAMPLES, "us/sample", None),
    ]


def figures() -> list[Figure]:
    """All figures of this benchmark."""
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as name:
        directory = Path(name)
        influx = Influxd(directory / "influx")
        with running(influx):
            influx.query("CREATE DATABASE town")
            return asyncio.run(drain(directory, influx))


if __name__ == "__main__":
    main(figures)

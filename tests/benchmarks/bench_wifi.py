"""A whole gateway under accounting: 5,000 packets a second with a durable answer to each, the burst after an
outage, 100,000 open sessions.

The gateway runs as `gianh run` does, on one core; the access points are in another process.

python -m tests.benchmarks.bench_wifi [--json]
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from edge.config.schema import Config, Gateway, Http
from edge.config.wifi import Hotspot, RadiusClient, Wifi
from simulators.gatewayfile import gateway_toml
from tests.benchmarks.accounting_load import SECRET
from tests.benchmarks.figures import Figure, main
from tests.servers import free_udp_port

GATEWAY = "tests.world.fast_gateway"
PER_S, P99_MS_MAX = 5_000.0, 250.0
SUSTAINED_S = 20
SESSIONS = 10_000
BURST = 50_000
OPEN, OPEN_MB_MAX = 100_000, 150.0


class Run:
    """A gateway that runs, and what it says."""

    def __init__(self, process: "subprocess.Popen[str]", http: str, port: int) -> None:
        self.process, self.http, self.port = psutil.Process(process.pid), http, port

    def wifi(self) -> dict[str, object]:
        with urllib.request.urlopen(f"{self.http}/api/v1/wifi", timeout=30) as reply:
            found: dict[str, object] = json.load(reply)
        return found

    def memory_mb(self) -> float:
        return float(self.process.memory_info().rss / 1e6)

    def processor_s(self) -> float:
        used = self.process.cpu_times()
        return float(used.user + used.system)

    def load(self, how: str, count: int, sessions: int, rate: float) -> dict[str, float]:
        command = [sys.executable, "-m", "tests.benchmarks.accounting_load", str(self.port), how]
        numbers = [str(number) for number in (count, sessions, rate)]
        done = subprocess.run([*command, *numbers], stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout)
        return found


@contextmanager
def one_core() -> Iterator[None]:
    """Processes that are started here have one core for all their threads."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@contextmanager
def gateway() -> Iterator[Run]:
    """A gateway that hears ten hotspots of one sender, on one core."""
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as name:
        folder, port = Path(name), free_udp_port()
        (folder / "secret").write_bytes(SECRET)
        names = [f"ap-beach-{n}" for n in range(10)]
        config = Config(
            gateway=Gateway(id="gw-bench", latitude=17.7, longitude=106.4, data_dir=folder / "data"),
            http=Http(port=0),
            wifi=Wifi(port=port),
            radius_client=(RadiusClient(id="ap", address="127.0.0.1", secret_file=folder / "secret"),),
            hotspot=tuple(Hotspot(id=one, client="ap", nas_identifier=one) for one in names),
        )
        file = folder / "gateway.toml"
        file.write_text(gateway_toml(config), "utf-8")
        times = (str(time.time()), str(time.monotonic()), "1")
        with (folder / "log").open("w") as log, one_core():
            process = subprocess.Popen(
                [sys.executable, "-m", GATEWAY, str(file), *times],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout
        try:
            http = process.stdout.readline().strip()
            yield Run(process, http, port)
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


def counted(run: Run) -> float:
    """How many were counted, each of them once."""
    counts = run.wifi()["accounting"]
    assert isinstance(counts, dict)
    return float(counts["accepted"])


def sustained() -> Iterator[Figure]:
    """Packets come at the rate that is asked for, and a burst after an outage comes behind them."""
    with gateway() as run:
        count, before_s = int(PER_S * SUSTAINED_S), run.processor_s()
        found = run.load("interim", count, SESSIONS, PER_S)
        used_us = (run.processor_s() - before_s) * 1e6 / count
        name = f"accounting at {PER_S:.0f}/s for {SUSTAINED_S} s"
        yield Figure(f"{name}: answered", found["per_s"], "packets/s", 0.97 * PER_S, "higher")
        yield Figure(f"{name}: p99 of the durable answer", found["p99_ms"], "ms", P99_MS_MAX)
        yield Figure(f"{name}: median", found["p50_ms"], "ms", None)
        yield Figure(f"{name}: processor time", used_us, "us", 1e6 / PER_S)
        yield Figure(f"{name}: counted once", counted(run), "packets", count, "higher")
    with gateway() as run:
        found = run.load("interim", BURST, SESSIONS, 0.0)
        name = f"burst of {BURST} packets after an outage"
        yield Figure(f"{name}: answered", found["per_s"], "packets/s", PER_S, "higher")
        yield Figure(f"{name}: counted once", counted(run), "packets", BURST, "higher")
        yield Figure(f"{name}: sent again", found["repeated"], "packets", None)
        yield Figure(f"{name}: longest wait", found["worst_ms"] / 1e3, "s", None)


def open_sessions() -> Iterator[Figure]:
    """What a gateway needs for sessions beyond what it needs without any."""
    with gateway() as run:
        run.load("interim", 100, 100, 0.0)
        base_mb = run.memory_mb()
        run.load("start", OPEN, OPEN, 0.0)
        found = run.wifi()["sessions_open"]
        yield Figure("open sessions that were told", float(str(found)), "sessions", OPEN, "higher")
        yield Figure("memory for 100,000 open sessions", run.memory_mb() - base_mb, "MB", OPEN_MB_MAX)
        run.load("interim", OPEN, OPEN, 0.0)
        yield Figure("the same after an interim update of each", run.memory_mb() - base_mb, "MB", OPEN_MB_MAX)


def figures() -> list[Figure]:
    """All figures of this benchmark."""
    return [*sustained(), *open_sessions()]


if __name__ == "__main__":
    main(figures)

"""Ten kills of a whole gateway, with a broker and a database that go away: what was stored, where is it?

A simulated town, Mosquitto and InfluxDB 1.6.7 run as processes of their own; `gianh run` is ended by
kill -9 at random moments, the last time by SIGTERM after the backlog is gone. `python -m tests.crash.proof`
prints what a person can judge.
"""

import argparse
import asyncio
import csv
import io
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import apsw

from edge.config.schema import BusKind, Config, Influx
from edge.console.socket import is_heard, socket_path
from simulators.gatewayfile import gateway_config, gateway_toml
from simulators.simulation import Endpoint
from simulators.town import build_town
from tests.servers import Influxd, Mosquitto, need, running
from tests.world.processes import gianh, simulated_town
from tests.world.waiting import soon

Say = Callable[[str], None]
Point = tuple[str, str, int]
"""Measurement, device, and time in nanoseconds."""

INTERVAL_S = {BusKind.TCP: 0.5, BusKind.RTU: 2.0, BusKind.SERIAL: 2.0}
DRAINED_S = 150.0
ENDS_WITHIN_S = 10.0
PERSISTENT = "persistence true\npersistence_location {folder}/\nautosave_interval 1\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """How often the gateway is killed, after how many seconds at most, and how long the servers are away.

    Two of three lives are counted from when it answers, the others from its start: those may end before.
    """

    kills: int
    life_s: float
    away_s: float
    seed: int


@dataclass(slots=True)
class Proof:
    """What was found at the end. `published` has sequence number, device and time of every MQTT message."""

    stored: dict[int, Point] = field(default_factory=dict)
    in_influx: set[Point] = field(default_factory=set)
    published: set[tuple[int, str, str]] = field(default_factory=set)
    messages: int = 0
    holes: int = 0
    dropped: int = 0
    ended_s: float = 0.0
    exit_code: int | None = None
    left_behind: list[str] = field(default_factory=list)
    log: str = ""
    rows: str = ""

    def faults(self) -> list[str]:
        """What is not as it must be; empty when all is well."""
        points = set(self.stored.values())
        numbers = sorted(self.stored)
        from_mqtt = {seq for seq, _, _ in self.published}
        checks = {
            "nothing was stored": not numbers,
            f"{len(points - self.in_influx)} stored points are not in InfluxDB": points - self.in_influx,
            f"{len(self.in_influx - points)} points in InfluxDB were not stored": self.in_influx - points,
            "sequence numbers have gaps": numbers != list(range(1, len(numbers) + 1)),
            f"{self.holes} numbers are without rows": self.holes,
            f"{self.dropped} rows were dropped": self.dropped,
            f"{len(set(numbers) - from_mqtt)} stored rows were never published": set(numbers) - from_mqtt,
            f"{len(from_mqtt - set(numbers))} published rows were not stored": from_mqtt - set(numbers),
            "a number was published with two times": len(self.published) != len(from_mqtt),
            f"SIGTERM ended it with {self.exit_code}": self.exit_code != 0,
            f"SIGTERM took {self.ended_s:.1f} s": self.ended_s > ENDS_WITHIN_S,
            f"it left behind: {', '.join(self.left_behind)}": self.left_behind,
            "its log has a traceback": "Traceback" in self.log,
        }
        return [text for text, wrong in checks.items() if wrong]


class Scene:
    """Everything that runs, and the gateway that is killed."""

    def __init__(self, folder: Path, plan: Plan, say: Say) -> None:
        self.folder, self.plan, self.say = folder, plan, say
        self.chance = random.Random(plan.seed)
        broker_folder = folder / "mosquitto"
        self.broker = Mosquitto(broker_folder, PERSISTENT.format(folder=broker_folder))
        self.influx = Influxd(folder / "influx")
        self.file = folder / "gateway.toml"
        self.log = folder / "gianh.log"
        self.heard = folder / "heard.txt"

    async def play(self) -> Proof:
        """The whole run."""
        with ExitStack() as stack:
            stack.enter_context(running(self.broker))
            stack.enter_context(running(self.influx))
            self.influx.query("CREATE DATABASE town")
            config = self._config(stack.enter_context(simulated_town(self.folder)))
            self.file.write_text(gateway_toml(config), "utf-8")
            stack.enter_context(self._subscriber())
            proof = Proof()
            await self._lives()
            await self._last_life(proof)
            self._judge(config, proof)
            return proof

    async def _lives(self) -> None:
        troubles = {self.plan.kills // 3: self._broker_away, 2 * self.plan.kills // 3: self._influx_away}
        for number in range(self.plan.kills):
            gateway = self._start()
            trouble = troubles.get(number)
            if trouble is not None:
                await trouble()
            life_s = self.chance.uniform(0.3, self.plan.life_s)
            if number % 3 != 1:
                await soon(self._is_up)
            await asyncio.sleep(life_s)
            assert gateway.poll() is None, self.log.read_text("utf-8")[-2000:]
            gateway.send_signal(signal.SIGKILL)
            gateway.wait()
            self.say(f"kill -9 number {number + 1}, {life_s:.2f} s later")

    def _is_up(self) -> bool:
        """Whether the gateway answers: how long it takes to start is a matter of this machine."""
        return is_heard(socket_path(self.folder / "data"))

    async def _broker_away(self) -> None:
        await asyncio.sleep(self.chance.uniform(1.0, 3.0))
        await asyncio.to_thread(self.broker.stop)
        self.say("the broker is away")
        await asyncio.sleep(self.plan.away_s)
        await asyncio.to_thread(self.broker.start)
        self.say("the broker is back")

    async def _influx_away(self) -> None:
        await asyncio.sleep(self.chance.uniform(1.0, 3.0))
        await asyncio.to_thread(self.influx.kill)
        self.say("InfluxDB is killed")
        await asyncio.sleep(self.plan.away_s)
        await asyncio.to_thread(self.influx.start)
        self.say("InfluxDB is back")

    async def _last_life(self, proof: Proof) -> None:
        gateway = self._start()
        try:
            status = await self._drained()
            proof.dropped = status["outbox"]["dropped"]
            began = time.monotonic()
            gateway.send_signal(signal.SIGTERM)
            proof.exit_code = await asyncio.to_thread(gateway.wait, 60)
            proof.ended_s = time.monotonic() - began
        finally:
            gateway.kill()
            gateway.wait()
        self.say(f"SIGTERM: ended with {proof.exit_code} after {proof.ended_s:.2f} s")

    async def _drained(self) -> dict[str, Any]:
        until = time.monotonic() + DRAINED_S
        status: dict[str, Any] | None = None
        while time.monotonic() < until:
            status = await self._status()
            if status is not None and status["uptime_s"] > 3:
                pending = status["outbox"]["pending"]
                troubled = any(target["trouble"] for target in status["targets"])
                if not troubled and sum(pending.values()) < 100:
                    self.say(f"the backlog is gone: {pending}")
                    return status
            await asyncio.sleep(0.3)
        raise AssertionError(f"the backlog did not go within {DRAINED_S:g} s: {status}")

    async def _status(self) -> dict[str, Any] | None:
        process = await asyncio.create_subprocess_exec(
            *gianh("status", "--json", "-c", str(self.file)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        output, _ = await process.communicate()
        return dict(json.loads(output)) if process.returncode == 0 else None

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(gianh("run", "-c", str(self.file)), stdout=log, stderr=log)

    def _config(self, ends: Sequence[Endpoint]) -> Config:
        (town,) = build_town(1, self.folder).gateways
        centre = Influx(id="centre", url=self.influx.url, version=1, database="town")
        config = gateway_config(town, ends, self.folder / "data", self.broker.url, 0, (centre,))
        kinds = {bus.id: bus.kind for bus in config.bus}
        faster = [
            device.model_copy(update={"interval_s": INTERVAL_S[kinds[device.bus]]})
            for device in config.device
        ]
        return config.model_copy(update={"device": tuple(faster)})

    @contextmanager
    def _subscriber(self) -> Iterator[None]:
        """A client whose session outlives every restart of the broker, so that it misses nothing."""
        program, stdbuf = need("mosquitto_sub", "mosquitto-clients"), need("stdbuf", "coreutils")
        session = ["-V", "mqttv5", "-i", "witness", "-c", "-x", "3600", "-q", "1", "-k", "5"]
        topic = "gianh/v1/+/device/+/sample"
        command = [stdbuf, "-oL", program, "-p", str(self.broker.port), *session, "-t", topic]
        with self.heard.open("ab") as heard:
            process = subprocess.Popen([*command, "-F", "%t %p"], stdout=heard, stderr=subprocess.DEVNULL)
        try:
            yield
            assert process.poll() is None, "the subscriber left"
        finally:
            process.terminate()
            process.wait(10)

    def _judge(self, config: Config, proof: Proof) -> None:
        names = {path.name for path in config.gateway.data_dir.iterdir()}
        proof.left_behind = sorted(names - {"gianh.db", "audit.log"})
        proof.stored, proof.holes = stored_points(config.gateway.data_dir / "gianh.db")
        measurements = sorted({measurement for measurement, _, _ in proof.stored.values()})
        for measurement in measurements:
            proof.in_influx |= influx_points(self.influx, measurement)
        settled = time.monotonic() + 10
        while True:
            proof.published, proof.messages = published_rows(self.heard)
            if {seq for seq, _, _ in proof.published} >= set(proof.stored) or time.monotonic() > settled:
                break
            time.sleep(0.2)
        proof.log = self.log.read_text("utf-8")
        proof.rows = influx_rows(self.influx)


def stored_points(file: Path) -> tuple[dict[int, Point], int]:
    """Every sample in the store by sequence number, and how many numbers are marked as having no row."""
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        layouts = {key: json.loads(body) for key, body in connection.execute("SELECT id, body FROM layout")}
        rows = connection.execute("SELECT seq, at_ns, layout FROM sample")
        points = {seq: (layouts[layout][1], layouts[layout][0], at_ns) for seq, at_ns, layout in rows}
        ((holes,),) = connection.execute(
            "SELECT coalesce(sum(last - first + 1), 0) FROM hole WHERE stream = 'sample'"
        )
        return points, holes
    finally:
        connection.close()


def influx_points(influx: Influxd, measurement: str) -> set[Point]:
    """The distinct points of a measurement."""
    answer = influx.query(f'SELECT * FROM "{measurement}"', db="town")
    rows = csv.DictReader(io.StringIO(answer))
    return {(measurement, row["device"], int(row["time"])) for row in rows}


def influx_rows(influx: Influxd) -> str:
    """Rows that a person can read."""
    queries = (
        "SELECT device, commune, active_power, active_energy FROM meter WHERE device = 'meter-main' LIMIT 4",
        "SELECT device, level, active_power FROM lamp WHERE device = 'lamp-11' LIMIT 4",
        "SELECT device, pm2_5, pm10 FROM air LIMIT 4",
    )
    parts = []
    for query in queries:
        header, *rows = (row[2:] for row in csv.reader(io.StringIO(influx.query(query, db="town"))))
        rows = [header, *([_local(int(at)), *cells] for at, *cells in rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
        ]
        parts.append("\n".join([f"> {query}", *lines]))
    return "\n\n".join(parts)


def _local(at_ns: int) -> str:
    at = datetime.fromtimestamp(at_ns // 10**9, ZoneInfo("Asia/Ho_Chi_Minh"))
    return f"{at:%Y-%m-%d %H:%M:%S}.{at_ns % 10**9 // 10**6:03d}"


def published_rows(heard: Path) -> tuple[set[tuple[int, str, str]], int]:
    """Every sample that the subscriber got, once, and how many messages that took."""
    found, messages = set(), 0
    for line in heard.read_text("utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            topic, payload = line.split(" ", 1)
            body = json.loads(payload)
            found.add((body["seq"], topic.split("/")[4], body["at"]))
            messages += 1
    return found, messages


def prove(folder: Path, plan: Plan, say: Say = lambda text: None) -> Proof:
    """Run the plan."""
    return asyncio.run(Scene(folder, plan, say).play())


def report(proof: Proof) -> str:
    """A table, and rows that a person can read."""
    stored = Counter(point[:2] for point in set(proof.stored.values()))
    influx = Counter(point[:2] for point in proof.in_influx)
    mqtt = Counter(device for _, device, _ in proof.published)
    lines = [f"{'measurement':<12}{'device':<18}{'stored':>8}{'InfluxDB':>10}{'MQTT':>8}"]
    for measurement, device in sorted(stored.keys() | influx.keys()):
        key = (measurement, device)
        lines.append(f"{measurement:<12}{device:<18}{stored[key]:>8}{influx[key]:>10}{mqtt[device]:>8}")
    lines.append(
        f"{'all':<30}{len(set(proof.stored.values())):>8}{len(proof.in_influx):>10}{len(proof.published):>8}"
    )
    again = proof.messages - len(proof.published)
    lines.append(f"MQTT messages that came more than once, as QoS 1 may: {again}")
    faults = proof.faults()
    verdict = "\n".join(f"WRONG: {fault}" for fault in faults) or "Nothing is lost, nothing is there twice."
    return "\n".join([*lines, "", proof.rows, "", verdict])


def main() -> int:
    """Print the proof."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=round(time.time()))
    options = parser.parse_args()
    plan = Plan(options.kills, life_s=9.0, away_s=6.0, seed=options.seed)
    print(f"seed {plan.seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gianh-proof-") as folder:
        proof = prove(
            Path(folder), plan, lambda text: print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)
        )
    print(report(proof))
    return 1 if proof.faults() else 0


if __name__ == "__main__":
    sys.exit(main())

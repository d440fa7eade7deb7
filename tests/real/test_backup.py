"""A centre that burnt down: database, broker and folders, back from one back-up."""

import json
import shutil
import subprocess
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.cli import main
from edge.config.backup import Backup
from edge.core.errors import TransientError
from provisioning.backup.work import make, restore
from tests.servers import Influxd, Mosquitto, Subscriber, need, running

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
AT_NS = (time.time_ns() // 10**9 - 86_400) * 10**9
"""Yesterday: the first policy keeps 60 days."""
ROWS = 5_000


def filled(influxd: Influxd) -> None:
    assert set_up(influxd) == 0
    lines = (f"meter,gateway=gw-a,device=meter-1 active_power={n} {AT_NS + n * 10**9}" for n in range(ROWS))
    body = "\n".join(lines).encode()
    with urllib.request.urlopen(f"{influxd.url}/write?db=town", body, timeout=30):
        pass


def set_up(influxd: Influxd) -> int:
    """As a centre does: with continuous queries, over which InfluxDB's own restore breaks off."""
    return main(["influx", "setup", "--url", influxd.url, "--yes"])


def queries(influxd: Influxd) -> int:
    return influxd.query("SHOW CONTINUOUS QUERIES").count("gianh_")


def config(tmp_path: Path, influxd: Influxd) -> Backup:
    parts = [
        {"id": "influx", "kind": "influxdb1", "rpc": influxd.rpc, "database": "town"},
        {"id": "broker", "kind": "folder", "path": str(tmp_path / "broker-data")},
    ]
    return Backup.model_validate({"folder": str(tmp_path / "backups"), "part": parts})


def broker(tmp_path: Path, name: str) -> Mosquitto:
    data = tmp_path / "broker-data"
    data.mkdir(exist_ok=True)
    server = Mosquitto(tmp_path / name)
    text = server.config.read_text().replace("persistence false", "persistence true")
    server.config.write_text(f"{text}persistence_location {data}/\n")
    return server


async def test_database_and_broker_come_back_on_new_machines(tmp_path: Path) -> None:
    old_broker = broker(tmp_path, "broker-old")
    with running(old_broker):
        command = [need("mosquitto_pub", "mosquitto-clients"), "-V", "mqttv5", "-p", str(old_broker.port)]
        told = [
            "-r",
            "-q",
            "1",
            "-t",
            "gianh/v1/gw-a/device/meter-1/info",
            "-m",
            '{"profile":"eastron-sdm630"}',
        ]
        subprocess.run([*command, *told], check=True, timeout=20)
    old = Influxd(tmp_path / "influx-old")
    with running(old):
        filled(old)
        folder = make(config(tmp_path, old), "0.1.0", NOW, lambda _: None)
    shutil.rmtree(tmp_path / "influx-old")
    shutil.rmtree(tmp_path / "broker-data")

    new = Influxd(tmp_path / "influx-new")
    with running(new):
        assert restore(folder, config(tmp_path, new), (), lambda _: None) == ["influx", "broker"]
        until = time.monotonic() + 20  # the server loads what was restored a moment after it said so
        while new.count("meter", "active_power") < ROWS and time.monotonic() < until:
            pass
        assert new.count("meter", "active_power") == ROWS
        last = new.query("SELECT last(active_power) FROM meter", db="town").splitlines()[-1]
        assert last.endswith(f"{AT_NS + (ROWS - 1) * 10**9},{ROWS - 1}")
        assert "minute,8784h0m0s" in new.query("SHOW RETENTION POLICIES", db="town")
        assert queries(new) == 0
        assert set_up(new) == 0
        assert queries(new) > 100
        with pytest.raises(TransientError, match="influxd restore says"):  # the database is there by now
            restore(folder, config(tmp_path, new), ("influx",), lambda _: None)
        assert new.count("meter", "active_power") == ROWS
    new_broker = broker(tmp_path, "broker-new")
    with running(new_broker):
        async with Subscriber(new_broker.port, "gianh/#") as subscriber:
            retained, topic, payload = await subscriber.next()
    assert (retained, topic) == (True, "gianh/v1/gw-a/device/meter-1/info")
    assert json.loads(payload) == {"profile": "eastron-sdm630"}


def test_a_database_that_is_away_is_said_and_leaves_no_half_back_up(tmp_path: Path) -> None:
    influxd = Influxd(tmp_path / "influx")  # never started
    (tmp_path / "broker-data").mkdir()
    with pytest.raises(
        TransientError, match=r"part influx: InfluxDB at .* does not answer \(Connection refused\)"
    ):
        make(config(tmp_path, influxd), "0.1.0", NOW, lambda _: None)
    assert list((tmp_path / "backups").iterdir()) == []

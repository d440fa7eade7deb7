import asyncio
import logging
import os
import signal
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from edge.core.clock import SystemClock
from tests.crash.proof import influx_points, stored_points
from tests.servers import Influxd, Mosquitto, Subscriber, running
from tests.world.processes import gianh
from tests.world.waiting import soon, until
from tests.world.whole import Buses, bare, influx, mqtt, payloads, unit, whole, write_file

DEVICES = ("meter-1", "meter-2", "climate")
BASE = "gianh/v1/gw-a"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """Not started; stopped at the end."""
    server = Mosquitto(tmp_path / "mosquitto")
    yield server
    server.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Influxd]:
    """Not started; stopped at the end."""
    made = Influxd(tmp_path / "influx")
    yield made
    made.stop()


@pytest.fixture
async def buses(tmp_path: Path) -> AsyncIterator[Buses]:
    async with Buses(tmp_path).plugged() as plugged:
        yield plugged


def same_in_both(folder: Path, server: Influxd) -> int:
    """Every stored point is in InfluxDB and no other; says how many."""
    points = set(stored_points(folder / "gianh.db")[0].values())
    assert {point for kind in {one[0] for one in points} for point in influx_points(server, kind)} == points
    return len(points)


async def test_a_broker_and_a_database_that_come_late_get_everything(
    tmp_path: Path, broker: Mosquitto, server: Influxd, buses: Buses, caplog: pytest.LogCaptureFixture
) -> None:
    async with whole(write_file(tmp_path, mqtt(broker), influx(server), buses.text())) as gateway:
        await gateway.online(*DEVICES)
        await soon(lambda: gateway.trouble("mqtt") and gateway.trouble("centre"))
        assert str(broker.port) in gateway.trouble("mqtt")
        assert "cannot be reached" in gateway.trouble("centre")
        await soon(lambda: gateway.pending("mqtt") > 40)
        assert gateway.status.ready
        await asyncio.to_thread(broker.start)
        async with Subscriber(broker.port, f"{BASE}/device/+/sample") as subscriber:
            await asyncio.to_thread(server.start)
            await asyncio.to_thread(server.query, "CREATE DATABASE town")
            heard = [body for _, _, body in await payloads(subscriber, 10)]
            # The first few may have come before this subscriber did: their receipts are what counts.
            await soon(lambda: gateway.pending("mqtt") < 10)
        first = heard[0]["seq"]
        assert [body["seq"] for body in heard] == list(range(first, first + len(heard)))
        warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert caplog.text.count("database town cannot be reached") == 1
        assert [one.name for one in warnings if str(broker.port) in one.getMessage()] == [
            "cloud_sync.mqtt.link"
        ]
        await soon(lambda: not gateway.trouble("mqtt") and not gateway.trouble("centre"))
        assert gateway.status.outbox.dropped == 0
    assert same_in_both(tmp_path / "data", server) > 10


async def test_a_wrong_password_and_a_missing_database_hold_only_their_own_target(
    tmp_path: Path, broker: Mosquitto, buses: Buses
) -> None:
    strict = Influxd(tmp_path / "strict", "auth-enabled = true")
    open_one = Influxd(tmp_path / "open")
    (tmp_path / "password").write_text("wrong")
    (tmp_path / "password").chmod(0o600)
    secret = f'username = "gianh"\npassword_file = "{tmp_path}/password"\n'
    with running(broker), running(strict), running(open_one):
        strict.query("CREATE USER admin WITH PASSWORD 'a' WITH ALL PRIVILEGES")
        strict.query("CREATE DATABASE town", u="admin", p="a")
        strict.query("CREATE USER gianh WITH PASSWORD 'right'", u="admin", p="a")
        strict.query("GRANT ALL ON town TO gianh", u="admin", p="a")
        open_one.query("CREATE DATABASE town")
        targets = (
            influx(strict, "locked", more=secret),
            influx(open_one, "lacking", "missing"),
            influx(open_one, "fine"),
        )
        async with whole(write_file(tmp_path, mqtt(broker), *targets, buses.text())) as gateway:
            await soon(lambda: gateway.trouble("locked") and gateway.trouble("lacking"))
            assert "HTTP 401" in gateway.trouble("locked")
            assert "give it a user or token" in gateway.trouble("locked")
            assert "HTTP 404" in gateway.trouble("lacking")
            assert "create it there" in gateway.trouble("lacking")
            refused = {way.target: way.refused for way in gateway.status.targets}
            assert refused == {"mqtt": False, "locked": True, "lacking": True, "fine": False}
            await soon(lambda: open_one.count("weather", "temperature") > 5)
            assert not gateway.trouble("mqtt")
            assert not gateway.trouble("fine")
            (tmp_path / "password").write_text("right")
            open_one.query("CREATE DATABASE missing")
            await soon(lambda: not gateway.trouble("locked") and not gateway.trouble("lacking"), 45)
            assert gateway.status.outbox.quarantined == 0
        first = {
            server.query("SELECT first(temperature) FROM weather", db=name, **more)
            for server, name, more in (
                (open_one, "town", {}),
                (open_one, "missing", {}),
                (strict, "town", {"u": "admin", "p": "a"}),
            )
        }
        assert len(first) == 1


async def test_a_bus_that_is_not_there_is_named_and_begins_once_it_is(
    tmp_path: Path, broker: Mosquitto
) -> None:
    buses = Buses(tmp_path)
    await buses.tcp.start()
    await buses.tcp.stop()
    with running(broker):
        async with whole(write_file(tmp_path, mqtt(broker), buses.text())) as gateway:
            await soon(
                lambda: gateway.bus_trouble("tcp") and "usb-line is not there" in gateway.bus_trouble("line")
            )
            assert f"127.0.0.1:{buses.tcp.port}" in gateway.bus_trouble("tcp")
            await soon(lambda: all(gateway.state(device).online is False for device in DEVICES))
            async with buses.plugged():
                await gateway.online(*DEVICES)
                assert gateway.bus_trouble("tcp") == gateway.bus_trouble("line") == ""
                await buses.line.stop()
                await soon(lambda: gateway.bus_trouble("line"))
                assert gateway.state("climate").online is False
                assert gateway.state("meter-1").online
                await buses.line.start()
                await gateway.online("climate")


async def test_an_absent_device_is_told_once_and_its_return_too(
    tmp_path: Path, broker: Mosquitto, buses: Buses
) -> None:
    del buses.tcp.units[2], buses.line.units[1]
    with running(broker):
        async with (
            Subscriber(broker.port, f"{BASE}/event") as subscriber,
            whole(write_file(tmp_path, mqtt(broker), buses.text())) as gateway,
        ):
            told: list[tuple[object, object]] = []

            async def hear(*wanted: tuple[str, str]) -> None:
                while not set(wanted) <= set(told):
                    ((_, _, event),) = await payloads(subscriber, 1)
                    told.append((event["kind"], event["subject"]))

            await hear(("device_lost", "meter-2"), ("device_lost", "climate"))
            assert gateway.state("meter-1").online
            assert gateway.state("meter-2").online is False
            buses.tcp.units[2], buses.line.units[1] = unit("pzem-016"), unit("xy-md02")
            await hear(("device_back", "meter-2"), ("device_back", "climate"))
            await gateway.online(*DEVICES)
            assert len(told) == len(set(told))


async def test_a_full_disk_is_said_and_nothing_is_lost(
    tmp_path: Path, small_disk: Path, broker: Mosquitto, server: Influxd, buses: Buses
) -> None:
    ballast = small_disk / "ballast"
    with running(broker), running(server):
        server.query("CREATE DATABASE town")
        file = write_file(tmp_path, mqtt(broker), influx(server), buses.text(), data_dir=small_disk)
        async with whole(file) as gateway:
            await gateway.online(*DEVICES)
            await soon(lambda: gateway.status.outbox.stored > 10)
            fill(ballast)
            await soon(lambda: gateway.status.outbox.trouble)
            assert "full" in gateway.status.outbox.trouble
            assert not gateway.status.ready
            before = next(way.delivered for way in gateway.status.targets if way.target == "mqtt")
            await soon(
                lambda: (
                    next(way.delivered for way in gateway.status.targets if way.target == "mqtt")
                    > before + 10
                )
            )
            ballast.unlink()
            await soon(lambda: not gateway.status.outbox.trouble)
            assert gateway.status.ready
            assert gateway.status.outbox.dropped == 0
        assert same_in_both(small_disk, server) > 15


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    if os.geteuid() != 0:
        pytest.fail("a small disk needs root to mount a tmpfs: run the tests as root, or with sudo")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", disk], check=True)


def fill(ballast: Path) -> None:
    """Leave no byte free."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            return


class UnsetClock(SystemClock):
    """A clock that the network has not set yet; it is off by years until then."""

    believed = False

    def utc_ns(self) -> int:
        return super().utc_ns() if self.believed else self.mono_ns()

    def is_set(self) -> bool:
        return self.believed and super().is_set()


async def test_samples_from_before_the_clock_was_set_get_their_true_time(
    tmp_path: Path, broker: Mosquitto, server: Influxd, buses: Buses
) -> None:
    clock = UnsetClock()
    with running(broker), running(server):
        server.query("CREATE DATABASE town")
        began_ns = SystemClock().utc_ns()
        file = write_file(tmp_path, mqtt(broker), influx(server), buses.text())
        async with bare(file, clock) as gateway:
            await gateway.online(*DEVICES)
            await soon(lambda: gateway.status.outbox.undated > 10)
            status = gateway.status
            assert not status.clock_set
            assert status.outbox.pending == {"mqtt": 0, "centre": 0}
            assert all(state.last_utc_ns is None for state in status.devices)
            set_ns = SystemClock().utc_ns()
            clock.believed = True
            await soon(lambda: gateway.status.outbox.undated == 0 and server.count("weather", "temperature"))
            assert gateway.status.clock_set
        assert same_in_both(tmp_path / "data", server) > 10
        stored = sorted(at for _, _, at in stored_points(tmp_path / "data" / "gianh.db")[0].values())
        assert began_ns < stored[0]
        assert len([at for at in stored if at < set_ns]) >= 8
        assert stored[-1] < SystemClock().utc_ns()


async def test_the_daemon_ends_within_ten_seconds_of_sigterm_with_servers_that_hang(
    tmp_path: Path, broker: Mosquitto, server: Influxd, buses: Buses
) -> None:
    with running(broker), running(server):
        server.query("CREATE DATABASE town")
        file = write_file(tmp_path, mqtt(broker), influx(server), buses.text())
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(gianh("run", "-c", str(file)), stdout=log, stderr=log)
        try:
            await soon(lambda: server.count("weather", "temperature") > 3)
            server.pause()
            broker.pause()
            await asyncio.sleep(1.5)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 10) == 0
        finally:
            process.kill()
            process.wait()
            server.go_on()
            broker.go_on()
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"gianh.db"}
    assert "Traceback" not in (tmp_path / "log").read_text()


async def test_five_starts_and_stops_leave_no_thread_and_no_open_file(
    tmp_path: Path, broker: Mosquitto, server: Influxd, buses: Buses
) -> None:
    with running(broker), running(server):
        server.query("CREATE DATABASE town")
        file = write_file(tmp_path, mqtt(broker), influx(server), buses.text())
        counts: list[tuple[int, int]] = []
        for _ in range(5):
            async with whole(file) as gateway:
                await gateway.online(*DEVICES)
            await asyncio.sleep(0)
            threads = [one for one in threading.enumerate() if not one.name.startswith("asyncio_")]
            counts.append((len(threads), len(list(Path("/proc/self/fd").iterdir()))))
        assert counts[-1] <= counts[1]


def test_a_changed_file_is_applied_on_sighup_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    file = write_file(tmp_path)
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(gianh("run", "-c", str(file)), stdout=out, stderr=out)
    try:
        until(lambda: "the API answers" in log.read_text())
        good = file.read_text()
        file.write_text(good + '[[bus]]\nid = "A"\n')
        process.send_signal(signal.SIGHUP)
        until(lambda: "bus[0].id" in log.read_text())
        file.write_text(good + '[[bus]]\nid = "a"\nkind = "tcp"\nhost = "127.0.0.1"\nport = 9\n')
        process.send_signal(signal.SIGHUP)
        until(lambda: "bus a added" in log.read_text())
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()

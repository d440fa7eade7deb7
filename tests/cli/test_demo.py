import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.servers import free_port
from tests.world.processes import gianh, run_gianh
from tests.world.waiting import until

READY_KEYS = {"ready", "http", "mqtt", "gateways", "devices", "first_sample_s", "configs"} | {
    "consoles",
    "first_codes",
}


class Demo:
    """A demo in a process group of its own, and what belongs to it."""

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.process = subprocess.Popen(
            [*gianh("demo", "--no-browser"), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "TMPDIR": str(folder)},
        )
        self.children: list[psutil.Process] = []
        self.ports: set[int] = set()

    def ready(self) -> dict[str, object]:
        """The ready line; from here on the demo's children and ports are known."""
        assert self.process.stdout
        line = json.loads(self.process.stdout.readline())
        self.look()
        assert isinstance(line, dict)
        return line

    def look(self) -> None:
        me = psutil.Process(self.process.pid)
        self.children = me.children(recursive=True)
        self.ports = {
            connection.laddr.port
            for process in (me, *self.children)
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        }

    def wait(self, timeout_s: float = 20) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=timeout_s)
        return self.process.returncode, out, err

    def assert_nothing_is_left(self) -> None:
        until(lambda: not any(child.is_running() for child in self.children), 10)
        for port in self.ports:
            with contextlib.closing(free_socket()) as probe:
                probe.bind(("127.0.0.1", port))
        assert list(self.folder.glob("gianh-*")) == []


def free_socket() -> socket.socket:
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return probe


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Demo]]:
    demos: list[Demo] = []
    yield demos
    for demo in demos:
        if demo.process.poll() is None:
            demo.process.kill()
        demo.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_demo_and_leaves_nothing(
    tmp_path: Path, started: list[Demo], number: signal.Signals
) -> None:
    demo = Demo(tmp_path / "tmp", "--json", "--gateways", "1")
    started.append(demo)
    line = demo.ready()
    assert line["ready"] is True
    assert len(demo.children) == 3
    demo.process.send_signal(number)
    assert demo.wait()[0] == 0
    demo.assert_nothing_is_left()


def test_ctrl_c_in_a_terminal_reaches_all_processes_and_still_everything_is_sent(
    tmp_path: Path, started: list[Demo]
) -> None:
    demo = Demo(tmp_path / "tmp", "--gateways", "1", "--keep", str(tmp_path / "kept"))
    started.append(demo)
    until((tmp_path / "kept" / "gw-ba-don" / "gianh.db").exists)
    assert demo.process.stdout
    while "end it" not in demo.process.stdout.readline():
        pass
    demo.look()
    os.killpg(demo.process.pid, signal.SIGINT)
    code, out, err = demo.wait()
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("Ending:")
    demo.assert_nothing_is_left()


def test_killing_the_demo_leaves_no_child(tmp_path: Path, started: list[Demo]) -> None:
    demo = Demo(tmp_path / "tmp", "--json", "--gateways", "1")
    started.append(demo)
    demo.ready()
    demo.process.kill()
    demo.wait()
    until(lambda: not any(child.is_running() for child in demo.children), 10)


def test_a_signal_while_it_starts_ends_it_too(tmp_path: Path, started: list[Demo]) -> None:
    demo = Demo(tmp_path / "tmp", "--json", "--gateways", "1")
    started.append(demo)
    until(lambda: list(demo.folder.glob("gianh-demo-*/broker.toml")))
    demo.process.send_signal(signal.SIGTERM)
    code, out, _ = demo.wait()
    assert (code, out) == (0, "")
    demo.assert_nothing_is_left()


def test_the_ready_line_says_where_everything_is(tmp_path: Path, started: list[Demo]) -> None:
    port = free_port()
    demo = Demo(tmp_path / "tmp", "--json", "--http", str(port))
    started.append(demo)
    line = demo.ready()
    assert line.keys() == READY_KEYS
    assert line["http"] == f"http://127.0.0.1:{port}"
    assert re.fullmatch(r"mqtt://127\.0\.0\.1:\d+", str(line["mqtt"]))
    assert line["gateways"] == ["gw-ba-don", "gw-quang-long"]
    assert isinstance(line["devices"], int)
    assert line["devices"] >= 40
    assert isinstance(line["first_sample_s"], float)
    assert line["first_sample_s"] < 15
    consoles, codes = line["consoles"], line["first_codes"]
    assert isinstance(consoles, dict)
    assert isinstance(codes, dict)
    assert list(consoles) == list(codes) == line["gateways"]
    assert all(codes.values())
    with urllib.request.urlopen(f"{line['http']}/readyz", timeout=5) as reply:
        assert json.load(reply)["ok"] is True
    demo.process.send_signal(signal.SIGINT)
    assert demo.wait()[0] == 0


def test_two_demos_do_not_disturb_each_other(tmp_path: Path, started: list[Demo]) -> None:
    demos = [Demo(tmp_path / name, "--json", "--gateways", "1") for name in ("one", "two")]
    started += demos
    lines = [demo.ready() for demo in demos]
    assert all(line["ready"] for line in lines)
    assert lines[0]["mqtt"] != lines[1]["mqtt"]
    demos[0].process.send_signal(signal.SIGINT)
    assert demos[0].wait()[0] == 0
    demos[0].assert_nothing_is_left()
    with urllib.request.urlopen(f"{lines[1]['http']}/readyz", timeout=5) as reply:
        assert json.load(reply)["ok"] is True
    demos[1].process.send_signal(signal.SIGINT)
    assert demos[1].wait()[0] == 0
    demos[1].assert_nothing_is_left()


def test_a_demo_with_a_duration_ends_by_itself_and_says_only_what_a_person_wants_to_read(
    tmp_path: Path, started: list[Demo]
) -> None:
    demo = Demo(tmp_path / "tmp", "--duration", "2", "--gateways", "4")
    started.append(demo)
    code, out, err = demo.wait(40)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("Gianh: 4 gateways")
    assert re.fullmatch(r"Every device had its first sample \d+\.\d s after the start\.", lines[1])
    assert any("mosquitto_sub -V mqttv5" in line for line in lines)
    assert len([line for line in lines if re.search(r"\b(\d+) of \1 devices answer", line)]) == 4
    assert not [line for line in lines if "INFO" in line]
    assert list(demo.folder.iterdir()) == []


def test_keep_keeps_configuration_and_data_that_the_commands_can_read(
    tmp_path: Path, started: list[Demo]
) -> None:
    kept = tmp_path / "kept"
    demo = Demo(tmp_path / "tmp", "--duration", "1", "--gateways", "1", "--keep", str(kept))
    started.append(demo)
    assert demo.wait(40)[0] == 0
    names = {"gw-ba-don", "gw-ba-don.toml", "broker.toml", "radius", "wifi-truth.json"}
    assert {path.name for path in kept.iterdir()} == names
    data = {"gianh.db", "audit.log", "wifi-device.key", "wifi-session.key"}
    assert {path.name for path in (kept / "gw-ba-don").iterdir()} == data


def test_a_reader_that_goes_away_ends_the_demo_quietly(tmp_path: Path, started: list[Demo]) -> None:
    demo = Demo(tmp_path / "tmp", "--gateways", "1", "--duration", "3")
    started.append(demo)
    assert demo.process.stdout
    demo.process.stdout.readline()
    demo.look()
    demo.process.stdout.close()
    assert demo.process.stderr
    assert demo.process.stderr.read() == ""
    assert demo.process.wait(20) == 0
    demo.assert_nothing_is_left()


def test_the_demo_shows_the_festival_as_the_access_points_told_it(
    tmp_path: Path, started: list[Demo]
) -> None:
    kept = tmp_path / "kept"
    options = ("--festival", "--speed", "60", "--start", "2026-07-18T19:00:00+07:00", "--keep", str(kept))
    demo = Demo(tmp_path / "tmp", "--json", "--gateways", "1", *options)
    started.append(demo)
    line = demo.ready()
    assert line["ready"] is True

    def told() -> dict[str, Any]:
        with urllib.request.urlopen(f"{line['http']}/api/v1/wifi", timeout=10) as reply:
            found: dict[str, Any] = json.load(reply)
        return found

    def truth() -> int:
        """How many sessions the access points know to be counted: their answers come after the counting."""
        file = kept / "wifi-truth.json"
        days = json.loads(file.read_text())["days"].values() if file.exists() else ()
        return sum(day["all"]["sessions"] for day in days)

    until(lambda: told()["sessions_open"] > 500)
    shown = json.loads(run_gianh("wifi", "status", "--json", "-c", str(kept / "gw-ba-don.toml")).stdout)
    until(lambda: truth() >= shown["today"]["sessions"])
    demo.process.send_signal(signal.SIGINT)
    assert demo.wait()[0] == 0
    assert 500 < shown["today"]["sessions"] <= truth()
    assert shown["accounting"]["rejected"] == 0


async def test_a_town_without_serial_ports_of_its_own_is_not_left_behind(tmp_path: Path) -> None:
    """`gianh sim` ends with its standard input, and takes its device files along."""
    process = await asyncio.create_subprocess_exec(
        *gianh("sim", "--gateways", "1", "--directory", str(tmp_path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    async with asyncio.timeout(20):
        assert json.loads(await process.stdout.readline())["ready"] is True
        assert len(list(tmp_path.glob("usb-*"))) == 4
        process.stdin.close()
        assert await process.wait() == 0
    assert list(tmp_path.iterdir()) == []


def test_the_demo_waits_for_no_lamp_that_is_to_be_lost_and_names_faults_that_nobody_can_see(
    tmp_path: Path, started: list[Demo]
) -> None:
    faults = "lamp-03=dead,lamp-13=dead,lamp-18=lost"
    demo = Demo(tmp_path / "tmp", "--gateways", "1", "--duration", "1", "--lamp-faults", faults)
    started.append(demo)
    code, out, _ = demo.wait(40)
    assert code == 0
    assert "first sample" in out.splitlines()[1]
    assert [line for line in out.splitlines() if line.startswith("note: ")] == [
        "note: lamp-03=dead cannot be seen: ecodim-dali-gw2 reads no active_power or control_gear_failure "
        "or lamp_failure"
    ]

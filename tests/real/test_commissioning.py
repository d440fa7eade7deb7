"""Eight unlabelled devices of a cabinet become a signed record by the commands alone, and are then read."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

WAIT_S = 60.0

ANSWERS = """\
[place]
title = "Tủ thực hành"
latitude = 17.7571
longitude = 106.4122
found = "phone"

[[bus]]
id = "line-1"
kind = "rtu"
port = "{port}"

[[device]]
id = "vane"
profile = "dfrobot-wind-direction-v2"
bus = "line-1"
address = 2
pole = "HV-01"

[[device]]
id = "meter"
profile = "eastron-sdm630"
bus = "line-1"
address = 5
circuit = "L1"

[[device]]
id = "supply"
profile = "pzem-016"
bus = "line-1"
address = 12

[[device]]
id = "feeder"
profile = "eastron-sdm120"
bus = "line-1"
address = 9
circuit = "L2"

[[device]]
id = "climate"
profile = "xy-md02"
bus = "line-1"
address = 22
pole = "HV-02"

[[device]]
id = "dust"
profile = "jxct-3001"
bus = "line-1"
address = 21
pole = "HV-03"

[[device]]
id = "clone"
profile = "xy-md02-x100"
bus = "line-1"
address = 33
pole = "HV-02"

[[device]]
id = "relays"
profile = "waveshare-relay-8"
bus = "line-1"
address = 1

[sign]
name = "Nguyễn Văn Hoa"
"""


FOUND = {
    1: "waveshare-relay-8",
    2: "dfrobot-wind-direction-v2",
    5: "eastron-sdm630",
    9: "eastron-sdm120",
    12: "pzem-016",
    21: "jxct-3001",
    22: "xy-md02",
    33: "xy-md02-x100",
}
"""What a scan says of the cabinet once each device has an address and the line one setting."""


def gianh(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "edge.cli", *words]
    return subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, timeout=WAIT_S * 2
    )


def done(folder: Path, *words: str) -> str:
    said = gianh(folder, *words)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def started(folder: Path, log: IO[bytes], *words: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "edge.cli", *words]
    return subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
    )


def killed_at(folder: Path, sign: str, *words: str) -> None:
    """Run a command until it says `sign`, then take its power away."""
    command = [sys.executable, "-m", "edge.cli", *words]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as work:
        assert work.stdout is not None
        heard = ""
        for line in work.stdout:
            heard += line
            if sign in line:
                break
        else:
            pytest.fail(f"it never said {sign!r}: {heard}")
        work.kill()


def until(true: Callable[[], bool], pause: Callable[[float], None]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < deadline
        pause(0.1)


@contextlib.contextmanager
def ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@pytest.fixture
def pause() -> Callable[[float], None]:
    import select

    return lambda seconds: select.select([], [], [], seconds) and None


@pytest.mark.long
@pytest.mark.timeout(900)
def test_from_boxes_to_a_signed_record_and_readings(tmp_path: Path, pause: Callable[[float], None]) -> None:
    port = tmp_path / "rs485"
    with (tmp_path / "cabinet.log").open("wb") as cabinet_log, (tmp_path / "run.log").open("wb") as run_log:
        cabinet = started(tmp_path, cabinet_log, "sim", "cabinet", "--link", str(port))
        with ended(cabinet):
            until(port.exists, pause)
            _found(tmp_path, port)
            _addressed(tmp_path, port)
            assert _known(tmp_path, port) == FOUND
            done(tmp_path, "commission", "new", "gw-practice")
            gateway = started(tmp_path, run_log, "run", "-c", "gateway.toml")
            with ended(gateway):
                until((tmp_path / "data" / "gianh.sock").exists, pause)
                _commissioned(tmp_path, port)
                until(lambda: _online(tmp_path) == len(FOUND), pause)


def rows_of(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


def _found(folder: Path, port: Path) -> None:
    """What is likely, at all settings; then all ids at the setting at which most answer."""
    quick = gianh(folder, "scan", str(port), "--quick", "--json")
    rows = rows_of(quick.stdout)
    assert {(one["unit"], one["baudrate"], one["parity"]) for one in rows} == {
        *((unit, 9600, "N") for unit in (1, 2, 5, 12, 20)),
        (9, 4800, "E"),
    }
    assert "unit 1: two devices answer as one" in quick.stderr
    assert "different line settings: devices answer at 4800 8E1, 9600 8N1" in quick.stderr
    rows = rows_of(done(folder, "scan", str(port), "--baudrate", "9600", "--parity", "N", "--json"))
    assert {one["unit"] for one in rows} == {1, 2, 5, 12, 20, 33}


def _addressed(folder: Path, port: Path) -> None:
    """Two at one address, one at other settings, a clone, one that wants its power taken away; with kills."""

    def hands(*words: str) -> None:
        done(folder, "sim", "hands", str(port), *words)

    dust = ("set-address", str(port), "--unit", "1", "--to", "21", "--profile", "jxct-3001", "--yes")
    both = gianh(folder, *dust)
    assert (both.returncode, both.stdout) == (1, "")
    assert "more than one device could answer there: unplug all but one" in both.stderr
    hands("unplug", "relays")
    for sign in ("answers alone at unit 1", "is free", "wrote unit id 21"):
        killed_at(folder, sign, *dust)
    assert "answers alone at unit 21 at 9600 8N1, and nobody at unit 1" in done(folder, *dust)
    hands("plug", "relays")

    feeder = ("set-address", str(port), "--unit", "9", "--baudrate", "4800", "--parity", "E")
    feeder = (*feeder, "--to-baudrate", "9600", "--to-parity", "N", "--yes")
    killed_at(folder, "answers alone at unit 9 at 9600 8E1", *feeder)
    assert "is at unit 9 at 9600 8E1" in done(folder, *feeder)

    clone = gianh(
        folder, "set-address", str(port), "--unit", "33", "--to", "34", "--profile", "xy-md02", "--yes"
    )
    assert clone.returncode == 1
    assert "is no xy-md02" in clone.stderr

    climate = ("set-address", str(port), "--unit", "20", "--to", "22", "--yes")
    waiting = gianh(folder, *climate)
    assert waiting.returncode == 1
    assert "take its power away for five seconds, then run the same command again" in waiting.stderr
    hands("restart", "climate")
    assert "xy-md02 is at unit 22" in done(folder, *climate)


def _known(folder: Path, port: Path) -> dict[int, str]:
    words = ("--baudrate", "9600", "--parity", "N", "--units", "1-40", "--identify", "--json")
    return {one["unit"]: one["profile"] for one in rows_of(done(folder, "scan", str(port), *words))}


def _commissioned(folder: Path, port: Path) -> None:
    (folder / "answers.toml").write_text(ANSWERS.format(port=port), "utf-8")
    applied = done(folder, "commission", "apply", "answers.toml")
    assert applied.count(": passed") == len(FOUND), applied
    (written,) = (folder / "data" / "commission").glob("*/record.json")
    record = json.loads(written.read_text("utf-8"))
    assert all(one["test"]["passed"] for one in record["devices"])
    assert record["signed"]["name"] == "Nguyễn Văn Hoa"
    values = {one["id"]: dict(one["test"]["values"]) for one in record["devices"]}
    assert 5 < values["clone"]["temperature"] < 45  # the clone's hundredths are no tenths
    assert 200 < values["supply"]["supply_voltage"] < 260


def _online(folder: Path) -> int:
    said = gianh(folder, "devices", "--json")
    return sum(one["online"] is True for one in json.loads(said.stdout)) if said.returncode == 0 else 0

"""Unlabelled devices of a cabinet become a signed record by the commands alone, and are read afterwards."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

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
id = "climate"
profile = "xy-md02"
bus = "line-1"
address = 20
pole = "HV-02"

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


def gianh(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "edge.cli", *words, "-c", "gateway.toml"]
    return subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, timeout=WAIT_S * 2
    )


def started(
    folder: Path, log: IO[bytes], *words: str, stdin: int = subprocess.DEVNULL
) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "edge.cli", *words]
    return subprocess.Popen(command, cwd=folder, stdin=stdin, stdout=log, stderr=subprocess.STDOUT)


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
def test_from_boxes_to_a_signed_record_and_readings(tmp_path: Path, pause: Callable[[float], None]) -> None:
    ours, theirs = os.openpty()  # the hands in the cabinet type on a terminal
    port = tmp_path / "rs485"
    with (tmp_path / "cabinet.log").open("wb") as cabinet_log, (tmp_path / "run.log").open("wb") as run_log:
        cabinet = started(tmp_path, cabinet_log, "sim", "cabinet", "--link", str(port), stdin=theirs)
        with ended(cabinet):
            until(port.exists, pause)
            os.write(ours, b"unplug dust\n")  # it has the same address as the relays
            assert gianh(tmp_path, "commission", "new", "gw-practice").returncode == 0
            gateway = started(tmp_path, run_log, "run", "-c", "gateway.toml")
            with ended(gateway):
                until((tmp_path / "data" / "gianh.sock").exists, pause)
                _commissioned(tmp_path, port)
                until(lambda: _online(tmp_path) == 6, pause)
    os.close(ours)
    os.close(theirs)


def _commissioned(folder: Path, port: Path) -> None:
    (folder / "answers.toml").write_text(ANSWERS.format(port=port), "utf-8")
    applied = gianh(folder, "commission", "apply", "answers.toml")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert applied.stdout.count(": passed") == 6, applied.stdout
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

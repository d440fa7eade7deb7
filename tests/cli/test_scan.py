"""`gianh scan` on the simulated cabinet, as a technician runs it."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli.program import perform

CABINET_S = 30


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Path]:
    link = tmp_path / "rs485"
    with started("sim", "cabinet", "--link", str(link)) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["ready"]
        yield link
        assert process.stdin is not None
        process.stdin.close()
        process.wait(CABINET_S)


def started(*args: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "edge.cli", *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_scan_finds_the_devices_and_says_what_is_wrong(cabinet: Path, capsys: pytest.CaptureFixture[str]):
    where = [str(cabinet), "--baudrate", "9600", "--parity", "N", "--units", "1-3,5,12", "--patient"]
    assert perform(["scan", *where, "--json", "--state", str(cabinet.parent / "state")]) == 0
    out, err = capsys.readouterr()
    found = [json.loads(line) for line in out.splitlines()]
    assert {one["unit"]: one["answered"] for one in found} == {
        1: "garbled",
        2: "values",
        5: "refusal",
        12: "refusal",
    }
    assert all((one["baudrate"], one["parity"]) == (9600, "N") for one in found)
    assert "two devices answer as one" in err
    assert not (cabinet.parent / "state").exists()


def test_ctrl_c_gives_what_was_found_and_the_next_run_goes_on(cabinet: Path):
    state = cabinet.parent / "state"
    where = ["scan", str(cabinet), "--baudrate", "9600", "--parity", "N", "--json"]
    where += ["--patient", "--state", str(state)]
    process = started(*where)
    while not state.exists():
        assert process.poll() is None, "the scan ended before it wrote its state"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=CABINET_S)
    assert process.returncode == 0
    assert {json.loads(line)["unit"] for line in out.splitlines()} >= {2}
    assert "Traceback" not in err
    assert json.loads(state.read_text())["asked"] >= 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--units", "0-300"], "1 to 247"),
        (["--units", "x"], "1-32,40"),
    ],
)
def test_wrong_usage_is_one_sentence(args: list[str], words: str, capsys: pytest.CaptureFixture[str]):
    assert perform(["scan", "/dev/nothing", *args]) == 2
    assert words in capsys.readouterr().err


def test_a_port_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert perform(["scan", str(tmp_path / "none"), "--state", str(tmp_path / "state")]) == 1
    assert "is not there" in capsys.readouterr().err

"""Lamps of a street are found, commissioned in the terminal and seen to blink, by a gateway that runs."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.lamps import PROFILE, Street
from tests.real.test_commissioning import ended, gianh, pause, started, until
from tests.terminal import Terminal, gianh_at_terminal

__all__ = ["pause"]


@pytest.mark.long
async def test_a_street_of_lamps_from_a_scan_to_a_signed_record(
    tmp_path: Path, pause: Callable[[float], None]
) -> None:
    async with Street(40).wired() as street:
        await asyncio.to_thread(_commissioned, tmp_path, street.bus.port, pause)
    (written,) = (tmp_path / "data" / "commission").glob("*/record.json")
    record = json.loads(written.read_text("utf-8"))
    assert [(one["id"], one["sub_address"]) for one in record["devices"]] == [("lamp-a", 0), ("lamp-b", 1)]
    assert all(one["test"]["kind"] == "blink" and one["test"]["passed"] for one in record["devices"])
    assert record["signed"]["exceptions"] == "no meter in this cabinet"
    assert max(level for row in street.seen for level in row[:2]) == 100


def _commissioned(folder: Path, port: int, pause: Callable[[float], None]) -> None:
    line = f"127.0.0.1:{port}"
    scan = [sys.executable, "-m", "edge.cli", "scan", line, "--units", "1-3", "--identify", "--json"]
    with (folder / "scan.json").open("wb") as found:
        subprocess.run(scan, check=True, cwd=folder, stdout=found, timeout=60, env=os.environ)
    assert gianh(folder, "commission", "new", "gw-practice").returncode == 0
    with (folder / "run.log").open("wb") as log, ended(started(folder, log, "run", "-c", "gateway.toml")):
        until((folder / "data" / "gianh.sock").exists, pause)
        with gianh_at_terminal(folder, "commission", "--found", "scan.json") as terminal:
            _told(terminal)
        with gianh_at_terminal(folder, "commission", "resume", "--found", "scan.json") as terminal:
            for name in ("lamp-a", "lamp-b"):
                terminal.answer("blink?", "y")
                assert f"{name} does not measure power, and no meter" in terminal.answer(
                    "leave it so", "skip"
                )
            terminal.answer("A remark", "")
            terminal.answer("Why is it left?", "no meter in this cabinet")
            terminal.answer("Your name", "Nguyễn Văn Hoa")
            assert "record.pdf" in terminal.until("labels")
            assert terminal.end() == 0


def _told(terminal: Terminal) -> None:
    terminal.answer("Name of the cabinet", "Phố đi bộ")
    terminal.answer("from the phone", "17.7571, 106.4122")
    terminal.answer("commune", "")
    terminal.answer("Name this line", "street")
    for name, profile in (
        ("lamp-a", PROFILE),
        ("lamp-b", ""),
    ):  # the second is offered with the first one's profile
        terminal.answer("Its id", name)
        terminal.answer("Profile", profile)
        for question, said in (("DALI short", ""), ("Pole", "P-1"), ("Circuit", "L1"), ("Power of", "40")):
            terminal.answer(question, said)
    terminal.answer("Its id", "-")
    terminal.answer("another device", "")
    terminal.until("blink?")
    terminal.interrupt()
    terminal.end()

"""Processes of a whole gateway: the command line of this very tree, and the simulated town."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulators.simulation import Endpoint, read_ready
from tests.house.tree import ROOT


def gianh(*arguments: str) -> list[str]:
    """The command line of this very tree."""
    return [sys.executable, "-m", "edge.cli", *arguments]


def run_gianh(*arguments: str, timeout_s: float = 60) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    return subprocess.run(
        gianh(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False
    )


@contextmanager
def simulated_town(folder: Path, gateways: int = 1) -> Iterator[tuple[Endpoint, ...]]:
    """The buses of a town, in a process of its own."""
    command = gianh("sim", "--gateways", str(gateways), "--directory", str(folder))
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    try:
        yield read_ready(process.stdout.readline().decode()).endpoints
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


@contextmanager
def daemon(file: Path, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`gianh run`, ended by SIGTERM."""
    with log.open("ab") as out:
        process = subprocess.Popen(gianh("run", "-c", str(file)), cwd=ROOT, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            process.kill()
            process.wait()

"""The town's Wi-Fi against a real gateway in another process, over UDP on loopback."""

import json
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge.config.schema import Config, Gateway, Http
from simulators.gatewayfile import RadiusEnd, gateway_toml, wifi_sections
from simulators.simulation import SimulatedTime
from simulators.wifi_places import NETWORK
from simulators.wifi_simulation import WifiSimulation
from simulators.wifi_truth import PlaceTruth, truth_of
from tests.house.tree import ROOT
from tests.servers import free_udp_port


def gateway_file(folder: Path, **more: object) -> tuple[Path, RadiusEnd]:
    """The gateway.toml that hears the town's access points, and nothing else."""
    end = RadiusEnd(free_udp_port(), folder / "radius")
    end.secrets.mkdir()
    for nas in NETWORK:
        (end.secrets / f"{nas.id}.secret").write_text(secrets.token_hex(16))
    gateway = Gateway(
        id="gw-a", commune="ba-don", latitude=17.7556, longitude=106.4231, data_dir=folder / "data"
    )
    config = Config.model_validate(
        {"gateway": gateway, "http": Http(port=0), **wifi_sections(NETWORK, end), **more}
    )
    file = folder / "gateway.toml"
    file.write_text(gateway_toml(config), "utf-8")
    return file, end


class Process:
    """The gateway, by the clock of the simulated day; it can be killed and started again."""

    def __init__(self, file: Path, clock: SimulatedTime) -> None:
        self.file, self.clock = file, clock
        self.out, self.http = file.parent / "gateway.log", ""
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until its API answers."""
        times = (str(number) for number in (self.clock.start_s, self.clock.began_s, self.clock.speed))
        command = [sys.executable, "-m", "tests.world.fast_gateway", str(self.file), *times]
        with self.out.open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout
        self.http = self.process.stdout.readline().strip()
        assert self.http, self.out.read_text("utf-8")[-2000:]

    def kill(self) -> None:
        """As a power cut does."""
        assert self.process
        self.process.kill()
        self._gone()

    def stop(self) -> None:
        """End it in order."""
        assert self.process
        self.process.terminate()
        self._gone()

    def _gone(self) -> None:
        assert self.process
        assert self.process.stdout
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.stdout.close()

    def told(self) -> dict[str, Any]:
        """What its API says of Wi-Fi, places by name."""
        with urllib.request.urlopen(f"{self.http}/api/v1/wifi", timeout=10) as reply:
            found: dict[str, Any] = json.load(reply)
        return found | {"places": {one["place"]: one for one in found["places"]}}


@contextmanager
def gateway(file: Path, clock: SimulatedTime) -> Iterator[Process]:
    """A gateway that runs."""
    process = Process(file, clock)
    process.start()
    try:
        yield process
    finally:
        process.stop()


def secrets_of(end: RadiusEnd) -> dict[str, bytes]:
    """By the id of the NAS."""
    return {nas.id: (end.secrets / f"{nas.id}.secret").read_bytes() for nas in NETWORK}


def day_from(start_s: float, speed: float) -> SimulatedTime:
    """A simulated day that begins now."""
    return SimulatedTime(start_s, speed, time.monotonic())


def truth_of_day(simulation: WifiSimulation) -> dict[str, PlaceTruth]:
    """The truth of the one day that there was."""
    ((_, places),) = truth_of(simulation.answered).items()
    return places

"""A demo with a month of air behind it that runs for a session of tests, its people, and browsers' needs."""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import BrowserContext

from tests.browser.air_past import put_month

NIGHT = "2026-03-20T20:00:00+07:00"
"""When the demo begins: lamps shine by their plan, and the guard guards."""

GATEWAY, STATION = "gw-ba-don", "street-air"

PASSWORD = "a heron over the river"
READY_S = 60.0

PEOPLE = {
    "lan": "administrator",
    "hoa": "operator",
    "minh": "operator",
    "thu": "officer",
    "tuan": "technician",
}

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo's gateway answers, its id, and the folder of its configuration and data."""

    url: str
    gateway: str
    folder: Path = Path()

    @property
    def data_dir(self) -> Path:
        return self.folder / self.gateway

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"origin": self.url}, timeout=20)

    @contextmanager
    def inside(self, user: str) -> Iterator[httpx.Client]:
        """A client in which somebody is logged in."""
        with self.client() as client:
            body = {"user": user, "password": PASSWORD}
            client.post("/api/v1/session", json=body).raise_for_status()
            yield client


@contextmanager
def running_demo(*more: str) -> Iterator[Demo]:
    """A demo of one gateway in the evening with all of PEOPLE, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="gianh-browser-") as name:
        folder = Path(name)
        asyncio.run(put_month(folder / GATEWAY, STATION, datetime.fromisoformat(NIGHT)))
        with _started(folder, *more) as demo:
            yield demo


@contextmanager
def _started(folder: Path, *more: str) -> Iterator[Demo]:
    command = [
        sys.executable, "-m", "edge.cli", "demo", "--json", "--no-browser", "--gateways", "1",
        "--start", NIGHT, "--keep", str(folder), *more,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        late = threading.Timer(READY_S, process.kill)
        late.start()
        try:
            ready: dict[str, Any] = json.loads(process.stdout.readline() or "{}")
            late.cancel()
            assert ready.get("ready"), "the demo did not start"
            demo = Demo(ready["http"], ready["gateways"][0], folder)
            settle(demo, ready["first_codes"][demo.gateway])
            yield demo
        finally:
            late.cancel()
            process.terminate()
            process.wait(20)


def settle(demo: Demo, code: str) -> None:
    """Make PEOPLE, the first with the code of the first start."""
    first, *others = PEOPLE
    with demo.client() as client:
        body = {"code": code, "user": first, "name": "Nguyễn Thị Lan", "password": PASSWORD}
        client.post("/api/v1/session/code", json=body).raise_for_status()
        for user in others:
            asked = {"id": user, "role": PEOPLE[user], "name": user.title()}
            made = client.post("/api/v1/users", json=asked).raise_for_status().json()
            with demo.client() as other:
                said = {"code": made["code"], "user": user, "password": PASSWORD}
                other.post("/api/v1/session/code", json=said).raise_for_status()


def log_in(context: BrowserContext, url: str, user: str) -> None:
    """Log somebody in for all pages of a browser's context."""
    said = {"user": user, "password": PASSWORD}
    assert context.request.post(f"{url}/api/v1/session", data=said, headers={"origin": url}).ok


@dataclass(slots=True)
class Wire:
    """A way to a server that can be cut: what goes through it ends, and nothing new comes through."""

    host: str
    port: int
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    ends: list[socket.socket] = field(default_factory=list)
    pumps: list[threading.Thread] = field(default_factory=list)
    whole: bool = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if not self.whole:
                    near.close()
                    continue
                far = socket.create_connection((self.host, self.port))
                self.ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    pumping = threading.Thread(target=pump, args=(one, other), daemon=True)
                    self.pumps.append(pumping)
                    pumping.start()

    def cut(self) -> None:
        self.whole = False
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.whole = True

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for pumping in self.pumps:
            pumping.join(5)
        for one in (self.listener, *self.ends):
            one.close()


def pump(one: socket.socket, other: socket.socket) -> None:
    """Hand on what comes, until an end is gone."""
    with suppress(OSError):
        while part := one.recv(65_536):
            other.sendall(part)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


@contextmanager
def wire_to(demo: Demo) -> Iterator[Wire]:
    """A wire to the demo."""
    url = httpx.URL(demo.url)
    assert url.port is not None
    wire = Wire(url.host, url.port)
    thread = threading.Thread(target=wire.serve, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.close()
        thread.join(5)

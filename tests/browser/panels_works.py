"""A demo with a month of air behind it, its people, and Chromium to look at it as they do."""

import asyncio
import contextlib
import json
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.air_past import put_month

PASSWORD = "a heron over the river"
READY_S = 120.0
LOOK_MS = 30_000
"""Longest wait for something to be seen: a busy machine takes its time, a quiet one none of it."""
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STATION = "street-air"


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo's gateway answers, and where it keeps its data."""

    http: str
    data_dir: Path


@contextlib.contextmanager
def demo(folder: Path, *options: str) -> Iterator[Demo]:
    """A demo of one gateway; its first administrator has made the others."""
    data_dir = folder / "gw-ba-don"
    asyncio.run(put_month(data_dir, STATION))
    process = subprocess.Popen(
        [sys.executable, "-m", "edge.cli", "demo", "--json", "--no-browser", "--gateways", "1",
         "--keep", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        said = _line(process)
        _make_people(said["http"], next(iter(said["first_codes"].values())))
        yield Demo(said["http"], data_dir)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(READY_S)
        assert process.stdout is not None
        process.stdout.close()


def _line(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], READY_S)
    assert ready, "the demo was not ready in time"
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def _make_people(base: str, code: str) -> None:
    with httpx.Client(base_url=base, headers={"origin": base}) as admin:
        _redeem(admin, "admin", code)
        for user, role in (("lan", "technician"), ("mai", "officer")):
            made = admin.post("/api/v1/users", json={"id": user, "name": user.title(), "role": role}).json()
            with httpx.Client(base_url=base, headers={"origin": base}) as own:
                _redeem(own, user, made["code"])


def _redeem(client: httpx.Client, user: str, code: str) -> None:
    said = {"code": code, "user": user, "password": PASSWORD, "name": user.title()}
    client.post("/api/v1/session/code", json=said).raise_for_status()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    expect.set_options(timeout=LOOK_MS)
    with sync_playwright() as works:
        browser = works.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def logged_in(browser: Browser, base: str, user: str, width: int, height: int) -> Iterator[Page]:
    """A page in which somebody is logged in; what its script complains of fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, timezone_id="Asia/Ho_Chi_Minh", accept_downloads=True
    )
    said = {"user": user, "password": PASSWORD}
    assert context.request.post(f"{base}/api/v1/session", data=said, headers={"origin": base}).ok
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(LOOK_MS)
    try:
        yield page
        assert complaints == []
    finally:
        context.close()

"""The demo's Wi-Fi: simulated access points that tell the first gateway of their sessions."""

import argparse
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edge.cli.children import child
from edge.core.wifi import WifiBoard
from simulators.gatewayfile import RadiusEnd
from simulators.simulation import SimulatedTime
from simulators.wifi_places import NETWORK

TRUTH = "wifi-truth.json"
"""What the access points told, exactly, in the demo's directory."""

SECRETS = "radius"
"""Folder of the senders' shared secrets, in the demo's directory."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the demo is told of its Wi-Fi."""
    parser.add_argument("--festival", action="store_true", help="the town's festival: Wi-Fi is crowded")


@asynccontextmanager
async def access_points(
    args: argparse.Namespace, directory: Path, day: SimulatedTime
) -> AsyncIterator[RadiusEnd]:
    """The access points, in a process of their own; they send until the gateway is there to answer."""
    end = RadiusEnd(_free_udp_port(), _write_secrets(directory / SECRETS))
    options: dict[str, object] = {"--to": f"127.0.0.1:{end.port}", "--secrets": end.secrets}
    options |= {"--seed": args.seed, "--speed": day.speed, "--truth": directory / TRUTH}
    options |= {"--start-s": day.start_s, "--began-s": day.began_s}
    options |= {"--festival": True} if args.festival else {}
    async with child("simulators.wifi", options):
        yield end


def day_of(utc_s: float, speed: float) -> SimulatedTime:
    """The simulated day that has `utc_s` now."""
    return SimulatedTime(utc_s, speed, time.monotonic())


def news(board: WifiBoard | None) -> str:
    """A part of a sentence on the Wi-Fi of a gateway, if it has any."""
    if board is None:
        return ""
    whole = board.usage()[0]
    return f"{whole.sessions_open} sessions on Wi-Fi, {whole.sessions_today} today; "


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_secrets(folder: Path) -> Path:
    """A new secret for each sender, for this user's eyes only."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for nas in NETWORK:
        file = folder / f"{nas.id}.secret"
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(16) + "\n", "utf-8")
    return folder

"""`gianh sim wifi`: the town's access points, telling any RADIUS server of their sessions."""

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from edge.core.errors import ConfigError, GianhError
from simulators.cli import DONE, FAILED, WRONG_USAGE, complain, speed, start_s, until_over
from simulators.simulation import SimulatedTime
from simulators.wifi_places import NETWORK
from simulators.wifi_sender import Patience
from simulators.wifi_simulation import WifiSimulation
from simulators.wifi_visitors import Scene

DESCRIPTION = (
    "Simulate the town's access points: they send RADIUS accounting to a server, each from an address of "
    "its own on loopback, until every message is answered. Prints one line of JSON once they send, and ends "
    "when its standard input (a pipe) closes, or by Ctrl-C."
)
EXAMPLE = "example: gianh sim wifi --to 127.0.0.1:1813 --speed 60 --festival --truth truth.json"

WELL_KNOWN = b"testing123"
"""The secret that examples of RADIUS servers have."""

PORT = 1813
FIRST_WAIT_S, LEAST_WAIT_S = 2.0, 0.3


def main(argv: Sequence[str]) -> int:
    """The whole command by itself; gives the exit code."""
    parser = argparse.ArgumentParser(prog="gianh sim wifi", description=DESCRIPTION, epilog=EXAMPLE)
    add_options(parser)
    return run(parser.parse_args(argv))


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `run` wants to be told, for a parser that stands here or in the command line."""
    parser.add_argument(
        "--to",
        type=_target,
        default=("127.0.0.1", PORT),
        metavar="HOST:PORT",
        help=f"the RADIUS accounting server (default 127.0.0.1:{PORT})",
    )
    parser.add_argument(
        "--secrets",
        type=Path,
        metavar="DIR",
        help="where NAME.secret of each sender lies (default: all have testing123)",
    )
    parser.add_argument("--seed", type=int, default=1, help="same seed, same visitors (default 1)")
    parser.add_argument("--speed", type=speed, default=1.0, help="how fast the simulated day runs")
    parser.add_argument("--start", help="simulated time to begin at, such as 2026-07-18T17:50:00+07:00")
    parser.add_argument("--start-s", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--began-s", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--hours", type=float, metavar="H", help="end after so many simulated hours")
    parser.add_argument("--festival", action="store_true", help="every day is the festival's")
    parser.add_argument(
        "--visitors", type=float, default=1.0, metavar="X", help="X times as many visitors as the town has"
    )
    parser.add_argument("--truth", type=Path, metavar="FILE", help="write what was told, exactly, as JSON")


def run(options: argparse.Namespace) -> int:
    """Send until stdin (a pipe) closes, SIGINT, SIGTERM or the last hour; gives the exit code."""
    try:
        secrets = secrets_in(options.secrets)
        asyncio.run(_run(options, secrets, _clock(options)))
    except ConfigError as error:
        return complain(error, WRONG_USAGE, "gianh sim wifi")
    except (GianhError, OSError) as error:
        return complain(error, FAILED, "gianh sim wifi")
    return DONE


def _clock(options: argparse.Namespace) -> SimulatedTime:
    """The day of who started this process, if it says which; else one that begins now."""
    if options.began_s is not None and options.start_s is not None:
        return SimulatedTime(options.start_s, options.speed, options.began_s)
    return SimulatedTime.from_now(options.speed, start_s(options.start))


def _target(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError("give HOST:PORT, such as 127.0.0.1:1813")
    return host, int(port)


def secrets_in(folder: Path | None) -> dict[str, bytes]:
    """The shared secret of each sender. Raises ConfigError where one cannot be read."""
    if folder is None:
        return {nas.id: WELL_KNOWN for nas in NETWORK}
    try:
        return {nas.id: (folder / f"{nas.id}.secret").read_bytes().strip() for nas in NETWORK}
    except OSError as error:
        raise ConfigError(f"secret {error.filename} cannot be read: {error.strerror}") from error


async def _run(options: argparse.Namespace, secrets: dict[str, bytes], clock: SimulatedTime) -> None:
    over = until_over()
    scene = Scene(options.seed, options.visitors, options.festival)
    until_s = float("inf") if options.hours is None else clock.start_s + 3600.0 * options.hours
    patience = Patience(max(LEAST_WAIT_S, FIRST_WAIT_S / options.speed))
    async with WifiSimulation(scene, secrets, options.to, clock, patience) as simulation:
        sys.stdout.write(_ready_line(scene, options.to) + "\n")
        sys.stdout.flush()
        tasks = [asyncio.create_task(_tell(simulation, until_s, over))]
        if options.truth is not None:
            tasks.append(asyncio.create_task(simulation.keep_truth(options.truth)))
        await over.wait()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if options.truth is not None:
            simulation.write_truth(options.truth)


async def _tell(simulation: WifiSimulation, until_s: float, over: asyncio.Event) -> None:
    try:
        await simulation.run(until_s)
        await simulation.drained()
    finally:
        over.set()


def _ready_line(scene: Scene, target: tuple[str, int]) -> str:
    senders = [
        {"id": nas.id, "address": nas.address, "access_points": [point.id for point in nas.points]}
        for nas in scene.network
    ]
    return json.dumps({"ready": True, "to": f"{target[0]}:{target[1]}", "senders": senders})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

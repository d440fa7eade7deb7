"""`gianh sim cabinet`: a cabinet to practise scanning and addressing on, and the hands in it."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from edge.core.errors import ConfigError, GianhError
from simulators.cabinet import Cabinet, cabinet_devices
from simulators.cabinet_hands import is_there, listening, obey
from simulators.cli import DONE, FAILED, WRONG_USAGE, complain, until_over
from simulators.wire import precise_loop

DESCRIPTION = (
    "Simulate a cabinet with eight unlabelled devices on one RS-485 line, with real character times, two of "
    "them at one address, one clone, and one at 4800 8E1. Prints one line of JSON with the device file. What "
    "hands do in the cabinet is typed on its terminal: unplug NAME, plug NAME, restart NAME, swap (A and B), "
    "echo, where, quit; or said from another terminal by `gianh sim hands`."
)
EXAMPLE = "example: gianh sim cabinet --link /tmp/cabinet"

STDIN = 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `run` wants to be told."""
    parser.add_argument("--link", type=Path, help="name of the device file (default: in a new folder)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same values (default 1)")
    parser.add_argument("--echo", action="store_true", help="the adapter hears its own requests")
    parser.add_argument("--swap", action="store_true", help="the adapter's A and B are swapped")


def run(options: argparse.Namespace) -> int:
    """Run until quit, the end of a pipe on stdin, SIGINT or SIGTERM; gives the exit code."""
    try:
        if options.link is not None and options.link.exists() and not options.link.is_symlink():
            raise ConfigError(f"{options.link} is there already: name another --link")
        if options.link is not None and is_there(options.link):
            raise ConfigError(f"another cabinet runs at {options.link}: name another --link")
        with (
            asyncio.Runner(loop_factory=precise_loop) as runner,
            tempfile.TemporaryDirectory(prefix="gianh-cabinet-") as folder,
        ):
            runner.run(_run(options, options.link or Path(folder) / "rs485"))
    except ConfigError as error:
        return complain(error, WRONG_USAGE, "gianh sim cabinet")
    except (GianhError, OSError) as error:
        return complain(error, FAILED, "gianh sim cabinet")
    return DONE


async def _run(options: argparse.Namespace, link: Path) -> None:
    over = until_over()
    devices = cabinet_devices(time.time, options.seed)
    async with (
        Cabinet(link, devices, options.echo, options.swap) as cabinet,
        listening(cabinet, link, over.set),
    ):
        sys.stdout.write(json.dumps({"ready": True, "port": str(link), "devices": len(devices)}) + "\n")
        sys.stdout.flush()
        if is_typed():
            asyncio.get_running_loop().add_reader(STDIN, _hand, cabinet, over)
        await over.wait()


def is_typed() -> bool:
    """Whether somebody types to this process: behind a shell's `&` reading the terminal would stop it."""
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(STDIN) == os.getpgrp()
    except OSError:  # a terminal of somebody else's session: there nobody stops us
        return True


def _hand(cabinet: Cabinet, over: asyncio.Event) -> None:
    text = os.read(STDIN, 4096).decode("utf-8", "replace")
    if not text:
        over.set()
    for line in text.splitlines():
        try:
            said = obey(cabinet, line)
        except ConfigError as error:
            said = str(error)
        if said == "quit":
            over.set()
        else:
            sys.stdout.write(said + "\n")
            sys.stdout.flush()

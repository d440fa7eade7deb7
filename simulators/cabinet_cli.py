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
from simulators.cli import DONE, FAILED, WRONG_USAGE, until_over
from simulators.wire import precise_loop

DESCRIPTION = (
    "Simulate a cabinet with eight unlabelled devices on one RS-485 line, with real character times, two of "
    "them at one address, one clone, and one at 4800 8E1. Prints one line of JSON with the device file, then "
    "obeys lines on a terminal: unplug NAME, plug NAME, restart NAME, swap (A and B), echo, where, quit."
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
        with (
            asyncio.Runner(loop_factory=precise_loop) as runner,
            tempfile.TemporaryDirectory(prefix="gianh-cabinet-") as folder,
        ):
            runner.run(_run(options, options.link or Path(folder) / "rs485"))
    except ConfigError as error:
        return _complain(error, WRONG_USAGE)
    except (GianhError, OSError) as error:
        return _complain(error, FAILED)
    return DONE


def _complain(error: Exception, code: int) -> int:
    sys.stderr.write(f"gianh sim cabinet: {error}\n")
    return code


async def _run(options: argparse.Namespace, link: Path) -> None:
    over = until_over()
    devices = cabinet_devices(time.time, options.seed)
    async with Cabinet(link, devices, options.echo, options.swap) as cabinet:
        sys.stdout.write(json.dumps({"ready": True, "port": str(link), "devices": len(devices)}) + "\n")
        sys.stdout.flush()
        if sys.stdin.isatty():
            asyncio.get_running_loop().add_reader(STDIN, _hand, cabinet, over)
        await over.wait()


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


def obey(cabinet: Cabinet, line: str) -> str:
    """Do what one line says; gives what to tell. Raises ConfigError for what cannot be done."""
    verb, _, name = line.strip().partition(" ")
    if verb in ("", "quit"):
        return verb
    if verb == "swap":
        cabinet.wire.swapped = not cabinet.wire.swapped
        return "A and B are swapped" if cabinet.wire.swapped else "A and B are right"
    if verb == "echo":
        cabinet.wire.echoes = not cabinet.wire.echoes
        return "the adapter echoes" if cabinet.wire.echoes else "the adapter does not echo"
    if verb == "where":
        return "\n".join(
            f"{one.name:8} {one.profile.id:26} unit {one.at.unit:3} {one.at.line.baudrate} "
            f"8{one.at.line.parity}{one.at.line.stop_bits}" + ("" if one.powered else " (unplugged)")
            for one in cabinet.devices.values()
        )
    acts = {"unplug": cabinet.unplug, "plug": cabinet.plug, "restart": cabinet.restart}
    if verb not in acts:
        raise ConfigError(f"{verb!r} is not known: unplug, plug, restart NAME, swap, echo, where or quit")
    acts[verb](name.strip())
    return f"{verb} {name.strip()}: done"

"""`gianh console`: the console of the whole town at the centre, over MQTT alone."""

import argparse
import asyncio
import contextlib
import logging
import signal
from pathlib import Path

from edge.cli.common import EXIT_DONE, Commands, add_command, add_json, print_json
from edge.cli.run import make_folder, quiet_libraries
from edge.config.console import ConsoleConfig
from edge.config.console_load import load_console
from edge.console.centre.app import centre
from edge.core.clock import SystemClock
from edge.core.errors import ConfigError

log = logging.getLogger(__name__)

BOUND_S = 5.0
"""Longest wait at the start for the HTTP address."""

PLACES = (Path("console.toml"), Path("/etc/gianh/console.toml"))
"""Where the configuration is looked for when nobody names it."""


def add(commands: Commands) -> None:
    """Add this room's command."""
    parser = add_command(
        commands,
        "console",
        console,
        "the console of the whole town, at the centre, over MQTT alone",
        "gianh console -c console.toml",
    )
    parser.add_argument(
        "-c", "--config", type=Path, metavar="FILE", help="default: ./console.toml, /etc/gianh/console.toml"
    )
    add_json(parser)


def console(args: argparse.Namespace) -> int:
    """`gianh console`: until SIGTERM or Ctrl-C."""
    config = load_console(_file(args))
    if not args.debug:
        logging.getLogger().setLevel(logging.INFO)
        quiet_libraries()
    asyncio.run(_console(config, args.json))
    return EXIT_DONE


def _file(args: argparse.Namespace) -> Path:
    if args.config is not None:
        return Path(args.config)
    found = next((place for place in PLACES if place.exists()), None)
    if found is None:
        raise ConfigError("no console.toml here or in /etc/gianh: name it with -c FILE")
    return found


async def _console(config: ConsoleConfig, as_json: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    make_folder(config.console.data_dir)
    async with centre(config, SystemClock()) as run:
        if run.front.web is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(run.front.web.bound.wait(), BOUND_S)
        if as_json:
            line = {"ready": True, "http": run.front.address, "first_code": run.front.first_code()}
            print_json(line)
        else:
            run.front.announce()
        log.info("the console answers at %s", run.front.address)
        await stop.wait()
        log.info("stopping")

"""`gianh decommission`: a gateway leaves the service, and takes no secret with it."""

import argparse
import asyncio
import socket
import sys
from pathlib import Path

from edge.cli.common import (
    EXIT_DONE,
    Commands,
    add_command,
    add_config,
    add_json,
    config_path,
    configured,
    print_json,
)
from edge.console.socket import socket_path
from edge.core.errors import ConfigError, TransientError
from provisioning.enrol.decommission import Plan, plan_of, tell_centre, wipe

FLASH = (
    "On a memory card or an SSD old copies can outlive this: before it leaves your hands, erase it whole\n"
    "(`blkdiscard`, or the maker's secure erase) or destroy it."
)


def add(commands: Commands) -> None:
    """Add this room's command."""
    text = "take this gateway out of service: tell the centre, wipe its keys and data"
    parser = add_command(commands, "decommission", decommission, text, "gianh decommission -c gateway.toml")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--offline", action="store_true", help="do not tell the centre")
    add_config(parser)
    add_json(parser)


def decommission(args: argparse.Namespace) -> int:
    """`gianh decommission`."""
    config, file = configured(args), config_path(args)
    plan = plan_of(config, file)
    _refuse_running(plan.data_dir, plan.gateway)
    if not args.yes:
        _ask(plan)
    told = False if args.offline else asyncio.run(tell_centre(config))
    count = wipe(plan)
    if args.json:
        left = [str(secret) for secret in plan.outside]
        print_json({"gateway": plan.gateway, "centre_told": told, "files": count, "left": left})
        return EXIT_DONE
    print(f"{plan.gateway}: {count} files wiped in {plan.data_dir} and beside {file}")
    if not told:
        print(f"the centre was not told: run `gianh ca revoke {plan.gateway}` there")
    for secret in plan.outside:
        print(f"left, since others may use it: {secret}")
    print(FLASH)
    return EXIT_DONE


def _ask(plan: Plan) -> None:
    if not sys.stdin.isatty():
        raise ConfigError("nobody can be asked here: give --yes to wipe this gateway")
    print(f"This wipes {plan.data_dir}: keys, samples, alarms, the audit log of {plan.gateway}.")
    print("What was not sent to the centre yet is lost.")
    if input("Type the gateway's id to go on: ").strip() != plan.gateway:
        raise ConfigError("that is not its id: nothing was done")
    if input("This cannot be taken back. Type yes: ").strip().lower() != "yes":
        raise ConfigError("nothing was done")


def _refuse_running(data_dir: Path, gateway: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(socket_path(data_dir)))
        except OSError:
            return
    raise TransientError(f"{gateway} is running: stop it first (`systemctl stop gianh`)")

"""All commands together: the parser, and what becomes of errors."""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from edge.cli.common import EXIT_FAILED, EXIT_WRONG, version
from edge.config.faults import ConfigErrors
from edge.core.errors import ConfigError, GianhError

ROOMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "demo": ("demo",),
        "run": ("run",),
        "console": ("console",),
        "check": ("check",),
        "commission": ("commission",),
        "ask": (
            "status",
            "devices",
            "read",
            "reload",
            "sync",
        ),
        "scan": ("scan",),
        "identify": ("identify",),
        "set_address": ("set-address",),
        "light": ("light",),
        "air": ("air",),
        "wifi": ("wifi",),
        "export": ("export",),
        "audit": ("audit",),
        "user": ("user",),
        "ca": ("ca",),
        "enrol": ("enrol",),
        "decommission": ("decommission",),
        "broker_setup": ("broker",),
        "backup": ("backup",),
        "fleet": ("fleet",),
        "grafana": ("grafana",),
        "influx": ("influx",),
        "install": (
            "install",
            "uninstall",
        ),
        "doctor": ("doctor",),
        "sim": ("sim",),
    }
)
"""Where the commands live, and which each room adds; loaded once one of them is asked for."""


def perform(argv: Sequence[str] | None) -> int:
    """Run one command; gives its exit code."""
    parser = build_parser(sys.argv[1:] if argv is None else argv)
    args = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.DEBUG if args.debug else logging.WARNING,
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    try:
        code: int = args.carry_out(args)
        sys.stdout.flush()
        return code
    except ConfigErrors as errors:
        return _list_faults(errors)
    except ConfigError as error:
        return _fail(args, error, EXIT_WRONG)
    except GianhError as error:
        return _fail(args, error, EXIT_FAILED)
    except BrokenPipeError:
        # The reader of our output went away (`gianh devices | head`): that is its good right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the outermost edge: no traceback reaches a user
        return _fail(
            args, error, EXIT_FAILED, "this is a fault in Gianh; run it with --debug and report it: "
        )


def build_parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser for these arguments: with the room of the command alone, or with all where none is named.

    A gateway shall not carry in its memory what only the centre's commands need.
    """
    parser = argparse.ArgumentParser(
        prog="gianh",
        description="Gianh, the edge gateway of a small town.",
        epilog="Example: gianh demo",
    )
    parser.add_argument("--version", action="version", version=f"gianh {version()}")
    parser.add_argument("--debug", action="store_true", help="log everything, and show tracebacks")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked = next((word for word in argv if not word.startswith("-")), "")
    wanted = [room for room, names in ROOMS.items() if asked in names] or list(ROOMS)
    for room in wanted:
        importlib.import_module(f"edge.cli.{room}").add(commands)
    return parser


def _list_faults(errors: ConfigErrors) -> int:
    print(errors, file=sys.stderr)
    count = len(errors.faults)
    print(f"gianh: {count} {'faults' if count > 1 else 'fault'}: correct the file first", file=sys.stderr)
    return EXIT_WRONG


def _fail(args: argparse.Namespace, error: Exception, code: int, before: str = "") -> int:
    if args.debug:
        logging.exception("traceback")
    text = str(error) or type(error).__name__
    print(f"gianh: {before}{text}", file=sys.stderr)
    return code

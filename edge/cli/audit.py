"""`gianh audit verify`: the chain of the audit log, and whether its end is there."""

import argparse
import logging
from dataclasses import dataclass

from edge.cli.common import (
    EXIT_DONE,
    EXIT_FAILED,
    Commands,
    add_command,
    add_config,
    add_json,
    configured,
    print_json,
)
from edge.cli.daemon import ask_daemon
from edge.console.socket import socket_path
from edge.core.audit import KEY, Head, head_of
from edge.core.errors import GianhError, TransientError
from edge.lighting.chain import NAME, Verification, verify
from edge.runtime.store import remembered

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """The head that the gateway keeps, None where it keeps none; or why nobody can say."""

    head: Head | None = None
    trouble: str = ""


def add(commands: Commands) -> None:
    """Add this room's commands."""
    parser = commands.add_parser(
        "audit", help="the log of every command and outcome", epilog="Example: gianh audit verify"
    )
    inner = parser.add_subparsers(dest="audit", required=True, metavar="COMMAND")
    text = "follow the chain of the audit log, name the first broken line, and say if its end is missing"
    check = add_command(inner, "verify", verify_audit, text, "gianh audit verify --checkpoint 1204:9f86d0…")
    check.add_argument(
        "--checkpoint",
        metavar="COUNT:HASH",
        action="append",
        default=[],
        help="compare also with what the centre has: `entries` and `hash` of an event audit_checkpoint",
    )
    add_config(check)
    add_json(check)


def verify_audit(args: argparse.Namespace) -> int:
    """`gianh audit verify`."""
    given = [head_of(text) for text in args.checkpoint]
    known = _kept(args)
    directory = configured(args).gateway.data_dir
    found = verify(directory, [*given, *([known.head] if known.head else [])])
    if args.json:
        print_json(
            {
                "ok": not found.broken,
                "entries": found.entries,
                "broken": found.broken or None,
                "missing": found.missing,
                "head": str(found.head),
                "compared": [str(head) for head in (*given, known.head) if head],
            }
        )
    else:
        _print(found, f"{directory / NAME}", known, bool(given))
    return EXIT_FAILED if found.broken else EXIT_DONE


def _print(found: Verification, place: str, known: _Known, given: bool) -> None:
    if found.broken:
        print(f"broken after {found.entries} whole entries in {place}: {found.broken}")
    else:
        print(f"whole: {found.entries} entries in {place}, up to {found.head}")
    if known.trouble:
        print(f"not compared with what the gateway keeps: {known.trouble}")
    elif known.head is None and not given:
        print("not compared with anything: the gateway has kept no checkpoint yet")


def _kept(args: argparse.Namespace) -> _Known:
    """The head as the running daemon says it, or as its store has it while it does not run."""
    config = configured(args)
    if socket_path(config.gateway.data_dir).exists():
        try:
            said = ask_daemon(args, "GET", "/api/v1/audit")
            return _Known(Head(said["entries"], said["hash"]) if said["hash"] else None)
        except TransientError as error:
            log.debug("the store is looked into: %s", error)
    try:
        text = remembered(config.gateway.data_dir / "gianh.db", KEY, config.store)
        return _Known(head_of(text) if text else None)
    except GianhError as error:
        return _Known(trouble=str(error))

"""`gianh light set` and `gianh light release`: by the running daemon, verified on the lamps."""

import argparse
from typing import Any

from edge.cli.common import EXIT_DONE, Commands, add_command, add_config, add_json, print_json, span_s
from edge.cli.daemon import ask_daemon
from edge.core.errors import ConfigError, TransientError
from edge.core.ids import ID_RULE, is_id


def add(commands: Commands) -> None:
    """Add this room's commands."""
    text = "set a lamp, group, segment or the gateway to a level, until the end of the night if not said"
    to_set = add_command(commands, "set", set_level, text, "gianh light set tran-hung-dao 40 --for 2h")
    to_set.add_argument("target", metavar="TARGET", help="a lamp, group, segment, or the gateway's id")
    to_set.add_argument("level", metavar="LEVEL", type=float, help="percent of light, 0 to 100")
    until = to_set.add_mutually_exclusive_group()
    until.add_argument("--for", dest="for_s", metavar="SPAN", help="how long, such as 90s, 30m, 2h, 1d")
    until.add_argument("--forever", action="store_true", help="until it is released")
    to_set.add_argument("--confirm", metavar="TOKEN", default="", help="the token of a second confirmation")
    text = "let the plan have a target again"
    to_release = add_command(commands, "release", release, text, "gianh light release tran-hung-dao")
    to_release.add_argument("target", metavar="TARGET", help="a lamp, group, segment, or the gateway's id")
    for parser in (to_set, to_release):
        parser.add_argument(
            "--fade", dest="fade_s", metavar="SPAN", help="how long the change takes, such as 3s"
        )
        parser.add_argument(
            "--emergency", action="store_true", help="above every override, until it is released"
        )
        parser.add_argument("--by", metavar="NAME", default="local", help="who asks, for the history")
        add_config(parser)
        add_json(parser)


def set_level(args: argparse.Namespace) -> int:
    """`gianh light set`."""
    if not 0 <= args.level <= 100:
        raise ConfigError(f"level {args.level:g} is not a percentage of light: use 0 to 100")
    asked: dict[str, str] = {"level": f"{args.level:g}"}
    if args.for_s is not None:
        asked["for_s"] = f"{span_s(args.for_s):g}"
    if args.forever:
        asked["forever"] = "true"
    if args.confirm:
        asked["confirm"] = args.confirm
    return _act(args, "POST", asked)


def release(args: argparse.Namespace) -> int:
    """`gianh light release`."""
    return _act(args, "DELETE", {})


def _act(args: argparse.Namespace, method: str, asked: dict[str, str]) -> int:
    if not is_id(args.target):
        raise ConfigError(f"{args.target!r} names no target: use {ID_RULE}")
    if args.fade_s is not None:
        asked["fade_s"] = f"{span_s(args.fade_s):g}"
    if args.emergency:
        asked["emergency"] = "true"
    told = ask_daemon(args, method, f"/api/v1/light/{args.target}", by=args.by, **asked)
    if args.json:
        print_json({key: value for key, value in told.items() if value is not None})
    if told["state"] != "verified":
        raise TransientError(f"{args.target}: {told['state']}: {told['reason']}")
    if not args.json:
        print(_said(args.target, told))
    return EXIT_DONE


def _said(target: str, told: dict[str, Any]) -> str:
    level = "each lamp by its plan" if told["level"] is None else f"{told['level']:g} %"
    more = f" ({told['reason']})" if told["reason"] else ""
    return f"{target}: {level}, read back from {told['verified']} of {told['lamps']} lamps{more}"

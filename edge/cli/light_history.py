"""`gianh light history`: from the audit log's files, with or without the daemon."""

import argparse
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.cli.common import (
    EXIT_DONE,
    Commands,
    add_command,
    add_config,
    add_json,
    config_path,
    print_json,
    span_s,
)
from edge.config.load import load
from edge.core.clock import SystemClock
from edge.core.days import year_within
from edge.core.errors import ConfigError
from edge.lighting.chain import NAME, entries
from edge.lighting.history import about, as_line, as_object, concerned
from edge.lighting.targets import Targets
from edge.wiring import lamps_of, problems_of_wiring

LONGEST_S = 1e10


def add(commands: Commands) -> None:
    """Add `history` to the commands of `gianh light`."""
    text = "what happened to a lamp, group, segment or the gateway: plans, commands, failures, alarms"
    parser = add_command(commands, "history", history, text, "gianh light history lamp-07 --since 12h")
    parser.add_argument("target", metavar="TARGET", help="a lamp, group, segment, or the gateway's id")
    parser.add_argument(
        "--since",
        metavar="WHEN",
        help="a span back from now, such as 12h, or a local time (2026-11-23T18:00)",
    )
    add_config(parser)
    add_json(parser)


def history(args: argparse.Namespace) -> int:
    """`gianh light history`."""
    config = load(config_path(args), problems_of_wiring).config
    zone = ZoneInfo(config.gateway.timezone)
    targets = Targets(config, lamps_of(config))
    names = None if args.target == config.gateway.id else concerned(config, targets, args.target)
    since_ns = since(args.since, zone, SystemClock().utc_ns()) if args.since else None
    found = about(entries(config.gateway.data_dir), names, since_ns)
    if args.json:
        print_json([as_object(entry) for entry in found])
        return EXIT_DONE
    empty = True
    for entry in found:
        empty = False
        print(as_line(entry, zone))
    if empty:
        print(f"nothing is written about {args.target} in {config.gateway.data_dir / NAME}")
    return EXIT_DONE


def since(text: str, zone: ZoneInfo, now_ns: int, option: str = "--since") -> int:
    """UTC nanoseconds of a span back from now, at most to 1970, or of a local time. Raises ConfigError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        year_within(moment.year, text, option)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()) * 1_000_000_000
    try:
        return max(0, now_ns - round(min(span_s(text), LONGEST_S) * 1e9))
    except ConfigError:
        raise ConfigError(
            f"{text!r} is neither a span (12h) nor a local time (2026-11-23T18:00): correct {option}"
        ) from None

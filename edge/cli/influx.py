"""`gianh influx setup`: the centre's InfluxDB made ready for gateways and dashboards."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.cli.common import (
    EXIT_DONE,
    EXIT_FAILED,
    Commands,
    add_command,
    add_json,
    agreed,
    print_json,
    print_text,
    web_url,
)
from edge.config.secrets import read_secret
from edge.core.errors import ConfigError
from edge.core.ids import ID_RULE, is_id
from provisioning.grafana.town import DEFAULT_ZONE, derived_points, device_classes
from provisioning.influx.changes import Change
from provisioning.influx.one import InfluxOne
from provisioning.influx.two import InfluxTwo

SECRET_ENV = "GIANH_INFLUX_ADMIN_SECRET"  # noqa: S105 - the name of a variable


def add(commands: Commands) -> None:
    """Add this room's commands."""
    parser = commands.add_parser(
        "influx", help="the centre's InfluxDB", epilog="Example: gianh influx setup --dry-run"
    )
    inner = parser.add_subparsers(dest="influx_command", required=True, metavar="COMMAND")
    text = "databases or buckets, retention, down-sampling, and secrets with which gateways may only write"
    setup = add_command(
        inner, "setup", set_up, text, "gianh influx setup --gateway gw-ba-don --secrets secrets --dry-run"
    )
    for name, default, metavar, words in (
        ("--url", "http://127.0.0.1:8086", "URL", "where InfluxDB answers"),
        ("--database", "town", "NAME", "database; on 2.x the bucket, and the name of its DBRP mappings"),
        ("--org", "town", "NAME", "organization of 2.x, which must be there"),
        ("--user", "", "NAME", "administrator of 1.x, where it asks for one"),
        ("--timezone", DEFAULT_ZONE, "ZONE", "the zone of days"),
        ("--secrets", "secrets", "DIR", "where the gateways' secrets go, mode 0600"),
    ):
        setup.add_argument(
            name, default=default, metavar=metavar, help=f"{words} (default: {default or 'none'})"
        )
    setup.add_argument("--influx-version", type=int, choices=(1, 2), default=1, help="1 (default) or 2")
    setup.add_argument(
        "--secret-file",
        type=Path,
        metavar="FILE",
        help=f"administrator's password or token (else ${SECRET_ENV})",
    )
    setup.add_argument(
        "--gateway",
        action="append",
        default=[],
        metavar="ID",
        help="a gateway that is to write; again for more",
    )
    setup.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    setup.add_argument("--yes", action="store_true", help="do not ask")
    add_json(setup)


def set_up(args: argparse.Namespace) -> int:
    """`gianh influx setup`."""
    for name in (args.database, *args.gateway):
        if not is_id(name):
            raise ConfigError(f"{name!r} is no id: {ID_RULE}")
    url = web_url("--url", args.url, "http://127.0.0.1:8086")
    secret = read_secret(args.secret_file, SECRET_ENV, os.environ) or ""
    classes = device_classes()
    fields, folder = classes | derived_points(classes), Path(args.secrets)
    shift = _shift(args.timezone)
    server: InfluxOne | InfluxTwo
    if args.influx_version == 1:
        server = InfluxOne(url, (args.user, secret) if args.user else None)
    else:
        server = InfluxTwo(url, args.org, secret)
    try:
        return _carry_out(args, server.plan(args.database, fields, shift, args.gateway, folder))
    finally:
        server.close()


def _shift(zone: str) -> str:
    """How far local midnight is from that of UTC; in January, where there is summer time."""
    try:
        offset = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(f"--timezone {zone}: no timezone is called so: Asia/Ho_Chi_Minh is one") from error
    minutes = -offset // timedelta(minutes=1) % 1440
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"


def _carry_out(args: argparse.Namespace, changes: Sequence[Change]) -> int:
    if not args.json:
        for words in _shown(changes):
            print_text(f"  {words}")
        if not changes:
            print(f"InfluxDB at {args.url} has everything as it should be")
    if changes and not args.dry_run:
        if not (args.yes or agreed(_question(changes))):
            print("nothing was changed", file=sys.stderr)
            return EXIT_FAILED
        for change in changes:
            change.do()
    if args.json:
        print_json({"changes": [change.words for change in changes], "done": not args.dry_run})
    elif changes and not args.dry_run:
        print(f"{len(changes)} changes made")
    return EXIT_DONE


def _question(changes: Sequence[Change]) -> str:
    return "Do this, and delete what is older?" if any(change.warns for change in changes) else "Do this?"


def _shown(changes: Sequence[Change]) -> Iterator[str]:
    """The changes as a person reads them: what is made for each measurement alike is one line."""
    for about, alike in groupby(changes, key=lambda change: change.about or change.words):
        first, *others = alike
        yield first.words if not others else f"{about} ({1 + len(others)})"

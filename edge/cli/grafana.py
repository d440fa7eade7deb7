"""`gianh grafana`: dashboards, alert rules and the data source, as files or over Grafana's HTTP API."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from cloud_sync.grafana.alert_json import ENVIRONMENT, Channel, Contact
from cloud_sync.grafana.datasource import Influx
from cloud_sync.grafana.files import DASHBOARDS_AT, files
from cloud_sync.grafana.shapes import Language, Town
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
from edge.core.errors import ConfigError, TransientError
from provisioning.grafana.apply import carry_out, plan
from provisioning.grafana.server import Grafana
from provisioning.grafana.town import DEFAULT_ZONE, town_of
from provisioning.grafana.wanted import Act, Change, Wanted, wanted

TOKEN_ENV, INFLUX_ENV = "GIANH_GRAFANA_TOKEN", "GIANH_GRAFANA_INFLUX_SECRET"


def add(commands: Commands) -> None:
    """Add this room's commands."""
    parser = commands.add_parser(
        "grafana",
        help="the centre's dashboards and alerts",
        epilog="Example: gianh grafana apply --url http://127.0.0.1:3000 --dry-run",
    )
    inner = parser.add_subparsers(dest="grafana_command", required=True, metavar="COMMAND")
    text = "write the files that Grafana reads at its start"
    build = add_command(
        inner,
        "build",
        build_files,
        text,
        "gianh grafana build /etc/grafana/gianh --influx-url http://127.0.0.1:8086",
    )
    build.add_argument("directory", type=Path, metavar="DIR", help="where the files go")
    at = f"where Grafana finds the dashboards of DIR (default: {DASHBOARDS_AT})"
    build.add_argument("--dashboards-at", default=DASHBOARDS_AT, metavar="PATH", help=at)
    text = "make Grafana have them, over its HTTP API"
    apply = add_command(
        inner,
        "apply",
        apply_all,
        text,
        "gianh grafana apply --url http://127.0.0.1:3000 --token-file token --dry-run",
    )
    apply.add_argument("--url", required=True, help="where Grafana answers")
    apply.add_argument(
        "--token-file", type=Path, metavar="FILE", help=f"a service account's token (else ${TOKEN_ENV})"
    )
    apply.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    apply.add_argument("--yes", action="store_true", help="do not ask")
    apply.add_argument("--secrets-anew", action="store_true", help="write the data source's secret again")
    apply.add_argument(
        "--home",
        type=Language,
        choices=tuple(Language),
        default=Language.VI,
        help="language of the first page",
    )
    for each in (build, apply):
        _add_common(each)
        add_json(each)


def _add_common(parser: argparse.ArgumentParser) -> None:
    def option(name: str, default: str, metavar: str, text: str) -> None:
        parser.add_argument(
            name, default=default, metavar=metavar, help=f"{text} (default: {default or 'none'})"
        )

    option("--console", "", "URL", "where links lead: the town's console")
    option("--timezone", DEFAULT_ZONE, "ZONE", "the zone of days")
    option("--influx-url", "http://127.0.0.1:8086", "URL", "InfluxDB as Grafana reaches it")
    option("--database", "town", "NAME", "database, on 2.x that of the DBRP mappings")
    option("--influx-user", "", "NAME", "user of InfluxDB 1.x")
    parser.add_argument(
        "--influx-version", type=int, choices=(1, 2, 3), default=1, help="1 (default), 2 or 3"
    )
    text = "password or token of InfluxDB; for build, the file as Grafana sees it"
    parser.add_argument("--influx-secret-file", metavar="FILE", help=text)
    text = f"tell people so, again for both; where to is in ${' and $'.join(ENVIRONMENT.values())}"
    parser.add_argument(
        "--alert-by", type=Channel, choices=tuple(Channel), action="append", default=[], help=text
    )


def build_files(args: argparse.Namespace) -> int:
    """`gianh grafana build`."""
    secret = f"$__file{{{args.influx_secret_file}}}" if args.influx_secret_file else ""
    made = files(_town(args), _influx(args, secret), _channels(args), args.dashboards_at)
    for name, content in made.items():
        file = args.directory / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
        except OSError as error:
            raise ConfigError(f"{file} cannot be written: {error.strerror}") from error
    if args.json:
        print_json({"directory": str(args.directory), "files": sorted(made)})
        return EXIT_DONE
    boards = sum(name.startswith("dashboards/") for name in made)
    print(f"{boards} dashboards, data source and alert rules are in {args.directory}")
    print(f"Grafana's setting paths.provisioning: {args.directory.absolute() / 'provisioning'}")
    print(f"Grafana looks for the dashboards in {args.dashboards_at}")
    for channel in _channels(args):
        print(f"Grafana needs ${ENVIRONMENT[channel]} in its environment")
    return EXIT_DONE


def apply_all(args: argparse.Namespace) -> int:
    """`gianh grafana apply`."""
    secret = read_secret(args.influx_secret_file and Path(args.influx_secret_file), INFLUX_ENV, os.environ)
    want = wanted(_town(args), _influx(args, secret or ""), _contacts(args), args.home)
    url = web_url("--url", args.url, "http://127.0.0.1:3000")
    with Grafana(url, read_secret(args.token_file, TOKEN_ENV, os.environ)) as server:
        return _apply(args, server, want)


def _apply(args: argparse.Namespace, server: Grafana, want: Wanted) -> int:
    version = server.version()
    changes = plan(server, want, args.secrets_anew)
    todo = [change for change in changes if change.act is not Act.LEAVE]
    if not args.json:
        _show(changes, args.url, version)
    if todo and not args.dry_run:
        if not (args.yes or agreed("Do this?")):
            print("nothing was changed", file=sys.stderr)
            return EXIT_FAILED
        _do(server, todo)
    if args.json:
        print_json({"grafana": version, "changes": [_told(change) for change in changes]})
    elif todo and not args.dry_run:
        print(f"{len(todo)} changes made")
    return EXIT_DONE


def _do(server: Grafana, todo: Sequence[Change]) -> None:
    for number, change in enumerate(todo):
        try:
            carry_out(server, change)
        except (ConfigError, TransientError) as error:
            kind = ConfigError if isinstance(error, ConfigError) else TransientError
            raise kind(
                f"{error}; {number} of {len(todo)} changes were made, run it again for the rest"
            ) from error


def _town(args: argparse.Namespace) -> Town:
    return town_of(date.today(), args.console.rstrip("/"), args.timezone)


def _influx(args: argparse.Namespace, secret: str) -> Influx:
    return Influx(args.influx_url, args.influx_version, args.database, args.influx_user, secret)


def _channels(args: argparse.Namespace) -> list[Channel]:
    return [channel for channel in Channel if channel in args.alert_by]


def _contacts(args: argparse.Namespace) -> list[Contact]:
    found = []
    for channel in _channels(args):
        address = os.environ.get(ENVIRONMENT[channel], "")
        if not address:
            raise ConfigError(f"--alert-by {channel}: set ${ENVIRONMENT[channel]} to where it goes")
        found.append(Contact(channel, address))
    return found


def _show(changes: Sequence[Change], url: str, version: str) -> None:
    if not changes:
        print(f"Grafana {version} at {url} has everything as it should be")
        return
    print(f"Grafana {version} at {url}:")
    for change in changes:
        name = change.title if change.title == change.uid else f"{change.title} [{change.uid}]"
        print_text(f"  {change.act:<6} {change.part}: {name} ({change.why})")


def _told(change: Change) -> dict[str, str]:
    return {
        "act": change.act.value,
        "part": change.part.value,
        "uid": change.uid,
        "title": change.title,
        "why": change.why,
    }

"""`gianh wifi`: usage now, and what is kept of visitors."""

import argparse
from typing import Any

from edge.cli.common import EXIT_DONE, Commands, add_command, add_config, add_json, print_json, print_table
from edge.cli.daemon import ask_daemon
from edge.core.errors import ConfigError


def add(commands: Commands) -> None:
    """Add this room's commands."""
    text = "visitors on Wi-Fi: how many use what where, without knowing who"
    parser = commands.add_parser(
        "wifi", help=text, description=f"{text[0].upper()}{text[1:]}.", epilog="Example: gianh wifi status"
    )
    inner = parser.add_subparsers(dest="wifi", required=True, metavar="COMMAND")
    status = add_command(
        inner, "status", show_status, "sessions now, volume and devices of today", "gianh wifi status --json"
    )
    privacy = add_command(
        inner,
        "privacy",
        show_privacy,
        "what is kept of visitors, where and how long, and what is sent",
        "gianh wifi privacy",
    )
    for command in (status, privacy):
        add_config(command)
        add_json(command)


def show_status(args: argparse.Namespace) -> int:
    """`gianh wifi status`."""
    wifi = _asked(args, "/api/v1/wifi")
    places = wifi.pop("places")
    if args.json:
        print_json(wifi)
        return EXIT_DONE
    counts = wifi["accounting"]
    print(
        f"accounting: {counts['packets']} packets, {counts['accepted']} accepted, "
        f"{counts['duplicates']} duplicates, {counts['rejected']} rejected"
    )
    rows = [
        [
            one["place"],
            str(one["sessions_open"]),
            str(one["peak_today"]),
            str(one["today"]["sessions"]),
            _size(one["today"]["bytes_up"]),
            _size(one["today"]["bytes_down"]),
            "few" if one["today"]["devices"] is None else str(one["today"]["devices"]),
        ]
        for one in places
    ]
    print_table(["place", "open", "most", "sessions today", "up", "down", "devices today"], rows)
    return EXIT_DONE


def show_privacy(args: argparse.Namespace) -> int:
    """`gianh wifi privacy`."""
    found = _asked(args, "/api/v1/wifi/privacy")
    if args.json:
        print_json(found)
        return EXIT_DONE
    rows = [[one["what"], str(one["now"]), one["how_long"], one["where"]] for one in found["kept"]]
    print_table(["kept", "now", "how long", "where"], rows)
    print(f"age of the key of devices: {_age(found['device_key_age_s'])}")
    print(f"age of the key of sessions: {_age(found['session_key_age_s'])}")
    print(f"sent, where at least {found['group_min']} stand behind a number:")
    for line in found["sent"]:
        print(f"  {line}")
    print(f"never kept or sent: {', '.join(found['never'])}")
    return EXIT_DONE


def _asked(args: argparse.Namespace, path: str) -> dict[str, Any]:
    found: dict[str, Any] | None = ask_daemon(args, "GET", path)
    if found is None:
        raise ConfigError("there is no Wi-Fi here: add [wifi] and [[radius_client]] to gateway.toml")
    return found


def _size(count: int) -> str:
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.4g} TB"


def _age(seconds: float | None) -> str:
    return "the clock is not set" if seconds is None else f"{seconds / 3600:.1f} h"

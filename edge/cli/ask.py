"""Commands that ask the running daemon: status, devices, read, reload, sync."""

import argparse
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from edge.cli.common import (
    EXIT_DONE,
    EXIT_FAILED,
    Commands,
    add_command,
    add_config,
    add_json,
    config_path,
    configured,
    print_json,
    print_table,
    row_count,
)
from edge.cli.daemon import ask_daemon
from edge.config.load import load
from edge.core.errors import ConfigError, TransientError
from edge.core.ids import ID_RULE, is_id
from edge.wiring import problems_of_wiring


def add(commands: Commands) -> None:
    """Add this room's commands."""
    status = add_command(commands, "status", show_status, "how the gateway does now", "gianh status --json")
    devices = add_command(
        commands, "devices", show_devices, "all devices with their latest values", "gianh devices"
    )
    read = add_command(
        commands,
        "read",
        read_device,
        "ask a device now, ahead of the polls",
        "gianh read meter-1 active_power",
    )
    read.add_argument("device", metavar="DEVICE")
    read.add_argument("points", metavar="POINT", nargs="*")
    reload = add_command(
        commands, "reload", reload_config, "apply the changed configuration file", "gianh reload"
    )
    for parser in (status, devices, read, reload):
        add_config(parser)
        add_json(parser)
    _add_sync(commands)


def _add_sync(commands: Commands) -> None:
    sync = commands.add_parser(
        "sync",
        help="what waits for MQTT and InfluxDB, what was refused and why",
        epilog="Example: gianh sync status",
    )
    kinds = sync.add_subparsers(dest="sync_command", required=True, metavar="COMMAND")
    status = add_command(kinds, "status", show_sync, "what waits for each target", "gianh sync status --json")
    quarantine = add_command(
        kinds,
        "quarantine",
        show_quarantine,
        "what a target refused, with its own words",
        "gianh sync quarantine --retry",
    )
    what = quarantine.add_mutually_exclusive_group()
    what.add_argument("--retry", action="store_true", help="offer the refused rows once more")
    what.add_argument("--clear", action="store_true", help="throw the refused rows away")
    quarantine.add_argument(
        "--limit", type=row_count, default=50, metavar="N", help="newest N rows (default 50)"
    )
    for parser in (status, quarantine):
        add_config(parser)
        add_json(parser)


def show_status(args: argparse.Namespace) -> int:
    """`gianh status`."""
    status = ask_daemon(args, "GET", "/api/v1/status")
    console = status["console"] = ask_daemon(args, "GET", "/api/v1/console")
    if args.json:
        print_json(status)
        return EXIT_DONE
    zone = ZoneInfo(configured(args).gateway.timezone)
    online = sum(device["online"] is True for device in status["devices"])
    print(f"{status['gateway']}: Gianh {status['version']}, running for {_span(status['uptime_s'])}")
    print(f"devices: {online} of {len(status['devices'])} answer")
    for device in status["devices"]:
        if device["online"] is not True:
            print(f"  silent: {device['id']}, last answer {_local(device['last_at'], zone)}")
    _print_buses(status["buses"])
    _print_targets(status["targets"])
    _print_alarms(ask_daemon(args, "GET", "/api/v1/alarms"), zone)
    outbox = status["outbox"]
    print(f"store: {outbox['stored']} rows, {outbox['bytes'] / 1e6:.1f} MB, {outbox['dropped']} dropped")
    print_console(console)
    for trouble in [*status["not_ready"], *([] if status["clock_set"] else ["the clock is not set"])]:
        print(f"  trouble: {trouble}")
    return EXIT_DONE


def print_console(console: dict[str, Any]) -> None:
    """Print where browsers find the gateway, and by what its certificate is recognised."""
    login = "with login" if console["login"] else "without login, for reading"
    print(f"console: {console['address'] or 'not reachable now, see the log'}, {login}")
    if console["fingerprint"]:
        print(f"  certificate, SHA-256: {console['fingerprint']}")
    if console["login"] and console["first_start"]:
        print("  nobody can log in yet: `gianh user code` makes a code for the first administrator")


def _print_buses(buses: list[dict[str, Any]]) -> None:
    rows = [
        [
            bus["id"],
            "lent" if bus["lent"] else "open" if bus["open"] else "closed",
            f"{100 * bus['utilisation']:.1f}%",
            str(bus["requests"]),
            str(bus["timeouts"]),
            str(bus["errors"]),
            bus["trouble"] or (f"silent: {', '.join(bus['silent'])}" if bus["silent"] else ""),
        ]
        for bus in buses
    ]
    print_table(["bus", "line", "use", "requests", "timeouts", "errors", ""], rows)


def _print_targets(targets: list[dict[str, Any]]) -> None:
    rows = [
        [target["id"], str(target["pending"]), str(target["delivered"]), target["trouble"] or "ok"]
        for target in targets
    ]
    if rows:
        print_table(["target", "waiting", "delivered", ""], rows)


def _print_alarms(alarms: list[dict[str, Any]], zone: ZoneInfo) -> None:
    if not alarms:
        print("alarms: none")
        return
    rows = [[_local(one["at"], zone), one["kind"], one["device"], one["text"]] for one in alarms]
    print_table(["alarm since", "kind", "of", ""], rows)


def show_devices(args: argparse.Namespace) -> int:
    """`gianh devices`."""
    devices = ask_daemon(args, "GET", "/api/v1/devices")
    if args.json:
        print_json(devices)
        return EXIT_DONE
    zone = ZoneInfo(configured(args).gateway.timezone)
    rows = [
        [
            device["id"],
            {True: "answers", False: "silent", None: "not asked yet"}[device["online"]],
            _local(device["last_at"], zone),
            ", ".join(
                f"{value['point']} {_with_unit(value)}{_doubt(value)}" for value in device["values"][:4]
            ),
        ]
        for device in devices
    ]
    print_table(["device", "state", "last answer", "values"], rows)
    return EXIT_DONE


def read_device(args: argparse.Namespace) -> int:
    """`gianh read`."""
    if not is_id(args.device):
        raise ConfigError(f"{args.device!r} is no device id, which is {ID_RULE}; `gianh devices` lists them")
    outcome = ask_daemon(args, "POST", f"/api/v1/devices/{args.device}/read", points=",".join(args.points))
    if args.json:
        print_json(outcome)
    _or_raise(outcome)
    if not args.json:
        print_table(
            ["point", "value", "meaning"],
            [[value["point"], _with_unit(value), value["label_en"]] for value in outcome["values"]],
        )
    return EXIT_DONE


def reload_config(args: argparse.Namespace) -> int:
    """`gianh reload`: the file is checked here first, so that every fault is shown with its line."""
    load(config_path(args), problems_of_wiring)
    outcome = ask_daemon(args, "POST", "/api/v1/reload")
    if args.json:
        print_json(outcome)
    if outcome["state"] == "failed":
        raise ConfigError(outcome["reason"])
    _or_raise(outcome)
    if not args.json:
        print(outcome["reason"])
    return EXIT_DONE


def show_sync(args: argparse.Namespace) -> int:
    """`gianh sync status`."""
    sync = ask_daemon(args, "GET", "/api/v1/sync")
    if args.json:
        print_json(sync)
        return EXIT_DONE
    _print_targets(sync["targets"])
    if not sync["targets"]:
        print("no target is configured: add [mqtt] or [[influx]] to gateway.toml")
    print(f"dropped by the disk cap: {sync['dropped']}; set aside in quarantine: {sync['quarantined']}")
    return EXIT_DONE if not any(target["trouble"] for target in sync["targets"]) else EXIT_FAILED


def show_quarantine(args: argparse.Namespace) -> int:
    """`gianh sync quarantine`."""
    if args.retry or args.clear:
        method, path = ("POST", "/retry") if args.retry else ("DELETE", "")
        rows = ask_daemon(args, method, f"/api/v1/sync/quarantine{path}")
        if args.json:
            print_json(rows)
        else:
            print(f"{rows['rows']} rows {'will be offered once more' if args.retry else 'thrown away'}")
        return EXIT_DONE
    found = ask_daemon(args, "GET", "/api/v1/sync/quarantine", limit=args.limit)
    if args.json:
        print_json(found)
    elif not found:
        print("nothing was refused")
    else:
        rows = [[row["target"], row["at"], row["reason"], row["line"]] for row in found]
        print_table(["target", "taken at", "the target's words", "row"], rows)
    return EXIT_DONE


def _or_raise(outcome: dict[str, Any]) -> None:
    if outcome["state"] in ("failed", "unknown"):
        raise TransientError(outcome["reason"])


def _doubt(value: dict[str, Any]) -> str:
    """Beside a value that is not believed; where the newest one was refused, the last good one is shown."""
    return "" if value["quality"] == "good" else f" ({value['quality']})"


def _with_unit(value: dict[str, Any]) -> str:
    if value["value"] is None:
        return "no value"
    return f"{value['value']:g} {value['unit']}".strip()


def _local(at: str | None, zone: ZoneInfo) -> str:
    if at is None:
        return "never"
    return f"{datetime.fromisoformat(at).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _span(seconds: float) -> str:
    days, rest = divmod(int(seconds), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"

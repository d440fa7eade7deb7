"""`gianh air status`, `calibrate` and `recalculate`: ask the running daemon about its stations."""

import argparse
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from edge.air.index.categories import category_of
from edge.cli.air_findings import print_findings, print_found_now, print_reference, print_unread
from edge.cli.common import (
    EXIT_DONE,
    Commands,
    add_command,
    add_config,
    add_json,
    configured,
    print_json,
    print_table,
    print_text,
    seconds,
)
from edge.cli.daemon import ask_daemon
from edge.core.days import day_written
from edge.core.errors import ConfigError, TransientError
from edge.core.ids import ID_RULE, is_id
from edge.core.vocabulary import quantity

SHOWN = ("pm2_5", "pm2_5_corrected", "pm10", "temperature", "relative_humidity", "noise_laeq")
"""Points of the last hour that the table shows where there are any."""


def add(commands: Commands) -> None:
    """Add this room's commands."""
    status = add_command(
        commands,
        "status",
        show_status,
        "the stations with their newest indices and means; of one, what quality control found in a day",
        "gianh air status street-air",
    )
    status.add_argument("station", metavar="STATION", nargs="?", help="only this one, with every finding")
    calibrate = add_command(
        commands,
        "calibrate",
        set_calibration,
        "note that a station or device is being calibrated: its values get status 01",
        "gianh air calibrate air-1 --for 20m",
    )
    calibrate.add_argument("target", metavar="TARGET", help="a station, or one of its devices")
    what = calibrate.add_mutually_exclusive_group()
    what.add_argument(
        "--for",
        dest="for_s",
        type=seconds,
        default=3600.0,
        metavar="SPAN",
        help="how long, such as 20m or 2h; default 1h",
    )
    what.add_argument("--release", action="store_true", help="it is over")
    again = add_command(
        commands,
        "recalculate",
        recalculate,
        "work out hours, days and indices once more from the kept minutes",
        "gianh air recalculate air-1 --from 2026-11-01 --to 2026-11-30",
    )
    again.add_argument("target", metavar="TARGET", help="a station, or the gateway's id for all")
    again.add_argument("--from", dest="begin", metavar="DAY", help="first day, as 2026-11-01")
    again.add_argument("--to", dest="end", metavar="DAY", help="last day")
    for parser in (status, calibrate, again):
        add_config(parser)
        add_json(parser)


def show_status(args: argparse.Namespace) -> int:
    """`gianh air status`."""
    stations = ask_daemon(args, "GET", "/api/v1/air/stations")
    if args.station is not None:
        stations = [one for one in stations if one["id"] == args.station]
        if not stations:
            raise ConfigError(f"there is no station {args.station!r}; `gianh air status` lists them")
    if args.json:
        print_json(stations)
        return EXIT_DONE
    if not stations:
        print_text("there is no station: add a device of class air, or [[station]], to gateway.toml")
        return EXIT_DONE
    zone = ZoneInfo(configured(args).gateway.timezone)
    rows = [
        [
            station["id"],
            "calibrating" if station["calibrating"] else station["kind"],
            _index(station, "vn_hour", zone),
            _index(station, "us", zone),
            _hour(station),
        ]
        for station in stations
    ]
    print_table(["station", "kind", "VN_AQI", "US AQI", "last hour"], rows)
    if args.station is not None:
        print_reference(stations[0])
        print_findings(stations[0], zone)
        print_unread(stations[0], ask_daemon(args, "GET", "/api/v1/devices"), _devices_of(args))
    else:
        print_found_now(stations)
    return EXIT_DONE


def _devices_of(args: argparse.Namespace) -> tuple[str, ...]:
    for station in configured(args).station:
        if station.id == args.station:
            return station.devices
    return (str(args.station),)


def set_calibration(args: argparse.Namespace) -> int:
    """`gianh air calibrate`."""
    path = f"/api/v1/air/{_target(args)}/calibration"
    if args.release:
        return _told(args, ask_daemon(args, "DELETE", path), "calibration is over")
    told = ask_daemon(args, "POST", path, for_s=str(args.for_s))
    return _told(args, told, f"calibration for {args.for_s:g} s")


def recalculate(args: argparse.Namespace) -> int:
    """`gianh air recalculate`."""
    zone = ZoneInfo(configured(args).gateway.timezone)
    begin = day_written(args.begin, "--from") if args.begin else None
    last = day_written(args.end, "--to") if args.end else None
    if begin is not None and last is not None and begin > last:
        raise ConfigError("--from is after --to: exchange them")
    end = last + timedelta(days=1) if last is not None else None
    given = {
        name: datetime.combine(day, time(0), zone).isoformat()
        for name, day in (("begin", begin), ("end", end))
        if day is not None
    }
    told = ask_daemon(args, "POST", f"/api/v1/air/{_target(args)}/recalculate", **given)
    changed = next((one["value"] for one in told["values"] if one["point"] == "changed"), 0) or 0
    return _told(args, told, f"{changed:g} means are different now, and are sent again")


def _told(args: argparse.Namespace, outcome: dict[str, Any], said: str) -> int:
    if args.json:
        print_json(outcome)
    if outcome["state"] in ("failed", "unknown"):
        raise TransientError(outcome["reason"])
    if not args.json:
        print(f"{args.target}: {said}")
    return EXIT_DONE


def _target(args: argparse.Namespace) -> str:
    if not is_id(args.target):
        raise ConfigError(f"{args.target!r} is no id, which is {ID_RULE}; `gianh air status` lists stations")
    return str(args.target)


def _index(station: dict[str, Any], scheme: str, zone: ZoneInfo) -> str:
    index = station["indices"].get(scheme)
    if index is None or index["value"] is None:
        return "-"
    at = datetime.fromisoformat(index["at"]).astimezone(zone)
    standing = f", {index['standing']}" if index["standing"] else ""
    category = category_of(scheme, index["value"])
    name = category.en.name if scheme == "us" else category.vi.name
    return f"{index['value']} {name} ({index['main']}, {at:%H:%M}{standing})"


def _hour(station: dict[str, Any]) -> str:
    hour = station["means"].get("1h", {"points": {}})["points"]
    said = []
    for name in SHOWN:
        found = quantity(name)
        if found is not None and name in hour and hour[name]["value"] is not None:
            said.append(f"{name} {hour[name]['value']:.1f} {found.display}")
    return ", ".join(said) or "-"

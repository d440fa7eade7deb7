"""`gianh check`: is a configuration right, and what will it cost the buses; is a profile right."""

import argparse
import os
from collections import Counter
from dataclasses import dataclass

from edge.cli.common import (
    EXIT_DONE,
    EXIT_WRONG,
    Commands,
    add_config,
    add_json,
    config_path,
    print_json,
    print_table,
)
from edge.config.explain import explain
from edge.config.faults import ConfigErrors
from edge.config.load import load
from edge.config.schema import Bus, Config
from edge.core.errors import ConfigError
from edge.core.ports import Driver
from edge.wiring import check_profile, planning_driver, problems_of_wiring, profile_names

OVERLOADED = 0.8
"""A bus planned above this share of its time has no room for commands and retries."""


@dataclass(frozen=True, slots=True)
class BusPlan:
    """What polling costs a bus: one sweep asks every device once; `utilisation` is a share of time."""

    id: str
    devices: int
    requests_per_sweep: int
    wire_s_per_sweep: float
    utilisation: float


def add(commands: Commands) -> None:
    """Add this room's commands."""
    parser = commands.add_parser(
        "check",
        help="check a configuration, or a device profile",
        description="Check a configuration: all faults with file, line and key, or the poll plan with the "
        "use of each bus. `gianh check profile ID...` checks device profiles.",
        epilog="Example: gianh check -c gateway.toml",
    )
    parser.add_argument("what", nargs="*", metavar="profile ID", help="`profile` and one or more profile ids")
    parser.add_argument("--explain", action="store_true", help="print the effective configuration too")
    add_config(parser)
    add_json(parser)
    parser.set_defaults(carry_out=check)


def check(args: argparse.Namespace) -> int:
    """`gianh check`."""
    if args.what:
        if args.what[0] != "profile":
            raise ConfigError(
                f"`gianh check {args.what[0]}` is not known: give `profile ID`, or a file with -c FILE"
            )
        return check_profiles(args)
    file = config_path(args)
    try:
        loaded = load(file, problems_of_wiring)
    except ConfigErrors as errors:
        return _show_faults(args, errors)
    plans = [plan_of(loaded.config, bus) for bus in loaded.config.bus]
    if args.json:
        print_json({"ok": True, "errors": [], "buses": [_plan_json(plan) for plan in plans]})
        return EXIT_DONE
    for warning in loaded.warnings:
        print(f"warning: {warning}")
    if args.explain:
        print(explain(loaded.config, os.environ))
    devices = len(loaded.config.device)
    print(f"{file}: ok, {_count(devices, 'device', 'devices')} on {_count(len(plans), 'bus', 'buses')}")
    _print_plans(plans)
    return EXIT_DONE


def _show_faults(args: argparse.Namespace, errors: ConfigErrors) -> int:
    if args.json:
        rows = [
            {"file": str(fault.file), "line": fault.line, "key": fault.key, "message": fault.message}
            for fault in errors.faults
        ]
        print_json({"ok": False, "errors": rows, "buses": []})
        return EXIT_WRONG
    raise errors


def check_profiles(args: argparse.Namespace) -> int:
    """`gianh check profile ID...`."""
    names = args.what[1:] or profile_names()
    found = {name: check_profile(name) for name in names}
    if args.json:
        print_json([{"profile": name, "ok": not faults, "faults": faults} for name, faults in found.items()])
    else:
        for name, faults in found.items():
            print(f"{name}: {_count(len(faults), 'fault', 'faults') if faults else 'ok'}")
            for fault in faults:
                print(f"  {fault}")
    return EXIT_WRONG if any(found.values()) else EXIT_DONE


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def plan_of(config: Config, bus: Bus) -> BusPlan:
    """What polling costs a bus."""
    driver: Driver = planning_driver(config, bus)
    polls = driver.polls
    return BusPlan(
        id=bus.id,
        devices=len(Counter(poll.device for poll in polls)),
        requests_per_sweep=sum(poll.requests for poll in polls),
        wire_s_per_sweep=sum(poll.wire_s for poll in polls),
        utilisation=sum(poll.wire_s / poll.interval_s for poll in polls),
    )


def _plan_json(plan: BusPlan) -> dict[str, object]:
    return {
        "id": plan.id,
        "devices": plan.devices,
        "requests_per_sweep": plan.requests_per_sweep,
        "wire_s_per_sweep": round(plan.wire_s_per_sweep, 4),
        "utilisation": round(plan.utilisation, 4),
    }


def _print_plans(plans: list[BusPlan]) -> None:
    rows = [
        [
            plan.id,
            str(plan.devices),
            str(plan.requests_per_sweep),
            f"{plan.wire_s_per_sweep:.2f}",
            f"{100 * plan.utilisation:.1f}%",
            "more than it can carry: lengthen intervals or split the bus"
            if plan.utilisation > 1
            else "little room for commands"
            if plan.utilisation > OVERLOADED
            else "",
        ]
        for plan in plans
    ]
    if rows:
        print_table(["bus", "devices", "requests a sweep", "s on the wire", "use", ""], rows)

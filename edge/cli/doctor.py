"""`gianh doctor`: what is wrong around this gateway, and what to do."""

import argparse
import os
import pwd
import time
from functools import partial
from pathlib import Path

from edge.cli.common import (
    EXIT_DONE,
    EXIT_FAILED,
    Commands,
    add_command,
    add_config,
    add_json,
    config_path,
    print_json,
    print_text,
)
from edge.config.faults import ConfigErrors
from edge.config.load import load
from edge.config.schema import Config
from edge.console.socket import is_heard, socket_path
from edge.core.errors import ConfigError
from edge.wiring import problems_of_wiring
from provisioning.doctor import files, machine, network
from provisioning.doctor.bounded import Check, all_of
from provisioning.doctor.finding import Finding, Verdict, fault, ok
from provisioning.install.files import USER

HERE = Path("/")
MARKS = {Verdict.OK: "ok     ", Verdict.WARNING: "WARNING", Verdict.FAULT: "FAULT  "}


def add(commands: Commands) -> None:
    """Add this room's command."""
    text = "look for what is wrong around this gateway, and say what to do; exit 1 on faults"
    made = add_command(commands, "doctor", doctor, text, "gianh doctor -c gateway.toml")
    made.add_argument("--root", type=Path, default=HERE, help=argparse.SUPPRESS)
    add_config(made)
    add_json(made)


def doctor(args: argparse.Namespace) -> int:
    """`gianh doctor`."""
    findings, config = configuration(args)
    checks = _checks_of_machine(args.root)
    if config is not None:
        checks |= _checks_of(config, args.root)
    findings += all_of(checks)
    faults = [one for one in findings if one.verdict is Verdict.FAULT]
    if args.json:
        rows = [
            {"check": one.check, "verdict": one.verdict, "text": one.text, "remedy": one.remedy}
            for one in findings
        ]
        print_json({"ok": not faults, "findings": rows})
        return EXIT_FAILED if faults else EXIT_DONE
    width = max(len(one.check) for one in findings)
    for one in findings:
        print_text(f"{MARKS[one.verdict]}  {one.check.ljust(width)}  {one.text}")
        if one.remedy:
            print_text(f"{' ' * (width + 11)}-> {one.remedy}")
    warnings = sum(one.verdict is Verdict.WARNING for one in findings)
    print_text(f"{len(faults)} faults, {warnings} warnings, {len(findings)} findings in all")
    return EXIT_FAILED if faults else EXIT_DONE


def configuration(args: argparse.Namespace) -> tuple[list[Finding], Config | None]:
    """Is gateway.toml there and right? Without it the machine alone is looked at."""
    try:
        file = config_path(args)
        loaded = load(file, problems_of_wiring)
    except ConfigErrors as errors:
        return [
            fault("configuration", f"{one}", "correct it, then `gianh check`") for one in errors.faults
        ], None
    except ConfigError as error:
        return [fault("configuration", str(error), "`gianh install --gateway ID` makes one")], None
    return [ok("configuration", f"{file} is right")], loaded.config


def _checks_of_machine(root: Path) -> dict[str, Check]:
    return {
        "card": partial(machine.card, root),
        "temperature": partial(machine.heat, root),
        "network": partial(network.network, root),
    }


def _checks_of(config: Config, root: Path) -> dict[str, Check]:
    gateway, data_dir, user = config.gateway, config.gateway.data_dir, _service_user()
    checks: dict[str, Check] = {
        "clock": partial(machine.clock, root, time.time_ns(), gateway.clock_needs_sync),
        "disk": lambda: machine.disk(data_dir, config.store.bytes_max, machine.store_bytes(data_dir)),
        "file system": partial(machine.read_only, data_dir, root / "proc/self/mounts"),
        "data_dir": partial(files.data_folder, config, user),
        "secrets": partial(files.secrets, config),
        "certificates": partial(network.certificates, config),
        "names": partial(network.names, network.hosts_of(config)),
        "ports": lambda: network.ports(config, is_heard(socket_path(data_dir))),
    }
    checks |= {
        f"bus {bus.id}": partial(files.adapter, bus, user, root) for bus in config.bus if files.is_serial(bus)
    }
    if config.mqtt is not None:
        checks["broker"] = partial(network.broker, config.mqtt, os.environ)
    return checks | {f"influx {one.id}": partial(network.database, one) for one in config.influx}


def _service_user() -> str:
    """The service's user where Gianh is installed, else empty."""
    try:
        return pwd.getpwnam(USER).pw_name
    except KeyError:
        return ""

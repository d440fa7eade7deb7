"""Rights of secrets, of the data folder, and of serial adapters."""

import grp
import os
import pwd
import stat
from collections.abc import Sequence
from pathlib import Path

from edge.config.files import SECRET_FILES
from edge.config.schema import Bus, BusKind, Config
from edge.config.section import Section
from provisioning.doctor.finding import Finding, fault, ok, warning

LATENCY_MS = 4
"""FTDI adapters hold an answer back for up to so long: 16 ms by default, which slows a sweep by half."""


def data_folder(config: Config, user: str) -> Sequence[Finding]:
    """May the gateway's user write there, and nobody else read?"""
    place = config.gateway.data_dir
    if not place.exists():
        return [warning("data_dir", f"{place} is not there yet", "the gateway makes it at its first start")]
    found = place.stat()
    owner = _name(found.st_uid)
    if user and owner != user and found.st_uid != os.geteuid():
        remedy = f"sudo chown -R {user}: {place}"
        return [fault("data_dir", f"{place} belongs to {owner}, and the service runs as {user}", remedy)]
    if found.st_mode & (stat.S_IROTH | stat.S_IWOTH):
        return [warning("data_dir", f"every user can look into {place}", f"sudo chmod 700 {place}")]
    return [ok("data_dir", f"{place} belongs to {owner}")]


def secrets(config: Config) -> Sequence[Finding]:
    """Are secret files there, and for their owner only?"""
    found: list[Finding] = []
    for name, place in secret_files(config):
        try:
            mode = place.stat().st_mode
        except OSError as error:
            found.append(
                fault("secrets", f"{name}: {place} ({error.strerror})", "put it there, see `gianh enrol`")
            )
            continue
        if mode & stat.S_IROTH:
            found.append(fault("secrets", f"every user can read {place}", f"sudo chmod 600 {place}"))
        elif mode & stat.S_IWGRP:
            found.append(warning("secrets", f"a group may change {place}", f"sudo chmod 600 {place}"))
    count = len(secret_files(config))
    return found or [
        ok("secrets", f"{count} files, each for its owner only" if count else "there are none in files")
    ]


def secret_files(config: Config) -> list[tuple[str, Path]]:
    """Every secret file that the configuration names, and where."""
    sections: list[tuple[str, Section | None]] = [
        ("[mqtt]", config.mqtt),
        ("[http]", config.http),
        *((f"[[influx]] {one.id}", one) for one in config.influx),
        *((f"[[data_file]] {one.id}", one) for one in config.data_file),
        *((f"[[bus]] {one.id}", one) for one in config.bus),
        *(("[[radius_client]]", one) for one in config.radius_client),
    ]
    return [
        (f"{title} {key}", value)
        for title, section in sections
        if section is not None
        for key, value in section
        if key in SECRET_FILES and isinstance(value, Path)
    ]


def adapter(bus: Bus, user: str, root: Path) -> Sequence[Finding]:
    """Is a serial adapter there, may the gateway open it, and does it answer at once?"""
    check, port = f"bus {bus.id}", Path(str(bus.port))
    try:
        found = port.stat()
    except OSError as error:
        near = sorted(str(one) for one in Path("/dev/serial/by-id").glob("*"))
        there = f"there are: {', '.join(near)}" if near else "no USB serial adapter is plugged in"
        return [fault(check, f"{port} ({error.strerror})", f"plug it in, or correct [[bus]] port; {there}")]
    if not stat.S_ISCHR(found.st_mode):
        return [fault(check, f"{port} is no device", "name a device under /dev/serial/by-id")]
    findings: list[Finding] = []
    if user and not _may_use(found, user):
        group = _group(found.st_gid)
        findings.append(
            fault(check, f"{user} may not use {port}", f"sudo usermod -aG {group} {user}, then restart")
        )
    name = port.resolve().name
    latency = root / "sys/bus/usb-serial/devices" / name / "latency_timer"
    if latency.exists() and int(latency.read_text("ascii")) > LATENCY_MS:
        text = f"{name} holds answers back for {latency.read_text('ascii').strip()} ms"
        findings.append(warning(check, text, "`gianh install` sets it to 1 ms when it is plugged in again"))
    if str(port).startswith("/dev/ttyUSB") or str(port).startswith("/dev/ttyACM"):
        text = f"{port} may be another adapter after the next start"
        findings.append(
            warning(check, text, "name it by /dev/serial/by-id, or by /dev/gianh if two share a name")
        )
    return findings or [ok(check, f"{port} is there")]


def is_serial(bus: Bus) -> bool:
    """Whether a bus is a serial port of this machine."""
    return bus.kind in (BusKind.RTU, BusKind.SERIAL)


def _may_use(found: os.stat_result, user: str) -> bool:
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return True  # not installed yet: there is nobody to judge
    if entry.pw_uid in (0, found.st_uid):
        return True
    both = stat.S_IRGRP | stat.S_IWGRP
    return found.st_gid in os.getgrouplist(user, entry.pw_gid) and found.st_mode & both == both


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)

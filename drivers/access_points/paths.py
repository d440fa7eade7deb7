"""Where a profile says that a number of an access point lies. Pure.

`openwrt` and `mikrotik` have fixed names, FIGURES. `snmp` has `OID` for a scalar, `sum OID` for the sum of a
column, and `any N of OID`, which is 1 where one row of the column is N, else 0. Before any of them, `rate`
makes it the increase a second between two polls.
"""

import re
from dataclasses import dataclass

from drivers.device_model import DriverKind

RATE = "rate "

FIGURES = (
    "up",
    "uptime",
    "clients",
    "clients 2g",
    "clients 5g",
    "hotspot clients",
    "utilisation 2g",
    "utilisation 5g",
    "octets from clients",
    "octets to clients",
)
"""What the decoders of OpenWrt and MikroTik tell; octets are totals of the radios that were asked for."""

_OID = re.compile(r"(?:(sum) |any (\d{1,9}) of )?((?:0|1|2)(?:\.(?:0|[1-9]\d{0,9})){2,30})")

Oid = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SnmpPath:
    """What to ask: a scalar's instance, or a whole `column`; `wanted` is N of `any N of`."""

    oid: Oid
    column: bool
    wanted: int | None = None


def counter_of(path: str) -> str:
    """The path of the counter behind a rate; any other path as it is."""
    return path.removeprefix(RATE)


def snmp_path(path: str) -> SnmpPath | None:
    """A path of SNMP taken apart, None where it is none."""
    found = _OID.fullmatch(counter_of(path))
    if found is None:
        return None
    oid = tuple(int(part) for part in found[3].split("."))
    wanted = None if found[2] is None else int(found[2])
    return SnmpPath(oid, bool(found[1]) or wanted is not None, wanted)


def path_fault(driver: DriverKind, path: str) -> str:
    """What is wrong with a path of a profile, empty where nothing is."""
    if driver is not DriverKind.SNMP:
        if counter_of(path) in FIGURES:
            return ""
        return f"path {path!r} is not known: use one of {', '.join(FIGURES)}, or rate before it"
    if snmp_path(path) is not None:
        return ""
    return f"path {path!r} is none: use OID, 'sum OID' or 'any N of OID', or rate before it"

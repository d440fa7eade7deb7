"""Who may reach which topics, by the name in the certificate. Pure.

A gateway's id is its own word in the topics, so one pattern serves them all; at the centre each name has a
role. Mosquitto takes what is denied before what is granted, and shows `$SYS` only to whom it is granted.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from edge.core.ids import is_id
from provisioning.ca.profiles import Role, role_of

HOME = "homeassistant"
"""Where Home Assistant looks for devices; the default of [mqtt] discovery_prefix."""

GATEWAYS = (
    "pattern readwrite gianh/v1/%u/#",
    f"pattern write {HOME}/device/%u/+/config",
    f"pattern read {HOME}/status",
)
"""A gateway reads and writes below its own id, with what stands retained and its Will. It tells Home
Assistant of its own devices, and hears when that came; nothing else."""

RULES: Mapping[Role, Sequence[str]] = MappingProxyType(
    {
        Role.CONSOLE: (
            "topic deny gianh/v1/+/command/configure/#",
            "topic read gianh/v1/#",
            "topic write gianh/v1/+/command/+/+",
            "topic read $SYS/#",
        ),
        Role.OPERATOR: (
            "topic deny gianh/v1/+/command/configure/#",
            "topic read gianh/v1/#",
            "topic write gianh/v1/+/command/+/+",
        ),
        Role.READER: (
            "topic deny gianh/v1/+/command/#",
            "topic read gianh/v1/#",
            "topic read $SYS/#",
        ),
        Role.FLEET: (
            "topic read gianh/v1/+/status",
            "topic read gianh/v1/+/config",
            "topic read gianh/v1/+/reply/#",
            "topic write gianh/v1/+/command/configure/+",
        ),
        Role.HOME: (
            f"topic read {HOME}/device/+/+/config",
            f"topic readwrite {HOME}/status",
            "topic read gianh/v1/+/status",
            "topic read gianh/v1/+/device/+/state",
            "topic read gianh/v1/+/light/+/state",
            "topic read gianh/v1/+/ha/+/state",
            "topic write gianh/v1/+/ha/+/set",
        ),
    }
)
"""What each role may. Commands are for console and operator, configurations for the fleet alone; Home
Assistant sets lights by topics of its own, which the gateway judges as any command."""


def access_rules(names: Iterable[str], barred: Iterable[str]) -> str:
    """The acl_file for these names at the centre, and against those who are revoked.

    A revoked name is also denied here, since a revocation list stops new connections only.
    """
    out = set(barred)
    lines = ["# Written by `gianh broker setup`, which writes it again.", "", *GATEWAYS]
    for name in sorted(out):
        if is_id(name):
            lines += ["", f"# revoked\nuser {name}", f"topic deny gianh/v1/{name}/#"]
            lines.append(f"topic deny {HOME}/device/{name}/#")
    for name in sorted(names):
        role = role_of(name)
        if role is not None and name not in out:
            lines += ["", f"user {name}", *RULES[role]]
    return "\n".join(lines) + "\n"

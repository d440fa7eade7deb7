"""Roles and what each may do: the one table of permissions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from edge.console.access.sessions import Session


class Permission(StrEnum):
    """What a route asks of who calls it; each route declares exactly one."""

    OPEN = "open"
    """Nothing: also for who is not logged in."""
    SELF = "self"
    """Being logged in."""
    READ = "read"
    """See states, values, history and alarms."""
    AUDIT = "audit"
    """See who did what."""
    HISTORY = "history"
    """See what became of lamps and who commanded them: colleagues' names are not for guests."""
    LIGHT = "light"
    """Command light, and release it."""
    PLAN = "plan"
    """Change the plan of light: a matter of the town's, and not of who mends lamps."""
    GROUPS = "groups"
    """Say who is in a group of lamps."""
    ACKNOWLEDGE = "acknowledge"
    """Note that an alarm was seen."""
    ASK = "ask"
    """Use a bus: ask a device ahead of the polls."""
    SERVICE = "service"
    """Note that a device was serviced."""
    LEND = "lend"
    """Have a bus to oneself for a while: scan it, give its devices addresses."""
    CALIBRATE = "calibrate"
    """Note that a station is being calibrated."""
    RECALCULATE = "recalculate"
    """Work out means anew."""
    QUARANTINE = "quarantine"
    """Offer refused rows once more, or throw them away."""
    RELOAD = "reload"
    """Apply the configuration file."""
    COMMISSION = "commission"
    """Put devices into service: say what and where they are, test them, sign for them."""
    USERS = "users"
    """Manage users."""


class Role(StrEnum):
    """What a user is."""

    VIEWER = "viewer"
    OFFICER = "officer"
    OPERATOR = "operator"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"


_P = Permission
_VIEWER = frozenset({_P.OPEN, _P.SELF, _P.READ})

ALLOWED: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.VIEWER: _VIEWER,
        Role.OFFICER: _VIEWER | {_P.AUDIT, _P.HISTORY, _P.ACKNOWLEDGE, _P.CALIBRATE, _P.RECALCULATE},
        Role.OPERATOR: _VIEWER | {_P.HISTORY, _P.LIGHT, _P.PLAN, _P.GROUPS, _P.ACKNOWLEDGE, _P.ASK},
        Role.TECHNICIAN: _VIEWER
        | {
            _P.HISTORY,
            _P.LIGHT,
            _P.ACKNOWLEDGE,
            _P.ASK,
            _P.LEND,
            _P.SERVICE,
            _P.CALIBRATE,
            _P.QUARANTINE,
            _P.RELOAD,
            _P.COMMISSION,
        },
        Role.ADMINISTRATOR: frozenset(Permission),
    }
)
"""Everything that is not here is denied."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: `user` is empty where nobody is logged in; `source` is the way, as in a Command."""

    user: str
    name: str
    role: Role | None
    allowed: frozenset[Permission]
    source: str
    session: Session | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the table allows it."""
        return permission in self.allowed


ANONYMOUS = Caller("", "", None, frozenset({_P.OPEN}), "console")
"""Somebody who came by TCP and is not logged in."""

SOCKET = Caller("", "", None, frozenset(Permission), "local")
"""Who opened the unix socket's file, and therefore may act."""

LOOPBACK = Caller("", "", None, frozenset({_P.OPEN, _P.READ, _P.AUDIT}), "local")
"""Whoever is on this machine, where no login is asked for: reading is open, acting is not offered."""

"""Whom a provider named: their id here, what they are called, and which role they have. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.config.console_openid import OpenId
from edge.console.access.denied import Denied, Reason
from edge.console.access.roles import Role
from edge.console.access.users import NAME_MAX

PREFIX = "openid:"
"""Begins the id of everybody whom a provider named: no account of ours can be called so."""

VALUES_MAX = 2_000
"""Most values of the role claim that are looked at."""

_USER = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,49}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the provider says; `subject` is its own name for them, which never changes."""

    subject: str
    user: str
    name: str
    role: Role


def person_of(settings: OpenId, claims: Mapping[str, Any]) -> Person:
    """Whom claims name. Raises Denied for nobody that may come in: default deny."""
    user = claims.get(settings.user_claim)
    plain = user.strip().lower() if isinstance(user, str) else ""
    if not _USER.fullmatch(plain):
        raise Denied(Reason.NAMELESS)
    name = " ".join(str(claims.get("name") or plain).split())[:NAME_MAX]
    shown = name if name and name.isprintable() else plain
    return Person(str(claims["sub"]), f"{PREFIX}{plain}", shown, role_of(settings, claims))


def role_of(settings: OpenId, claims: Mapping[str, Any]) -> Role:
    """The first role of the configuration that claims give. Raises Denied where they give none."""
    given = claim_of(claims, settings.role_claim)
    values = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    theirs = {value for value in values[:VALUES_MAX] if isinstance(value, str)}
    for name, role in settings.roles.items():
        if name in theirs:
            return Role(role)
    raise Denied(Reason.UNMAPPED)


def claim_of(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, else by the way that its dots lead; None where there is none."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found

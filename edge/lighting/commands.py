"""The `light` command: its arguments as one request, and every rule on them in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.core.errors import PermanentError
from edge.core.model import Command, Scalar

FOR_S_MAX = 7 * 86_400.0
"""Longest `for_s`; what shall hold longer is said to hold for ever."""

FADE_S_MAX = 600.0

EMERGENCY_SOURCES = ("local", "console")
"""An emergency is declared at the gateway or its console, never over the broker."""

KNOWN = frozenset({"level", "for_s", "fade_s", "release", "confirm", "forever", "emergency"})


class BadCommand(PermanentError):
    """The command cannot be understood or is not allowed; its text says why."""


@dataclass(frozen=True, slots=True)
class LightRequest:
    """What is asked: a level (percent), or with `level` None the release of what holds the target.

    `for_s` None means the default end, unless `forever`.
    """

    target: str
    level: float | None
    for_s: float | None
    fade_s: float | None
    forever: bool
    emergency: bool
    confirm: str
    sender: str


def light_request(command: Command) -> LightRequest:
    """A command as a request. Raises BadCommand with the reason."""
    given = dict(command.arguments)
    if unknown := sorted(given.keys() - KNOWN):
        raise BadCommand(f"unknown field {unknown[0]!r}; light knows {', '.join(sorted(KNOWN))}")
    release, emergency, forever = (_flag(given, name) for name in ("release", "emergency", "forever"))
    level = _number(given, "level", 100.0)
    for_s = _number(given, "for_s", FOR_S_MAX)
    if (level is None) != release:
        raise BadCommand("light needs either level or release")
    if forever and for_s is not None:
        raise BadCommand("for_s and forever contradict each other: give one")
    if for_s == 0:
        raise BadCommand("for_s is more than 0: say how long the level shall hold, or release the target")
    if release and (forever or for_s is not None):
        raise BadCommand("release takes no for_s: the plan holds from now on")
    if emergency and command.source not in EMERGENCY_SOURCES:
        raise BadCommand("an emergency is declared at the gateway or its console, not over MQTT")
    return LightRequest(
        target=command.target,
        level=level,
        for_s=for_s,
        fade_s=_number(given, "fade_s", FADE_S_MAX),
        forever=forever,
        emergency=emergency,
        confirm=_text(given, "confirm"),
        sender=f"{command.source}/{command.by}",
    )


def _number(given: Mapping[str, Scalar], name: str, high: float) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
        raise BadCommand(f"{name} is not a number from 0 to {high:g}")
    return float(value)


def _flag(given: Mapping[str, Scalar], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise BadCommand(f"{name} is either true or false")
    return value


def _text(given: Mapping[str, Scalar], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 64:
        raise BadCommand(f"{name} is not a text of at most 64 characters")
    return value

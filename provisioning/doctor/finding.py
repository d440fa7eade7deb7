"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what is so, and what to do about it (empty where nothing is)."""

    check: str
    verdict: Verdict
    text: str
    remedy: str = ""


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, text)


def warning(check: str, text: str, remedy: str) -> Finding:
    """It works, and will not for ever."""
    return Finding(check, Verdict.WARNING, text, remedy)


def fault(check: str, text: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(check, Verdict.FAULT, text, remedy)

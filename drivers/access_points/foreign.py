"""JSON from a device that may be broken or hostile: read as what it should be, or as nothing. Pure."""

import json
from collections.abc import Mapping, Sequence
from math import isfinite

ITEMS_MAX = 10_000
"""Most entries of one list that are looked at."""

NAME_CHARS_MAX = 64


def document(text: bytes) -> object:
    """The JSON of an answer, None where it is none. Never raises: the error would hold the text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def table(value: object) -> Mapping[str, object]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Sequence[object]:
    """A JSON array; an empty one for anything else."""
    return value[:ITEMS_MAX] if isinstance(value, list) else ()


def number(value: object) -> float | None:
    """A number, also one in quotes, as RouterOS writes them."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | str):
        try:
            found = float(value)
        except (ValueError, OverflowError):
            return None
        return found if isfinite(found) else None
    return None


def truth(value: object) -> bool | None:
    """True or false, also in quotes."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def name(value: object) -> str:
    """The name of a network interface, empty for anything that cannot be one."""
    if isinstance(value, str) and len(value) <= NAME_CHARS_MAX and value.isprintable():
        return value
    return ""

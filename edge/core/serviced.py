"""That a device was serviced: by whom, when and what they did, as the gateway's memory keeps it."""

import json
from dataclasses import dataclass

from edge.core.ports import Memory


@dataclass(frozen=True, slots=True)
class Serviced:
    """The last time that somebody serviced a device; `at_ns` is UTC, None while the clock was not set."""

    by: str
    note: str
    at_ns: int | None


def keep_serviced(memory: Memory, device: str, serviced: Serviced) -> None:
    """Keep it over restarts, in place of the time before."""
    row = [serviced.by, serviced.note, serviced.at_ns]
    memory.remember(_key(device), json.dumps(row, ensure_ascii=False))


def serviced_of(memory: Memory, device: str) -> Serviced | None:
    """The last time, None where there was none (or nobody can read it)."""
    try:
        by, note, at_ns = json.loads(memory.recall(_key(device)) or "null")
        return Serviced(str(by), str(note), None if at_ns is None else int(at_ns))
    except (ValueError, TypeError):
        return None


def _key(device: str) -> str:
    return f"serviced/{device}"

"""Where an audit log stands: how many entries, and the hash of the last; kept outside of the log's files."""

import re
from dataclasses import dataclass

from edge.core.errors import ConfigError
from edge.core.ports import Memory

KEY = "audit/head"
"""Under it the gateway's memory has the head that is certainly on the disk."""

_FORM = re.compile(r"(\d{1,15}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """The last of `count` entries and its hash; as text `count:hash`."""

    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.count}:{self.hash}"


def head_of(text: str) -> Head:
    """A head from its text. Raises ConfigError for anything else."""
    found = _FORM.fullmatch(text.strip().lower())
    if found is None:
        raise ConfigError(
            f"{text!r} is no checkpoint: give COUNT:HASH, as the event audit_checkpoint says it"
        )
    return Head(int(found[1]), found[2])


def kept_head(memory: Memory) -> Head | None:
    """The head that is kept, None where there is none (or one that nobody can read)."""
    text = memory.recall(KEY)
    try:
        return None if text is None else head_of(text)
    except ConfigError:
        return None


def keep_head(memory: Memory, head: Head) -> None:
    """Keep a head over restarts."""
    memory.remember(KEY, str(head))

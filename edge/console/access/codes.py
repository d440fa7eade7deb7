"""One-time codes: with one a person sets a password, once, before it expires. Kept as hashes, in memory."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from edge.core.letters import new_code, plain_code
from edge.core.ports import Clock

FIRST = ""
"""For whom the code of the first start is."""

LIFE_S = 3_600.0
"""How long a code may be used."""

GROUPS = 4
"""Sixteen letters: 80 bits."""


@dataclass(frozen=True, slots=True)
class Code:
    """What is kept of a code: its hash, and when it ends on the monotonic clock."""

    digest: bytes
    ends_ns: int


class Codes:
    """At most one code for each user, and one for the first start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, Code] = {}

    def make(self, user: str) -> str:
        """A new code, such as `7K2M-X0QD-9RVA-4TBN`; the one before is void."""
        code = new_code(GROUPS)
        self._codes[user] = Code(_digest(code), self._clock.mono_ns() + round(LIFE_S * 1e9))
        return code

    def take(self, user: str, code: str) -> Code | None:
        """Use a code up, if it is the user's."""
        kept = self._codes.get(user) or Code(b"\0" * 32, 0)
        right = compare_digest(kept.digest, _digest(code))
        if not right or self._clock.mono_ns() > kept.ends_ns:
            return None
        return self._codes.pop(user)

    def give_back(self, user: str, code: Code) -> None:
        """A code was taken for nothing: it holds again, unless there is a newer one."""
        self._codes.setdefault(user, code)

    def waits(self, user: str) -> bool:
        """Whether a user has a code that may still be used."""
        kept = self._codes.get(user)
        return kept is not None and self._clock.mono_ns() <= kept.ends_ns

    def drop(self, user: str) -> None:
        """Make a user's code void."""
        self._codes.pop(user, None)


def _digest(code: str) -> bytes:
    return sha256(plain_code(code).encode("utf-8", "replace")).digest()

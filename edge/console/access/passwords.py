"""Passwords: what is taken for one, and Argon2id by the store's thread, one at a time."""

import asyncio
import re
import unicodedata
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from edge.console.access.denied import Denied, Reason
from edge.core.ports import Aside

CHARACTERS_MIN, CHARACTERS_MAX = 12, 128

DIFFERENT_MIN = 5
"""Fewest different characters."""

ATTEMPTS_MAX = 8
"""Most passwords that wait for their hash at once; one more is told to come again."""

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16)
"""Argon2id with 19 MiB in one lane: some 30 ms on a server, about 100 ms on a Raspberry Pi 4."""

NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$a54Joj449jr+DWry3bBIyg$oUEZB96ZcOsrecLtvc1M7Cr/B9xEIDasZSg4aFgId+0"
"""The hash that is tried where there is no user, so that the time of an answer does not tell.

It was made of random bytes that nobody kept."""

COMMON = (
    "password", "matkhau", "qwerty", "asdfgh", "zxcvbn", "letmein", "welcome", "iloveyou", "anhyeuem",
    "administrator", "admin", "quantri", "gianh", "gateway", "console", "abcdef", "changeme", "default",
    "secret", "vietnam", "quangbinh", "quangtri", "badon", "raspberry", "dragon", "monkey", "football",
)  # fmt: skip
"""Words with which guessing begins; a password is more than one of them with digits around it."""

OTHER_MIN = 6
"""So many characters must be left besides such words and longer numbers."""

_ROW = re.compile(r"\d{3,}|(.)\1{2,}")
"""Years, telephone numbers, rows on the keyboard, and the same again and again."""


def normal(password: str) -> str:
    """A password in the one form of its characters: keyboards write Vietnamese accents in several."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *known: str) -> None:
    """Raises Denied for a password that is too short, too long or easy to guess.

    `known` are words that anybody knows of its user: the id, the name, the gateway.
    """
    text = normal(password)
    if not CHARACTERS_MIN <= len(text) <= CHARACTERS_MAX or len(set(text)) < DIFFERENT_MIN:
        raise Denied(Reason.WEAK)
    rest = text.casefold()
    for word in sorted((word.casefold() for word in (*known, *COMMON) if len(word) > 2), key=len)[::-1]:
        rest = rest.replace(word, "")
    if len(_ROW.sub("", rest)) < OTHER_MIN:
        raise Denied(Reason.WEAK)


class Passwords:
    """Hashes and compares. `aside` is the store's thread: what is counted here must not wait for it long."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self._one = asyncio.Lock()
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises Denied where too many wait."""
        found: list[str] = []
        await self._work(lambda: found.append(HASHER.hash(_bytes(password))))
        return found[0]

    async def matches(self, kept: str, password: str) -> bool:
        """Whether a password is the one; an empty `kept` takes as long and is never right."""
        found: list[bool] = []
        await self._work(lambda: found.append(_matches(kept or NOBODYS, password)))
        return found[0] and bool(kept)

    async def _work(self, work: Callable[[], None]) -> None:
        if self._waiting >= ATTEMPTS_MAX:
            raise Denied(Reason.BUSY, 1.0)
        self._waiting += 1
        try:
            async with self._one:
                await self._aside(work)
        finally:
            self._waiting -= 1


def is_of_today(kept: str) -> bool:
    """Whether a hash was made as hashes are made now."""
    return not HASHER.check_needs_rehash(kept)


def _matches(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    return normal(password)[: 2 * CHARACTERS_MAX].encode("utf-8", "replace")

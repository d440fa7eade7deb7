"""Logins that were begun and have not come back: each one of one browser, once, for a while. Bounded."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from edge.core.ports import Clock

LIFE_S = 600.0
"""How long somebody may take at the provider."""

BEGUN_MAX = 2_000
ADDRESS_MAX = 50
"""Most that wait at once, in all and from one address; beyond it the oldest are forgotten."""

RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Begun:
    """What a login needs when it comes back; `browser` is the hash of its cookie, `verifier` PKCE's."""

    state: str
    nonce: str
    verifier: str
    browser: bytes
    address: str
    wanted: str
    language: str
    ends_ns: int


class Logins:
    """The logins under way."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun: OrderedDict[str, Begun] = OrderedDict()

    def __len__(self) -> int:
        return len(self._begun)

    def begin(self, cookie: str, address: str, wanted: str, language: str) -> Begun:
        """A login of the browser with this cookie, under a state, nonce and verifier of its own."""
        state, nonce, verifier = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
        ends_ns = self._clock.mono_ns() + round(LIFE_S * 1e9)
        made = Begun(state, nonce, verifier, hash_of(cookie), address, wanted, language, ends_ns)
        mine = [one.state for one in self._begun.values() if one.address == address]
        for old in mine[: len(mine) + 1 - ADDRESS_MAX] if len(mine) >= ADDRESS_MAX else ():
            del self._begun[old]
        self._begun[state] = made
        while len(self._begun) > BEGUN_MAX:
            self._begun.popitem(last=False)
        return made

    def take(self, state: str, cookie: str) -> Begun | None:
        """The login of a state, for its own browser, in time, and once."""
        found = self._begun.get(state)
        if found is None or not compare_digest(found.browser, hash_of(cookie)):
            return None
        del self._begun[state]
        return found if self._clock.mono_ns() <= found.ends_ns else None


def hash_of(cookie: str) -> bytes:
    """As which a browser is known by its cookie."""
    return sha256(cookie.encode("utf-8", "replace")).digest()

"""How often somebody may try a secret: by address and by user, with waits that grow. Pure, bounded."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

KEYS_MAX = 2_000
"""Most addresses and users that are remembered; beyond it the one that was quiet for longest is forgotten."""

FORGET_NS = 3_600 * 1_000_000_000
"""After so long without an attempt all is forgiven."""

SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """`free` attempts at once, then waits of 1, 2, 4 … up to `wait_s`."""

    free: int
    wait_s: float


BY_ADDRESS = Rule(20, 900)
BY_USER = Rule(5, 60)
"""Short at its longest, so that nobody can lock another out for a night by guessing."""


@dataclass(frozen=True, slots=True)
class Key:
    """Of whom attempts are counted."""

    text: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class _Tries:
    count: int
    last_ns: int


class Pace:
    """Counts attempts as they begin, so that many at once are not one."""

    def __init__(self) -> None:
        self._tries: dict[Key, _Tries] = {}

    def __len__(self) -> int:
        return len(self._tries)

    def begin(self, keys: Sequence[Key], now_ns: int) -> float:
        """Count an attempt and give 0, or give how many seconds to wait, and count nothing."""
        wait_ns = max(self._wait_ns(key, now_ns) for key in keys)
        if wait_ns > 0:
            return wait_ns / 1e9
        for key in keys:
            before = self._tries.pop(key, None)
            count = before.count if before and now_ns - before.last_ns < FORGET_NS else 0
            self._tries[key] = _Tries(count + 1, now_ns)
            if len(self._tries) > KEYS_MAX:
                del self._tries[next(iter(self._tries))]
        return 0.0

    def take_back(self, *keys: Key) -> None:
        """An attempt did not count after all."""
        for key in keys:
            tries = self._tries.get(key)
            if tries is not None:
                self._tries[key] = _Tries(max(0, tries.count - 1), tries.last_ns)

    def forgive(self, key: Key) -> None:
        """Nothing is held against this one any more."""
        self._tries.pop(key, None)

    def _wait_ns(self, key: Key, now_ns: int) -> int:
        tries = self._tries.get(key)
        if tries is None or tries.count < key.rule.free or now_ns - tries.last_ns >= FORGET_NS:
            return 0
        doubled = min(2.0 ** min(tries.count - key.rule.free, 30), key.rule.wait_s)
        return tries.last_ns + round(doubled * SECOND_NS) - now_ns


def address_key(address: str) -> Key:
    """Where attempts come from; of IPv6 the network, since one person has all of its addresses."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return Key("address", BY_ADDRESS)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return Key(f"address {ipaddress.ip_network((found, 64), strict=False)}", BY_ADDRESS)
    return Key(f"address {found}", BY_ADDRESS)


def user_key(user: str) -> Key:
    """Whom attempts are for, whether there is such a user or not."""
    return Key(f"user {user[:64]}", BY_USER)

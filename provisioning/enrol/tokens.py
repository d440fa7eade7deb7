"""One-time tokens: each lets one key of one gateway get a certificate, once, before it expires.

Kept as hashes. Whose key takes a token first is decided by making a file that is not there yet, so that of
many who claim it at once, also in several processes, one wins; and since that file names the key, a claim
that died half way can be made again by the same key, and by no other.
"""

import datetime as dt
import json
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from edge.core.letters import new_code, plain_code
from edge.core.owned import make_folder, write_new, write_owned

GROUPS = 7
"""28 letters: 140 bits."""

LIFE = dt.timedelta(hours=24)
LIFE_MAX = dt.timedelta(days=7)
KEPT = dt.timedelta(days=30)
"""How long an expired token is remembered as such."""


class Claim(Enum):
    """What became of a claim."""

    TAKEN = "taken"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"


@dataclass(frozen=True, slots=True)
class _Kept:
    digest: str
    ends: dt.datetime


class Tokens:
    """At most one token for each gateway; a new one makes the one before void."""

    def __init__(self, folder: Path) -> None:
        self._tokens, self._claims = folder / "tokens", folder / "claims"

    def make(self, gateway: str, now: dt.datetime, life: dt.timedelta = LIFE) -> str:
        """A new token, such as `7K2M-X0QD-…`: the only time that it can be seen."""
        make_folder(self._tokens)
        make_folder(self._claims)
        token = new_code(GROUPS)
        kept = {"sha256": _digest(token), "ends": (now + life).isoformat()}
        write_owned(self._tokens / gateway, json.dumps(kept).encode())
        return token

    def claim(self, gateway: str, token: str, key: bytes, now: dt.datetime) -> Claim:
        """Take a token for a public key. Whoever does not know the token learns nothing of it."""
        kept = self._read(gateway)
        right = compare_digest(kept.digest if kept else "0" * 64, _digest(token))
        if kept is None or not right:
            return Claim.UNKNOWN
        if now > kept.ends:
            return Claim.EXPIRED
        mine, place = sha256(key).hexdigest(), self._claims / kept.digest
        try:
            write_new(place, mine.encode())
        except FileExistsError:
            return Claim.TAKEN if compare_digest(place.read_text(), mine) else Claim.USED
        return Claim.TAKEN

    def forget(self, now: dt.datetime) -> None:
        """Drop what expired long ago, and claims of tokens that are no more."""
        if not self._tokens.is_dir():
            return
        known = set()
        for path in self._tokens.glob("[!.]*"):
            kept = self._read(path.name)
            if kept is None or kept.ends + KEPT < now:
                path.unlink(missing_ok=True)
            else:
                known.add(kept.digest)
        for path in self._claims.glob("[!.]*"):
            if path.name not in known:
                path.unlink(missing_ok=True)

    def _read(self, gateway: str) -> _Kept | None:
        try:
            kept = json.loads((self._tokens / gateway).read_bytes())
            return _Kept(kept["sha256"], dt.datetime.fromisoformat(kept["ends"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            # It can be made anew at any time; a broken one lets nobody in.
            return None


def _digest(token: str) -> str:
    return sha256(plain_code(token).encode("utf-8", "replace")).hexdigest()

"""Sessions: kept in memory alone, under the hash of a random id, and never longer than two limits say.

A restart ends all of them: so nothing of them lies on the card, and none outlives what it was opened for.
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from hashlib import sha256

from edge.core.ports import Clock

SESSIONS_MAX = 256
"""Most sessions at once; one more ends the one that was silent for longest."""

USER_SESSIONS_MAX = 16
"""Most sessions of one user."""

ID_BYTES = 32


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody without an account here, whom a provider of logins named; `role` as it said last."""

    name: str
    role: str


@dataclass(eq=False, slots=True)
class Session:
    """Somebody who is logged in. `ended` is set once it is over, so that open streams end with it."""

    user: str
    began_ns: int
    seen_ns: int
    guest: Guest | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Sessions:
    """All sessions. `idle_s` is the longest silence, `whole_s` the longest life."""

    def __init__(self, clock: Clock, idle_s: float, whole_s: float) -> None:
        self._clock = clock
        self._idle_ns, self._whole_ns = round(idle_s * 1e9), round(whole_s * 1e9)
        self._open: dict[bytes, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, user: str, guest: Guest | None = None) -> str:
        """A new session; gives its id, which is kept nowhere else."""
        self._tidy(user)
        token = secrets.token_urlsafe(ID_BYTES)
        now_ns = self._clock.mono_ns()
        self._open[_key(token)] = Session(user, now_ns, now_ns, guest)
        return token

    def find(self, token: str) -> Session | None:
        """The session of an id, None if there is none (any more); it counts as seen now."""
        session = self._open.get(_key(token))
        if session is None or not self.lasts(session):
            return None
        session.seen_ns = self._clock.mono_ns()
        return session

    def lasts(self, session: Session) -> bool:
        """Whether a session is not over; one whose time has come is ended here."""
        now_ns = self._clock.mono_ns()
        late = now_ns - session.seen_ns > self._idle_ns or now_ns - session.began_ns > self._whole_ns
        if late:
            self.end(session)
        return not session.ended.is_set()

    def end(self, session: Session) -> None:
        """End one session."""
        self._open = {key: one for key, one in self._open.items() if one is not session}
        session.ended.set()

    def end_all_of(self, user: str) -> None:
        """End every session of a user."""
        for session in self._of(user):
            self.end(session)

    def _of(self, user: str) -> list[Session]:
        return [session for session in self._open.values() if session.user == user]

    def _tidy(self, user: str) -> None:
        """Make room for one more session of a user."""
        for session in list(self._open.values()):
            self.lasts(session)
        for crowd, most in ((self._of(user), USER_SESSIONS_MAX), (list(self._open.values()), SESSIONS_MAX)):
            if len(crowd) >= most:
                self.end(min(crowd, key=lambda session: session.seen_ns))


def _key(token: str) -> bytes:
    """What an id is kept under: it cannot be turned back, and comparing it tells nothing by its time."""
    return sha256(token.encode("utf-8", "replace")).digest()

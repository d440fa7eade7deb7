"""The users, in one small file that only its owner can read: who they are, and the hash of their password."""

import json
import logging
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from edge.console.access.denied import Denied, Reason
from edge.console.access.roles import Role
from edge.core.errors import TransientError
from edge.core.ids import is_id
from edge.core.owned import OWNER_ONLY, write_owned
from edge.core.ports import Aside
from edge.core.sayings import say

log = logging.getLogger(__name__)

FILE = "users.json"
"""Its name in data_dir."""

VERSION = 1

USERS_MAX = 100

NAME_MAX = 64

FILE_BYTES_MAX = 1_000_000

RESERVED = frozenset({"local"})
"""Who acts by the unix socket is called so."""


@dataclass(frozen=True, slots=True)
class User:
    """A person; `hash` is empty until they have set a password with their code."""

    id: str
    name: str
    role: Role
    hash: str = ""


class Users:
    """All users; read once, written by the store's thread at every change."""

    def __init__(self, directory: Path, aside: Aside) -> None:
        self._path, self._aside = directory / FILE, aside
        self._users: dict[str, User] = {}
        self.damaged = False
        try:
            self._users = {user.id: user for user in _read(self._path)}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            # The lamps do not wait for this: nobody may log in, all else goes on.
            self.damaged = True
            log.error(
                "%s cannot be read, nobody can log in (%s): restore or remove it, then restart",
                self._path,
                error,
            )

    def __iter__(self) -> Iterator[User]:
        return iter(self._users.values())

    def __len__(self) -> int:
        return len(self._users)

    @property
    def is_fresh(self) -> bool:
        """Whether nobody can log in yet because nobody was ever made."""
        return not self._users and not self.damaged

    def get(self, user_id: str) -> User | None:
        """A user by id."""
        return self._users.get(user_id)

    async def put(self, user: User) -> None:
        """Add or change a user. Raises Denied, or TransientError where the disk does not take it."""
        if user.id not in self._users and len(self._users) >= USERS_MAX:
            raise Denied(Reason.FULL)
        await self._keep({**self._users, user.id: user})

    async def remove(self, user_id: str) -> None:
        """Take a user away."""
        await self._keep({key: user for key, user in self._users.items() if key != user_id})

    def is_last_administrator(self, user: User) -> bool:
        """Whether without this one nobody could manage users."""
        others = [one for one in self if one.role is Role.ADMINISTRATOR and one.id != user.id]
        return user.role is Role.ADMINISTRATOR and not others

    async def _keep(self, users: dict[str, User]) -> None:
        if self.damaged:
            raise Denied(Reason.DAMAGED)
        text = json.dumps(
            {"version": VERSION, "users": [asdict(user) for user in users.values()]},
            ensure_ascii=False,
            indent=1,
        )
        try:
            await self._aside(lambda: write_owned(self._path, text.encode()))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise TransientError(say("users_not_written", file=self._path, why=reason)) from error
        self._users = users


def checked(user_id: str, name: str, role: Role) -> User:
    """A user without a password. Raises Denied for an id or name that cannot be one."""
    if not is_id(user_id) or user_id in RESERVED:
        raise Denied(Reason.ID)
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        raise Denied(Reason.NAME)
    return User(user_id, name, role)


def with_hash(user: User, made: str) -> User:
    """A user with another password."""
    return replace(user, hash=made)


def _read(path: Path) -> list[User]:
    with path.open("rb") as file:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            log.warning("%s could be read by others (mode %o): it is for its owner only now", path, mode)
            path.chmod(OWNER_ONLY)
        content = file.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        raise ValueError(f"it has more than {FILE_BYTES_MAX} bytes")
    data: dict[str, Any] = json.loads(content)
    if data["version"] != VERSION:
        raise ValueError(f"it is of version {data['version']!r}, this release knows {VERSION}")
    users = [_user(entry) for entry in data["users"]]
    if len({user.id for user in users}) != len(users) or len(users) > USERS_MAX:
        raise ValueError("it names a user twice, or too many")
    return users


def _user(entry: dict[str, Any]) -> User:
    try:
        user = checked(entry["id"], entry["name"], Role(entry["role"]))
    except Denied as error:
        raise ValueError(str(error)) from error
    if not isinstance(entry["hash"], str):
        raise TypeError("a hash is no text")
    return with_hash(user, entry["hash"])

"""The accounts: login, one-time codes, passwords and the managing of users, all told and all bounded."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from edge.console.access.codes import FIRST, Codes
from edge.console.access.denied import Denied, Reason
from edge.console.access.passwords import Passwords, check_password, is_of_today
from edge.console.access.roles import ALLOWED, Caller, Role
from edge.console.access.sessions import Guest, Session, Sessions
from edge.console.access.telling import Telling
from edge.console.access.users import User, Users, checked, with_hash
from edge.core.errors import GianhError
from edge.core.pace import Key, Pace, address_key, user_key
from edge.core.ports import Aside, Clock, Report


class Accounts:
    """Everything about who may come in. Raises Denied where somebody may not."""

    def __init__(
        self, directory: Path, aside: Aside, report: Report, clock: Clock, gateway: str, sessions: Sessions
    ) -> None:
        self.users = Users(directory, aside)
        self.sessions = sessions
        self._clock, self._gateway = clock, gateway
        self._passwords, self._pace, self._codes = Passwords(aside), Pace(), Codes(clock)
        self._telling = Telling(report, clock, gateway)
        self._changing = asyncio.Lock()

    @property
    def is_first_start(self) -> bool:
        """Whether the first administrator is still to be made."""
        return self.users.is_fresh

    def caller(self, token: str) -> Caller | None:
        """Who has this session, with the rights that they have now."""
        session = self.sessions.find(token)
        if session is None:
            return None
        if session.guest is not None:
            role = Role(session.guest.role)
            return Caller(session.user, session.guest.name, role, ALLOWED[role], "console", session)
        user = self.users.get(session.user)
        if user is None:
            return None
        return Caller(user.id, user.name, user.role, ALLOWED[user.role], "console", session)

    async def login(self, user_id: str, password: str, address: str) -> str:
        """Open a session; gives its id."""
        self._refuse_damaged()
        keys = self._begin(user_id, address)
        user = self.users.get(user_id)
        if not await self._is_right(user, password, keys):
            self._telling.routine("login_failed", user.id if user else "", address, warning=True)
            raise Denied(Reason.WRONG)
        if user is None or not self._stands(user):
            raise Denied(Reason.WRONG)
        self._succeeded(keys)
        if not is_of_today(user.hash):
            with contextlib.suppress(GianhError):  # a full disk must not keep anybody out
                await self._keep_password(user, password)
        self._telling.routine("login", user.id, address)
        return self.sessions.open(user.id)

    def welcome(self, user_id: str, guest: Guest, address: str) -> str:
        """Open a session for somebody whom a provider of logins named; gives its id."""
        self._telling.routine("login", user_id, address)
        return self.sessions.open(user_id, guest)

    def turned_away(self, address: str) -> None:
        """Tell that somebody whom a provider named, or did not want to name, was not let in."""
        self._telling.routine("login_failed", "", address, warning=True)

    def appoint(self, session: Session, role: Role, by: str) -> None:
        """Another role for a guest, as their provider says now."""
        if session.guest is not None and session.guest.role != role:
            session.guest = replace(session.guest, role=role.value)
            self._telling.change("role_given", session.user, by, role.value)

    def dismiss(self, session: Session, by: str) -> None:
        """End the session of a guest, whom their provider does not want to be let in any more."""
        self.sessions.end(session)
        self._telling.change("user_removed", session.user, by)

    def logout(self, session: Session, address: str) -> None:
        """End a session."""
        self.sessions.end(session)
        self._telling.routine("logout", session.user, address)

    async def change_password(self, session: Session, old: str, new: str, address: str) -> str:
        """Set another password; ends all sessions of the user, and gives the id of a new one."""
        if session.guest is not None:
            raise Denied(Reason.ELSEWHERE)
        user = self._known(session.user)
        check_password(new, user.id, user.name, self._gateway)
        keys = self._begin(user.id, address)
        if not await self._is_right(user, old, keys):
            self._telling.routine("password_change_failed", user.id, address, warning=True)
            raise Denied(Reason.WRONG)
        if session.ended.is_set():
            raise Denied(Reason.LOGIN)
        self._succeeded(keys)
        await self._keep_password(user, new)
        self.sessions.end_all_of(user.id)
        self._telling.change("password_changed", user.id, user.id)
        return self.sessions.open(user.id)

    async def redeem(self, code: str, user_id: str, name: str, password: str, address: str) -> str:
        """Set a password by a one-time code and open a session; the first start's makes an administrator."""
        self._refuse_damaged()
        first = self.is_first_start
        known = self.users.get(user_id)
        user = checked(user_id, name or user_id, Role.ADMINISTRATOR) if first else known
        check_password(password, user_id, name, self._gateway)
        keys = self._begin(user_id, address)
        taken = self._codes.take(FIRST if first else user_id, code)
        if taken is None or user is None:
            self._telling.routine("code_failed", known.id if known else "", address, warning=True)
            raise Denied(Reason.CODE)
        try:
            await self._keep_password(user, password)
        except GianhError:
            self._codes.give_back(FIRST if first else user_id, taken)
            raise
        self._succeeded(keys)
        self.sessions.end_all_of(user_id)
        self._telling.change("password_set", user_id, user_id, user.role.value if first else "")
        return self.sessions.open(user_id)

    def first_code(self) -> str:
        """A code for the first start; the one before is void."""
        self._refuse_damaged()
        if not self.is_first_start:
            raise Denied(Reason.STARTED)
        return self._codes.make(FIRST)

    async def add(self, user_id: str, name: str, role: Role, by: str) -> str:
        """A new user; gives the code with which they set their password."""
        user = checked(user_id, name or user_id, role)
        async with self._changing:
            if self.users.get(user_id) is not None:
                raise Denied(Reason.TAKEN)
            await self.users.put(user)
        self._codes.drop(FIRST)
        self._telling.change("user_added", user_id, by, role.value)
        return self._codes.make(user_id)

    async def give_role(self, user_id: str, role: Role, by: str) -> None:
        """Another role, from the next request on."""
        async with self._changing:
            user = self._known(user_id)
            if role is not Role.ADMINISTRATOR and self.users.is_last_administrator(user):
                raise Denied(Reason.LAST)
            await self.users.put(replace(user, role=role))
        self._telling.change("role_given", user_id, by, role.value)

    async def reset(self, user_id: str, by: str) -> str:
        """Take a user's password away, end their sessions, and give a code for a new one."""
        async with self._changing:
            await self.users.put(with_hash(self._known(user_id), ""))
        self.sessions.end_all_of(user_id)
        self._telling.change("password_reset", user_id, by)
        return self._codes.make(user_id)

    async def remove(self, user_id: str, by: str) -> None:
        """Take a user away."""
        async with self._changing:
            if self.users.is_last_administrator(self._known(user_id)):
                raise Denied(Reason.LAST)
            await self.users.remove(user_id)
        self.sessions.end_all_of(user_id)
        self._codes.drop(user_id)
        self._telling.change("user_removed", user_id, by)

    def waits_for_password(self, user: User) -> bool:
        """Whether a user still has to set a password, and has a code to do it."""
        return not user.hash and self._codes.waits(user.id)

    async def _is_right(self, user: User | None, password: str, keys: Sequence[Key]) -> bool:
        try:
            return await self._passwords.matches(user.hash if user else "", password)
        except Denied:
            self._pace.take_back(*keys)
            raise

    async def _keep_password(self, user: User, password: str) -> None:
        """Keep it, unless the user was reset or removed, or another came first, while it was hashed."""
        made = await self._passwords.hash(password)
        async with self._changing:
            if not self._stands(user):
                raise Denied(Reason.CODE)
            await self.users.put(with_hash(self.users.get(user.id) or user, made))

    def _stands(self, user: User) -> bool:
        now = self.users.get(user.id)
        return self.is_first_start if now is None else now.hash == user.hash

    def _begin(self, user_id: str, address: str) -> tuple[Key, Key]:
        keys = address_key(address), user_key(user_id)
        if wait_s := self._pace.begin(keys, self._clock.mono_ns()):
            raise Denied(Reason.SLOW, wait_s)
        return keys

    def _succeeded(self, keys: tuple[Key, Key]) -> None:
        """The user is forgiven, the address only this attempt: else its owner could guess for ever."""
        address, user = keys
        self._pace.take_back(address)
        self._pace.forgive(user)

    def _known(self, user_id: str) -> User:
        user = self.users.get(user_id)
        if user is None:
            raise Denied(Reason.UNKNOWN)
        return user

    def _refuse_damaged(self) -> None:
        if self.users.damaged:
            raise Denied(Reason.DAMAGED)

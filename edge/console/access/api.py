"""The API of access: logging in and out, one's password, and the managing of users."""

from collections.abc import Callable
from typing import Annotated

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field

from edge.console.access.accounts import Accounts
from edge.console.access.gate import LoginDoor
from edge.console.access.needs import caller_of, needs
from edge.console.access.roles import Caller, Permission, Role
from edge.console.access.users import User

Secret = Annotated[str, Field(max_length=512)]
UserId = Annotated[str, Field(max_length=64)]

PLACE = "/api/v1/session"


class LoginIn(BaseModel):
    """Who logs in."""

    user: UserId
    password: Secret


class CodeIn(BaseModel):
    """A one-time code with the password to set; `name` is for the first administrator."""

    code: Annotated[str, Field(max_length=64)]
    user: UserId
    password: Secret
    name: Annotated[str, Field(max_length=256)] = ""


class PasswordIn(BaseModel):
    """One's password, and the one to set."""

    old: Secret
    new: Secret


class SessionOut(BaseModel):
    """Who is logged in (null: nobody), and what they may do; `first_start` while there is no user yet.

    `guest` says that a provider of logins named them, at which they are logged in as well.
    """

    user: str | None
    name: str
    role: Role | None
    permissions: list[Permission]
    first_start: bool
    guest: bool = False


class UserIn(BaseModel):
    """A user to make."""

    id: UserId
    role: Role
    name: Annotated[str, Field(max_length=256)] = ""


class RoleIn(BaseModel):
    """Another role."""

    role: Role


class UserOut(BaseModel):
    """A user; `state` is `active`, `waiting` (for the one-time code to be used) or `locked` (without one)."""

    id: str
    name: str
    role: Role
    state: str


class CodeOut(BaseModel):
    """A one-time code, shown this once; it ends after an hour or with a restart of the gateway."""

    user: str | None
    code: str


class ConsoleOut(BaseModel):
    """How browsers reach this gateway; `fingerprint` is its certificate's, SHA-256, null without TLS.

    `tiles` is where maps have their background from, as Leaflet takes it; empty for none.
    """

    address: str
    login: bool
    first_start: bool
    fingerprint: str | None
    tiles: str = ""
    tiles_credit: str = ""


def add_console(app: FastAPI, says: Callable[[], ConsoleOut]) -> None:
    """Add the route that says how browsers reach this gateway."""

    @app.get("/api/v1/console", tags=["gateway"], dependencies=needs(Permission.READ))
    async def console() -> ConsoleOut:
        """Where the console is, and by what its certificate is recognised."""
        return says()


def add_session(app: FastAPI, accounts: Accounts, door: LoginDoor) -> None:
    """Add the routes of one's own session."""

    @app.get(PLACE, tags=["access"], dependencies=needs(Permission.OPEN))
    async def whoami(request: Request) -> SessionOut:
        """Who is logged in, and what they may do."""
        return session_out(accounts, caller_of(request))

    @app.post(PLACE, tags=["access"], dependencies=needs(Permission.OPEN))
    async def login(request: Request, response: Response, body: LoginIn) -> SessionOut:
        """Log in: sets the cookie."""
        token = await accounts.login(plain_id(body.user), body.password, address_of(request))
        return begin(accounts, door, request, response, token)

    @app.post(f"{PLACE}/code", tags=["access"], dependencies=needs(Permission.OPEN))
    async def redeem(request: Request, response: Response, body: CodeIn) -> SessionOut:
        """Set a password by a one-time code, and log in."""
        address = address_of(request)
        token = await accounts.redeem(body.code, plain_id(body.user), body.name, body.password, address)
        return begin(accounts, door, request, response, token)

    @app.delete(PLACE, tags=["access"], dependencies=needs(Permission.SELF), status_code=204)
    async def logout(request: Request, response: Response) -> None:
        """Log out."""
        if (session := caller_of(request).session) is not None:
            accounts.logout(session, address_of(request))
        door.forget(response)

    @app.put(f"{PLACE}/password", tags=["access"], dependencies=needs(Permission.SELF))
    async def password(request: Request, response: Response, body: PasswordIn) -> SessionOut:
        """Set another password; all other sessions of this user end."""
        session = caller_of(request).session
        assert session is not None
        token = await accounts.change_password(session, body.old, body.new, address_of(request))
        return begin(accounts, door, request, response, token)


def add_users(app: FastAPI, accounts: Accounts) -> None:
    """Add the routes for managing users, which `gianh user` calls as well."""

    @app.get("/api/v1/users", tags=["access"], dependencies=needs(Permission.USERS))
    async def users() -> list[UserOut]:
        """All users."""
        return [user_out(accounts, user) for user in accounts.users]

    @app.post("/api/v1/users", tags=["access"], dependencies=needs(Permission.USERS))
    async def add(request: Request, body: UserIn) -> CodeOut:
        """A new user, who sets the password by the code that this gives."""
        code = await accounts.add(plain_id(body.id), body.name, body.role, _by(request))
        return CodeOut(user=plain_id(body.id), code=code)

    @app.patch("/api/v1/users/{user}", tags=["access"], dependencies=needs(Permission.USERS))
    async def give_role(request: Request, user: str, body: RoleIn) -> UserOut:
        """Another role, from the next request on."""
        await accounts.give_role(user, body.role, _by(request))
        found = accounts.users.get(user)
        assert found is not None
        return user_out(accounts, found)

    @app.post("/api/v1/users/{user}/reset", tags=["access"], dependencies=needs(Permission.USERS))
    async def reset(request: Request, user: str) -> CodeOut:
        """Take the password away, end all sessions, and make a code for a new one."""
        return CodeOut(user=user, code=await accounts.reset(user, _by(request)))

    @app.delete(
        "/api/v1/users/{user}", tags=["access"], dependencies=needs(Permission.USERS), status_code=204
    )
    async def remove(request: Request, user: str) -> None:
        """Take a user away."""
        await accounts.remove(user, _by(request))

    @app.post("/api/v1/first-code", tags=["access"], dependencies=needs(Permission.USERS))
    async def first_code() -> CodeOut:
        """Another code for the first start; the one before is void."""
        return CodeOut(user=None, code=accounts.first_code())


def begin(
    accounts: Accounts, door: LoginDoor, request: Request, response: Response, token: str
) -> SessionOut:
    """Hand the new session to the browser; the one that it had before is over."""
    before = caller_of(request).session
    if before is not None:
        accounts.sessions.end(before)
    door.remember(response, token)
    caller = accounts.caller(token)
    assert caller is not None
    return session_out(accounts, caller)


def session_out(accounts: Accounts, caller: Caller) -> SessionOut:
    """A session as the API says it."""
    return SessionOut(
        user=caller.user or None,
        name=caller.name,
        role=caller.role,
        permissions=sorted(caller.allowed),
        first_start=accounts.is_first_start,
        guest=caller.session is not None and caller.session.guest is not None,
    )


def user_out(accounts: Accounts, user: User) -> UserOut:
    """A user as the API says it."""
    waiting = "waiting" if accounts.waits_for_password(user) else "locked"
    return UserOut(id=user.id, name=user.name, role=user.role, state="active" if user.hash else waiting)


def plain_id(text: str) -> str:
    """An id as it was meant: phones begin with a capital."""
    return text.strip().lower()


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client is not None else "this machine"


def _by(request: Request) -> str:
    caller = caller_of(request)
    return caller.user or caller.source

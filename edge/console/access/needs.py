"""Each route says, where it is made, which permission it needs; without that the app does not start.

`@app.post("/api/v1/reload", dependencies=needs(Permission.RELOAD))`. The dependency only declares: the Gate
looks at it and decides before anything of the request is read.
"""

from collections.abc import Iterable, Mapping

from fastapi import FastAPI, Security
from fastapi.params import Depends as Declared
from fastapi.security import APIKeyCookie
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from edge.console.access.roles import SOCKET, Caller, Permission

COOKIE = "__Host-gianh"
"""The session's cookie over TLS; over plain HTTP on loopback it is `gianh-` and the gateway's id."""

SESSION = APIKeyCookie(
    name=COOKIE,
    scheme_name="session",
    auto_error=False,
    description="Set by `POST /api/v1/session`. Over plain HTTP on loopback it is called `gianh-` and the "
    "gateway's id. Methods that change something also need `Origin` or `Sec-Fetch-Site` of this very "
    "site. The scope that a route names is the permission that the caller's role must have.",
)


async def _nothing() -> None:
    """What a route declares that is open to all."""


def needs(permission: Permission) -> list[Declared]:
    """What a route gives as `dependencies`."""
    if permission is Permission.OPEN:
        return [Security(_nothing, scopes=[permission.value])]
    return [Security(SESSION, scopes=[permission.value])]


def declare(app: FastAPI, permissions: Mapping[str, Permission]) -> None:
    """Say for routes that somebody else's code made (mounts, pages of a library) what they need.

    `permissions` go by the beginning of the path, the longest that fits; what a route said itself stands.
    """
    for route in app.routes:
        path = str(getattr(route, "path", ""))
        fitting = [start for start in permissions if path.startswith(start)]
        if permission_of(route) is None and fitting:
            _mark(route, permissions[max(fitting, key=len)])


def permission_of(route: BaseRoute) -> Permission | None:
    """What a route declares, None if it declares nothing, or more than one thing."""
    marked: Permission | None = getattr(route, _MARK, None)
    if marked is not None:
        return marked
    said = [
        Permission(scope)
        for dependency in getattr(route, "dependencies", None) or ()
        if getattr(dependency, "dependency", None) in (SESSION, _nothing)
        for scope in dependency.scopes or ()
    ]
    return said[0] if len(said) == 1 else None


def check_declared(routes: Iterable[BaseRoute]) -> None:
    """Raises TypeError, which names them, if there are routes without a permission."""
    silent = [str(getattr(route, "path", route)) for route in routes if permission_of(route) is None]
    if silent:
        raise TypeError(f"routes without a declared permission: {', '.join(silent)}")


def route_of(routes: Iterable[BaseRoute], scope: Scope) -> BaseRoute | None:
    """The route that will answer; None where there is none for this path, or none for this method."""
    return next((route for route in routes if route.matches(scope)[0] is Match.FULL), None)


def caller_of(connection: HTTPConnection) -> Caller:
    """For routes: who calls."""
    caller: Caller = getattr(connection.state, "caller", SOCKET)
    return caller


_MARK = "gianh_permission"


def _mark(route: BaseRoute, permission: Permission) -> None:
    setattr(route, _MARK, permission)

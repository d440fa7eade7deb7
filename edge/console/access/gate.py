"""The gate before all routes: who calls, whether a page of ours asks, and whether the role allows it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Protocol
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.console.access.accounts import Accounts
from edge.console.access.denied import Denied, Reason
from edge.console.access.needs import COOKIE, permission_of, route_of
from edge.console.access.refusal import denied_json
from edge.console.access.roles import ANONYMOUS, Caller, Permission
from edge.console.access.sessions import Session

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

LOGIN_PAGE = "/login"


class Door(Protocol):
    """Says who calls. Raises Denied for a request that another site's page made."""

    def caller(self, scope: Scope) -> Caller:
        """Who calls."""


class OpenDoor:
    """A door that takes everybody for the same caller: the unix socket, or loopback without login."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def caller(self, scope: Scope) -> Caller:
        """Who calls."""
        return self._caller


class LoginDoor:
    """A door at which the session's cookie says who calls. `secure` is for TLS; `guest` is who has none."""

    def __init__(self, accounts: Accounts, gateway: str, secure: bool, guest: Caller = ANONYMOUS) -> None:
        self.accounts, self.secure, self._guest = accounts, secure, guest
        self.cookie = COOKIE if secure else f"gianh-{gateway}"

    def caller(self, scope: Scope) -> Caller:
        """Who calls."""
        headers = Headers(scope=scope)
        refuse_foreign(scope, headers)
        token = _cookie(headers, self.cookie)
        return (self.accounts.caller(token) if token else None) or self._guest

    def remember(self, response: Response, token: str) -> None:
        """Give a browser the session's id."""
        response.set_cookie(
            self.cookie, token, path="/", secure=self.secure, httponly=True, samesite="strict"
        )

    def forget(self, response: Response) -> None:
        """Have a browser forget it."""
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="strict")


def refuse_foreign(scope: Scope, headers: Mapping[str, str]) -> None:
    """Raises Denied for a request that may change something and was not made by a page of this very site.

    The browser says where it comes from, by Sec-Fetch-Site or Origin; one that says neither is refused too.
    """
    is_socket = scope["type"] == "websocket"
    if not is_socket and scope["method"] in SAFE:
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    ours = f"{scheme}://{headers.get('host', '')}"
    same = origin is not None and origin.lower() == ours.lower()
    if site not in (None, "same-origin") or (origin is not None and not same) or (site is None and not same):
        raise Denied(Reason.FOREIGN)
    if is_socket and not same:
        raise Denied(Reason.FOREIGN)


class Gate:
    """The middleware. A route that declares nothing is closed to everybody."""

    def __init__(self, app: ASGIApp, routes: Callable[[], Sequence[BaseRoute]], door: Door) -> None:
        self._app, self._routes, self._door = app, routes, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            caller = self._admitted(scope)
        except Denied as denied:
            await _answer(denied, scope)(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        if caller.session is None or not isinstance(self._door, LoginDoor):
            await self._app(scope, receive, send)
        else:
            await _Ending(self._door.accounts, caller.session).serve(self._app, scope, receive, send)

    def _admitted(self, scope: Scope) -> Caller:
        caller = self._door.caller(scope)
        route = route_of(self._routes(), scope)
        if route is None:
            return caller  # the router says 404 or 405
        permission = permission_of(route)
        if permission is None or not caller.may(permission):
            raise Denied(Reason.ROLE if caller.user or permission is None else Reason.LOGIN)
        return caller


class _Ending:
    """Ends an answer that goes on for long, such as live data, with its session."""

    def __init__(self, accounts: Accounts, session: Session) -> None:
        self._accounts, self._session = accounts, session
        self._started = self._complete = False

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until the answer is complete, or the session over."""

        async def heard() -> Message:
            hearing = asyncio.ensure_future(receive())
            over = asyncio.ensure_future(self._session.ended.wait())
            try:
                await asyncio.wait((hearing, over), return_when=asyncio.FIRST_COMPLETED)
                return hearing.result() if hearing.done() else {"type": "http.disconnect"}
            finally:
                hearing.cancel()
                over.cancel()

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._started = True
            elif message["type"] == "http.response.body" and not self._complete:
                self._complete = not message.get("more_body", False)
                if not self._complete:
                    self._accounts.sessions.lasts(self._session)  # which ends it if its time has come
            await send(message)

        if scope["type"] == "websocket":
            await app(scope, receive, send)
            return
        await app(scope, heard if scope["method"] in SAFE else receive, said)
        if self._started and not self._complete and self._session.ended.is_set():
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _answer(denied: Denied, scope: Scope) -> ASGIApp:
    if scope["type"] == "websocket":
        return _closed
    path, accept = str(scope["path"]), Headers(scope=scope).get("accept", "")
    is_page = scope["method"] == "GET" and "text/html" in accept and not path.startswith("/api/")
    if denied.reason is Reason.LOGIN and is_page:
        return RedirectResponse(f"{LOGIN_PAGE}?next={quote(path, safe='/')}", 303)
    return denied_json(denied)


async def _closed(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008})


def _cookie(headers: Mapping[str, str], name: str) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return None if found is None else found.value


__all__ = [
    "LOGIN_PAGE",
    "Door",
    "Gate",
    "LoginDoor",
    "OpenDoor",
    "Permission",
    "refuse_foreign",
]

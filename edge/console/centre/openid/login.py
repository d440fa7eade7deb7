"""Login at a provider: the routes by which one goes there and comes back, and the asking after who is in."""

import asyncio
import logging
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from edge.config.console_openid import BACK, OpenId
from edge.console.access.accounts import Accounts
from edge.console.access.api import address_of, begin
from edge.console.access.denied import Denied, Reason
from edge.console.access.gate import LOGIN_PAGE, LoginDoor
from edge.console.access.needs import needs
from edge.console.access.pages import ELSEWHERE_OUT, ELSEWHERE_PAGE, asked_of, login_form, onward, wanted_page
from edge.console.access.roles import Permission
from edge.console.access.sessions import Guest, Session
from edge.console.centre.openid.begun import LIFE_S, RANDOM_BYTES, Begun, Logins, hash_of
from edge.console.centre.openid.person import PREFIX, Person, person_of, role_of
from edge.console.centre.openid.provider import Grant, Provider
from edge.core.ports import Clock

log = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often is looked whom the provider is to be asked after."""

UNCHECKED_S = 3_600.0
"""Longest session of somebody whom the provider cannot be asked after: it gave no refresh token."""

HINTS_MAX = 2_000
"""Most browsers of which is known whose login at the provider they may end; of others the provider asks."""

CODE_MAX = 4_096
"""Longest code that a provider may send a browser back with."""


@dataclass(slots=True)
class _Watched:
    """Somebody who is logged in: the token by which the provider is asked after them, and when it was."""

    person: Person
    refresh: str
    began_ns: int
    looked_ns: int


class OpenIdLogin:
    """Implements Elsewhere, and Service: ends sessions of those whom the provider does not know any more."""

    name = "openid"

    def __init__(self, settings: OpenId, provider: Provider, clock: Clock) -> None:
        self._settings, self._provider, self._clock = settings, provider, clock
        self._logins = Logins(clock)
        self._watched: dict[Session, _Watched] = {}
        self._hints: OrderedDict[bytes, str] = OrderedDict()
        self._looking = asyncio.Lock()
        self._accounts: Accounts | None = None

    @property
    def title(self) -> str:
        """What people call the provider."""
        return self._settings.called

    def add(self, app: FastAPI, accounts: Accounts, door: LoginDoor) -> None:
        """Add the routes; they are no part of the API."""
        self._accounts = accounts

        @app.get(ELSEWHERE_PAGE, include_in_schema=False, dependencies=needs(Permission.OPEN))
        async def there(request: Request) -> Response:
            said = asked_of(request)
            cookie = _cookie(request, door) or secrets.token_urlsafe(RANDOM_BYTES)
            begun = self._logins.begin(cookie, address_of(request), said["next"], said["lang"])
            try:
                response = RedirectResponse(await self._provider.way_there(begun), 303)
            except Denied as denied:
                return login_form(accounts, said, self.title, denied)
            # The way back begins at the provider: to that no browser tells a strict cookie.
            self._put_cookie(response, door, cookie, round(LIFE_S))
            return response

        @app.get(BACK, include_in_schema=False, dependencies=needs(Permission.OPEN))
        async def back(request: Request) -> Response:
            said, address = asked_of(request), address_of(request)
            try:
                begun = self._begun(request, door)
                said |= {"next": begun.wanted, "lang": begun.language}
                self._check_way_back(request)
                token = await self._welcome(accounts, request, begun)
            except Denied as denied:
                if denied.reason is not Reason.AWAY:
                    accounts.turned_away(address)
                return login_form(accounts, said, self.title, denied)
            response = onward(wanted_page(app, said), said["lang"])
            # For as long as the browser runs: by it the way out there finds whose login is to end.
            self._put_cookie(response, door, _cookie(request, door), None)
            begin(accounts, door, request, response, token)
            return response

        @app.get(ELSEWHERE_OUT, include_in_schema=False, dependencies=needs(Permission.OPEN))
        async def out(request: Request) -> Response:
            home = f"{LOGIN_PAGE}?lang={quote(asked_of(request)['lang'])}"
            parts = urlsplit(self._settings.redirect_url)
            try:
                hint = self._hints.pop(hash_of(_cookie(request, door)), "")
                way = await self._provider.way_out(f"{parts.scheme}://{parts.netloc}{LOGIN_PAGE}", hint)
            except Denied as denied:
                return login_form(accounts, asked_of(request), self.title, denied)
            return RedirectResponse(way or home, 303)

    async def run(self) -> None:
        """Ask after those who are logged in, until cancelled."""
        while True:
            await self._clock.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Ask the provider after everybody of whom that is due; one look after the other."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        now_ns = self._clock.mono_ns()
        for session, watched in [*self._watched.items()]:
            if session.ended.is_set():
                self._watched.pop(session, None)
            elif not watched.refresh and now_ns - watched.began_ns > UNCHECKED_S * 1e9:
                self._dismiss(session)
            elif watched.refresh and now_ns - watched.looked_ns > self._settings.recheck_s * 1e9:
                watched.looked_ns = now_ns
                if not await self._looked_after(session, watched):
                    return  # the next look goes on with the others: a silent provider costs one wait

    async def close(self) -> None:
        """Give up the connections."""
        await self._provider.close()

    def _put_cookie(self, response: Response, door: LoginDoor, cookie: str, max_age: int | None) -> None:
        response.set_cookie(
            _name(door), cookie, max_age=max_age, path="/", secure=door.secure, httponly=True, samesite="lax"
        )

    def _begun(self, request: Request, door: LoginDoor) -> Begun:
        """The login that comes back. Raises Denied for one that is none of this browser's."""
        begun = self._logins.take(request.query_params.get("state", ""), _cookie(request, door))
        if begun is None:
            raise Denied(Reason.STALE)
        return begun

    def _check_way_back(self, request: Request) -> None:
        """Raises Denied for a browser that comes with something else than a code of our provider."""
        asked = request.query_params
        # Another provider's answer, where several are mixed up (RFC 9207).
        if asked.get("iss", self._settings.issuer) != self._settings.issuer:
            log.warning("openid: a browser came back from another provider than it was sent to")
            raise Denied(Reason.ODD)
        if error := asked.get("error"):
            log.warning("openid: %s sent somebody back with %r", self.title, error[:100])
            raise Denied(Reason.UNWANTED)
        if not 0 < len(asked.get("code", "")) <= CODE_MAX:
            log.warning("openid: %s sent somebody back without a code", self.title)
            raise Denied(Reason.ODD)

    async def _welcome(self, accounts: Accounts, request: Request, begun: Begun) -> str:
        """Open the session of whom the provider names; gives its id."""
        grant = await self._provider.redeem(request.query_params["code"], begun)
        person = person_of(self._settings, grant.claims)
        guest = Guest(person.name, person.role.value)
        token = accounts.welcome(person.user, guest, address_of(request))
        session = accounts.sessions.find(token)
        assert session is not None
        now_ns = self._clock.mono_ns()
        self._watched[session] = _Watched(person, grant.refresh, now_ns, now_ns)
        self._hints[begun.browser] = grant.hint
        self._hints.move_to_end(begun.browser)
        while len(self._hints) > HINTS_MAX:
            self._hints.popitem(last=False)
        return token

    async def _looked_after(self, session: Session, watched: _Watched) -> bool:
        """Whether the provider answered; without an answer nobody is sent away."""
        try:
            grant = await self._provider.renew(watched.refresh, watched.person.subject)
            self._take(session, watched, grant)
        except Denied as denied:
            if denied.reason is Reason.AWAY:
                return False
            self._dismiss(session)
        return True

    def _take(self, session: Session, watched: _Watched, grant: Grant) -> None:
        assert self._accounts is not None
        watched.refresh = grant.refresh
        if grant.claims:
            self._accounts.appoint(session, role_of(self._settings, grant.claims), PREFIX.rstrip(":"))

    def _dismiss(self, session: Session) -> None:
        assert self._accounts is not None
        self._watched.pop(session, None)
        if not session.ended.is_set():
            self._accounts.dismiss(session, PREFIX.rstrip(":"))


def _name(door: LoginDoor) -> str:
    return f"{door.cookie}-openid"


def _cookie(request: Request, door: LoginDoor) -> str:
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get(_name(door))
    except CookieError:
        return ""
    return "" if found is None else found.value[:128]

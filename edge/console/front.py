"""The ways in to a gateway or the centre: a unix socket for `gianh`, and TCP with or without a login."""

import ipaddress
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from edge.config.http import Http
from edge.console.access.accounts import Accounts
from edge.console.access.addresses import local_addresses
from edge.console.access.api import ConsoleOut
from edge.console.access.codes import LIFE_S
from edge.console.access.gate import LOGIN_PAGE, LoginDoor, OpenDoor
from edge.console.access.roles import ANONYMOUS, LOOPBACK, SOCKET
from edge.console.access.sessions import Sessions
from edge.console.api import HOSTS, Elsewhere, Entrance, More, create_entrance, local_town
from edge.console.commission_api import CommissionBoard
from edge.console.plan_board import PlanBoard
from edge.console.server import HttpServer
from edge.console.site import add_site
from edge.console.socket import socket_path
from edge.console.town.api import Town
from edge.console.turns import POLLS_FIRST
from edge.core.errors import PermanentError
from edge.core.ports import Aside, Clock, Report, Service
from edge.runtime.gateway import Gateway

if TYPE_CHECKING:
    from edge.console.access.tls import Identity

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """What a front stands before: a gateway, or the console at the centre.

    `make` gives the application for one way in, with pages or without; `share` is how much of the loop's
    time who comes by TCP may have; by `elsewhere` one may log in besides.
    """

    http: Http
    id: str
    directory: Path
    aside: Aside
    report: Report
    town: Town
    make: Callable[[Entrance, More | None], FastAPI]
    share: float = POLLS_FIRST
    elsewhere: Elsewhere | None = None


class Front:
    """Both servers of a house. `more` adds the pages to the one for browsers.

    A certificate that cannot be used leaves the gateway running with its socket alone: lamps come first.
    """

    def __init__(self, house: House, clock: Clock, more: More = add_site) -> None:
        self._http, self._id, self._house = house.http, house.id, house
        sessions = Sessions(clock, self._http.idle_s, self._http.session_s)
        self.accounts = Accounts(house.directory, house.aside, house.report, clock, self._id, sessions)
        inside = Entrance(OpenDoor(SOCKET), True, accounts=self.accounts, says=self.says, town=house.town)
        self.local = HttpServer(house.make(inside, None), path=socket_path(house.directory))
        self.identity: Identity | None = None
        self.web: HttpServer | None = None
        try:
            if self._http.speaks_tls:
                self.identity = self._identity(clock)
        except (PermanentError, OSError) as error:
            log.error("no console until this is mended: %s", error)
            return
        tls = self.identity.context if self.identity is not None else None
        page = house.make(self._entrance(), more)
        self.web = HttpServer(page, self._http.host, self._http.port, tls=tls, share=house.share)

    @property
    def services(self) -> list[Service]:
        """What runs for it."""
        servers = [one for one in (self.local, self.web, self.identity) if one is not None]
        return [*self._house.town.services, *servers]

    @property
    def address(self) -> str:
        """Where browsers find it, empty while it listens nowhere."""
        if self.web is None or not self.web.bound.is_set():
            return ""
        host = _callable(self._http.host)
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self.identity else 'http'}://{shown}:{self.web.port}"

    @property
    def trouble(self) -> str:
        """Why browsers do not find it, in words; empty if they do."""
        if self.web is None:
            return "[http] its certificate cannot be used"
        return (
            "" if self.address else f"[http] {self._http.host}:{self._http.port} is taken by another program"
        )

    def first_code(self) -> str:
        """The code with which the first administrator sets a password; empty after that, or without login."""
        if not (self._http.asks_login and self.accounts.is_first_start and self.address):
            return ""
        return self.accounts.first_code()

    def announce(self) -> None:
        """At the first start, say once with which code the first administrator sets a password."""
        if code := self.first_code():
            log.warning(
                "first start: set a password at %s%s with the code %s; it works once, within %g minutes",
                self.address,
                LOGIN_PAGE,
                code,
                LIFE_S / 60,
            )

    def says(self) -> ConsoleOut:
        """What it says of itself."""
        return ConsoleOut(
            address=self.address,
            login=self._http.asks_login,
            first_start=self.accounts.is_first_start,
            fingerprint=self.identity.fingerprint if self.identity is not None else None,
            tiles=self._http.tiles,
            tiles_credit=self._http.tiles_credit,
        )

    def _entrance(self) -> Entrance:
        if not self._http.asks_login:
            hosts = (*HOSTS, *self._http.names)
            door = OpenDoor(LOOPBACK)
            tiles = self._http.tiles
            return Entrance(door, False, hosts, says=self.says, town=self._house.town, tiles=tiles)
        guest = LOOPBACK if self._http.reads_freely else ANONYMOUS
        login = LoginDoor(self.accounts, self._id, self._http.speaks_tls, guest)
        return Entrance(
            login,
            True,
            (*HOSTS, *self._names()),
            True,
            self.accounts,
            self.says,
            self._house.town,
            tiles=self._http.tiles,
            elsewhere=self._house.elsewhere,
        )

    def _identity(self, clock: Clock) -> "Identity":
        # Loaded here: cryptography takes 9 MB, which only a gateway whose console speaks TLS shall carry.
        from edge.console.access.tls import FILE, Identity

        http = self._http
        given = (http.cert_file, http.key_file) if http.cert_file and http.key_file else None
        return Identity(clock, self._house.aside, self._house.directory / FILE, self._names(), given)

    def _names(self) -> tuple[str, ...]:
        """Names by which browsers may call it, its id first."""
        bound = () if _is_every(self._http.host) else (self._http.host,)
        host = socket.gethostname().lower()
        return (self._id, f"{self._id}.local", host, "localhost", "127.0.0.1", *bound, *self._http.names)


def gateway_front(
    gateway: Gateway, clock: Clock, commission: CommissionBoard | None = None, plan: PlanBoard | None = None
) -> Front:
    """The front of one gateway."""
    own = gateway.config.gateway

    def make(entrance: Entrance, more: More | None) -> FastAPI:
        return create_entrance(gateway, clock, replace(entrance, commission=commission, plan=plan), more)

    house = House(
        http=gateway.config.http or Http(),
        id=own.id,
        directory=own.data_dir,
        aside=gateway.store.aside,
        report=gateway.report,
        town=local_town(gateway, clock),
        make=make,
    )
    return Front(house, clock)


def _is_every(host: str) -> bool:
    try:
        return not host or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _callable(host: str) -> str:
    """An address that a browser can be given."""
    if not _is_every(host):
        return host
    outside = [one for one in local_addresses() if not ipaddress.ip_address(one).is_loopback]
    return outside[0] if outside else "127.0.0.1"

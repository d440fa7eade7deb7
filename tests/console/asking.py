"""A whole gateway without a bus in this process, and a client that asks its console as a browser would."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI

from edge.config.load import load
from edge.config.schema import Config
from edge.console.access.accounts import Accounts
from edge.console.access.gate import LoginDoor
from edge.console.access.roles import Role
from edge.console.access.sessions import Sessions
from edge.console.api import Entrance, More, create_entrance, create_frame
from edge.core.clock import SystemClock
from edge.core.fleet import ConfigBoard, ConfigState, Phase
from edge.core.model import Event
from edge.runtime.gateway import Gateway
from edge.wiring import Wiring, problems_of_wiring
from edge.wiring.commission import commissioning
from edge.wiring.plan import Planning
from provisioning.commission.document import smallest

HOST = "gw-a.local"
PASSWORD = "a heron over the river"
OTHER = "another fine long one"
SESSION = "/api/v1/session"
COOKIE = "__Host-gianh"

Only = Callable[[Gateway, Planning, FastAPI], None]
"""Adds the routes that a test asks; all of them take longer to make than most tests."""


class Clock(SystemClock):
    """The machine's clock, which a test moves on."""

    moved_s = 0.0

    def mono_ns(self) -> int:
        return super().mono_ns() + round(self.moved_s * 1e9)


@dataclass(slots=True)
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(slots=True)
class Browser:
    """Sends what browsers send, and keeps cookies by name."""

    app: FastAPI
    address: str = "192.0.2.7"
    scheme: str = "https"
    host: str = HOST
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        said: Any = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """The answer; of one that would go on for ever only its beginning."""
        if said is not None:
            body, kind = json.dumps(said).encode(), "application/json"
        elif form is not None:
            body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
        else:
            kind = ""
        sent = {
            "host": self.host,
            "origin": f"{self.scheme}://{self.host}",
            "content-length": str(len(body)),
            "content-type": kind,
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        sent |= headers or {}
        answer = await exchange(self.app, self._scope(method, path, sent), body)
        for line in answer.cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def _scope(self, method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        plain, _, query = path.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": self.scheme,
            "path": plain,
            "raw_path": plain.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
            "client": (self.address, 50_000),
            "server": (HOST, 443),
        }


async def exchange(app: FastAPI, scope: dict[str, Any], body: bytes, leave: bool = True) -> Answer:
    """Carry out one request; with `leave` the client goes away once live data begins."""
    answer, gone = Answer(), asyncio.Event()
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if parts:
            return parts.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            for name, value in message["headers"]:
                answer.headers[name.decode()] = value.decode()
                if name == b"set-cookie":
                    answer.cookies.append(value.decode())
            if leave and "event-stream" in answer.headers.get("content-type", ""):
                gone.set()
        else:
            answer.body += message["body"]

    await app(scope, receive, send)
    return answer


def said(user: str = "hoa", password: str = PASSWORD) -> dict[str, str]:
    """What a login says."""
    return {"user": user, "password": password}


@dataclass(slots=True)
class Console:
    """The console of a gateway with a login, and what happened."""

    gateway: Gateway
    clock: Clock
    accounts: Accounts
    door: LoginDoor
    app: FastAPI
    events: list[Event]
    configs: ConfigBoard

    def browser(self, address: str = "192.0.2.7") -> Browser:
        return Browser(self.app, address, "https" if self.door.cookie.startswith("__Host-") else "http")

    def inside(self, user: str) -> Browser:
        """A browser in which somebody is logged in."""
        browser = self.browser()
        browser.cookies[self.door.cookie] = self.accounts.sessions.open(user)
        return browser

    async def person(self, user: str, role: Role, password: str = PASSWORD) -> None:
        """Make a user who has set a password."""
        code = await self.accounts.add(user, user.title(), role, "test")
        token = await self.accounts.redeem(code, user, "", password, "198.51.100.1")
        session = self.accounts.sessions.find(token)
        assert session is not None
        self.accounts.sessions.end(session)

    def told(self) -> list[dict[str, Any]]:
        return [dict(event.fields) for event in self.events if event.kind == "access"]


@asynccontextmanager
async def console(
    folder: Path, secure: bool = True, more: More | None = None, only: Only | None = None
) -> AsyncIterator[Console]:
    """A gateway with a login. Its store's thread hashes, as on a real one; `only` some of its routes."""
    clock = Clock()
    config = Config.model_validate(
        {"gateway": {"id": "gw-a", "latitude": 17.7, "longitude": 106.4, "data_dir": str(folder / "data")}}
    )
    config.gateway.data_dir.mkdir(exist_ok=True)
    file = folder / "gateway.toml"
    gateway = Gateway(config, Wiring(), clock, lambda: load(file, problems_of_wiring).config, "0.1.0")
    events: list[Event] = []

    def report(event: Event) -> None:
        events.append(event)
        gateway.report(event)

    await gateway.start()
    try:
        sessions = Sessions(clock, 3_600, 43_200)
        aside = gateway.store.aside
        accounts = Accounts(config.gateway.data_dir, aside, report, clock, "gw-a", sessions)
        door = LoginDoor(accounts, "gw-a", secure)
        if not file.exists():
            file.write_text(smallest("gw-a", str(folder / "data")), "utf-8")
        board = commissioning(gateway, file, clock)
        configs = ConfigBoard(ConfigState(Phase.NONE))
        plan = Planning(gateway, file, clock, configs)
        entrance = Entrance(door, True, (HOST,), True, accounts, commission=board, plan=plan)
        if only is None:
            app = create_entrance(gateway, clock, entrance, more)
        else:
            app = create_frame(entrance, aside, partial(only, gateway, plan))
        yield Console(gateway, clock, accounts, door, app, events, configs)
    finally:
        await gateway.stop()

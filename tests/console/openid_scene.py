"""A centre with an OpenID provider on loopback, and browsers that go between the two."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from edge.config.console import ConsoleConfig
from edge.console.access.denied import WHY, Reason
from edge.console.centre.app import Centre, centre
from tests.console.asking import Answer, Browser, Clock
from tests.console.openid_provider import CLIENT, SECRET
from tests.servers import free_port

PEOPLE = {
    "hoa": {"name": "Hoà Nguyễn", "roles": ["gate", "town-operators"]},
    "an": {"name": "An", "roles": ["gate"]},
}


class Named(Protocol):
    """A provider of which the console needs no more than its name."""

    @property
    def issuer(self) -> str: ...


def config_of(folder: Path, provider: Named, **more: Any) -> ConsoleConfig:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "secret").write_text(SECRET + "\n", "utf-8")
    port = free_port()
    openid = {
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret_file": str(folder / "secret"),
        "redirect_url": f"http://127.0.0.1:{port}/login/openid/back",
        "roles": {"town-admins": "administrator", "town-operators": "operator"},
        "title": "Thị xã",
        "timeout_s": 2,
        **more,
    }
    return ConsoleConfig.model_validate(
        {
            "console": {"data_dir": str(folder / "data")},
            "mqtt": {"url": f"mqtt://127.0.0.1:{free_port()}"},
            "http": {"port": port, "login": True},
            "openid": openid,
        }
    )


@dataclass
class Here:
    """A centre that runs; `provider` is whatever stands at the issuer's address."""

    centre: Centre
    clock: Clock
    provider: Any
    login: Any
    config: ConsoleConfig

    def browser(self) -> Browser:
        assert self.centre.front.web is not None
        assert self.config.openid is not None
        host = urlsplit(self.config.openid.redirect_url).netloc
        return Browser(self.centre.front.web._app, "127.0.0.1", "http", host)

    async def sent(self, browser: Browser, query: str = "") -> str:
        """Go to the provider, as a browser does; gives where that sends it back to."""
        there = await browser.ask("GET", f"/login/openid{query}")
        assert there.status == 303, there.text
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(there.headers["location"])
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def back(self, browser: Browser, place: str) -> Answer:
        parts = urlsplit(place)
        return await browser.ask(
            "GET", f"{parts.path}?{parts.query}", headers={"sec-fetch-site": "cross-site"}
        )

    async def attempt(self, browser: Browser | None = None) -> Answer:
        browser = browser or self.browser()
        return await self.back(browser, await self.sent(browser, "?lang=en"))

    def told(self) -> list[dict[str, Any]]:
        return [dict(one.row.fields) for one in self.centre.sight.picture.events if one.row.kind == "access"]


async def who(browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.ask("GET", "/api/v1/session")).json
    return found


async def started(folder: Path, provider: Named, **more: Any) -> AsyncIterator[Here]:
    clock, config = Clock(), config_of(folder, provider, **more)
    async with centre(config, clock) as run:
        yield Here(run, clock, provider, run.front._house.elsewhere, config)


def denied(answer: Answer, reason: Reason) -> None:
    """The login page, with the sentence of this reason, and the form for accounts of the console itself."""
    status, english, _ = WHY[reason]
    assert (answer.status, english in answer.text) == (status, True), answer.text
    assert "name='password'" in answer.text

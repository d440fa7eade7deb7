"""Requests that are not ours to answer: foreign pages and names, too large, nonsense; and safe headers."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.access.shield import BODY_BYTES_MAX
from tests.console.asking import COOKIE, HOST, SESSION, Console, console, exchange, said


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"http://{HOST}"},
        {"origin": f"https://{HOST}:8443"},
        {"origin": ""},
        {"origin": "", "sec-fetch-site": "cross-site"},
        {"origin": "", "sec-fetch-site": "same-site"},
        {"origin": "", "sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    ],
)
async def test_what_another_sites_page_asks_for_is_refused_for_every_method_that_acts(
    here: Console, headers: dict[str, str]
) -> None:
    browser = here.inside("hoa")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/api/v1/light/nobody?level=1", SESSION, "/login", "/logout"):
            answer = await browser.ask(method, path, headers=headers)
            assert (answer.status, answer.json["reason"]) == (403, "foreign")
    assert (await browser.ask("GET", "/api/v1/status", headers=headers)).status == 200


async def test_a_page_of_our_own_is_obeyed_by_either_header(here: Console) -> None:
    for headers in ({}, {"origin": "", "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "same-origin"}):
        answer = await here.browser().ask("POST", SESSION, said(), headers)
        assert answer.status == 200


async def test_a_websocket_of_another_sites_page_is_refused(here: Console) -> None:
    for origin, cookie in (("https://evil.example", True), (f"https://{HOST}", False), ("", True)):
        browser = here.inside("hoa")
        headers = {"host": HOST, "origin": origin, "cookie": f"{COOKIE}={browser.cookies[COOKIE] * cookie}"}
        scope = browser._scope("GET", "/api/v1/live", headers) | {"type": "websocket", "scheme": "wss"}
        messages = []

        async def send(message: object, kept: list[object] = messages) -> None:
            kept.append(message)

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        await here.app(scope, receive, send)
        assert messages[0]["type"] == "websocket.close"


async def test_every_answer_has_safe_headers_whatever_it_says(here: Console) -> None:
    for browser, method, path in (
        (here.browser(), "GET", "/api/v1/status"),
        (here.inside("hoa"), "GET", "/api/v1/status"),
        (here.browser(), "GET", "/login"),
        (here.browser(), "GET", "/nothing"),
        (here.browser(), "DELETE", "/login"),
        (here.browser(), "POST", SESSION),
    ):
        headers = (await browser.ask(method, path)).headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert not {name for name in headers if name.startswith("access-control")}


async def test_a_fault_of_ours_says_nothing_of_its_inside(tmp_path: Path) -> None:
    def more(app: FastAPI) -> None:
        @app.get("/broken", dependencies=needs(Permission.OPEN))
        async def broken() -> int:
            raise ZeroDivisionError("canary")

    async with console(tmp_path, more=more) as made:
        scope = made.browser()._scope("GET", "/broken", {"host": HOST})
        parts = []

        async def send(message: dict[str, object]) -> None:
            parts.append(message)

        with pytest.raises(ZeroDivisionError):  # which the server logs
            await made.app(scope, None, send)  # type: ignore[arg-type]
    assert parts[0]["status"] == 500
    assert (b"x-frame-options", b"DENY") in parts[0]["headers"]  # type: ignore[operator]
    assert b"canary" not in parts[1]["body"]  # type: ignore[operator]


NAMES = (HOST, f"{HOST}:8443", "GW-A.LOCAL", "192.0.2.1:443", "[2001:db8::1]", "[2001:db8::1]:443")
FOREIGN = (
    "evil.example",
    "evil.example:443",
    "gw-a.local.evil.example",
    "192.0.2.1.evil.example",
    "x@gw-a.local",
)


@pytest.mark.parametrize(
    ("host", "status"), [*((name, 401) for name in NAMES), *((name, 400) for name in (*FOREIGN, ""))]
)
async def test_a_foreign_name_that_points_here_is_refused(here: Console, host: str, status: int) -> None:
    assert (await here.browser().ask("GET", "/api/v1/status", headers={"host": host})).status == status


async def test_bodies_are_bounded_before_anybody_reads_them(here: Console) -> None:
    large = await here.browser().ask("POST", SESSION, body=b"x" * (BODY_BYTES_MAX + 1))
    assert large.status == 413
    for length in ("9" * 30, "-1", "x", "²"):
        scope = here.browser()._scope("POST", SESSION, {"host": HOST, "origin": f"https://{HOST}"})
        scope["headers"].append((b"content-length", length.encode("utf-8")))
        assert (await exchange(here.app, scope, b"")).status == 413
    chunked = await here.browser().ask("POST", SESSION, headers={"transfer-encoding": "chunked"})
    assert chunked.status == 411
    long = await here.browser().ask("POST", SESSION, said(password="x" * 60_000))
    assert long.status == 422


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"user": NaN}',
        b'{"user":"\\ud800","password":"\\udfff"}',
        b"\xff",
        b"[" * 60_000,
    ],
)
async def test_nonsense_is_refused_in_words(here: Console, body: bytes) -> None:
    kind = {"content-type": "application/json"}
    for path in (SESSION, f"{SESSION}/code"):
        assert (await here.browser().ask("POST", path, body=body, headers=kind)).status in (400, 422)
    for path in ("/login", "/login/code"):
        assert (await here.browser().ask("POST", path, body=body)).status in (400, 401, 429)


@pytest.mark.parametrize("number", [2**62, -(2**62), 2**62 + 1, -(2**63), 10**30, -(10**30)])
async def test_a_number_of_any_size_is_answered(here: Console, number: int) -> None:
    browser = here.inside("hoa")
    for path in (
        f"means?station=x&span=5m&after={number}&through={number}",
        f"means?station=x&span=5m&after=0&through={number}",
        f"samples?device=x&after={number}&from_ns={number}&to_ns={number}",
    ):
        answer = await browser.ask("GET", f"/api/v1/history/{path}")
        assert answer.status in (200, 400, 422)

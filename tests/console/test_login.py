"""Logging in as a browser does: cookies, sessions and their end."""

import asyncio
from pathlib import Path

import pytest

from edge.console.access.roles import Role
from tests.console.asking import (
    COOKIE,
    HOST,
    OTHER,
    PASSWORD,
    SESSION,
    Browser,
    Console,
    console,
    exchange,
    said,
)


async def test_a_login_sets_a_cookie_that_no_script_and_no_other_site_can_use(here: Console) -> None:
    answer = await here.browser().ask("POST", SESSION, said())
    assert answer.status == 200
    assert answer.json["user"] == "hoa"
    assert "light" in answer.json["permissions"]
    (cookie,) = answer.cookies
    name, *flags = [part.strip() for part in cookie.split(";")]
    assert name.startswith(f"{COOKIE}=")
    assert len(name) - len(COOKIE) > 42
    assert {flag.lower() for flag in flags} == {"httponly", "secure", "samesite=strict", "path=/"}


async def test_without_tls_on_loopback_the_cookie_is_the_gateways_own_and_not_secure(tmp_path: Path) -> None:
    async with console(tmp_path, secure=False) as made:
        await made.person("hoa", Role.VIEWER)
        answer = await made.browser().ask("POST", SESSION, said())
        assert answer.cookies[0].startswith("gianh-gw-a=")
        assert "secure" not in answer.cookies[0].lower()
        assert "strict-transport-security" not in answer.headers


async def test_a_session_id_that_somebody_planted_is_never_taken_up(here: Console) -> None:
    browser = here.browser()
    browser.cookies[COOKIE] = planted = "planted-by-somebody-else"
    await browser.ask("POST", SESSION, said())
    assert browser.cookies[COOKIE] != planted
    other = here.browser()
    other.cookies[COOKIE] = planted
    assert (await other.ask("GET", "/api/v1/status")).status == 401


async def test_logging_in_again_ends_the_session_before(here: Console) -> None:
    browser = here.browser()
    await browser.ask("POST", SESSION, said())
    old = Browser(here.app, cookies=dict(browser.cookies))
    await browser.ask("POST", SESSION, said())
    assert (await old.ask("GET", "/api/v1/status")).status == 401
    assert (await browser.ask("GET", "/api/v1/status")).status == 200


async def test_after_logging_out_the_old_cookie_is_worth_nothing(here: Console) -> None:
    browser = here.browser()
    await browser.ask("POST", SESSION, said())
    old = Browser(here.app, cookies=dict(browser.cookies))
    answer = await browser.ask("DELETE", SESSION)
    assert answer.status == 204
    assert "max-age=0" in answer.cookies[0].lower()
    assert (await old.ask("GET", "/api/v1/status")).status == 401


@pytest.mark.parametrize(("silent_s", "steps"), [(3_601, 1), (3_000, 15)])
async def test_a_session_ends_when_it_is_silent_and_in_any_case_some_day(
    here: Console, silent_s: float, steps: int
) -> None:
    browser = here.browser()
    await browser.ask("POST", SESSION, said())
    for _ in range(steps):
        here.clock.moved_s += silent_s
        answer = await browser.ask("GET", "/api/v1/status")
    assert answer.status == 401
    assert len(here.accounts.sessions) == 0


async def test_another_password_ends_all_other_sessions_and_needs_the_old_one(here: Console) -> None:
    browser, other = here.inside("hoa"), here.inside("hoa")
    wrong = await browser.ask("PUT", f"{SESSION}/password", {"old": "guess", "new": OTHER})
    assert wrong.status == 401
    weak = await browser.ask("PUT", f"{SESSION}/password", {"old": PASSWORD, "new": "hoa1234567890"})
    assert (weak.status, weak.json["reason"]) == (400, "weak")
    assert (await browser.ask("PUT", f"{SESSION}/password", {"old": PASSWORD, "new": OTHER})).status == 200
    assert (await other.ask("GET", "/api/v1/status")).status == 401
    assert (await browser.ask("GET", "/api/v1/status")).status == 200
    assert (await here.browser().ask("POST", SESSION, said())).status == 401
    assert (await here.browser().ask("POST", SESSION, said(password=OTHER))).status == 200


async def test_live_data_ends_with_the_session(here: Console) -> None:
    browser = here.inside("hoa")
    token = browser.cookies[COOKIE]
    scope = browser._scope("GET", "/api/v1/live", {"host": HOST, "cookie": f"{COOKIE}={token}"})
    streaming = asyncio.ensure_future(exchange(here.app, scope, b"", leave=False))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not streaming.done()
    session = here.accounts.sessions.find(token)
    assert session is not None
    here.accounts.logout(session, "here")
    assert (await asyncio.wait_for(streaming, 5)).status == 200

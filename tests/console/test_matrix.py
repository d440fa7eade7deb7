"""Every role against every route and every method, over the routes that the application really has."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from edge.console.access.needs import check_declared, needs
from edge.console.access.roles import ALLOWED, Permission, Role
from tests.console.asking import Browser, Console, console
from tests.console.matrix import judged, table


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Console]:
    async with console(tmp_path) as made:
        for role in Role:
            await made.person(role.value, role)
        yield made


async def test_every_role_may_what_the_table_says_and_nothing_else(here: Console) -> None:
    def browser(who: Role | None) -> Browser:
        return here.browser() if who is None else here.inside(who.value)

    assert await judged(here.app, browser) > 6 * 5 * 25


async def test_every_acting_route_needs_more_than_reading(here: Console) -> None:
    acting = {
        f"{method} {path}": permission
        for path, methods in table(here.app).items()
        for method, permission in methods.items()
        if method != "GET"
    }
    weak = {name for name, permission in acting.items() if permission in (Permission.OPEN, Permission.READ)}
    assert weak == {
        "POST /api/v1/session",
        "POST /api/v1/session/code",
        "POST /login",
        "POST /login/code",
    }


async def test_what_is_open_to_all_is_named_here(here: Console) -> None:
    is_open = {path for path, methods in table(here.app).items() if methods.get("GET") is Permission.OPEN}
    assert is_open == {
        "/healthz", "/readyz", "/login", "/login/code", "/login/style.css", "/api/v1/session",
    }  # fmt: skip


def test_the_administrator_may_all_and_everybody_what_a_viewer_may() -> None:
    assert ALLOWED[Role.ADMINISTRATOR] == frozenset(Permission)
    assert all(ALLOWED[Role.VIEWER] < ALLOWED[role] for role in Role if role is not Role.VIEWER)
    assert all(ALLOWED[role] < ALLOWED[Role.ADMINISTRATOR] for role in Role if role is not Role.ADMINISTRATOR)
    alone = {Permission.USERS}
    assert all(not alone & ALLOWED[role] for role in Role if role is not Role.ADMINISTRATOR)


async def test_an_application_with_a_silent_route_does_not_start(tmp_path: Path) -> None:
    def silent(app: FastAPI) -> None:
        @app.get("/backdoor")
        async def backdoor() -> int:
            return 1

    with pytest.raises(TypeError, match="/backdoor"):
        async with console(tmp_path, more=silent):
            pass


async def test_a_route_that_says_two_things_or_comes_later_is_closed_even_to_administrators(
    here: Console,
) -> None:
    @here.app.get("/late")
    async def late() -> int:
        return 1

    @here.app.get("/both", dependencies=needs(Permission.OPEN) + needs(Permission.USERS))
    async def both() -> int:
        return 1

    with pytest.raises(TypeError, match="/late, /both"):
        check_declared(here.app.routes)
    for path in ("/late", "/both"):
        assert (await here.inside("administrator").ask("GET", path)).status == 403


async def test_head_and_a_slash_at_the_end_are_no_way_round(here: Console) -> None:
    for method, path in (("HEAD", "/api/v1/openapi.json"), ("GET", "/api/v1/openapi.json")):
        assert (await here.browser().ask(method, path)).status == 401
    for path in ("/api/v1/status/", "//api/v1/status", "/api/v1/../v1/status", "/API/V1/STATUS"):
        answer = await here.browser().ask("GET", path)
        assert answer.status in (307, 401, 404)
        assert b"uptime" not in answer.body


async def test_the_openapi_document_names_the_scheme_and_the_permission_of_each_route(here: Console) -> None:
    document = (await here.inside("viewer").ask("GET", "/api/v1/openapi.json")).json
    assert document["components"]["securitySchemes"]["session"]["in"] == "cookie"
    assert document["components"]["securitySchemes"]["session"]["name"] == "__Host-gianh"
    assert document["paths"]["/api/v1/reload"]["post"]["security"] == [{"session": ["reload"]}]
    assert "security" not in document["paths"]["/healthz"]["get"]


async def test_another_role_counts_from_the_next_request_on(here: Console) -> None:
    browser = here.inside("viewer")
    assert (await browser.ask("POST", "/api/v1/reload")).status == 403
    await here.accounts.give_role("viewer", Role.TECHNICIAN, "test")
    assert (await browser.ask("POST", "/api/v1/reload")).status == 200
    await here.accounts.remove("viewer", "test")
    assert (await browser.ask("GET", "/api/v1/status")).status == 401


async def test_a_command_is_signed_by_who_is_logged_in_whatever_is_asked(here: Console) -> None:
    answer = await here.inside("operator").ask("POST", "/api/v1/alarms/nothing/acknowledge?by=mayor")
    assert answer.json["state"] == "failed"
    submitted = asyncio.get_running_loop().create_future()
    here.gateway._desk.submit = lambda command, reply: submitted.set_result(command)  # type: ignore[method-assign]
    browser = here.inside("operator")
    asking = asyncio.ensure_future(browser.ask("POST", "/api/v1/light/gw-a?level=40&by=mayor"))
    command = await submitted
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert (command.by, command.source) == ("operator", "console")


def test_the_table_in_the_documents_is_the_table_that_counts() -> None:
    page = (Path(__file__).parents[2] / "docs" / "interfaces.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)`: [^|]+\|(.+)\|$", page, re.MULTILINE)
    said = {name: [cell.strip() == "yes" for cell in cells.split("|")] for name, cells in rows}
    assert said == {
        permission.value: [permission in ALLOWED[role] for role in Role]
        for permission in Permission
        if permission not in (Permission.OPEN, Permission.SELF)
    }

"""The forms of the login, which work without script."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from tests.console.asking import PASSWORD, Console, console, said


async def test_the_forms_work_without_script_in_both_languages(tmp_path: Path) -> None:
    async with console(tmp_path) as fresh:
        browser = fresh.browser()
        page = await browser.ask("GET", "/login")
        assert "Lần khởi động đầu tiên" in page.text
        assert "<link rel='icon' href='/web/icon.svg' type='image/svg+xml'>" in page.text
        assert "First start" in (await browser.ask("GET", "/login?lang=en")).text
        assert "<script" not in page.text
        assert "style=" not in page.text
        form = {"code": fresh.accounts.first_code(), "user": "lan", "name": "Lan", "lang": "en"}
        weak = await browser.ask("POST", "/login/code", form=form | {"password": "short"})
        assert (weak.status, "Choose another password" in weak.text) == (400, True)
        assert form["code"] not in weak.text
        done = await browser.ask("POST", "/login/code", form=form | {"password": PASSWORD})
        assert (done.status, done.headers["location"]) == (303, "/login?lang=en")
        assert "administrator" in (await browser.ask("GET", "/login?lang=en")).text
        out = await browser.ask("POST", "/logout", form={"lang": "vi"})
        assert out.status == 303
        wrong = await browser.ask("POST", "/login", form={"user": "lan", "password": "x"})
        assert "Tên người dùng hoặc mật khẩu không đúng" in wrong.text
        entered = await browser.ask(
            "POST", "/login", form={"user": "lan", "password": PASSWORD, "next": "/town?a=b"}
        )
        assert (entered.status, entered.headers["location"]) == (303, "/town?a=b")


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nx: y", "x"]
)
async def test_a_login_leads_nowhere_else(here: Console, place: str) -> None:
    answer = await here.browser().ask("POST", "/login", form=said() | {"next": place})
    assert answer.headers["location"] == "/login?lang=vi"


async def test_what_people_type_is_never_a_part_of_the_page(here: Console) -> None:
    answer = await here.browser().ask(
        "POST",
        "/login",
        form={"user": "'><script>x</script>", "password": "y", "next": "/'><script>", "lang": "'>"},
    )
    assert "<script" not in answer.text


async def test_a_page_for_people_sends_them_to_the_login_and_then_back(tmp_path: Path) -> None:
    def more(app: FastAPI) -> None:
        @app.get("/town", include_in_schema=False, dependencies=needs(Permission.READ))
        async def town() -> PlainTextResponse:
            return PlainTextResponse("town")

    async with console(tmp_path, more=more) as made:
        page = {"accept": "text/html,*/*"}
        answer = await made.browser().ask("GET", "/town", headers=page)
        assert (answer.status, answer.headers["location"]) == (303, "/login?next=/town")
        assert (await made.browser().ask("GET", "/api/v1/status", headers=page)).status == 401

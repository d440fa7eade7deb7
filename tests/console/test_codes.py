"""One-time codes, the managing of users, and what is told of it."""

import asyncio
import json
from pathlib import Path

import pytest

from edge.console.access.codes import LIFE_S
from edge.console.access.roles import Role
from tests.console.asking import (
    COOKIE,
    OTHER,
    PASSWORD,
    SESSION,
    Console,
    console,
    said,
)


async def test_the_first_start_makes_an_administrator_by_a_code_that_works_once(tmp_path: Path) -> None:
    async with console(tmp_path) as fresh:
        browser = fresh.browser()
        assert (await browser.ask("GET", SESSION)).json["first_start"] is True
        code = fresh.accounts.first_code()
        form = {
            "code": code.lower().replace("-", " "),
            "user": "Lan",
            "name": "Lan Anh",
            "password": PASSWORD,
        }
        wrong = await browser.ask("POST", f"{SESSION}/code", form | {"code": "0000-0000-0000-0000"})
        assert (wrong.status, wrong.json["reason"]) == (401, "code")
        weak = await browser.ask("POST", f"{SESSION}/code", form | {"password": "password1234"})
        assert weak.json["reason"] == "weak"
        answer = await browser.ask("POST", f"{SESSION}/code", form)
        assert (answer.status, answer.json["role"]) == (200, "administrator")
        again = await fresh.browser().ask("POST", f"{SESSION}/code", form | {"user": "eve"})
        assert (again.status, again.json["reason"]) == (401, "code")
        assert [user.id for user in fresh.accounts.users] == ["lan"]


async def test_of_many_who_use_a_code_at_once_one_wins(tmp_path: Path) -> None:
    async with console(tmp_path) as fresh:
        code = fresh.accounts.first_code()
        forms = [{"code": code, "user": f"user-{index}", "password": PASSWORD} for index in range(16)]
        answers = await asyncio.gather(
            *(fresh.browser().ask("POST", f"{SESSION}/code", form) for form in forms)
        )
        assert [answer.status for answer in answers].count(200) == 1
        assert len(fresh.accounts.users) == 1


async def test_a_code_ends_and_a_newer_one_replaces_it(tmp_path: Path) -> None:
    async with console(tmp_path) as fresh:
        old, late = fresh.accounts.first_code(), fresh.accounts.first_code()
        assert old != late
        for code in (old, late):
            fresh.clock.moved_s += LIFE_S + 1 if code is late else 0
            form = {"code": code, "user": "lan", "password": PASSWORD}
            assert (await fresh.browser().ask("POST", f"{SESSION}/code", form)).status == 401
        assert len(fresh.accounts.users) == 0


async def test_a_code_that_a_full_disk_wasted_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path) as fresh:
        form = {"code": fresh.accounts.first_code(), "user": "lan", "password": PASSWORD}

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("edge.console.access.users.write_owned", full)
            assert (await fresh.browser().ask("POST", f"{SESSION}/code", form)).status == 503
        assert (await fresh.browser().ask("POST", f"{SESSION}/code", form)).status == 200


async def test_a_reset_ends_everything_of_a_user_until_the_code_is_used(here: Console) -> None:
    browser = here.inside("hoa")
    code = await here.accounts.reset("hoa", "test")
    assert (await browser.ask("GET", "/api/v1/status")).status == 401
    assert (await here.browser().ask("POST", SESSION, said())).status == 401
    form = {"code": code, "user": "hoa", "password": OTHER}
    assert (await here.browser().ask("POST", f"{SESSION}/code", form | {"user": "nobody"})).status == 401
    assert (await here.browser().ask("POST", f"{SESSION}/code", form)).json["role"] == "operator"


async def test_the_last_administrator_stays(here: Console) -> None:
    await here.person("lan", Role.ADMINISTRATOR)
    browser = here.inside("lan")
    for answer in (
        await browser.ask("DELETE", "/api/v1/users/lan"),
        await browser.ask("PATCH", "/api/v1/users/lan", {"role": "viewer"}),
    ):
        assert (answer.status, answer.json["reason"]) == (409, "last")
    assert (await browser.ask("PATCH", "/api/v1/users/hoa", {"role": "administrator"})).status == 200
    assert (await browser.ask("DELETE", "/api/v1/users/lan")).status == 204


async def test_an_administrator_manages_users_and_each_change_is_told(here: Console) -> None:
    await here.person("lan", Role.ADMINISTRATOR)
    browser = here.inside("lan")
    made = await browser.ask("POST", "/api/v1/users", {"id": "binh", "role": "technician", "name": "Bình"})
    assert made.json["user"] == "binh"
    assert (await browser.ask("POST", "/api/v1/users", {"id": "binh", "role": "viewer"})).status == 409
    for bad in ("local", "-x", "a b", "x" * 33):
        assert (await browser.ask("POST", "/api/v1/users", {"id": bad, "role": "viewer"})).status == 400
    listed = {user["id"]: user for user in (await browser.ask("GET", "/api/v1/users")).json}
    assert listed["binh"] == {"id": "binh", "name": "Bình", "role": "technician", "state": "waiting"}
    assert listed["hoa"]["state"] == "active"
    assert here.told()[-1] == {"did": "user_added", "user": "binh", "by": "lan", "role": "technician"}


async def test_the_audit_log_has_who_came_and_who_did_not_and_no_secret_is_anywhere(
    here: Console, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    browser = here.browser()
    await browser.ask("POST", SESSION, said(password="canary-of-a-password"))
    await browser.ask("POST", SESSION, said("canary-typed-as-user"))
    await browser.ask("POST", SESSION, said())
    token = browser.cookies[COOKIE]
    code = await here.accounts.reset("hoa", "test")
    answer = await browser.ask(
        "POST", f"{SESSION}/code", {"code": 3, "user": "canary", "password": ["canary"]}
    )
    assert (answer.status, b"canary" in answer.body) == (422, False)
    told = [(entry["did"], entry["user"]) for entry in here.told()][-4:]
    assert told == [
        ("login_failed", "hoa"),
        ("login_failed", ""),
        ("login", "hoa"),
        ("password_reset", "hoa"),
    ]
    entries = [json.loads(line) for line in (tmp_path / "data" / "audit.log").read_text().splitlines()]
    assert [entry["did"] for entry in entries if entry["kind"] == "access"][-4:] == [did for did, _ in told]
    await here.gateway.store.flush()
    places = [path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file()]
    for secret in (PASSWORD, token, code, "canary"):
        assert all(secret.encode() not in content for content in [*places, caplog.text.encode()])


async def test_a_file_of_users_that_is_broken_keeps_everybody_out_and_the_gateway_running(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "users.json").write_text('{"version": 1, "users": [{"id"')
    async with console(tmp_path) as made:
        assert made.accounts.users.damaged
        answer = await made.browser().ask("POST", SESSION, said())
        assert (answer.status, answer.json["reason"]) == (503, "damaged")
        assert (await made.browser().ask("GET", SESSION)).json["first_start"] is False
        assert (await made.browser().ask("GET", "/healthz")).status == 200

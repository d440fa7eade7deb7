"""Logging in as a browser does: cookies, foreign pages, guessing, one-time codes, and what is told of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from edge.console.access.codes import LIFE_S
from edge.console.access.needs import needs
from edge.console.access.pace import BY_ADDRESS, BY_USER
from edge.console.access.passwords import ATTEMPTS_MAX, NOBODYS, check_password, is_of_today
from edge.console.access.roles import Permission, Role
from edge.console.access.shield import BODY_BYTES_MAX
from tests.console.asking import HOST, PASSWORD, Browser, Console, console, exchange

SESSION = "/api/v1/session"
COOKIE = "__Host-gianh"
OTHER = "another fine long one"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Console]:
    async with console(tmp_path) as made:
        await made.person("hoa", Role.OPERATOR)
        yield made


def said(user: str = "hoa", password: str = PASSWORD) -> dict[str, str]:
    return {"user": user, "password": password}


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
    assert (weak.status, weak.json["reason"]) == (422, "weak")
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


async def test_guessing_one_user_from_anywhere_is_slowed_down_and_the_user_gets_in_again_soon(
    here: Console,
) -> None:
    answers = [
        (await here.browser(f"192.0.2.{index}").ask("POST", SESSION, said(password=f"guess number {index}")))
        for index in range(40)
    ]
    statuses = [answer.status for answer in answers]
    assert statuses[: BY_USER.free] == [401] * BY_USER.free
    assert set(statuses[BY_USER.free :]) == {429}
    assert int(answers[-1].headers["retry-after"]) >= 1
    here.clock.moved_s += BY_USER.wait_s
    assert (await here.browser().ask("POST", SESSION, said())).status == 200


async def test_a_thousand_guesses_reach_the_hash_few_times(here: Console) -> None:
    reached = 0
    for index in range(1_000):
        answer = await here.browser().ask("POST", SESSION, said(f"user-{index}", "some wrong password"))
        reached += answer.status == 401
        here.clock.moved_s += 1
    assert BY_ADDRESS.free <= reached <= BY_ADDRESS.free + 12


async def test_an_unknown_user_is_answered_as_a_wrong_password_is_and_costs_as_much(here: Console) -> None:
    tried: list[str] = []
    passwords = here.accounts._passwords
    work = passwords._work

    async def counted(job: object) -> None:
        tried.append("hash")
        await work(job)  # type: ignore[arg-type]

    passwords._work = counted  # type: ignore[method-assign, assignment]
    known = await here.browser("192.0.2.1").ask("POST", SESSION, said(password="not the password"))
    unknown = await here.browser("192.0.2.2").ask("POST", SESSION, said("nobody", "not the password"))
    assert tried == ["hash", "hash"]
    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert is_of_today(NOBODYS)


async def test_fifty_logins_at_once_end_in_bounded_work_and_a_quick_answer_for_each(here: Console) -> None:
    for index in range(50):
        await here.person(f"user-{index}", Role.VIEWER)
        here.clock.moved_s += 3_600
    asked = [
        here.browser(f"198.51.{index}.7").ask("POST", SESSION, said(f"user-{index}")) for index in range(50)
    ]
    answers = await asyncio.gather(*asked)
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) == ATTEMPTS_MAX
    assert statuses.count(429) == 50 - ATTEMPTS_MAX
    # Who was told to come again is not punished for it.
    again = [
        await here.browser(f"198.51.{index}.7").ask("POST", SESSION, said(f"user-{index}"))
        for index in range(50)
    ]
    assert {answer.status for answer in again} == {200}


async def test_many_guesses_at_once_are_not_one(here: Console) -> None:
    asked = [
        here.browser(f"198.51.{index}.7").ask("POST", SESSION, said(password=f"guess number {index}"))
        for index in range(50)
    ]
    statuses = [answer.status for answer in await asyncio.gather(*asked)]
    assert statuses.count(401) <= BY_USER.free


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
        assert (await browser.ask("POST", "/api/v1/users", {"id": bad, "role": "viewer"})).status == 422
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


async def test_failures_without_end_do_not_push_the_rest_out_of_the_audit_log(here: Console) -> None:
    for _ in range(400):
        here.accounts._telling.routine("login_failed", "hoa", "192.0.2.7", warning=True)
    assert len([one for one in here.told() if one["did"] == "login_failed"]) <= 300
    here.clock.moved_s += 3_600
    here.accounts._telling.routine("login", "hoa", "192.0.2.7")
    assert [one["did"] for one in here.told()][-2:] == ["untold", "login"]


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
        assert (await here.browser().ask("POST", path, body=body)).status in (401, 422, 429)


async def test_the_forms_work_without_script_in_both_languages(tmp_path: Path) -> None:
    async with console(tmp_path) as fresh:
        browser = fresh.browser()
        page = await browser.ask("GET", "/login")
        assert "Lần khởi động đầu tiên" in page.text
        assert "First start" in (await browser.ask("GET", "/login?lang=en")).text
        assert "<script" not in page.text
        assert "style=" not in page.text
        form = {"code": fresh.accounts.first_code(), "user": "lan", "name": "Lan", "lang": "en"}
        weak = await browser.ask("POST", "/login/code", form=form | {"password": "short"})
        assert (weak.status, "Choose another password" in weak.text) == (422, True)
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


GUESSED = (
    *("", "short", "a" * 16, "x" * 200, "123456789012", "0912345678901", "password123456", "Matkhau123456"),
    *("qwerty123456789", "hoahoahoahoa12", "gw-a-gw-a-gw-a", "administrator1", "Gianh2026Gianh"),
)


@pytest.mark.parametrize("password", GUESSED)
def test_passwords_that_are_guessed_first_are_not_taken(password: str) -> None:
    with pytest.raises(Exception, match="Choose another password"):
        check_password(password, "hoa", "gw-a")


@pytest.mark.parametrize(
    "password", [PASSWORD, "Trăng lên trên sông Gianh", "9f-Qk2!vLm#x8", "x7" + "🌉🌊🌴🎣🐟" * 3]
)
def test_passwords_that_are_long_and_their_own_are_taken(password: str) -> None:
    check_password(password, "hoa", "gw-a")


async def test_a_password_is_the_same_however_the_keyboard_writes_its_accents(here: Console) -> None:
    await here.person("van", Role.VIEWER, "Tr\u0103ng l\u00ean tr\u00ean s\u00f4ng Gianh")
    decomposed = "Tra\u0306ng le\u0302n tre\u0302n so\u0302ng Gianh"
    assert (await here.browser().ask("POST", SESSION, said("van", decomposed))).status == 200

"""The pages of the login and of the first start: plain forms, which work without script."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from types import MappingProxyType
from urllib.parse import parse_qs, quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from edge.console.access.accounts import Accounts
from edge.console.access.api import address_of, begin, plain_id
from edge.console.access.denied import WHY, Denied
from edge.console.access.gate import LOGIN_PAGE, LoginDoor
from edge.console.access.needs import caller_of, needs
from edge.console.access.roles import Permission
from edge.console.access.words import language_of, word

CODE_PAGE = "/login/code"
LOGOUT_PAGE = "/logout"
ELSEWHERE_PAGE, ELSEWHERE_OUT = "/login/openid", "/login/openid/out"
"""Where a login at a provider begins, and where browsers are sent to end it there."""
STYLE_PAGE, ICON = "/login/style.css", "/web/icon.svg"

_OURS = re.compile(r"/(?![/\\])[\x21-\x7e]*")

STYLE = """\
:root { color-scheme: light; --paper: #f4f6f5; --card: #fff; --ink: #14211f; --soft: #50605c; --edge: #7d8b87;
  --river: #0b5563; --on-river: #fff; --bad: #a8201a; --bad-soft: #fbe6e4;
  font: 100%/1.55 "Be Vietnam Pro", "Noto Sans", "Segoe UI", Roboto, system-ui, "DejaVu Sans", sans-serif; }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; --paper: #0d1416; --card: #141e21;
  --ink: #e6eeec; --soft: #a2b2ae; --edge: #6f807d; --river: #74cbd9; --on-river: #062026; --bad: #ff9a91;
  --bad-soft: #3b1614; } }
body { margin: 0; padding: 6vh 1rem 2rem; background: var(--paper); color: var(--ink); }
main { max-width: 26rem; margin: 0 auto; padding: 1.5rem; background: var(--card); border-radius: 1rem;
  border: 1px solid var(--edge); border-top: .4rem solid var(--river); box-sizing: border-box; }
.brand { display: flex; gap: .75rem; align-items: center; margin: 0 0 1rem; font-weight: 700;
  color: var(--ink); }
h1 { margin: 0 0 .75rem; font-size: 1.45rem; line-height: 1.25; }
p { color: var(--soft); }
label { display: block; margin-top: 1rem; font-weight: 600; }
input, button { font: inherit; color: inherit; width: 100%; min-height: 2.75rem; box-sizing: border-box;
  padding: .5rem .75rem; margin-top: .25rem; border: 1px solid var(--edge); border-radius: .6rem;
  background: var(--card); }
button { margin-top: 1.5rem; font-weight: 700; cursor: pointer; background: var(--river);
  border-color: var(--river); color: var(--on-river); }
a.elsewhere { display: flex; justify-content: center; padding: .5rem .75rem; border: 2px solid var(--river);
  border-radius: .6rem; font-weight: 700; text-decoration: none; text-align: center; }
a { display: inline-flex; align-items: center; min-height: 2.75rem; color: var(--river); }
nav { max-width: 26rem; margin: 1rem auto; text-align: center; }
:focus-visible { outline: 3px solid var(--river); outline-offset: 2px; }
[role=alert] { border-left: .25rem solid var(--bad); padding: .5rem .75rem; color: var(--bad);
  background: var(--bad-soft); }
"""


class Form(StrEnum):
    """Which form."""

    LOGIN = "login"
    CODE = "code"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, its label's word, and what browsers fill in; `kept` when the form comes back."""

    name: str
    label: str
    complete: str
    kind: str = "text"
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Looks:
    """What a form says and asks; words by their keys."""

    title: str
    about: tuple[str, ...]
    fields: tuple[Field, ...]
    action: str
    does: str
    other: str
    to_other: str


_USER, _NAME = Field("user", "user", "username"), Field("name", "name", "name")
_CODE = Field("code", "code", "one-time-code", kept=False)
_PASSWORD = Field("password", "password", "current-password", "password", kept=False)
_NEW = Field("password", "new_password", "new-password", "password", kept=False)

LOOKS: Mapping[Form, Looks] = MappingProxyType(
    {
        Form.LOGIN: Looks(
            "title_login", (), (_USER, _PASSWORD), LOGIN_PAGE, "do_login", CODE_PAGE, "to_code"
        ),
        Form.CODE: Looks(
            "title_code", ("about_code", "rule"), (_CODE, _USER, _NEW),
            CODE_PAGE, "do_code", LOGIN_PAGE, "to_login",
        ),
        Form.FIRST: Looks(
            "title_first", ("about_first", "rule"), (_CODE, _USER, _NAME, _NEW),
            CODE_PAGE, "do_code", LOGIN_PAGE, "to_login",
        ),
    }
)  # fmt: skip


def add_pages(app: FastAPI, accounts: Accounts, door: LoginDoor, elsewhere: str = "") -> None:
    """Add the pages; they are no part of the API. `elsewhere` is a provider by which one may log in too."""

    @app.get(STYLE_PAGE, include_in_schema=False, dependencies=needs(Permission.OPEN))
    async def style() -> Response:
        return Response(STYLE, media_type="text/css")

    @app.get(LOGIN_PAGE, include_in_schema=False, dependencies=needs(Permission.OPEN))
    async def login_page(request: Request) -> HTMLResponse:
        asked = asked_of(request)
        if caller_of(request).user:
            return HTMLResponse(_inside(request, asked["lang"]))
        return login_form(accounts, asked, elsewhere)

    @app.get(CODE_PAGE, include_in_schema=False, dependencies=needs(Permission.OPEN))
    async def code_page(request: Request) -> HTMLResponse:
        return _form(by_code(accounts), asked_of(request))

    @app.post(LOGIN_PAGE, include_in_schema=False, dependencies=needs(Permission.OPEN))
    async def login(request: Request) -> Response:
        said = await _said(request)
        try:
            token = await accounts.login(plain_id(said["user"]), said["password"], address_of(request))
        except Denied as denied:
            return _form(Form.LOGIN, said, denied, elsewhere)
        return _let_in(app, accounts, door, request, token, said)

    @app.post(CODE_PAGE, include_in_schema=False, dependencies=needs(Permission.OPEN))
    async def code(request: Request) -> Response:
        said = await _said(request)
        user, address = plain_id(said["user"]), address_of(request)
        try:
            token = await accounts.redeem(said["code"], user, said["name"], said["password"], address)
        except Denied as denied:
            return _form(by_code(accounts), said, denied)
        return _let_in(app, accounts, door, request, token, said)

    @app.post(LOGOUT_PAGE, include_in_schema=False, dependencies=needs(Permission.SELF))
    async def logout(request: Request) -> Response:
        said = await _said(request)
        if (session := caller_of(request).session) is not None:
            accounts.logout(session, address_of(request))
        out = "&out=1" if session is not None and session.guest is not None else ""
        response = RedirectResponse(f"{LOGIN_PAGE}?lang={said['lang']}{out}", 303)
        door.forget(response)
        return response


def by_code(accounts: Accounts) -> Form:
    """Which form takes codes now."""
    return Form.FIRST if accounts.is_first_start else Form.CODE


def _let_in(
    app: FastAPI, accounts: Accounts, door: LoginDoor, request: Request, token: str, said: Mapping[str, str]
) -> Response:
    """Go where the person wanted to."""
    response = RedirectResponse(wanted_page(app, said), 303)
    begin(accounts, door, request, response, token)
    return response


def wanted_page(app: FastAPI, said: Mapping[str, str]) -> str:
    """Where the person wanted to go, else the console, else the login's own page."""
    home = "/" if any(getattr(route, "path", None) == "/" for route in app.routes) else LOGIN_PAGE
    return said["next"] if _OURS.fullmatch(said["next"]) else f"{home}?lang={said['lang']}"


def login_form(
    accounts: Accounts, said: Mapping[str, str], elsewhere: str, denied: Denied | None = None
) -> HTMLResponse:
    """The form with which who is outside begins, with why the last attempt led nowhere."""
    return _form(Form.FIRST if accounts.is_first_start else Form.LOGIN, said, denied, elsewhere)


def onward(wanted: str, language: str) -> HTMLResponse:
    """Goes on by itself, as a page of ours: where another site sent a browser, it tells no strict cookie."""
    link = f"<p><a href='{escape(wanted)}'>{escape(word('go_on', language))}</a></p>"
    refresh = f"<meta http-equiv='refresh' content='0;url={escape(wanted)}'>"
    return HTMLResponse(_page("title_in", link, language, f"{LOGIN_PAGE}?lang={_other(language)}", refresh))


def asked_of(request: Request) -> dict[str, str]:
    """What an address says: the language, where to go on, and whether somebody just logged out."""
    asked = request.query_params
    return _complete({name: asked.get(name, "") for name in ("lang", "next", "out")})


async def _said(request: Request) -> dict[str, str]:
    """The fields of a form, by their last value; the body is small, the Shield saw to that."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qs(body, max_num_fields=16, errors="replace")
    except ValueError:
        fields = {}
    return _complete({name: values[-1] for name, values in fields.items()})


def _complete(fields: Mapping[str, str]) -> dict[str, str]:
    known = {name: fields.get(name, "") for name in ("user", "name", "password", "code", "next", "out")}
    return {**known, "lang": language_of(fields.get("lang"))}


def _form(
    kind: Form, said: Mapping[str, str], denied: Denied | None = None, elsewhere: str = ""
) -> HTMLResponse:
    language, looks = said["lang"], LOOKS[kind]
    about = " ".join(word(key, language) for key in looks.about)
    alert = "" if denied is None else f'<p role="alert">{escape(_why(denied, language))}</p>'
    hidden = "".join(_hidden(name, said[name]) for name in ("lang", "next") if said[name])
    rows = "".join(_field(field, said) for field in looks.fields)
    body = (
        f"<p>{escape(about)}</p>{alert}{_elsewhere(elsewhere, said)}"
        f"<form method='post' action='{looks.action}'>{hidden}{rows}"
        f"<button>{escape(word(looks.does, language))}</button></form>"
        f"<p><a href='{_link(looks.other, language, said)}'>{escape(word(looks.to_other, language))}</a></p>"
    )
    page = _page(looks.title, body, language, _link(looks.action, _other(language), said))
    status, headers = (200, {}) if denied is None else (denied.status, denied.headers())
    return HTMLResponse(page, status, headers)


def _elsewhere(title: str, said: Mapping[str, str]) -> str:
    """The way in by a provider; after a logout also the way out there, where who logged in still is."""
    if not title:
        return ""
    language = said["lang"]
    text = escape(word("do_elsewhere", language).format(title))
    way = f"<p><a class='elsewhere' href='{_link(ELSEWHERE_PAGE, language, said)}'>{text}</a></p>"
    if said["out"]:
        about, out = (escape(word(key, language).format(title)) for key in ("about_out", "do_out"))
        way = f"<p>{about} <a href='{ELSEWHERE_OUT}?lang={language}'>{out}</a></p>{way}"
    return f"{way}<p>{escape(word('or_here', language))}</p>"


def _inside(request: Request, language: str) -> str:
    caller = caller_of(request)
    role = word(caller.role.value, language) if caller.role is not None else ""
    body = (
        f"<p>{escape(caller.name)} ({escape(caller.user)}), {escape(role)}</p>"
        f"<form method='post' action='{LOGOUT_PAGE}'>{_hidden('lang', language)}"
        f"<button>{escape(word('do_logout', language))}</button></form>"
    )
    return _page("title_in", body, language, f"{LOGIN_PAGE}?lang={_other(language)}")


def _page(title: str, body: str, language: str, other: str, head: str = "") -> str:
    heading = escape(word(title, language))
    return (
        f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{heading} · Gianh</title><link rel='icon' href='{ICON}' type='image/svg+xml'>"
        f"<link rel='stylesheet' href='{STYLE_PAGE}'>{head}</head>"
        "<body>"
        f"<main><p class='brand'><img src='{ICON}' alt='' width='40' height='40'> Gianh · Ba Đồn</p>"
        f"<h1>{heading}</h1>{body}</main>"
        f"<nav><a href='{other}' lang='{_other(language)}'>{escape(word('other', language))}</a></nav>"
        "</body></html>"
    )


def _field(field: Field, said: Mapping[str, str]) -> str:
    kept = f" value='{escape(said[field.name][:256])}'" if field.kept else ""
    plain = " autocapitalize='none' spellcheck='false'" if field.name in ("user", "code") else ""
    return (
        f"<label>{escape(word(field.label, said['lang']))}<input name='{field.name}' type='{field.kind}' "
        f"autocomplete='{field.complete}'{kept}{plain} required></label>"
    )


def _hidden(name: str, value: str) -> str:
    return f"<input type='hidden' name='{name}' value='{escape(value)}'>"


def _link(page: str, language: str, said: Mapping[str, str]) -> str:
    after = f"&amp;next={quote(said['next'], safe='')}" if said["next"] else ""
    return f"{page}?lang={language}{after}"


def _other(language: str) -> str:
    return "en" if language == "vi" else "vi"


def _why(denied: Denied, language: str) -> str:
    _, english, vietnamese = WHY[denied.reason]
    return vietnamese if language == "vi" else english

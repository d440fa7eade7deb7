"""Login by an OpenID provider at the centre: a real one on loopback, honest, wrong in one thing, or gone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from edge.console.access.denied import Reason
from edge.console.access.roles import ALLOWED, Role
from edge.console.centre.openid.begun import LIFE_S
from edge.console.centre.openid.provider import LIFE_S as BELIEVED_S
from edge.core.errors import PermanentError
from tests.console.asking import PASSWORD
from tests.console.openid_provider import CLIENT, SECRET, OpenIdProvider, new_key
from tests.console.openid_scene import PEOPLE, Here, denied, started, who

pytestmark = pytest.mark.asyncio(loop_scope="module")

COOKIE = "gianh-centre"


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with OpenIdProvider([new_key(), new_key(), new_key()]) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory, provider: OpenIdProvider) -> AsyncIterator[Here]:
    async for made in started(tmp_path_factory.mktemp("centre"), provider):
        yield made


@pytest.fixture
def here(running: Here) -> Here:
    """A centre and a provider that know nothing of the tests before."""
    running.provider.begin(PEOPLE)
    running.login._provider._kept.clear()
    return running


async def test_who_has_a_role_is_let_in_with_it_and_goes_where_they_wanted(here: Here) -> None:
    browser = here.browser()
    answer = await here.back(browser, await here.sent(browser, "?lang=en&next=/lighting"))
    assert answer.status == 200
    assert "content='0;url=/lighting'" in answer.text  # not a redirect: it would carry no strict cookie
    assert any(line.startswith(f"{COOKIE}=") and "SameSite=strict" in line for line in answer.cookies)
    assert await who(browser) == {
        "user": "openid:hoa", "name": "Hoà Nguyễn", "role": "operator", "first_start": True, "guest": True,
        "permissions": sorted(ALLOWED[Role.OPERATOR]),
    }  # fmt: skip
    assert {"did": "login", "user": "openid:hoa", "from": "127.0.0.1"} in here.told()
    assert (await browser.ask("GET", "/api/v1/users")).status == 403


async def test_the_way_there_has_state_nonce_and_a_challenge_and_a_lax_cookie(here: Here) -> None:
    there = await here.browser().ask("GET", "/login/openid?lang=vi")
    asked = parse_qs(urlsplit(there.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["ui_locales"] == ["vi"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert "SameSite=lax" in there.cookies[0]
    assert "HttpOnly" in there.cookies[0]


def claims(**wrong: Any) -> Callable[[OpenIdProvider], None]:
    """A provider whose ID tokens are wrong in these claims; None leaves one out."""

    def make(provider: OpenIdProvider) -> None:
        provider.twist = lambda claims: claims.update(wrong)

    return make


def late(provider: OpenIdProvider) -> None:
    provider.twist = lambda claims: claims.update(exp=claims["iat"] - 120)


def unsigned(provider: OpenIdProvider) -> None:
    provider.algorithm = "none"


def forged(provider: OpenIdProvider) -> None:
    """Signed by another key under the name of the one that is published."""
    provider.rotate()
    provider.published = [provider.keys[1]]
    provider.named = provider.keys[1].kid


def withheld(provider: OpenIdProvider) -> None:
    """Signed by a key that is never published."""
    provider.rotate()
    provider.published = [provider.keys[1]]


TOKENS = (
    (claims(nonce="another"), "Invalid claim: 'nonce'"),
    (claims(nonce=None), "Missing claim: 'nonce'"),
    (claims(aud="another"), "Invalid claim: 'aud'"),
    (claims(aud=["another", "third"]), "Invalid claim: 'aud'"),
    (claims(aud=[CLIENT, "another"], azp="another"), "Invalid claim: 'azp'"),
    (claims(aud=None), "Missing claim: 'aud'"),
    (claims(iss="http://127.0.0.1:1/town"), "Invalid claim: 'iss'"),
    (claims(sub=None), "Missing claim: 'sub'"),
    (claims(exp=None), "Missing claim: 'exp'"),
    (claims(exp="soon"), "'exp' must be a NumericDate"),
    (claims(nbf=4_000_000_000), "not yet valid"),
    (claims(at_hash="another"), "Invalid claim: 'at_hash'"),
    (late, "The token is expired"),
    (unsigned, "'none' is not allowed"),
    (forged, "BadSignatureError"),
    (withheld, "No key for kid"),
)
"""What is wrong with an ID token, and what the log says of it."""


async def test_a_token_that_does_not_hold_lets_nobody_in(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    for wrong, words in TOKENS:
        here.provider.begin(PEOPLE)
        caplog.clear()
        browser = here.browser()
        place = await here.sent(browser, "?lang=en")
        wrong(here.provider)
        denied(await here.back(browser, place), Reason.ODD)
        assert words in caplog.text
        assert (await who(browser))["user"] is None
        assert here.told()[-1] == {"did": "login_failed", "user": "", "from": "127.0.0.1"}
    here.provider.begin(PEOPLE)
    assert (await here.attempt()).status == 200


async def test_an_unknown_key_makes_the_keys_be_asked_for_once_more(here: Here) -> None:
    assert (await here.attempt()).status == 200
    here.provider.rotate()
    assert (await here.attempt()).status == 200
    assert (await here.attempt()).status == 200
    assert here.provider.asked.count("keys") == 2
    withheld(here.provider)
    denied(await here.attempt(), Reason.ODD)
    assert here.provider.asked.count("keys") == 3


async def test_what_the_provider_says_of_itself_is_not_believed_for_ever(here: Here) -> None:
    for _ in range(2):
        await here.attempt()
    assert here.provider.asked.count(".well-known/openid-configuration") == 1
    here.clock.moved_s += BELIEVED_S + 1
    await here.attempt()
    assert here.provider.asked.count(".well-known/openid-configuration") == 2
    assert here.provider.asked.count("keys") == 2


async def test_a_way_back_works_once_in_its_own_browser_and_in_time(here: Here) -> None:
    browser, other = here.browser(), here.browser()
    place = await here.sent(browser, "?lang=en")
    await here.sent(other)
    denied(await here.back(other, f"{place}&lang=en"), Reason.STALE)
    denied(await here.back(here.browser(), f"{place}&lang=en"), Reason.STALE)
    assert (await here.back(browser, place)).status == 200
    denied(await here.back(browser, f"{place}&lang=en"), Reason.STALE)
    late = await here.sent(browser)
    here.clock.moved_s += LIFE_S + 1
    denied(await here.back(browser, f"{late}&lang=en"), Reason.STALE)
    denied(await here.back(browser, "/login/openid/back?lang=en"), Reason.STALE)


async def test_an_answer_of_another_provider_is_not_taken(here: Here) -> None:
    browser = here.browser()
    place = (await here.sent(browser, "?lang=en")).replace("town&", "city&")
    assert "city&" in place
    denied(await here.back(browser, place), Reason.ODD)
    assert "token" not in here.provider.asked


async def test_a_code_of_somebody_elses_login_is_worth_nothing(here: Here) -> None:
    """PKCE: the code was bound to another browser's verifier."""
    mine, theirs = here.browser(), here.browser()
    place, stolen = await here.sent(mine, "?lang=en"), await here.sent(theirs)
    code = {name: parse_qs(urlsplit(one).query)["code"][0] for name, one in (("a", place), ("b", stolen))}
    denied(await here.back(mine, place.replace(code["a"], code["b"])), Reason.UNWANTED)


async def test_who_has_no_role_here_is_told_so_and_not_let_in(here: Here) -> None:
    here.provider.login = "an"
    browser = here.browser()
    denied(await here.back(browser, await here.sent(browser, "?lang=en")), Reason.UNMAPPED)
    assert (await who(browser))["user"] is None


async def test_roles_may_come_beside_the_token(here: Here) -> None:
    here.provider.with_roles = False
    browser = here.browser()
    await here.attempt(browser)
    assert (await who(browser))["role"] == "operator"


async def test_who_was_removed_is_not_let_in_nor_left_in(here: Here) -> None:
    browser = here.browser()
    await here.attempt(browser)
    early = await here.sent(here.browser())
    here.provider.people.pop("hoa")
    stranger = here.browser()
    denied(await here.back(stranger, await here.sent(stranger, "?lang=en")), Reason.UNWANTED)
    assert early
    await here.login.look()
    assert (await who(browser))["user"] == "openid:hoa"  # not due yet
    here.clock.moved_s += here.config.openid.recheck_s + 1  # type: ignore[union-attr]
    await here.login.look()
    assert (await who(browser))["user"] is None
    assert here.told()[-1]["did"] == "user_removed"


async def test_a_role_that_changed_counts_from_the_next_look_on(here: Here) -> None:
    browser = here.browser()
    await here.attempt(browser)
    here.provider.people["hoa"]["roles"] = ["town-admins"]
    here.clock.moved_s += 301
    await here.login.look()
    assert (await who(browser))["role"] == "administrator"
    here.provider.people["hoa"]["roles"] = []
    here.clock.moved_s += 301
    await here.login.look()
    assert (await who(browser))["user"] is None


async def test_a_provider_that_renews_without_an_id_token_is_asked_for_the_roles(here: Here) -> None:
    here.provider.tells_again = False
    browser = here.browser()
    await here.attempt(browser)
    for roles, role in ((["town-operators"], "operator"), (["town-admins"], "administrator"), ([], None)):
        here.provider.people["hoa"]["roles"] = roles
        here.clock.moved_s += 301
        await here.login.look()
        assert (await who(browser))["role"] == role


async def test_without_a_refresh_token_a_session_lasts_an_hour(here: Here) -> None:
    here.provider.refreshes = False
    browser = here.browser()
    await here.attempt(browser)
    here.clock.moved_s += 1_800
    assert (await who(browser))["user"] == "openid:hoa"
    here.clock.moved_s += 1_801
    await here.login.look()
    assert (await who(browser))["user"] is None


async def test_while_the_provider_is_gone_our_own_accounts_work_and_nobody_is_thrown_out(here: Here) -> None:
    browser = here.browser()
    await here.attempt(browser)
    place = await here.sent(here.browser(), "?lang=en")
    here.provider.stop()
    here.clock.moved_s += BELIEVED_S - 10
    await here.login.look()
    assert (await who(browser))["user"] == "openid:hoa"
    here.clock.moved_s += 20
    other = here.browser()
    answer = await other.ask("GET", "/login/openid?lang=en")
    denied(answer, Reason.AWAY)
    assert "Log in with Thị xã" in answer.text
    assert place
    code = await here.centre.front.accounts.add("lan", "Lan", Role.OPERATOR, "test")
    said = {"code": code, "user": "lan", "password": PASSWORD}
    assert (await other.ask("POST", "/api/v1/session/code", said)).status == 200
    here.provider.start()
    assert (await here.attempt()).status == 200


async def test_a_provider_that_only_listens_is_given_up_in_time(
    tmp_path: Path, provider: OpenIdProvider
) -> None:
    provider.stop()
    with socket.create_server(("127.0.0.1", provider.port)):
        async for here in started(tmp_path, provider, timeout_s=0.2):
            async with asyncio.timeout(10):
                denied(await here.browser().ask("GET", "/login/openid?lang=en"), Reason.AWAY)
    provider.start()


async def test_the_secret_of_the_client_is_asked_for(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here.login._provider, "_secret", "not that one")
    browser = here.browser()
    denied(await here.back(browser, await here.sent(browser, "?lang=en")), Reason.ODD)


async def test_logging_out_ends_the_session_here_and_shows_the_way_out_there(here: Here) -> None:
    browser = here.browser()
    await here.attempt(browser)
    answer = await browser.ask("POST", "/logout", form={"lang": "en"})
    assert answer.headers["location"] == "/login?lang=en&out=1"
    page = await browser.ask("GET", "/login?lang=en&out=1")
    assert "still logged in at Thị xã" in page.text
    assert (await who(browser))["user"] is None
    out = await browser.ask("GET", "/login/openid/out?lang=en")
    place = urlsplit(out.headers["location"])
    assert place.path == "/town/end"
    asked = parse_qs(place.query)
    assert asked["client_id"] == [CLIENT]
    assert asked["post_logout_redirect_uri"] == [f"http://{browser.host}/login"]
    assert len(asked["id_token_hint"][0].split(".")) == 3
    other = await here.browser().ask("GET", "/login/openid/out?lang=en")
    assert "id_token_hint" not in parse_qs(urlsplit(other.headers["location"]).query)


async def test_a_guest_has_no_password_here(here: Here) -> None:
    browser = here.browser()
    await here.attempt(browser)
    answer = await browser.ask("PUT", "/api/v1/session/password", {"old": PASSWORD, "new": PASSWORD})
    assert answer.json["reason"] == "elsewhere"


async def test_no_token_and_no_secret_is_logged(here: Here, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await here.attempt()
    forged(here.provider)
    await here.attempt()
    here.provider.people.clear()
    await here.attempt()
    text = caplog.text
    assert "openid" in text
    known = [*here.provider.tokens, *here.provider.codes, SECRET, "eyJ"]
    assert [one for one in known if one in text] == []


async def test_a_secret_file_that_is_not_there_is_told_at_the_start(
    tmp_path: Path, provider: OpenIdProvider
) -> None:
    with pytest.raises(PermanentError, match="secret file"):
        async for _ in started(tmp_path, provider, client_secret_file=str(tmp_path / "nowhere")):
            pass

"""Login at a real OpenID provider: Glewlwyd, by discovery, code, PKCE, nonce, its groups, and the way out."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from edge.console.access.denied import Reason
from edge.console.access.pages import ELSEWHERE_OUT
from tests.console.asking import Answer, Browser
from tests.console.openid_provider import CLIENT, SECRET
from tests.console.openid_scene import Here, denied, started, who
from tests.real.glewlwyd import Glewlwyd, Visitor
from tests.servers import running

pytestmark = [pytest.mark.long, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glewlwyd]:
    made = Glewlwyd(tmp_path_factory.mktemp("glewlwyd"))
    with running(made):
        made.set_up()
        made.add_person("hoa", "Hoà Nguyễn", ["gate", "town-operators"])
        made.add_person("an", "An", ["gate"])
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory, server: Glewlwyd) -> AsyncIterator[Here]:
    more = {"role_claim": "groups", "timeout_s": 10}
    async for made in started(tmp_path_factory.mktemp("centre"), server, **more):
        assert made.config.openid is not None
        back = made.config.openid.redirect_url
        home = back.replace("/login/openid/back", "/login")
        server.add_client(CLIENT, SECRET, back, home)
        yield made


async def arrived(here: Here, server: Glewlwyd, user: str) -> tuple[Browser, str, Visitor]:
    """Somebody at the provider, logged in there; and where it sends them back to."""
    browser, visitor = here.browser(), Visitor(server)
    there = await browser.ask("GET", "/login/openid?lang=en")
    assert there.status == 303, there.text
    page = await visitor.follow(there.headers["location"])
    assert await visitor.log_in(user, CLIENT) == 200
    return browser, await visitor.go_on(page), visitor


async def in_there(here: Here, visitor: Visitor) -> bool:
    """Whether the provider sends somebody back at once, since it knows them still."""
    there = await here.browser().ask("GET", "/login/openid")
    return "code=" in await visitor.follow(f"{there.headers['location']}&g_continue")


async def entered(here: Here, server: Glewlwyd, user: str) -> tuple[Browser, Answer]:
    browser, place, visitor = await arrived(here, server, user)
    await visitor.close()
    return browser, await here.back(browser, place)


async def test_a_group_of_the_provider_is_a_role_here(here: Here, server: Glewlwyd) -> None:
    browser, answer = await entered(here, server, "hoa")
    assert answer.status == 200, answer.text
    found = await who(browser)
    assert (found["user"], found["name"], found["role"]) == ("openid:hoa", "Hoà Nguyễn", "operator")


async def test_who_is_in_no_group_of_ours_stays_out(here: Here, server: Glewlwyd) -> None:
    _, answer = await entered(here, server, "an")
    denied(answer, Reason.UNMAPPED)


async def test_who_says_the_wrong_password_there_is_not_sent_back(here: Here, server: Glewlwyd) -> None:
    visitor = Visitor(server)
    there = await here.browser().ask("GET", "/login/openid")
    assert await visitor.log_in("hoa", CLIENT, "guessed") == 401
    assert "login.html" in await visitor.follow(there.headers["location"])
    await visitor.close()


@pytest.mark.parametrize(
    ("of_another", "reason"),
    [
        ({"verifier": "another-verifier-of-the-right-length-0123456789"}, Reason.UNWANTED),
        ({"nonce": "another"}, Reason.ODD),
    ],
    ids=["verifier", "nonce"],
)
async def test_a_code_serves_the_login_alone_that_asked_for_it(
    here: Here, server: Glewlwyd, of_another: dict[str, str], reason: Reason
) -> None:
    browser, place, visitor = await arrived(here, server, "hoa")
    state = parse_qs(urlsplit(place).query)["state"][0]
    logins = here.login._logins._begun
    logins[state] = replace(logins[state], **of_another)
    denied(await here.back(browser, place), reason)
    await visitor.close()


async def test_a_wrong_client_secret_is_named_in_the_log_and_lets_nobody_in(
    here: Here, server: Glewlwyd, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(here.login._provider, "_secret", "wrong")
    _, answer = await entered(here, server, "hoa")
    denied(answer, Reason.ODD)
    assert "(HTTP 403): check client_id and client_secret_file" in caplog.text


async def test_a_group_that_was_taken_or_given_counts_from_the_next_look_on(
    here: Here, server: Glewlwyd
) -> None:
    server.add_person("binh", "Bình", ["town-operators"])
    browser, answer = await entered(here, server, "binh")
    assert answer.status == 200
    for groups, role in ((["town-admins"], "administrator"), (["gate"], None)):
        server.put_person("binh", groups=groups)
        here.clock.moved_s += 301
        await here.login.look()
        assert (await who(browser))["role"] == role


async def test_who_was_removed_there_is_out(here: Here, server: Glewlwyd) -> None:
    server.add_person("cuc", "Cúc", ["town-operators"])
    browser, _ = await entered(here, server, "cuc")
    assert (await who(browser))["user"] == "openid:cuc"
    server.told("DELETE", "user/cuc?source=database")
    here.clock.moved_s += 301
    await here.login.look()
    assert (await who(browser))["user"] is None


async def test_the_way_out_ends_the_login_there_and_leads_back_to_our_page(
    here: Here, server: Glewlwyd
) -> None:
    browser, place, visitor = await arrived(here, server, "hoa")
    assert (await here.back(browser, place)).status == 200
    assert await in_there(here, visitor)
    assert (await browser.ask("POST", "/logout", form={"lang": "en"})).status == 303
    out = await browser.ask("GET", f"{ELSEWHERE_OUT}?lang=en")
    said = parse_qs(urlsplit(await visitor.follow(out.headers["location"])).query)
    assert here.config.openid is not None
    home = here.config.openid.redirect_url.replace("/openid/back", "")
    assert (said["prompt"], said["callback_url"]) == (["end_session"], [home])
    await visitor.log_out(said["sid"][0])
    assert not await in_there(here, visitor)
    await visitor.close()

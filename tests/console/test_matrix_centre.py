"""Every role against every route and every method of the centre, the login by a provider among them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.console.access.roles import Permission, Role
from tests.console.asking import PASSWORD, Browser
from tests.console.matrix import judged, table
from tests.console.openid_provider import OpenIdProvider, new_key
from tests.console.openid_scene import Here, started


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with OpenIdProvider([new_key()]) as made:
        yield made


async def people(here: Here) -> None:
    accounts = here.centre.front.accounts
    for role in Role:
        code = await accounts.add(role.value, role.value.title(), role, "test")
        await accounts.redeem(code, role.value, "", PASSWORD, "198.51.100.1")


async def test_every_role_may_at_the_centre_what_the_table_says_and_nothing_else(
    tmp_path: Path, provider: OpenIdProvider
) -> None:
    async for here in started(tmp_path, provider):
        await people(here)

        def browser(who: Role | None, here: Here = here) -> Browser:
            made = here.browser()
            if who is not None:
                made.cookies["gianh-centre"] = here.centre.front.accounts.sessions.open(who.value)
            return made

        app = here.browser().app
        assert await judged(app, browser) == 6 * 5 * len(table(app)) > 6 * 5 * 40
        for path, methods in table(app).items():
            acting = {permission for method, permission in methods.items() if method != "GET"}
            if not path.startswith(("/login", "/api/v1/session")):
                assert not acting & {Permission.OPEN, Permission.READ}, path
        is_open = {path for path, methods in table(app).items() if methods.get("GET") is Permission.OPEN}
        assert is_open == {
            "/healthz", "/readyz", "/login", "/login/code", "/login/style.css", "/api/v1/session",
            "/web/{name:path}", "/favicon.ico", "/login/openid", "/login/openid/back", "/login/openid/out",
        }  # fmt: skip

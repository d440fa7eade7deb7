"""Glewlwyd, a real OpenID provider: with a database of its own on loopback, and people who log in there."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc.jwk import RSAKey

from tests.servers import HttpServer, free_port, need

PASSWORD = "a boat on the river"
ROOM = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
"""The package's own statements that make its database, with an administrator `admin`."""

MODULES = "/usr/lib/glewlwyd"
SCOPES = "openid profile"


class Glewlwyd(HttpServer):
    """The server. What is asked of it is what its own pages ask, by the same API."""

    ping = "/api/auth/scheme/"

    def __init__(self, folder: Path) -> None:
        port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(folder / "glewlwyd.db") as database:
            database.executescript(ROOM.read_text("utf-8"))
        database.close()
        config = folder / "glewlwyd.conf"
        config.write_text(
            f"""port = {port}
bind_address = "127.0.0.1"
external_url = "http://127.0.0.1:{port}/"
login_url = "login.html"
api_prefix = "api"
log_mode = "console"
log_level = "INFO"
session_key = "GLEWLWYD2_SESSION_ID"
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "{MODULES}/user"
client_module_path = "{MODULES}/client"
user_auth_scheme_module_path = "{MODULES}/scheme"
plugin_module_path = "{MODULES}/plugin"
use_secure_connection = false
secure_connection_key_file = "{folder}/none.key"
secure_connection_pem_file = "{folder}/none.pem"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3"; path = "{folder}/glewlwyd.db"; }};
"""
        )
        program = need("glewlwyd", "glewlwyd")
        super().__init__([program, "--config-file", str(config)], folder / "glewlwyd.log", port)
        self.admin = httpx.Client(base_url=f"{self.url}/api/", trust_env=False)

    def answers(self) -> bool:
        try:
            httpx.get(f"{self.url}/api/auth/", trust_env=False, timeout=1)
        except httpx.TransportError:
            return False
        return True

    @property
    def issuer(self) -> str:
        """How it names itself: its discovery is below."""
        return f"{self.url}/api/town"

    def set_up(self, **more: Any) -> None:
        """What an administrator of the town does once: OpenID Connect, and that people have groups."""
        self.told("POST", "auth/", {"username": "admin", "password": "password"})
        people = self.admin.get("mod/user/database").raise_for_status().json()
        own = {"multiple": True, "read": True, "write": True, "profile-read": False, "profile-write": False}
        people["parameters"]["data-format"]["groups"] = own
        self.told("PUT", "mod/user/database", people)
        self.told("PUT", "mod/user/database/reset")
        consoles = self.admin.get("mod/client/database").raise_for_status().json()
        homes = {"multiple": True, "read": True, "write": True}
        consoles["parameters"]["data-format"]["post_logout_redirect_uris"] = homes
        self.told("PUT", "mod/client/database", consoles)
        self.told("PUT", "mod/client/database/reset")
        self.told(
            "POST", "scope/", {"name": "profile", "display_name": "Profile", "password_required": False}
        )
        key = RSAKey.generate_key(2048)
        claim = {"type": "string", "mandatory": True, "on-demand": False, "scope": []}
        parameters = {
            "iss": self.issuer,
            "jwt-type": "rsa",
            "jwt-key-size": "256",
            "key": key.as_pem(private=True).decode(),
            "cert": key.as_pem(private=False).decode(),
            "access-token-duration": 3600,
            "refresh-token-duration": 86_400,
            "code-duration": 60,
            "refresh-token-rolling": True,
            "allow-non-oidc": False,
            "auth-type-code-enabled": True,
            "auth-type-refresh-enabled": True,
            "pkce-allowed": True,
            "pkce-method-plain-allowed": False,
            "jwks-show": True,
            "name-claim": "mandatory",
            "session-management-allowed": True,
            "session-cookie-name": "GLEWLWYD2_TOWN",
            "session-cookie-expiration": 3600,
            "claims": [
                {"name": "groups", "user-property": "groups", **claim},
                {"name": "preferred_username", "user-property": "username", **claim},
            ],
        }
        plugin = {"module": "oidc", "name": "town", "display_name": "Town", "parameters": parameters | more}
        self.told("POST", "mod/plugin/", plugin)

    def add_person(self, user: str, name: str, groups: Sequence[str]) -> None:
        """Somebody who works in the town."""
        person = {"username": user, "name": name, "password": PASSWORD, "enabled": True}
        scopes = {"scope": SCOPES.split()}
        self.told("POST", "user/?source=database", person | scopes | {"groups": list(groups)})

    def put_person(self, user: str, **more: Any) -> None:
        """Change somebody."""
        person = self.admin.get(f"user/{user}").raise_for_status().json()
        self.told("PUT", f"user/{user}?source=database", person | more)

    def add_client(self, client: str, secret: str, redirect_url: str, home: str) -> None:
        """A console."""
        found = {
            "client_id": client,
            "name": "Gianh",
            "enabled": True,
            "confidential": True,
            "client_secret": secret,
            "redirect_uri": [redirect_url],
            "post_logout_redirect_uris": [home],
            "authorization_type": ["code", "refresh_token"],
            "token_endpoint_auth_method": ["client_secret_basic"],
            "scope": SCOPES.split(),
        }
        self.told("POST", "client/?source=database", found)

    def stop(self) -> None:
        self.admin.close()
        super().stop()

    def told(self, method: str, path: str, body: Any = None) -> None:
        """As the administrator. Raises AssertionError with the server's words."""
        answer = self.admin.request(method, path, json=body)
        assert answer.status_code == httpx.codes.OK, f"{method} {path}: {answer.status_code} {answer.text}"


class Visitor:
    """Somebody's browser at the provider."""

    def __init__(self, server: Glewlwyd) -> None:
        self._server = server
        self.client = httpx.AsyncClient(trust_env=False)

    async def log_in(self, user: str, client: str, password: str = PASSWORD) -> int:
        """As its login page does: the password, then the consent to what the client asks for."""
        base = f"{self._server.url}/api/auth"
        said = {"username": user, "password": password}
        answer = await self.client.post(f"{base}/", json=said)
        if answer.status_code == httpx.codes.OK:
            answer = await self.client.put(f"{base}/grant/{client}", json={"scope": SCOPES})
        return answer.status_code

    async def go_on(self, login_page: str) -> str:
        """Where its login page leads after consent: through the question of the client to its answer."""
        (question,) = parse_qs(urlsplit(login_page).query)["callback_url"]
        return await self.follow(f"{question}&g_continue")

    async def log_out(self, session: str) -> None:
        """As its page does once somebody says so."""
        for place in (f"town/session/{session}", "auth/"):
            answer = await self.client.delete(f"{self._server.url}/api/{place}")
            assert answer.status_code == httpx.codes.OK, f"{place}: {answer.status_code} {answer.text}"

    async def follow(self, place: str) -> str:
        """Where an address sends the browser on to."""
        answer = await self.client.get(place)
        assert answer.is_redirect, f"{answer.status_code} {answer.text[:200]}"
        return answer.headers["location"]

    async def close(self) -> None:
        await self.client.aclose()

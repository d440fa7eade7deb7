"""A small, honest OpenID provider on loopback: discovery, authorize, token, keys, userinfo, logout.

It keeps what it gave: a code works once, for its client, redirect and PKCE challenge; people can be removed.
`spare` are keys to sign with, one after the other.
What a test wants wrong of it is said by `twist`, which changes claims before they are signed.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "gianh", "a secret between the two"


@dataclass
class Given:
    """What a code or refresh token stands for."""

    user: str
    redirect: str = ""
    challenge: str = ""
    nonce: str = ""


@dataclass
class OpenIdProvider:
    """The provider's state; `people` are claims by user name. `login` says who sits at the browser."""

    spare: list[RSAKey]
    host: str = "127.0.0.1"
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    login: str = "hoa"
    twist: Callable[[dict[str, Any]], None] = lambda _claims: None
    algorithm: str = "RS256"
    refreshes: bool = True
    with_roles: bool = True
    tells_again: bool = True
    named: str | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Given] = field(default_factory=dict)
    tokens: dict[str, Given] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begin({})
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    def begin(self, people: dict[str, dict[str, Any]]) -> None:
        """Be honest, with these people, a key, and nothing that was given."""
        self.people = {name: dict(claims) for name, claims in people.items()}
        self.login, self.algorithm, self.named = "hoa", "RS256", None
        self.twist = lambda _claims: None
        self.refreshes = self.with_roles = self.tells_again = True
        self.keys, self.published = self.spare[:1], self.spare[:1]
        self.asked, self.codes, self.tokens = [], {}, {}

    @property
    def issuer(self) -> str:
        return f"http://{self.host}:{self.port}/town"

    def __enter__(self) -> "OpenIdProvider":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Answer, on the port that it had before."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
                provider.answer(self, {name: found[-1] for name, found in parse_qs(body).items()})

            def log_message(self, *_: Any) -> None:
                """Tests read no log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Not answer any more."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def rotate(self) -> None:
        """Sign by a new key, which only who asks again for the keys knows."""
        self.keys.insert(0, self.spare[len(self.keys)])
        self.published.insert(0, self.keys[0])

    def answer(self, at: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        parts = urlsplit(at.path)
        asked = {name: found[-1] for name, found in parse_qs(parts.query).items()}
        place = parts.path.removeprefix("/town/")
        self.asked.append(place)
        known: dict[str, Callable[[], tuple[int, Any]]] = {
            ".well-known/openid-configuration": lambda: (200, self.about()),
            "keys": lambda: (200, {"keys": [key.as_dict(private=False) for key in self.published]}),
            "authorize": lambda: self.authorize(asked),
            "token": lambda: self.token(form, at.headers.get("authorization", "")),
            "userinfo": lambda: self.userinfo(at.headers.get("authorization", "")),
            "end": lambda: (303, asked.get("post_logout_redirect_uri", "")),
        }
        status, said = known.get(place, lambda: (404, {"error": "not_found"}))()
        body = b"" if status == 303 else json.dumps(said).encode()
        with suppress(OSError):
            at.send_response(status)
            if status == 303:
                at.send_header("location", said)
            at.send_header("content-type", "application/json")
            at.send_header("content-length", str(len(body)))
            at.end_headers()
            at.wfile.write(body)

    def about(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/end",
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
        }

    def authorize(self, asked: dict[str, str]) -> tuple[int, Any]:
        """The person sits there and agrees; or, removed, is sent back with an error."""
        back: dict[str, str] = {"state": asked.get("state", ""), "iss": self.issuer}
        if asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256":
            return 400, {"error": "invalid_request"}
        if self.login not in self.people:
            back["error"] = "access_denied"
        else:
            code = back["code"] = secrets.token_urlsafe(16)
            given = Given(self.login, asked["redirect_uri"], asked["code_challenge"], asked["nonce"])
            self.codes[code] = given
        return 303, f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != f"Basic {wanted}":
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") == "refresh_token":
            given = self.tokens.pop(form.get("refresh_token", ""), None)  # each works once
        else:
            given = self.codes.pop(form.get("code", ""), None)
            proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
            if given is not None and (given.challenge, given.redirect) != (challenge, form["redirect_uri"]):
                given = None
        if given is None or given.user not in self.people:
            return 400, {"error": "invalid_grant"}
        access, refresh = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.tokens |= {access: given, refresh: given}
        said = {"access_token": access, "token_type": "Bearer"}
        if self.tells_again or form.get("grant_type") != "refresh_token":
            said["id_token"] = self.id_token(given)
        return 200, said | ({"refresh_token": refresh} if self.refreshes else {})

    def id_token(self, given: Given) -> str:
        now = int(time.time())
        person = dict(self.people[given.user])
        if not self.with_roles:
            del person["roles"]
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": given.nonce}
        claims |= {"sub": f"id-of-{given.user}", "preferred_username": given.user, **person}
        self.twist(claims)
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.algorithm == "none":
            parts = ({"alg": "none", "typ": "JWT"}, claims)
            return ".".join([*(_base64(json.dumps(part).encode()) for part in parts), ""])
        key = self.keys[0]
        header = {"alg": self.algorithm, "kid": self.named or key.kid}
        return jwt.encode(header, claims, key, registry=JWSRegistry(algorithms=[self.algorithm]))

    def userinfo(self, authorization: str) -> tuple[int, Any]:
        given = self.tokens.get(authorization.removeprefix("Bearer "))
        if given is None or given.user not in self.people:
            return 401, {"error": "invalid_token"}
        return 200, {"sub": f"id-of-{given.user}", **self.people[given.user]}


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

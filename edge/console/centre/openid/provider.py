"""The provider: what it says of itself, its keys, and the tokens that it gives. Tokens are never logged.

The only module here that knows authlib, joserfc and httpx; their errors become Denied, the reason goes to
the log.
"""

import asyncio
import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]
from authlib.oauth2.client import OAuth2Client  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.parameters import prepare_token_request  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from edge.config.console_openid import OpenId
from edge.console.access.denied import Denied, Reason
from edge.console.centre.openid.begun import Begun
from edge.console.centre.openid.person import claim_of
from edge.core.errors import PermanentError
from edge.core.ports import Clock

log = logging.getLogger(__name__)

LIFE_S = 3_600.0
"""How long what the provider says of itself, and its keys, are believed."""

BODY_MAX = 1_000_000
"""Largest answer that is read, in bytes."""

AT_ONCE = 8
"""Requests under way at once; more wait, and not for longer than an answer may take."""

LEEWAY_S = 60
"""How far the two clocks may be apart."""

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
"""Signatures by a key that the provider alone has: never `none`, never one by a shared secret."""

REFUSED_CODES = frozenset({"invalid_grant", "invalid_code"})
"""How a code or refresh token is refused: by the standard, and by Glewlwyd."""

REFUSED_CLIENT = frozenset({"invalid_client", "unauthorized_client"})
"""How the console itself is refused, by one or the other word."""

HINT_MAX = 4_000
"""Longest ID token that fits into an address, in characters."""

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Grant:
    """What the provider says of a person, verified, and the token by which it is asked again (if any).

    `hint` is the ID token of a login: by it the provider knows whose login there is to end.
    """

    claims: Mapping[str, Any]
    refresh: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Mapping[str, Any]
    until_ns: int


class Provider:
    """Asks one provider. Raises Denied: AWAY without an answer, ODD for one that cannot be trusted.

    Made with a `ca_file` that cannot be read, it raises PermanentError.
    """

    def __init__(self, settings: OpenId, secret: str | None, clock: Clock) -> None:
        self._settings, self._secret, self._clock = settings, secret, clock
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._kept: dict[str, _Kept] = {}
        try:
            trusted = ssl.create_default_context(cafile=settings.ca_file)
        except OSError as error:
            raise PermanentError(f"ca_file {settings.ca_file} of [openid] cannot be read: {error}") from error
        self._http = httpx.AsyncClient(
            verify=trusted, timeout=settings.timeout_s, trust_env=False, follow_redirects=False
        )

    async def close(self) -> None:
        """Give up the connections."""
        await self._http.aclose()

    async def way_there(self, begun: Begun) -> str:
        """Where a browser goes to log in: state, nonce and PKCE's challenge (S256) are in the address."""
        about = await self._about()
        client = OAuth2Client(
            None,
            self._settings.client_id,
            scope=" ".join(self._settings.scopes),
            redirect_uri=self._settings.redirect_url,
            code_challenge_method="S256",
        )
        address, _ = client.create_authorization_url(
            about["authorization_endpoint"],
            state=begun.state,
            code_verifier=begun.verifier,
            nonce=begun.nonce,
            ui_locales=begun.language,
        )
        return str(address)

    async def way_out(self, home: str, hint: str) -> str | None:
        """Where a browser goes to end its login there too, None where the provider offers no such place.

        Some providers ask whoever comes without a `hint` (RP-Initiated Logout 2), others show nothing.
        """
        about = await self._about()
        out = about.get("end_session_endpoint")
        if not isinstance(out, str) or not self._is_safe(out):
            return None
        more = {"client_id": self._settings.client_id, "post_logout_redirect_uri": home}
        if 0 < len(hint) <= HINT_MAX:
            more["id_token_hint"] = hint
        return str(httpx.URL(out).copy_merge_params(more))

    async def redeem(self, code: str, begun: Begun) -> Grant:
        """Turn the code that a browser brought back into what the provider says of who it is."""
        tokens = await self._tokens(
            "authorization_code",
            code=code,
            redirect_uri=self._settings.redirect_url,
            code_verifier=begun.verifier,
        )
        if "id_token" not in tokens:
            raise self._odd("no id_token came for the code")
        return await self._grant(tokens, begun.nonce, "")

    async def renew(self, refresh: str, subject: str) -> Grant:
        """What the provider says now of a person; nothing where it only says that they still may come in."""
        tokens = await self._tokens("refresh_token", refresh_token=refresh)
        tokens.setdefault("refresh_token", refresh)
        if "id_token" not in tokens:
            claims = await self._userinfo(tokens, subject)
            return Grant(claims, str(tokens["refresh_token"]))
        return await self._grant(tokens, "", subject)

    async def _grant(self, tokens: Mapping[str, Any], nonce: str, subject: str) -> Grant:
        claims = await self._verified(tokens, nonce)
        if subject and claims["sub"] != subject:
            raise self._odd("the token speaks of somebody else")
        if claim_of(claims, self._settings.role_claim) is None:
            claims |= await self._userinfo(tokens, claims["sub"])
        return Grant(claims, str(tokens.get("refresh_token") or ""), str(tokens["id_token"]))

    async def _verified(self, tokens: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token: signature, issuer, audience, times and nonce hold (Core 3.1.3.7)."""
        about = await self._about()
        offered = about.get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(
            algorithms=[name for name in ALGORITHMS if name in offered], strict_check_header=False
        )
        settings = self._settings
        wanted = {
            "iss": {"essential": True, "value": settings.issuer},
            "aud": {"essential": True, "value": settings.client_id},
        }
        params = {"client_id": settings.client_id, "access_token": tokens.get("access_token")}
        if nonce:
            params["nonce"] = nonce
        try:
            try:
                token = jwt.decode(str(tokens["id_token"]), await self._keys(), registry=registry)
            except InvalidKeyIdError:
                token = jwt.decode(str(tokens["id_token"]), await self._keys(anew=True), registry=registry)
            claims = CodeIDToken(token.claims, token.header, wanted, params)
            claims.validate(now=self._clock.utc_ns() // 1_000_000_000, leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise self._odd(f"its ID token does not hold ({type(error).__name__}: {error})") from error
        return dict(claims)

    async def _userinfo(self, tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """What the provider tells beside the ID token; it has to be of the same person."""
        place = (await self._about()).get("userinfo_endpoint")
        if not isinstance(place, str) or not self._is_safe(place) or "access_token" not in tokens:
            return {}
        headers = {"authorization": f"Bearer {tokens['access_token']}", "accept": "application/json"}
        status, found = await self._asked("GET", place, headers=headers)
        if status != httpx.codes.OK or found.get("sub") != subject:
            raise self._odd(f"userinfo (HTTP {status}) speaks of nobody, or of somebody else")
        return {name: value for name, value in found.items() if name not in ("iss", "aud", "sub")}

    async def _tokens(self, grant: str, **more: str) -> dict[str, Any]:
        about = await self._about()
        offered = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        auth = ClientAuth(self._settings.client_id, self._secret, basic if self._secret else "none")
        place = about["token_endpoint"]
        body = prepare_token_request(grant, **more)
        place, headers, body = auth.prepare("POST", place, dict(FORM), body)
        status, found = await self._asked("POST", place, headers=headers, content=body)
        if "error" in found:
            words = f"{self._settings.called} gives no token: {str(found['error'])[:100]!r} (HTTP {status})"
            mend = ": check client_id and client_secret_file" if found["error"] in REFUSED_CLIENT else ""
            log.warning("openid: %s%s", words, mend)
            if status >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise Denied(Reason.AWAY)
            raise Denied(Reason.UNWANTED if found["error"] in REFUSED_CODES else Reason.ODD)
        if status != httpx.codes.OK:
            raise self._odd(f"HTTP {status} for a code")
        return found

    async def _keys(self, anew: bool = False) -> KeySet:
        about = await self._about()
        found = await self._kept_or_asked("keys", about["jwks_uri"], anew)
        return KeySet.import_key_set({"keys": found["keys"]})

    async def _about(self) -> Mapping[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 4.3)."""
        issuer = self._settings.issuer
        found = await self._kept_or_asked(
            "about", f"{issuer.removesuffix('/')}/.well-known/openid-configuration"
        )
        if found.get("issuer") != issuer:
            self._kept.clear()
            raise self._odd(f"it calls itself {str(found.get('issuer'))[:200]!r}, not as issuer says")
        for name in ENDPOINTS:
            if not isinstance(found.get(name), str) or not self._is_safe(found[name]):
                self._kept.clear()
                raise self._odd(f"its {name} is missing, or not https")
        return found

    async def _kept_or_asked(self, name: str, place: str, anew: bool = False) -> Mapping[str, Any]:
        kept, now_ns = self._kept.get(name), self._clock.mono_ns()
        if kept is not None and now_ns < kept.until_ns and not anew:
            return kept.value
        status, found = await self._asked("GET", place, headers={"accept": "application/json"})
        if status != httpx.codes.OK:
            raise self._away(f"HTTP {status} from {place}")
        self._kept[name] = _Kept(found, now_ns + round(LIFE_S * 1e9))
        return found

    async def _asked(self, method: str, place: str, **more: Any) -> tuple[int, dict[str, Any]]:
        """HTTP status and the JSON object of an answer; at most BODY_MAX of it is read."""
        body = bytearray()
        try:
            async with (
                asyncio.timeout(self._settings.timeout_s),
                self._turns,
                self._http.stream(method, place, **more) as answer,
            ):
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > BODY_MAX:
                        raise self._odd(f"more than {BODY_MAX} bytes from {place}")
            found = json.loads(body)
        except TimeoutError as error:
            raise self._away(f"no answer within {self._settings.timeout_s:g} s from {place}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._away(f"{type(error).__name__} at {place}: {error}") from error
        except (ValueError, RecursionError) as error:
            if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise self._away(f"HTTP {answer.status_code} from {place}") from error
            raise self._odd(f"no JSON from {place}") from error
        if not isinstance(found, dict):
            raise self._odd(f"no JSON object from {place}")
        return answer.status_code, found

    def _is_safe(self, place: str) -> bool:
        """Whether an address is spoken to under TLS, or a provider on this machine named it."""
        return place.startswith("https://") or self._settings.issuer.startswith("http://")

    def _away(self, words: str) -> Denied:
        log.warning("openid: %s does not answer: %s", self._settings.called, words)
        return Denied(Reason.AWAY)

    def _odd(self, words: str) -> Denied:
        log.warning("openid: %s is not to be trusted: %s", self._settings.called, words)
        return Denied(Reason.ODD)

"""[openid] of console.toml: login by an OpenID Connect provider, beside the console's own accounts."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from edge.config.http import is_loopback
from edge.config.section import Seconds, Section

BACK = "/login/openid/back"
"""Where a provider sends browsers back to."""

RoleName = Literal["viewer", "officer", "operator", "technician", "administrator"]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class OpenId(Section):
    """[openid]: login by an OpenID Connect provider, by the authorization code flow with PKCE."""

    issuer: str
    """The provider, exactly as it names itself, such as `https://id.example/realms/town`."""
    client_id: Name
    """What the provider calls this console."""
    client_secret_file: Path | None = None
    """Where the client's secret lies; or GIANH_CONSOLE_OPENID_SECRET; a public client has none."""
    redirect_url: str
    """Where the provider sends browsers back to: the address of this console with `/login/openid/back`."""
    roles: Annotated[dict[Name, RoleName], Field(min_length=1, max_length=200)]
    """[openid.roles]: what the role claim has, and which role of ours that is. Of several the first that
    stands here counts; who has none of them is not let in."""
    role_claim: Name = "roles"
    """Claim with a person's roles or groups; dots lead inside: `realm_access.roles`."""
    user_claim: Name = "preferred_username"
    """Claim by which a person is called here, after `openid:`; one that nobody chooses for themselves."""
    title: Annotated[str, Field(max_length=60)] = ""
    """What the button calls the provider; default its host."""
    scopes: Annotated[tuple[Name, ...], Field(max_length=16)] = ("openid", "profile")
    """What is asked for; `offline_access` where the provider gives a refresh token only so."""
    ca_file: Path | None = None
    """Authority of its certificate; default the system's."""
    timeout_s: Annotated[Seconds, Field(le=60)] = 10
    """Longest wait for an answer of the provider."""
    recheck_s: Annotated[float, Field(ge=10, le=86_400)] = 300
    """How often the provider is asked whether who is logged in still may be, by the refresh token."""

    @property
    def called(self) -> str:
        """What people know the provider as."""
        return self.title or str(urlsplit(self.issuer).hostname)

    @model_validator(mode="after")
    def _checked(self) -> Self:
        for name, url in (("issuer", self.issuer), ("redirect_url", self.redirect_url)):
            parts = urlsplit(url)
            if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
                raise ValueError(f"{name} {url!r} goes beyond this machine: it has to begin with https://")
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
                raise ValueError(f"{name} {url!r} is not https://HOST[:PORT]/PATH")
            if parts.username or parts.password:
                raise ValueError(f"{name} holds credentials: use client_secret_file")
        if urlsplit(self.redirect_url).path != BACK:
            raise ValueError(f"redirect_url {self.redirect_url!r} has to end with {BACK}")
        if "openid" not in self.scopes:
            raise ValueError('scopes has to contain "openid"')
        return self

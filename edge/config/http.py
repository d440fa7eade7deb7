"""[http] of gateway.toml."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from edge.config.section import Section

TILES = re.compile(
    r"https?://[a-z0-9.-]+(:\d{1,5})?/(?=[^\s]*\{z\})(?=[^\s]*\{x\})(?=[^\s]*\{y\})[^\s'\";<>]*",
    re.IGNORECASE,
)
"""Where tiles may come from; nothing that could end a Content-Security-Policy."""


class Http(Section):
    """[http]: the API and console. Loopback without login unless configured otherwise."""

    host: str = "127.0.0.1"
    """Where it listens; `0.0.0.0` is every address. Beyond loopback it speaks TLS and asks for a login."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes a free one."""
    login: bool | Literal["act"] | None = None
    """Whether a login is asked for; default only beyond loopback. True on loopback also offers what acts;
    `act`, for loopback alone: who acts logs in, and reading is open to whoever is on this machine."""
    tls: bool | None = None
    """Whether it speaks TLS; default beyond loopback, and where cert_file is given."""
    cert_file: Path | None = None
    """Its certificate; default one that it makes and renews itself."""
    key_file: Path | None = None
    """The key of cert_file."""
    names: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=253)], ...], Field(max_length=32)
    ] = ()
    """Further names and addresses by which browsers call it; other names are refused."""
    idle_s: Annotated[float, Field(ge=60, le=2_592_000)] = 3_600
    """A session that asks nothing for so long is over."""
    session_s: Annotated[float, Field(ge=60, le=2_592_000)] = 43_200
    """A session is over after so long in any case."""

    tiles: Annotated[str, Field(max_length=300)] = ""
    """Background of maps, such as `https://tiles.example/{z}/{x}/{y}.png`; none without. Browsers need to
    reach it, and it learns which places are looked at."""
    tiles_credit: Annotated[str, Field(max_length=200)] = ""
    """What the source of the tiles wants to be named as, in plain text."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def asks_login(self) -> bool:
        """Whether a login is asked for."""
        return not self.is_local if self.login is None else bool(self.login)

    @property
    def reads_freely(self) -> bool:
        """Whether who is on this machine reads without login, though acting asks for one."""
        return self.login == "act" and self.is_local

    @property
    def speaks_tls(self) -> bool:
        """Whether it speaks TLS."""
        return (not self.is_local or self.cert_file is not None) if self.tls is None else self.tls

    @field_validator("tiles")
    @classmethod
    def _tiles(cls, text: str) -> str:
        if text and not TILES.fullmatch(text):
            raise ValueError("tiles is an address such as https://tiles.example/{z}/{x}/{y}.png")
        return text

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together: give both or neither")
        if self.cert_file is not None and not self.speaks_tls:
            raise ValueError("tls = false and cert_file cannot be together: take one of them out")
        return self


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"

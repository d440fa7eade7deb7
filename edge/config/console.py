"""console.toml: the console of the whole town at the centre."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import model_validator

from edge.config.console_openid import OpenId
from edge.config.http import Http
from edge.config.schema import Mqtt
from edge.config.section import Id, Seconds, Section


class Console(Section):
    """[console]: who this console is, and where its data lies."""

    id: Id = "centre"
    """Its name: in the audit, as MQTT client `gianh-ID`, and where answers go (`reply/ID`)."""
    data_dir: Path = Path("data")
    """Where users, certificate and silences lie; relative to the file."""


class History(Section):
    """[influx]: where charts have their history from; without it, what the console saw since its start."""

    url: str
    """`http://HOST[:PORT]`, or `https://` for TLS. It is asked by InfluxQL at `/query`, and never written."""
    database: str
    """Which database (version 1), or the bucket that is mapped to it (version 2)."""
    username: str | None = None
    """Where it asks for one."""
    password_file: Path | None = None
    """Where its password lies; or GIANH_CONSOLE_INFLUX_PASSWORD."""
    ca_file: Path | None = None
    """Authority of its certificate; default the system's."""
    timeout_s: Seconds = 10
    """Longest wait for an answer."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"url {self.url!r} is not http://HOST[:PORT] or https://HOST[:PORT]")
        if parts.username or parts.password:
            raise ValueError("url holds credentials: use username and password_file")
        return self


class ConsoleConfig(Section):
    """The whole of console.toml."""

    console: Console = Console()
    mqtt: Mqtt
    http: Http = Http()
    influx: History | None = None
    openid: OpenId | None = None

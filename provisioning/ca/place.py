"""Where the authority lies: one folder for its owner only, and what the town says of itself in `ca.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

import tomlkit
from cryptography import x509
from pydantic import Field, ValidationError, model_validator

from edge.config.section import Section
from edge.core.errors import ConfigError
from edge.core.owned import write_owned
from provisioning.ca.keys import PrivateKey, read_key
from provisioning.ca.profiles import Signer

ENROL_PORT, MQTT_PORT = 8443, 8883


class Town(Section):
    """ca.toml: what every certificate and every token of this town is made from."""

    town: Annotated[str, Field(min_length=1, max_length=64)]
    """The organisation in every certificate; never to be changed."""
    enrol_url: str
    """`https://HOST[:PORT]`: where gateways reach `gianh enrol serve`."""
    mqtt_url: str
    """`mqtts://HOST[:PORT]`: where they reach the broker."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        for key, url, scheme in (
            ("enrol_url", self.enrol_url, "https"),
            ("mqtt_url", self.mqtt_url, "mqtts"),
        ):
            parts = urlsplit(url)
            if parts.scheme != scheme or not parts.hostname or parts.username or parts.path.strip("/"):
                raise ValueError(f"{key} {url!r} is not {scheme}://HOST[:PORT]")
        return self

    @property
    def enrol_address(self) -> tuple[str, int]:
        """Host and port of the enrolment service."""
        return _address(self.enrol_url, ENROL_PORT)

    @property
    def mqtt_address(self) -> tuple[str, int]:
        """Host and port of the broker."""
        return _address(self.mqtt_url, MQTT_PORT)


@dataclass(frozen=True, slots=True)
class Place:
    """The folder and the names in it. `root_key` is best kept elsewhere: no day's work needs it."""

    folder: Path
    root_key: Path

    @classmethod
    def at(cls, folder: Path, root_key: Path | None = None) -> Self:
        """An authority's folder; its root key lies in it unless it is said where."""
        return cls(folder, root_key or folder / "root.key")

    @property
    def root(self) -> Path:
        """The root certificate: what every gateway and the broker trust."""
        return self.folder / "root.crt"

    @property
    def issuing_key(self) -> Path:
        """The key that signs from day to day."""
        return self.folder / "issuing.key"

    @property
    def issuing(self) -> Path:
        """Its certificate."""
        return self.folder / "issuing.crt"

    @property
    def settings(self) -> Path:
        """What the town says of itself."""
        return self.folder / "ca.toml"

    @property
    def crl(self) -> Path:
        """The list of what is revoked."""
        return self.folder / "crl.pem"

    def town(self) -> Town:
        """What ca.toml says; raises ConfigError where there is no authority, or the file is wrong."""
        return read_town(self.settings)

    def root_certificate(self) -> x509.Certificate:
        """The root certificate."""
        return read_certificate(self.root)

    def signer(self) -> Signer:
        """The issuing authority."""
        key = read_key(_content(self.issuing_key), self.issuing_key)
        return Signer(key, read_certificate(self.issuing))

    def chain(self) -> bytes:
        """What goes below a certificate so that the root is enough to judge it."""
        return _content(self.issuing)


def read_town(file: Path) -> Town:
    """What a ca.toml says."""
    try:
        return Town.model_validate(tomllib.loads(_content(file).decode()))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{file}: {where + ': ' if where else ''}{first['msg']}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not TOML: {error}") from error


def town_of(town: str, enrol_url: str, mqtt_url: str) -> Town:
    """The same from a command's options."""
    try:
        return Town(town=town, enrol_url=enrol_url, mqtt_url=mqtt_url)
    except ValidationError as error:
        raise ConfigError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


def write_town(file: Path, town: Town) -> None:
    """Write ca.toml."""
    write_owned(file, tomlkit.dumps(town.model_dump()).encode())


def read_certificate(file: Path) -> x509.Certificate:
    """The first certificate in a file."""
    return certificate_in(_content(file), file)


def certificate_in(content: bytes, place: object) -> x509.Certificate:
    """The first certificate of PEM text; raises ConfigError that names its place."""
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError as error:
        raise ConfigError(f"{place} holds no certificate that can be read") from error


def certificates_in(content: bytes, place: object) -> list[x509.Certificate]:
    """All certificates of PEM text."""
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise ConfigError(f"{place} holds no certificates that can be read") from error


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(
            f"{file} is not there: make an authority by `gianh ca init`, or name its folder with --ca DIR"
        ) from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}): run this as its owner") from error


def _address(url: str, default: int) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or default


def private_key(file: Path) -> PrivateKey:
    """The open key in a file."""
    return read_key(_content(file), file)

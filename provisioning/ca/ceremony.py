"""`gianh ca init` and `renew`: the steps that need the root's key. Each is done once and never over again."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from edge.core.errors import ConfigError
from edge.core.owned import make_folder, write_new, write_owned
from provisioning.ca.authority import Authority, Now
from provisioning.ca.keys import PrivateKey, key_pem, new_key, sealed, unsealed
from provisioning.ca.place import Place, Town, private_key, read_town, write_town
from provisioning.ca.profiles import Kind, Signer, certificate_for
from provisioning.ca.records import Records

Passphrase = Callable[[bool], str]
"""Asks for the root's passphrase; told whether it is a new one."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an init did: the files that were not there before, in order."""

    files: tuple[str, ...]


def init(place: Place, town: Town, ask: Passphrase, now: Now) -> Made:
    """Make what is missing of an authority; never touches a key or certificate that is there.

    A run that was cut off at any point goes on from there. Raises ConfigError where what is there does not
    fit: a certificate without its key, another town.
    """
    make_folder(place.folder)
    made = [*_settings(place, town)]
    root = _Root(place, ask)
    if not place.root.exists():
        made += root.make_key()
        certificate = certificate_for(
            Kind.ROOT, f"{town.town} root", town.town, root.key.public_key(), Signer(root.key, None), now()
        )
        write_new(place.root, _pem(certificate), mode=0o644)
        made.append("root.crt")
    if not place.issuing.exists():
        if not place.issuing_key.exists():
            write_new(place.issuing_key, key_pem(new_key()))
            made.append("issuing.key")
        write_new(place.issuing, _pem(_issuing(place, town, root, now())), mode=0o644)
        made.append("issuing.crt")
    Records(place.folder).prepare()
    if not place.crl.exists():
        Authority(place, now).write_crl()
        made.append("crl.pem")
    return Made(tuple(made))


def renew(place: Place, ask: Passphrase, now: Now) -> x509.Certificate:
    """Give the issuing authority more time: the same key, a new certificate by the root."""
    certificate = _issuing(place, place.town(), _Root(place, ask), now())
    write_owned(place.issuing, _pem(certificate), mode=0o644)
    return certificate


class _Root:
    """The root's key, opened only when a step needs it."""

    def __init__(self, place: Place, ask: Passphrase) -> None:
        self._place, self._ask = place, ask
        self._key: PrivateKey | None = None

    @property
    def key(self) -> PrivateKey:
        if self._key is None:
            file = self._place.root_key
            try:
                content = file.read_bytes()
            except OSError as error:
                raise ConfigError(
                    f"the root's key is not at {file}: bring the medium on which it is kept, and name it "
                    "with --root-key FILE"
                ) from error
            self._key = unsealed(content, self._ask(False), file)
        return self._key

    def make_key(self) -> list[str]:
        file = self._place.root_key
        if file.exists():
            return []
        key = new_key()
        file.parent.mkdir(parents=True, exist_ok=True)
        write_new(file, sealed(key, self._ask(True)))
        self._key = key
        return [file.name]


def _settings(place: Place, town: Town) -> list[str]:
    if place.settings.exists():
        known = read_town(place.settings)
        if known == town:
            return []
        if known.town != town.town:
            raise ConfigError(
                f"{place.folder} is the authority of {known.town!r}, whose name is in every certificate: "
                "make another town's elsewhere, with --ca DIR"
            )
    write_town(place.settings, town)
    return [place.settings.name]


def _issuing(place: Place, town: Town, root: _Root, now: dt.datetime) -> x509.Certificate:
    certificate = place.root_certificate()
    if certificate.public_key() != root.key.public_key():
        raise ConfigError(f"{place.root_key} is not the key of {place.root}: bring the right one")
    key = private_key(place.issuing_key)
    signer = Signer(root.key, certificate)
    return certificate_for(Kind.ISSUING, f"{town.town} issuing", town.town, key.public_key(), signer, now)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)

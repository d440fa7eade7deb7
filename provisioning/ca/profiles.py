"""What each kind of certificate says: how long it holds and what it may be used for (RFC 5280). Pure.

ECDSA on P-256 with SHA-256 throughout; serial numbers are random (RFC 5280 §4.1.2.2).
"""

import datetime as dt
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.core.errors import ConfigError
from edge.core.ids import ID_RULE, is_id
from provisioning.ca.keys import PrivateKey, PublicKey

BACKDATED = dt.timedelta(hours=1)
"""A certificate begins so long before it is made: clocks in cabinets are not exact."""

AT = "@"
"""Stands in every name but a gateway's, in which it cannot: `centre@console`, `fleet@signing`."""

DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning (RFC 9336): such a key signs documents and logs in nowhere."""

HOST_PART_MAX = 50
"""So much of a host's name goes into a subject, which has room for 64 characters; the rest is beside it."""

_DNS = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


class Kind(StrEnum):
    """What a certificate is for."""

    ROOT = "root"
    ISSUING = "issuing"
    GATEWAY = "gateway"
    ROLE = "role"
    SERVER = "server"
    SIGNING = "signing"


class Role(StrEnum):
    """Who works at the centre, as the broker knows them."""

    CONSOLE = "console"
    OPERATOR = "operator"
    READER = "reader"
    FLEET = "fleet"
    HOME = "home"
    """Home Assistant."""


LIVES: Mapping[Kind, dt.timedelta] = MappingProxyType(
    {
        Kind.ROOT: dt.timedelta(days=20 * 365),
        Kind.ISSUING: dt.timedelta(days=10 * 365),
        Kind.GATEWAY: dt.timedelta(days=90),
        Kind.ROLE: dt.timedelta(days=365),
        Kind.SERVER: dt.timedelta(days=365),
        Kind.SIGNING: dt.timedelta(days=730),
    }
)
"""How long each holds, unless the authority that signs it ends before."""

PURPOSES: Mapping[Kind, x509.ObjectIdentifier] = MappingProxyType(
    {
        Kind.GATEWAY: ExtendedKeyUsageOID.CLIENT_AUTH,
        Kind.ROLE: ExtendedKeyUsageOID.CLIENT_AUTH,
        Kind.SERVER: ExtendedKeyUsageOID.SERVER_AUTH,
        Kind.SIGNING: DOCUMENT_SIGNING,
    }
)
"""The one purpose of each kind that is no authority."""

PATHS: Mapping[Kind, int] = MappingProxyType({Kind.ROOT: 1, Kind.ISSUING: 0})
"""How many authorities may stand below one."""


@dataclass(frozen=True, slots=True)
class Signer:
    """An authority that can sign; `certificate` is None for a root that signs its own."""

    key: PrivateKey
    certificate: x509.Certificate | None


def certificate_for(
    kind: Kind,
    name: str,
    town: str,
    key: PublicKey,
    signer: Signer,
    now: dt.datetime,
    hosts: Sequence[str] = (),
) -> x509.Certificate:
    """A certificate of a kind for a key; `hosts` are the names and addresses of a server."""
    issuer = signer.certificate
    ends = now + LIVES[kind]
    subject = subject_of(town, name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(ends if issuer is None else min(ends, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(kind in PATHS, PATHS.get(kind)), critical=True)
        .add_extension(_usage(kind), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False
        )
    )
    if kind in PURPOSES:
        builder = builder.add_extension(x509.ExtendedKeyUsage([PURPOSES[kind]]), critical=False)
    if kind is Kind.ISSUING:
        # It may sign for this town alone: whatever else it were made to sign, nobody would believe.
        builder = builder.add_extension(_constraints(town), critical=True)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(_hosts(hosts)), critical=False)
    return builder.sign(signer.key, hashes.SHA256())


def subject_of(town: str, name: str) -> x509.Name:
    """The subject of a name in a town."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, town),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def name_of(certificate: x509.Certificate) -> str:
    """Its common name: a gateway's id, or `centre@console` and the like; empty where it has none."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 else ""


def kind_of(certificate: x509.Certificate) -> Kind | None:
    """What a certificate is for, or None where it is for nothing that we sign."""
    try:
        purposes = list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except (x509.ExtensionNotFound, ValueError):
        return None
    client = Kind.ROLE if AT in name_of(certificate) else Kind.GATEWAY
    kinds = {client: PURPOSES[client], Kind.SERVER: PURPOSES[Kind.SERVER], Kind.SIGNING: DOCUMENT_SIGNING}
    return next((kind for kind, purpose in kinds.items() if purposes == [purpose]), None)


def at_name(whose: str, what: Role | Literal[Kind.SERVER, Kind.SIGNING]) -> str:
    """The name of somebody in a role, of a server or a signing key; raises ConfigError where it is none."""
    if not (is_id(whose) or (what is Kind.SERVER and _is_host(whose))):
        raise ConfigError(f"{whose!r} is no name for a {what}, which is {ID_RULE}")
    return f"{whose[:HOST_PART_MAX]}{AT}{what}"


def is_name(name: str) -> bool:
    """Whether it can be in a certificate: a gateway's id, or somebody at something."""
    whose, at, what = name.partition(AT)
    return is_id(name) or bool(at and what in (*Role, Kind.SERVER, Kind.SIGNING) and _is_host(whose))


def role_of(name: str) -> Role | None:
    """The role that a name has, or None."""
    _, at, role = name.partition(AT)
    return Role(role) if at and role in set(Role) else None


def _usage(kind: Kind) -> x509.KeyUsage:
    authority = kind in PATHS
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _constraints(town: str) -> x509.NameConstraints:
    inside = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, town)])
    return x509.NameConstraints(permitted_subtrees=[x509.DirectoryName(inside)], excluded_subtrees=None)


def _hosts(hosts: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for host in hosts:
        if not _is_host(host):
            raise ConfigError(f"{host!r} is neither a host name nor an address")
        address = _address(host)
        found.append(x509.DNSName(host.lower()) if address is None else x509.IPAddress(address))
    return found


def _is_host(text: str) -> bool:
    return _DNS.fullmatch(text.lower()) is not None or _address(text) is not None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None

"""Signs bytes in the town's name, for one purpose, and judges such signatures by the root alone.

A signature carries its certificate chain, so that whoever holds the root certificate needs nothing else. It
is bound to its purpose: what was signed as a configuration is never taken for anything else.
"""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from edge.core.errors import ConfigError, PermanentError
from provisioning.ca.authority import Authority
from provisioning.ca.keys import PrivateKey, key_pem, new_key
from provisioning.ca.place import certificate_in, certificates_in, private_key
from provisioning.ca.profiles import Kind, at_name, kind_of, name_of, subject_of
from provisioning.ca.records import Issued

SIGNATURE_BYTES_MAX = 16_384
"""Longest signature that is looked at."""


class Purpose(StrEnum):
    """What signed bytes are."""

    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, by the name in the certificate, and with which serial number."""

    by: str
    serial: int


class Signatory:
    """A signing key with its chain, from the PEM file that `gianh ca sign-key` wrote."""

    def __init__(self, file: Path) -> None:
        self._key: PrivateKey = private_key(file)
        self._chain = file.read_bytes()[file.read_bytes().index(b"-----BEGIN CERTIFICATE-----") :]
        self.certificate = certificate_in(self._chain, file)
        if kind_of(self.certificate) is not Kind.SIGNING:
            raise ConfigError(f"{file} is no signing key: make one by `gianh ca sign-key NAME`")

    def sign(self, content: bytes, purpose: Purpose) -> bytes:
        """A detached signature, as JSON in ASCII."""
        signature = self._key.sign(_bound(content, purpose), ec.ECDSA(hashes.SHA256()))
        said = {
            "purpose": purpose.value,
            "signature": base64.b64encode(signature).decode(),
            "chain": self._chain.decode(),
        }
        return json.dumps(said).encode()


def sign_key(authority: Authority, name: str) -> tuple[Issued, bytes]:
    """A new signing key: what was recorded, and the PEM text with key, certificate and chain."""
    key = new_key()
    issued = authority.sign(Kind.SIGNING, at_name(name, Kind.SIGNING), key.public_key())
    return issued, key_pem(key) + authority.chain_of(issued)


def verify(
    content: bytes,
    signature: bytes,
    purpose: Purpose,
    root: x509.Certificate,
    at: dt.datetime,
    crl: bytes | None = None,
) -> Signed:
    """Who signed these bytes for this purpose. Raises PermanentError, with the reason, where nobody did.

    Without `crl` a revoked signing key is not known as such: give it where there is one.
    """
    said = _read(signature)
    if said.get("purpose") != purpose.value:
        raise PermanentError(f"it was signed as {said.get('purpose')!r}, not as a {purpose}")
    try:
        chain = certificates_in(str(said.get("chain", "")).encode(), "the signature")
        signed = base64.b64decode(str(said.get("signature", "")), validate=True)
    except (ConfigError, binascii.Error) as error:
        raise PermanentError(f"the signature cannot be read: {error}") from error
    leaf = _trusted(chain, root, at)
    if crl is not None and _is_revoked(leaf, chain[1], crl):
        raise PermanentError(f"the signing key of {name_of(leaf)} was revoked")
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(signed, _bound(content, purpose), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise PermanentError(f"it is not what {name_of(leaf)} signed: something in it was changed") from error
    return Signed(name_of(leaf), leaf.serial_number)


def _read(signature: bytes) -> dict[str, object]:
    try:
        said = json.loads(signature) if len(signature) <= SIGNATURE_BYTES_MAX else None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise PermanentError("that is no signature of Gianh")
    return said


def _trusted(chain: Sequence[x509.Certificate], root: x509.Certificate, at: dt.datetime) -> x509.Certificate:
    """The signing certificate, where root, issuing and it follow each other and hold now."""
    if len(chain) != 2:
        raise PermanentError("the signature's chain is not a signing certificate and its authority's")
    leaf, issuing = chain
    try:
        issuing.verify_directly_issued_by(root)
        leaf.verify_directly_issued_by(issuing)
        basic = issuing.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = issuing.extensions.get_extension_for_class(x509.KeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as error:
        raise PermanentError("the signature is not of this town's authority") from error
    if not basic.ca or not usage.key_cert_sign or kind_of(leaf) is not Kind.SIGNING:
        raise PermanentError(f"the certificate of {name_of(leaf)} is not for signing")
    if leaf.subject != subject_of(_town(root), name_of(leaf)):
        raise PermanentError("the signing certificate is of another town")
    for one in (leaf, issuing, root):
        if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
            raise PermanentError(
                f"the certificate of {name_of(one)} holds from {one.not_valid_before_utc:%Y-%m-%d} to "
                f"{one.not_valid_after_utc:%Y-%m-%d}, and it is {at:%Y-%m-%d}"
            )
    return leaf


def _is_revoked(leaf: x509.Certificate, issuing: x509.Certificate, crl: bytes) -> bool:
    try:
        found = x509.load_pem_x509_crl(crl)
    except ValueError as error:
        raise PermanentError("the list of revoked certificates cannot be read") from error
    if not found.is_signature_valid(issuing.public_key()):  # type: ignore[arg-type]
        raise PermanentError("the list of revoked certificates is not of this town's authority")
    return found.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None


def _town(root: x509.Certificate) -> str:
    found = root.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def _bound(content: bytes, purpose: Purpose) -> bytes:
    return b"gianh signature v1\0" + purpose.value.encode() + b"\0" + content

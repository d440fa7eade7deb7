"""The certificate under which the console speaks TLS: the one that is configured, or one of its own."""

import datetime as dt
import ipaddress
import logging
import re
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.console.access.addresses import local_addresses
from edge.core.clock import EARLIEST_NS
from edge.core.errors import PermanentError
from edge.core.fingerprints import fingerprint_of
from edge.core.owned import write_owned
from edge.core.ports import Aside, Clock

log = logging.getLogger(__name__)

FILE = "https.pem"
"""Key and certificate of its own, in data_dir, for its owner only."""

LIFE = dt.timedelta(days=397)
RENEW = dt.timedelta(days=30)
"""So long before its end it is made anew."""

LOOK_S = 3_600.0

_DNS = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")

Name = x509.DNSName | x509.IPAddress


class Identity:
    """A certificate in use. `context` goes to the server, and takes a renewed one without a restart."""

    name = "https certificate"

    def __init__(
        self,
        clock: Clock,
        aside: Aside,
        own: Path,
        names: Sequence[str],
        given: tuple[Path, Path] | None = None,
    ) -> None:
        self._clock, self._aside, self._own, self._names, self._given = clock, aside, own, names, given
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.fingerprint = ""
        self._until = dt.datetime.fromtimestamp(0, dt.UTC)
        if given is None and self._is_due():
            self._make()
        self._use()

    async def run(self) -> None:
        """Renew it in time, until cancelled; one that is configured is read again when it changed."""
        while True:
            await self._clock.sleep(LOOK_S)
            try:
                if self._given is None and self._is_due():
                    await self._aside(self._make)
                    self._use()
                elif self._given is not None and self._read(self._given[0]) != self.fingerprint:
                    self._use()
            except (OSError, ValueError, PermanentError) as error:
                log.warning("the certificate cannot be renewed: %s", error)

    def _use(self) -> None:
        cert, key = self._given or (self._own, self._own)
        try:
            self.context.load_cert_chain(cert, key)
            self.fingerprint = self._read(cert)
        except (OSError, ValueError) as error:
            raise PermanentError(
                f"the certificate {cert} and its key {key} cannot be used ({error}): give a pair in PEM form"
            ) from error
        log.info("TLS with the certificate of SHA-256 fingerprint %s", self.fingerprint)

    def _read(self, path: Path) -> str:
        certificate = x509.load_pem_x509_certificate(_certificate_part(path.read_bytes()))
        return fingerprint_of(certificate.public_bytes(serialization.Encoding.DER))

    def _is_due(self) -> bool:
        """Whether its own certificate is not there, not ours to use, for other names, or soon at its end."""
        try:
            content = self._own.read_bytes()
            certificate = x509.load_pem_x509_certificate(_certificate_part(content))
            serialization.load_pem_private_key(content, None)
            covered = set(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
        except (OSError, ValueError, x509.ExtensionNotFound):
            return True
        return (
            self._now() + RENEW > certificate.not_valid_after_utc or not set(_named(self._names)) <= covered
        )

    def _make(self) -> None:
        now = self._now()
        write_owned(self._own, own_certificate(self._names, now))

    def _now(self) -> dt.datetime:
        """Now; a clock that was never set does not make a certificate of 1970."""
        utc_ns = self._clock.utc_ns() if self._clock.is_set() else max(self._clock.utc_ns(), EARLIEST_NS)
        return dt.datetime.fromtimestamp(utc_ns // 1_000_000_000, dt.UTC)


def own_certificate(names: Sequence[str], now: dt.datetime) -> bytes:
    """A new key and the certificate that it signed itself, as PEM; the first name is its subject."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    alternatives = list(dict.fromkeys((*_named(names), *_named(local_addresses()))))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def _named(names: Sequence[str]) -> Iterator[Name]:
    for name in names:
        try:
            yield x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            if _DNS.fullmatch(name.lower()):
                yield x509.DNSName(name.lower())


def _certificate_part(content: bytes) -> bytes:
    """The first certificate of a PEM file; raises ValueError where there is none."""
    return content[content.index(b"-----BEGIN CERTIFICATE-----") :]

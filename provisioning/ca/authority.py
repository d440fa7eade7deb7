"""The issuing authority at work: signs, takes back, and tells what it took back."""

import datetime as dt
from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from edge.core.errors import ConfigError
from edge.core.fingerprints import fingerprint_of
from edge.core.ids import ID_RULE
from edge.core.owned import write_owned
from provisioning.ca.keys import PublicKey, public_bytes
from provisioning.ca.place import Place
from provisioning.ca.profiles import Kind, certificate_for, is_name, name_of
from provisioning.ca.records import Issued, Records

CRL_LIFE = dt.timedelta(days=365)
"""Mosquitto refuses everybody once the list is older than this: long, since a new one replaces it at once."""

Now = Callable[[], dt.datetime]
"""The time, in UTC."""


def utc_now() -> dt.datetime:
    """The machine's time."""
    return dt.datetime.now(dt.UTC)


class Authority:
    """Signs for one town. Every change is on disk before it is told to anybody."""

    def __init__(self, place: Place, now: Now = utc_now) -> None:
        self.place, self.now = place, now
        self.town = place.town()
        self.root = place.root_certificate()
        self.signer = place.signer()
        self.records = Records(place.folder)
        self._refuse_foreign_key()

    def sign(self, kind: Kind, name: str, key: PublicKey, hosts: Sequence[str] = ()) -> Issued:
        """A new certificate; raises ConfigError where the name is barred, or the key is another's."""
        self._refuse_barred(name)
        if not self.records.own(public_bytes(key), name):
            raise ConfigError("this key belongs to another already: every machine makes its own")
        certificate = certificate_for(kind, name, self.town.town, key, self.signer, self.now(), hosts)
        issued = self.records.record(certificate)
        if self.records.is_barred(name):
            # Whoever barred the name meanwhile may have looked for its certificates before this was one.
            self.records.revoke(issued, x509.ReasonFlags.cessation_of_operation, self.now())
            self._refuse_barred(name)
        return issued

    def chain_of(self, issued: Issued) -> bytes:
        """A certificate and the issuing authority's, in PEM form."""
        return issued.certificate.public_bytes(serialization.Encoding.PEM) + self.place.chain()

    def revoke(self, name: str, reason: x509.ReasonFlags) -> list[Issued]:
        """Bar a name and take back all that it has; gives what was valid until now.

        Raises ConfigError where nobody of that name ever got a certificate.
        """
        if not is_name(name):
            raise ConfigError(f"{name!r} is neither a gateway's id, which is {ID_RULE}, nor NAME@ROLE")
        if not self.records.issued(name):
            raise ConfigError(f"{name} never got a certificate here; `gianh ca list` lists who did")
        self.records.bar(name, self.now())
        taken = [
            one
            for one in self.records.valid(name, self.now())
            if self.records.revoke(one, reason, self.now())
        ]
        self.write_crl()
        return taken

    def supersede(self, newest: Issued) -> None:
        """Take back all that a name has but the newest, which has shown that it works."""
        older = [one for one in self.records.valid(newest.name, self.now()) if one.serial != newest.serial]
        for one in older:
            self.records.revoke(one, x509.ReasonFlags.superseded, self.now())
        if older:
            self.write_crl()

    def write_crl(self) -> bytes:
        """Sign the list of what is revoked anew, and keep it as crl.pem."""
        now = self.now()
        issuer = self.signer.certificate
        assert issuer is not None
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.subject)
            .last_update(now - dt.timedelta(minutes=5))
            .next_update(now + CRL_LIFE)
            .add_extension(x509.CRLNumber(round(now.timestamp() * 1000)), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.signer.key.public_key()),
                critical=False,
            )
        )
        for one in self.records.revoked():
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(one.serial)
                .revocation_date(one.at)
                .add_extension(x509.CRLReason(one.reason), critical=False)
                .build()
            )
            builder = builder.add_revoked_certificate(entry)
        pem = builder.sign(self.signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        write_owned(self.place.crl, pem)
        return pem

    def _refuse_barred(self, name: str) -> None:
        if self.records.is_barred(name):
            raise ConfigError(f"{name} was revoked: with --again it is admitted anew")

    def _refuse_foreign_key(self) -> None:
        certificate = self.signer.certificate
        assert certificate is not None
        if certificate.public_key() != self.signer.key.public_key():
            raise ConfigError(
                f"{self.place.issuing_key} is not the key of {self.place.issuing}: bring both back "
                "from one backup"
            )
        if certificate.not_valid_after_utc < self.now():
            raise ConfigError(
                f"the issuing authority ended on {certificate.not_valid_after_utc:%Y-%m-%d}: "
                "`gianh ca renew` gives it more time, with the root's key"
            )


def fingerprint(certificate: x509.Certificate) -> str:
    """By what a person recognises it: `AB:CD:…`."""
    return fingerprint_of(certificate.public_bytes(serialization.Encoding.DER))


def whose(certificate: x509.Certificate) -> str:
    """A certificate for a person: name, serial number, until when."""
    return (
        f"{name_of(certificate)} (serial {certificate.serial_number:x}, until "
        f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC)"
    )

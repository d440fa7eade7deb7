"""What the centre decides about gateways: who gets a certificate, a new one, none any more. Knows no HTTP."""

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum

from cryptography import x509

from edge.core.errors import ConfigError, PermanentError
from edge.core.ids import is_id
from provisioning.ca.authority import Authority, fingerprint
from provisioning.ca.keys import PublicKey, public_bytes, read_request
from provisioning.ca.profiles import Kind, kind_of, name_of
from provisioning.ca.records import Issued
from provisioning.enrol.ticket import Ticket
from provisioning.enrol.tokens import Claim, Tokens


class Status(IntEnum):
    """Why something was denied, as HTTP says it."""

    WRONG = 400
    DENIED = 403


class Denied(PermanentError):
    """The centre says no, and to a person why."""

    def __init__(self, status: Status, text: str) -> None:
        super().__init__(text)
        self.status = status


CLAIMS = {
    Claim.UNKNOWN: "this token is not the one for this gateway: check both, or ask for a new one",
    Claim.EXPIRED: "this token has expired: ask for a new one",
    Claim.USED: "this token was used already, by another key: if that was not you, tell the centre at once; "
    "ask for a new one",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a gateway gets: its certificate with the issuing one below it, and where its broker is."""

    chain: str
    mqtt_url: str


class Office:
    """Decides for one authority."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.tokens = Tokens(authority.place.folder)

    def ticket(self, gateway: str, life: dt.timedelta, again: bool) -> Ticket:
        """A new ticket for a gateway; `again` admits one that was revoked."""
        if not is_id(gateway):
            raise ConfigError(f"{gateway!r} is no gateway's id")
        records = self.authority.records
        if again:
            records.admit(gateway)
        elif records.is_barred(gateway):
            raise ConfigError(f"{gateway} was revoked: with --again it is admitted anew, as a new machine")
        token = self.tokens.make(gateway, self.authority.now(), life)
        return Ticket.of(gateway, token, fingerprint(self.authority.root), self.authority.town.enrol_url)

    def enrol(self, gateway: str, token: str, request: bytes) -> Grant:
        """A first certificate for a token. The same key may ask again until the token expires."""
        key = _requested(request)
        if not is_id(gateway):
            raise Denied(Status.WRONG, "that is no gateway's id")
        claim = self.tokens.claim(gateway, token, public_bytes(key), self.authority.now())
        if claim is not Claim.TAKEN:
            raise Denied(Status.DENIED, CLAIMS[claim])
        return self._grant(gateway, key)

    def renew(self, presented: x509.Certificate | None, gateway: str, request: bytes) -> Grant:
        """A further certificate for a gateway that shows its own; for a new key."""
        current = self._current(presented, gateway)
        key = _requested(request)
        if public_bytes(key) == current.key:
            raise Denied(Status.WRONG, "a new certificate is for a new key, and this is the old one")
        records, now = self.authority.records, self.authority.now()
        begun = current.certificate.not_valid_before_utc
        for other in records.valid(gateway, now):
            # One that was given out after this one, and never worked: so there are never more than two.
            is_later = other.certificate.not_valid_before_utc >= begun and other.serial != current.serial
            if is_later and other.key != public_bytes(key):
                records.revoke(other, x509.ReasonFlags.superseded, now)
        return self._grant(gateway, key)

    def confirm(self, presented: x509.Certificate | None, gateway: str) -> None:
        """A gateway shows that its newest certificate works: those before it hold no more."""
        self.authority.supersede(self._current(presented, gateway))

    def leave(self, presented: x509.Certificate | None, gateway: str) -> None:
        """A gateway is taken out of service; it may say so again, where it was cut off the first time."""
        self._known(presented, gateway)
        self.authority.revoke(gateway, x509.ReasonFlags.cessation_of_operation)

    def _current(self, presented: x509.Certificate | None, gateway: str) -> Issued:
        """The certificate that was shown, where it is this gateway's and holds now."""
        known = self._known(presented, gateway)
        records = self.authority.records
        if records.is_revoked(known.serial) or records.is_barred(gateway):
            raise Denied(Status.DENIED, f"the certificate of {gateway} was revoked: it needs a new token")
        now = self.authority.now()
        if not known.certificate.not_valid_before_utc <= now < known.ends:
            raise Denied(Status.DENIED, f"the certificate of {gateway} ended: it needs a new token")
        return known

    def _known(self, presented: x509.Certificate | None, gateway: str) -> Issued:
        """The certificate that was shown, where it is this gateway's and was made here."""
        if presented is None:
            raise Denied(Status.DENIED, "this needs the gateway's certificate, and none was shown")
        if kind_of(presented) is not Kind.GATEWAY or name_of(presented) != gateway or not is_id(gateway):
            raise Denied(Status.DENIED, f"the certificate that was shown is not that of {gateway[:40]!r}")
        known = self.authority.records.find(presented.serial_number, gateway)
        if known is None or known.certificate != presented:
            raise Denied(Status.DENIED, "the certificate that was shown was not made here")
        return known

    def _grant(self, gateway: str, key: PublicKey) -> Grant:
        authority, spki = self.authority, public_bytes(key)
        same = [one for one in authority.records.valid(gateway, authority.now()) if one.key == spki]
        try:
            issued = same[-1] if same else authority.sign(Kind.GATEWAY, gateway, key)
        except ConfigError as error:
            raise Denied(Status.DENIED, str(error)) from error
        return Grant(authority.chain_of(issued).decode(), authority.town.mqtt_url)


def _requested(request: bytes) -> PublicKey:
    try:
        return read_request(request)
    except ConfigError as error:
        raise Denied(Status.WRONG, str(error)) from error

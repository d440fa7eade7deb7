"""What the authority hands out to people at the centre, and what it can tell of its work."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from edge.core.errors import ConfigError
from edge.core.owned import make_folder, write_owned
from provisioning.ca.authority import Authority, fingerprint
from provisioning.ca.keys import key_pem, new_key
from provisioning.ca.profiles import Kind, Role, at_name
from provisioning.ca.records import Issued
from provisioning.ca.signing import sign_key


@dataclass(frozen=True, slots=True)
class Given:
    """A certificate with the files in which it was handed out."""

    certificate: x509.Certificate
    files: tuple[Path, ...]

    def as_json(self) -> dict[str, object]:
        """For a program."""
        issued = Issued(self.certificate)
        return {
            "name": issued.name,
            "serial": f"{issued.serial:x}",
            "until": issued.ends.isoformat(),
            "files": [str(file) for file in self.files],
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One certificate in a list."""

    name: str
    kind: str
    state: str
    until: str
    serial: str

    def cells(self) -> list[str]:
        """For a table."""
        return [self.name, self.kind, self.state, self.until, self.serial]

    def as_json(self) -> dict[str, str]:
        """For a program."""
        return {"name": self.name, "kind": self.kind, "state": self.state, "until": self.until} | {
            "serial": self.serial
        }


def issue_role(authority: Authority, role: Role, whose: str, out: Path, again: bool = False) -> Given:
    """Key, certificate and authority for somebody at the centre: `console.key`, `console.crt`, `ca.crt`.

    `again` admits who was revoked.
    """
    key, name = new_key(), at_name(whose, role)
    if again:
        authority.records.admit(name)
    issued = authority.sign(Kind.ROLE, name, key.public_key())
    contents = {
        f"{role}.key": (key_pem(key), 0o600),
        f"{role}.crt": (authority.chain_of(issued), 0o644),
        "ca.crt": (root_pem(authority), 0o644),
    }
    return Given(issued.certificate, _written(out, contents))


def issue_signing_key(authority: Authority, name: str, out: Path) -> Given:
    """A signing key in one file, and the authority that judges its signatures."""
    issued, content = sign_key(authority, name)
    contents = {f"{name}.pem": (content, 0o600), "ca.crt": (root_pem(authority), 0o644)}
    return Given(issued.certificate, _written(out, contents))


def take_back(authority: Authority, name: str) -> Sequence[Issued]:
    """Revoke all that a name has, because it was stolen or is no more."""
    return authority.revoke(name, x509.ReasonFlags.key_compromise)


def root_pem(authority: Authority) -> bytes:
    """The root certificate in PEM form."""
    return authority.root.public_bytes(serialization.Encoding.PEM)


def show(authority: Authority) -> dict[str, object]:
    """What the authority is, for a program or a person."""
    issuing = authority.signer.certificate
    assert issuing is not None
    records, now = authority.records, authority.now()
    return {
        "town": authority.town.town,
        "fingerprint": fingerprint(authority.root),
        "root_until": f"{authority.root.not_valid_after_utc:%Y-%m-%d}",
        "issuing_until": f"{issuing.not_valid_after_utc:%Y-%m-%d}",
        "enrol_url": authority.town.enrol_url,
        "mqtt_url": authority.town.mqtt_url,
        "valid": sum(len(records.valid(name, now)) for name in records.names()),
        "revoked": len(list(records.revoked())),
    }


def listed(authority: Authority) -> list[Row]:
    """Every certificate that is remembered, by name, the newest first."""
    records = authority.records
    return [_row(authority, one) for name in records.names() for one in reversed(records.issued(name))]


def _row(authority: Authority, one: Issued) -> Row:
    state = "valid"
    if authority.records.is_revoked(one.serial):
        state = "revoked"
    elif one.ends < authority.now():
        state = "expired"
    kind = one.kind
    return Row(one.name, kind.value if kind else "", state, f"{one.ends:%Y-%m-%d}", f"{one.serial:x}")


def _written(out: Path, contents: dict[str, tuple[bytes, int]]) -> tuple[Path, ...]:
    try:
        if not out.exists():
            make_folder(out)
        for name, (content, mode) in contents.items():
            write_owned(out / name, content, mode)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written ({error.strerror}): name another folder") from error
    return tuple(out / name for name in contents)

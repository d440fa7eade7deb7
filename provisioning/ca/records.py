"""What the authority has signed and taken back: one small file for each fact, made once and never changed.

No lock and no database: a file appears whole or not at all, and of two who make the same one, also in two
processes, one is told that it is there. So a crash leaves nothing half said, and `ls` shows what is known.
"""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from edge.core.errors import GianhError
from edge.core.owned import make_folder, sync_folder, write_new
from provisioning.ca.keys import public_bytes
from provisioning.ca.profiles import Kind, kind_of, name_of

KEPT = dt.timedelta(days=90)
"""How long facts about a certificate stay after its end."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was signed here."""

    certificate: x509.Certificate

    @property
    def serial(self) -> int:
        """Its serial number."""
        return self.certificate.serial_number

    @property
    def name(self) -> str:
        """Whose it is."""
        return name_of(self.certificate)

    @property
    def kind(self) -> Kind | None:
        """What it is for."""
        return kind_of(self.certificate)

    @property
    def ends(self) -> dt.datetime:
        """Until when it holds."""
        return self.certificate.not_valid_after_utc

    @property
    def key(self) -> bytes:
        """The public key that it certifies."""
        key = self.certificate.public_key()
        return public_bytes(key)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate that holds no more: since when, why, and until when it would have held."""

    serial: int
    name: str
    at: dt.datetime
    reason: x509.ReasonFlags
    ends: dt.datetime


class Records:
    """The facts below an authority's folder."""

    def __init__(self, folder: Path) -> None:
        parts = ("issued", "revoked", "barred", "keys")
        self._issued, self._revoked, self._barred, self._keys = (folder / part for part in parts)

    def prepare(self) -> None:
        """Make the folders."""
        for folder in (self._issued, self._revoked, self._barred, self._keys):
            make_folder(folder)

    def own(self, key: bytes, name: str) -> bool:
        """Let a public key be a name's from now on; False where it is another's already."""
        place = self._keys / sha256(key).hexdigest()
        try:
            write_new(place, name.encode())
        except FileExistsError:
            return place.read_text("utf-8") == name
        return True

    def record(self, certificate: x509.Certificate) -> Issued:
        """Keep a certificate before anybody gets it."""
        found = Issued(certificate)
        folder = self._issued / found.name
        if not folder.is_dir():
            make_folder(folder)
            sync_folder(self._issued)
        write_new(folder / f"{found.serial:x}.pem", certificate.public_bytes(serialization.Encoding.PEM))
        return found

    def names(self) -> list[str]:
        """Everybody who ever got a certificate."""
        return sorted(path.name for path in self._issued.iterdir()) if self._issued.is_dir() else []

    def issued(self, name: str) -> list[Issued]:
        """What a name has got, the newest last."""
        folder = self._issued / name
        paths = folder.glob("[!.]*.pem") if folder.is_dir() else ()
        found = [Issued(x509.load_pem_x509_certificate(path.read_bytes())) for path in paths]
        return sorted(found, key=lambda one: one.certificate.not_valid_before_utc)

    def valid(self, name: str, now: dt.datetime) -> list[Issued]:
        """What a name has that holds now."""
        return [one for one in self.issued(name) if one.ends > now and not self.is_revoked(one.serial)]

    def find(self, serial: int, name: str) -> Issued | None:
        """The certificate of this serial number and name, if it was signed here."""
        return next((one for one in self.issued(name) if one.serial == serial), None)

    def revoke(self, one: Issued, reason: x509.ReasonFlags, now: dt.datetime) -> bool:
        """Take a certificate back; False where it was taken back already."""
        fact = {"name": one.name, "at": now.isoformat(), "reason": reason.value, "ends": one.ends.isoformat()}
        try:
            write_new(self._revoked / f"{one.serial:x}", json.dumps(fact).encode())
        except FileExistsError:
            return False
        return True

    def is_revoked(self, serial: int) -> bool:
        """Whether a certificate was taken back."""
        return (self._revoked / f"{serial:x}").exists()

    def revoked(self) -> Iterator[Revoked]:
        """Everything that was taken back."""
        if not self._revoked.is_dir():
            return
        for path in sorted(self._revoked.glob("[!.]*")):
            try:
                fact = json.loads(path.read_bytes())
                yield Revoked(
                    serial=int(path.name, 16),
                    name=fact["name"],
                    at=dt.datetime.fromisoformat(fact["at"]),
                    reason=x509.ReasonFlags(fact["reason"]),
                    ends=dt.datetime.fromisoformat(fact["ends"]),
                )
            except (ValueError, KeyError, TypeError) as error:
                # Left out it would hold again, unseen.
                raise GianhError(f"{path} cannot be read: bring it back from the backup") from error

    def bar(self, name: str, now: dt.datetime) -> None:
        """Let a name get no certificate any more."""
        with suppress(FileExistsError):
            write_new(self._barred / name, now.isoformat().encode())

    def admit(self, name: str) -> None:
        """Let a name get certificates again; those that were taken back stay so."""
        (self._barred / name).unlink(missing_ok=True)
        sync_folder(self._barred)

    def is_barred(self, name: str) -> bool:
        """Whether a name is to get no certificate."""
        return (self._barred / name).exists()

    def barred(self) -> list[str]:
        """All who are to get none."""
        return sorted(path.name for path in self._barred.glob("[!.]*")) if self._barred.is_dir() else []

    def forget(self, now: dt.datetime) -> None:
        """Drop what is about certificates that ended long ago."""
        for one in self.revoked():
            if one.ends + KEPT < now:
                (self._revoked / f"{one.serial:x}").unlink(missing_ok=True)
        for name in self.names():
            for old in self.issued(name):
                if old.ends + KEPT < now:
                    (self._keys / sha256(old.key).hexdigest()).unlink(missing_ok=True)
                    (self._issued / name / f"{old.serial:x}.pem").unlink(missing_ok=True)

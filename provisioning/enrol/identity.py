"""A gateway's identity on its disk: key, certificate chain and root in one folder, changed in one step.

```
identity/3f9c21aa/   gateway.key  gateway.crt  ca.crt
identity/current  -> 3f9c21aa     what is in use: gateway.toml names the files through this link
identity/next     -> 81d0be47     what is being made; its key never leaves
identity/previous -> 3f9c21aa     what was in use, until what came after it has worked
```

A link is replaced by a rename, so that after a power cut it points to the old pair or to the new one, never
to a key of the one and a certificate of the other.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from edge.core.errors import ConfigError, GianhError, PermanentError
from edge.core.owned import make_folder, sync_folder, write_owned
from provisioning.ca.keys import PrivateKey, key_pem, new_key, public_bytes, read_key
from provisioning.ca.place import certificate_in, certificates_in
from provisioning.ca.profiles import Kind, kind_of, name_of
from provisioning.enrol.wipe import wipe_file

FOLDER = "identity"
"""Its name in data_dir."""

CURRENT, NEXT, PREVIOUS = "current", "next", "previous"
LINKS = (CURRENT, NEXT, PREVIOUS)
BROKER_FILE = "mqtt_url"
"""Beside the pair: the broker's address that came with the certificate."""

KEY, CERTIFICATE, ROOT = "gateway.key", "gateway.crt", "ca.crt"


@dataclass(frozen=True, slots=True)
class Pair:
    """One key with what belongs to it; the folder may lack what is still to come."""

    folder: Path

    @property
    def key_file(self) -> Path:
        """The key."""
        return self.folder / KEY

    @property
    def certificate_file(self) -> Path:
        """The certificate, and the issuing authority's below it."""
        return self.folder / CERTIFICATE

    @property
    def root_file(self) -> Path:
        """The root that this gateway trusts."""
        return self.folder / ROOT

    def key(self) -> PrivateKey:
        """The key; raises ConfigError where it cannot be read."""
        return read_key(_content(self.key_file), self.key_file)

    def certificate(self) -> x509.Certificate:
        """The gateway's certificate."""
        return certificate_in(_content(self.certificate_file), self.certificate_file)

    def root(self) -> x509.Certificate:
        """The root."""
        return certificate_in(_content(self.root_file), self.root_file)

    @property
    def files(self) -> tuple[Path, Path]:
        """What TLS needs to show who this is."""
        return self.certificate_file, self.key_file


class Identity:
    """The folder below data_dir."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / FOLDER

    @classmethod
    def of(cls, certificate_file: Path) -> Self | None:
        """The identity to which a cert_file of [mqtt] belongs; None where `gianh enrol` did not write it."""
        current = certificate_file.parent
        usual = (
            current.name == CURRENT and current.parent.name == FOLDER and certificate_file.name == CERTIFICATE
        )
        return cls(current.parent.parent) if usual else None

    @property
    def in_use(self) -> Pair:
        """The files as gateway.toml names them, through the link."""
        return Pair(self.folder / CURRENT)

    def pair(self, link: str) -> Pair | None:
        """What a link points to, by its own folder; None where there is none."""
        place = self.folder / link
        return Pair(self.folder / os.readlink(place)) if place.is_symlink() else None

    @property
    def begun(self) -> Pair | None:
        """The pair that is being made; a link that a power cut left on the one in use is none."""
        following = self.pair(NEXT)
        return following if following != self.pair(CURRENT) else None

    @property
    def is_on_trial(self) -> bool:
        """Whether the pair in use has yet to show that it works."""
        previous = self.pair(PREVIOUS)
        return previous is not None and previous != self.pair(CURRENT)

    def begin(self) -> Pair:
        """A place for the next pair, with its new key; one that was begun before is gone on with."""
        make_folder(self.folder)
        self.tidy()
        pair = self.begun
        if pair is None:
            name = secrets.token_hex(4)
            (self.folder / name).mkdir(mode=0o700)
            self._point(NEXT, name)
            pair = Pair(self.folder / name)
        if not pair.key_file.exists():
            write_owned(pair.key_file, key_pem(new_key()))
        return pair

    def switch(self) -> None:
        """Use the next pair from now on; what was in use stays as the previous one."""
        following = self.pair(NEXT)
        assert following is not None
        current = self.pair(CURRENT)
        if current is not None and current != following:
            self._point(PREVIOUS, current.folder.name)
        self._point(CURRENT, following.folder.name)
        self._remove(NEXT)

    def give_to_owner(self) -> None:
        """Where root made it, let it belong to whom data_dir belongs to, who runs the gateway."""
        if os.geteuid() != 0:
            return
        owner = self.folder.parent.stat()
        for place in (self.folder, *self.folder.rglob("*")):
            os.chown(place, owner.st_uid, owner.st_gid, follow_symlinks=False)

    def settle(self) -> None:
        """What is in use has worked: the previous key is wiped."""
        self._remove(PREVIOUS)
        self.tidy()

    def fall_back(self) -> None:
        """What is in use does not work: use the previous pair again, and wipe this one."""
        previous = self.pair(PREVIOUS)
        assert previous is not None
        self._point(CURRENT, previous.folder.name)
        self._remove(PREVIOUS)
        self.tidy()

    def drop_next(self) -> None:
        """Forget what was begun."""
        self._remove(NEXT)
        self.tidy()

    def tidy(self) -> None:
        """Wipe pairs that no link points to, and what a power cut left of files half written."""
        if self.begun is None:
            self._remove(NEXT)
        kept = {pair.folder.name for link in LINKS if (pair := self.pair(link)) is not None}
        for place in self.folder.iterdir():
            if place.is_symlink():
                if place.name not in LINKS:
                    place.unlink()
            elif place.is_dir():
                gone = place.name not in kept
                for file in place.iterdir():
                    if gone or file.name.startswith("."):
                        wipe_file(file)
                if gone:
                    place.rmdir()

    def _point(self, link: str, name: str) -> None:
        new = self.folder / f".{link}.{secrets.token_hex(4)}"
        new.symlink_to(name)
        new.replace(self.folder / link)
        sync_folder(self.folder)

    def _remove(self, link: str) -> None:
        (self.folder / link).unlink(missing_ok=True)
        sync_folder(self.folder)


def check_pair(pair: Pair, gateway: str) -> x509.Certificate:
    """The certificate of a pair that belongs together: this key, this gateway, signed below this root.

    Raises PermanentError with what does not fit; whether it holds now is another question.
    """
    try:
        chain = certificates_in(_content(pair.certificate_file), pair.certificate_file)
        root = pair.root()
        key = pair.key()
        leaf, issuing = chain
        leaf.verify_directly_issued_by(issuing)
        issuing.verify_directly_issued_by(root)
    except (GianhError, ValueError, TypeError, InvalidSignature) as error:
        text = f"the certificate that came is not below the root that is trusted: {error}"
        raise PermanentError(text) from error
    if public_bytes(leaf.public_key()) != public_bytes(key.public_key()):  # type: ignore[arg-type]
        raise PermanentError("the certificate that came is for another key: enrol with a new ticket")
    if kind_of(leaf) is not Kind.GATEWAY or name_of(leaf) != gateway:
        raise PermanentError(f"the certificate that came is for {name_of(leaf)!r}, not for {gateway!r}")
    return leaf


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read ({error.strerror}): run this as the user of the gateway"
        ) from error

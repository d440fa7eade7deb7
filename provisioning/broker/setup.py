"""`gianh broker setup`: the files of the broker as they should be, what differs, and putting it right."""

import difflib
import os
import pwd
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from edge.core.errors import ConfigError, TransientError
from edge.core.owned import make_folder, write_owned
from provisioning.broker.acl import access_rules
from provisioning.broker.conf import Files, configuration
from provisioning.ca.authority import Authority, fingerprint
from provisioning.ca.give import root_pem
from provisioning.enrol.serve import ServerCertificate

PROGRAM = "mosquitto"
"""The program, and on Debian its user."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a broker is to be: `user` runs it, `address` is where it listens (empty: everywhere)."""

    folder: Path
    user: str
    address: str = ""


class BrokerSetup:
    """The set-up of one broker for one authority."""

    def __init__(self, authority: Authority, wish: Wish) -> None:
        self._authority, self._wish = authority, wish
        # Absolute: mosquitto finds no relative file once it is a daemon.
        self.files = Files(Path(os.path.abspath(wish.folder)))
        host, self.port = authority.town.mqtt_address
        self._certificate = ServerCertificate(authority, self.files.server, (host,))

    def differences(self) -> str:
        """What would change, for a person, with diffs of texts; empty where all is as it should be."""
        parts = []
        for file, content in self._wanted().items():
            before = _content(file)
            if file in (self.files.root, self.files.crl):
                if before != content:
                    parts.append(f"{file}: {_told(content)}\n")
            else:
                new = f"{file} (new)"
                parts += difflib.unified_diff(_lines(before), _lines(content), str(file), new, n=1)
        if self._certificate.is_due():
            parts.append(f"{self.files.server}: a new key and certificate\n")
        return "".join(parts)

    def apply(self) -> list[Path]:
        """Write what differs, each file whole; gives which. Raises ConfigError where it may not."""
        try:
            made = self._apply()
            self._give_away()
        except OSError as error:
            raise ConfigError(
                f"{self.files.folder} cannot be written ({error.strerror}): run this as root"
            ) from error
        return made

    def _apply(self) -> list[Path]:
        for folder in (self.files.folder, self.files.data):
            make_folder(folder)
        made = []
        for file, content in self._wanted().items():
            if _content(file) != content:
                write_owned(file, content.encode())
                made.append(file)
        if self._certificate.look():
            made.append(self.files.server)
        return made

    def _wanted(self) -> Mapping[Path, str]:
        files, records = self.files, self._authority.records
        now = self._authority.now()
        names = [name for name in records.names() if records.valid(name, now)]
        return {
            files.conf: configuration(files, self.port, self._wish.user, self._wish.address),
            files.acl: access_rules(names, records.barred()),
            files.root: root_pem(self._authority).decode(),
            files.crl: self._authority.place.crl.read_text(),
        }

    def _give_away(self) -> None:
        """Let everything belong to whom the broker becomes."""
        if os.geteuid() != 0:
            return
        try:
            user = pwd.getpwnam(self._wish.user)
        except KeyError as error:
            raise ConfigError(
                f"there is no user {self._wish.user!r}: install mosquitto, or give --user NAME"
            ) from error
        for place in (self.files.folder, *self.files.folder.rglob("*")):
            os.chown(place, user.pw_uid, user.pw_gid, follow_symlinks=False)


def usual_user() -> str:
    """Whom a broker becomes: Debian's user where root sets it up, else who does."""
    if os.geteuid() == 0:
        with suppress(KeyError):
            return pwd.getpwnam(PROGRAM).pw_name
    return pwd.getpwuid(os.geteuid()).pw_name


def reload_broker(files: Files) -> int:
    """Have the running broker read certificates, list and rules again; gives the number of its process.

    Raises TransientError where it does not run.
    """
    try:
        number = int(files.pid.read_text())
        name = Path(f"/proc/{number}/comm").read_text().strip()
        if name != PROGRAM:
            raise ProcessLookupError
        os.kill(number, signal.SIGHUP)
    except (OSError, ValueError) as error:
        raise TransientError(
            f"no broker runs with {files.conf}: start it with `mosquitto -c {files.conf}`"
        ) from error
    return number


def _content(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


def _told(pem: str) -> str:
    """What PEM text holds, for a person."""
    if "X509 CRL" in pem:
        return f"revoked certificates: {len(x509.load_pem_x509_crl(pem.encode()))}"
    return f"the authority {fingerprint(x509.load_pem_x509_certificate(pem.encode()))}"


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)

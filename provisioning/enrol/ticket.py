"""What a technician takes to a cabinet: where to enrol, as whom, with which token, and whom to trust. Pure.

As one line of text, which is also what the QR code holds: `gianh:GATEWAY:TOKEN:FINGERPRINT:URL`.
"""

import re
from dataclasses import dataclass
from typing import Self

from edge.core.errors import ConfigError
from edge.core.ids import is_id

SCHEME = "gianh"
TICKET_MAX = 600
"""Longest ticket, in characters."""

FINGERPRINT_HEX = 64
FINGERPRINT_HEX_MIN = 32
"""Half of a fingerprint, 128 bits, is enough where it is typed: nobody can make another that begins so."""

_FINGERPRINT = re.compile(rf"[0-9A-F]{{{FINGERPRINT_HEX_MIN},{FINGERPRINT_HEX}}}")
_URL = re.compile(r"https://[A-Za-z0-9.:\[\]-]{1,260}/?")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket; `fingerprint` is hexadecimal in capitals, without colons. Its text is a secret for a day."""

    gateway: str
    token: str
    fingerprint: str
    url: str

    @classmethod
    def of(cls, gateway: str, token: str, fingerprint: str, url: str) -> Self:
        """A ticket from its parts; raises ConfigError that names the wrong one."""
        plain = re.sub(r"[\s:]", "", fingerprint).upper()
        if not is_id(gateway):
            raise ConfigError(f"the ticket is for {gateway!r}, which is no gateway's id")
        if not _FINGERPRINT.fullmatch(plain):
            raise ConfigError(
                f"the fingerprint has {len(plain)} signs: give all {FINGERPRINT_HEX} that `gianh ca show` "
                f"prints, or the first {FINGERPRINT_HEX_MIN} at least"
            )
        if not _URL.fullmatch(url):
            raise ConfigError(f"{url!r} is not https://HOST[:PORT]")
        return cls(gateway, token.strip(), plain, url.rstrip("/"))

    @classmethod
    def read(cls, text: str) -> Self:
        """A ticket from its line of text."""
        parts = text.strip().split(":", 4)
        if len(text) > TICKET_MAX or len(parts) != 5 or parts[0] != SCHEME:
            raise ConfigError(
                "that is no ticket, which begins with `gianh:`: copy the whole line that "
                "`gianh enrol token` printed"
            )
        return cls.of(*parts[1:])

    @property
    def text(self) -> str:
        """The line of text."""
        return ":".join((SCHEME, self.gateway, self.token, self.fingerprint, self.url))

    def is_of(self, fingerprint: str) -> bool:
        """Whether a whole fingerprint, with colons, is the one that this ticket trusts."""
        return fingerprint.replace(":", "").startswith(self.fingerprint)

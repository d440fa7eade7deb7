"""By what a person recognises a certificate."""

import hashlib


def fingerprint_of(der: bytes) -> str:
    """SHA-256 of a certificate in DER form, as browsers and `openssl x509 -fingerprint -sha256` show it."""
    return shown(hashlib.sha256(der).hexdigest().upper())


def shown(digits: str) -> str:
    """A fingerprint, or its beginning, as people compare it: `AB:CD:…`."""
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))

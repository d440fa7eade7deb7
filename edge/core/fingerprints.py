"""By what a person recognises a certificate."""

import hashlib


def fingerprint_of(der: bytes) -> str:
    """SHA-256 of a certificate in DER form, as browsers and `openssl x509 -fingerprint -sha256` show it."""
    return hashlib.sha256(der).digest().hex(":").upper()

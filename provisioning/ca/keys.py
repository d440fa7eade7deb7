"""Private keys: ECDSA on P-256. The root's is sealed by a passphrase, the others lie open for their owner.

The seal is standard: PKCS #8 with AES-256, whose password is the scrypt (RFC 7914) of the passphrase in hex.
PKCS #8 alone would leave the passphrase to 2,048 rounds of PBKDF2. The salt stands above the key, so that
`openssl kdf` and `openssl pkey` open it as well; docs/identity.md shows how.
"""

import hashlib
import re
import secrets

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.core.errors import ConfigError

PASSPHRASE_MIN = 12
"""Shortest passphrase, in characters."""

PASSPHRASE_BYTES_MAX = 1024

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1
"""128 MiB and some tenths of a second for each guess."""

_SCRYPT_BYTES_MAX = 256 * 2**20
_SALT = re.compile(rb"^scrypt-salt: ([0-9a-f]{32})$", re.MULTILINE)

PrivateKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey


def new_key() -> PrivateKey:
    """A new key."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: PrivateKey) -> bytes:
    """A key as PKCS #8 in PEM form, not encrypted."""
    return _pem(key, serialization.NoEncryption())


def read_key(content: bytes, place: object) -> PrivateKey:
    """The key of an open PEM file; raises ConfigError that names the place."""
    try:
        return _suitable(serialization.load_pem_private_key(content, None), place)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{place} holds no private key that can be read: use the backup") from error


def sealed(key: PrivateKey, passphrase: str) -> bytes:
    """A key that only the passphrase opens. Raises ConfigError where that is too short."""
    if len(passphrase) < PASSPHRASE_MIN:
        raise ConfigError(f"the passphrase is too short: use {PASSPHRASE_MIN} characters or more")
    salt = secrets.token_bytes(16)
    head = f"scrypt-salt: {salt.hex()}\nscrypt-n: {SCRYPT_N} r: {SCRYPT_R} p: {SCRYPT_P}\n".encode()
    return head + _pem(key, serialization.BestAvailableEncryption(_stretched(passphrase, salt)))


def unsealed(content: bytes, passphrase: str, place: object) -> PrivateKey:
    """The key in a sealed file; raises ConfigError where the passphrase or the file is not right."""
    salt = _SALT.search(content)
    if salt is None:
        raise ConfigError(f"{place} is no sealed key of Gianh: use the backup")
    password = _stretched(passphrase, bytes.fromhex(salt[1].decode()))
    try:
        return _suitable(serialization.load_pem_private_key(content, password), place)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"the passphrase does not open {place}: try again") from error


def public_bytes(key: PublicKey) -> bytes:
    """What tells one key from another: its SubjectPublicKeyInfo."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def request_pem(key: PrivateKey, name: str) -> bytes:
    """A signing request that proves the possession of a key."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def read_request(content: bytes) -> PublicKey:
    """The key that a signing request asks for; all else that it says is not believed.

    Raises ConfigError where it is not one, is not signed by its own key, or the key is not on P-256.
    """
    try:
        request = x509.load_pem_x509_csr(content)
        signed = request.is_signature_valid
        key = request.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError("that is no signing request in PEM form") from error
    if not signed or not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise ConfigError("the signing request is not signed by a key of its own on P-256")
    return key


def _pem(key: PrivateKey, encryption: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _stretched(passphrase: str, salt: bytes) -> bytes:
    secret = passphrase.encode()[:PASSPHRASE_BYTES_MAX]
    key = hashlib.scrypt(
        secret, salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, maxmem=_SCRYPT_BYTES_MAX, dklen=32
    )
    return key.hex().encode()


def _suitable(key: object, place: object) -> PrivateKey:
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ConfigError(f"{place} holds a key of another kind than P-256")
    return key

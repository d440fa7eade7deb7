"""A configuration on its way to one gateway: signed, versioned, small enough for one MQTT message. Pure."""

import base64
import binascii
import datetime as dt
import hashlib
import json
import zlib
from dataclasses import asdict, dataclass

from cryptography import x509

from edge.core.errors import PermanentError
from provisioning.ca.signing import Purpose, Signatory, verify

BUNDLE_MAX = 48_000
"""Longest bundle as text: with its signature it must fit into a packet that gateways take."""

CONFIG_MAX = 4_000_000
"""Longest configuration in bytes, unpacked."""

TRIAL_S_MIN, TRIAL_S_MAX = 5.0, 3600.0
"""How long a gateway may try a configuration before it returns to the one before."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is signed. `version` grows with every change of this gateway, also with a rollback; `over_local`
    lets it replace a file that was changed at the gateway since.
    """

    gateway: str
    version: int
    made_at: str
    trial_s: float
    config: str
    over_local: bool = False

    @property
    def digest(self) -> str:
        """By which both sides know this configuration."""
        return digest_of(self.config)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The two fields of the command: the bundle in Base64, and its signature."""

    bundle: str
    signature: str


def digest_of(config: str) -> str:
    """SHA-256 of a configuration's text, the first 16 hexadecimal digits."""
    return hashlib.sha256(config.encode()).hexdigest()[:16]


def seal(bundle: Bundle, signatory: Signatory) -> Sealed:
    """Sign a bundle. Raises PermanentError if it is too large for one message."""
    content = zlib.compress(json.dumps(asdict(bundle), ensure_ascii=False).encode(), 9)
    text = base64.b64encode(content).decode()
    if len(text) > BUNDLE_MAX:
        raise PermanentError(
            f"the configuration of {bundle.gateway} is too large to travel ({len(text)} of {BUNDLE_MAX} "
            "bytes): bring it there as a file"
        )
    return Sealed(text, signatory.sign(content, Purpose.CONFIGURATION).decode())


def unseal(
    sealed: Sealed, root: x509.Certificate, at: dt.datetime, crl: bytes | None = None
) -> tuple[Bundle, str]:
    """The bundle and who signed it. Raises PermanentError for what the town's authority did not sign."""
    try:
        content = base64.b64decode(sealed.bundle, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PermanentError("the bundle cannot be read: it is not Base64") from error
    signed = verify(content, sealed.signature.encode(), Purpose.CONFIGURATION, root, at, crl)
    return _read(content), signed.by


def _read(content: bytes) -> Bundle:
    unpacking = zlib.decompressobj()
    try:
        found = json.loads(unpacking.decompress(content, CONFIG_MAX))
        bundle = Bundle(
            gateway=str(found["gateway"]),
            version=int(found["version"]),
            made_at=str(found["made_at"]),
            trial_s=float(found["trial_s"]),
            config=str(found["config"]),
            over_local=found.get("over_local") is True,
        )
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise PermanentError("the bundle cannot be read: a newer Gianh made it") from error
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise PermanentError(f"the bundle unpacks to more than {CONFIG_MAX} bytes")
    if not TRIAL_S_MIN <= bundle.trial_s <= TRIAL_S_MAX:
        raise PermanentError(
            f"trial_s must be from {TRIAL_S_MIN:g} to {TRIAL_S_MAX:g}, not {bundle.trial_s:g}"
        )
    return bundle

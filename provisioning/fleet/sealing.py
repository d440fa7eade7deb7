"""How a configuration on its way to a gateway is signed, packed, and opened there."""

import base64
import binascii
import datetime as dt
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509

from edge.config.schema import Fleet
from edge.core.errors import ConfigError, PermanentError
from provisioning.ca.place import certificate_in
from provisioning.ca.signing import Purpose, Signatory, verify
from provisioning.fleet.bundle import BUNDLE_MAX, CONFIG_MAX, TRIAL_S_MAX, TRIAL_S_MIN, Bundle, Sealed


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens what the authority of [fleet] signed; reads its files each time, since they may be renewed."""

    fleet: Fleet

    def opened(self, sealed: Sealed, at: dt.datetime) -> tuple[Bundle, str]:
        """The bundle and who signed it.

        Raises PermanentError for what the authority did not sign, ConfigError for a file that is not there.
        """
        root = certificate_in(_content(self.fleet.ca_file), self.fleet.ca_file)
        crl = None if self.fleet.crl_file is None else _content(self.fleet.crl_file)
        return unseal(sealed, root, at, crl)


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


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"[fleet] {file} cannot be read: {error.strerror}") from error

"""A configuration on its way to one gateway: versioned, and small enough for one MQTT message. Pure."""

import hashlib
from dataclasses import dataclass

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

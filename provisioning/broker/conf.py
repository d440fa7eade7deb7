"""mosquitto.conf for a town, for Mosquitto 2.0. Pure."""

from dataclasses import dataclass
from pathlib import Path

QUEUED_MAX = 100_000
"""Messages that wait for one subscriber: of a burst of 3,000 the default, 1,000, lost a quarter. Not 0, which
is said to be unlimited and misbehaved in 2.0.2 and 2.0.16."""

QUEUED_BYTES_MAX = 128 * 2**20
INFLIGHT_MAX = 200
"""Messages to or from one client without a receipt: as many as a gateway sends ahead by itself."""

MESSAGE_BYTES_MAX = 262_144
"""Largest payload; a larger one is refused by its receipt, and the gateway sets that row aside."""

AUTOSAVE_S = 60
"""How often all that is kept is written; by the default of 1,800 s a power cut would lose half an hour."""

SESSION_DAYS = 14
"""How long the broker keeps messages for a subscriber that is away."""


@dataclass(frozen=True, slots=True)
class Files:
    """What the broker reads and writes, all in one folder."""

    folder: Path

    @property
    def conf(self) -> Path:
        """Its configuration."""
        return self.folder / "mosquitto.conf"

    @property
    def acl(self) -> Path:
        """Who may reach what."""
        return self.folder / "acl"

    @property
    def root(self) -> Path:
        """The authority."""
        return self.folder / "ca.crt"

    @property
    def crl(self) -> Path:
        """What is revoked."""
        return self.folder / "crl.pem"

    @property
    def server(self) -> Path:
        """The broker's key, certificate and chain."""
        return self.folder / "server.pem"

    @property
    def data(self) -> Path:
        """What it keeps over a restart."""
        return self.folder / "data"

    @property
    def pid(self) -> Path:
        """The number of its process."""
        return self.folder / "mosquitto.pid"


def configuration(files: Files, port: int, user: str, address: str = "") -> str:
    """The whole file. `user` is whom it becomes when root starts it; `address` empty listens everywhere."""
    return f"""\
# Written by `gianh broker setup`, which writes it again: change it there, not here.
user {user}
pid_file {files.pid}
log_dest stderr
log_type error
log_type warning
log_type notice
log_type information

# One door: TLS 1.2 or later, and a certificate of this town, whose name says who it is.
listener {port}{" " + address if address else ""}
cafile {files.root}
certfile {files.server}
keyfile {files.server}
crlfile {files.crl}
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file {files.acl}

# What waits for whom is away, and what stands retained, outlives a restart.
persistence true
persistence_location {files.data}/
autosave_interval {AUTOSAVE_S}
persistent_client_expiration {SESSION_DAYS}d

# A gateway that comes back sends thousands of messages at once: none is dropped on the way to a subscriber.
max_queued_messages {QUEUED_MAX}
max_queued_bytes {QUEUED_BYTES_MAX}
max_inflight_messages {INFLIGHT_MAX}
queue_qos0_messages false
message_size_limit {MESSAGE_BYTES_MAX}
max_connections 2000
set_tcp_nodelay true
"""

"""Where the daemon of a data directory listens for `gianh`: known without a server or a client."""

import os
import socket
import tempfile
from hashlib import sha256
from pathlib import Path

UNIX_PATH_MAX = 100
"""A unix socket's path is at most 107 bytes long; a longer one is put into the temporary directory."""

CONNECT_S = 1.0
"""Longest wait for a socket of this machine to take a connection."""


def socket_path(data_dir: Path) -> Path:
    """Where the daemon of a data directory listens for `gianh` on the same machine."""
    path = data_dir.absolute() / "gianh.sock"
    if len(os.fsencode(path)) <= UNIX_PATH_MAX:
        return path
    digest = sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"gianh-{os.getuid()}-{digest}.sock"


def is_heard(place: Path) -> bool:
    """Whether somebody listens on a unix socket: after a kill its file is there and nobody behind it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(CONNECT_S)
        try:
            probe.connect(os.fspath(place))
        except OSError:
            return False
    return True

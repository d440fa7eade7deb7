"""Secrets of gateways, each in a file that only its owner reads; never over one that is there."""

import os
from pathlib import Path

from edge.config.secrets import read_secret
from edge.core.errors import ConfigError


def secret_file(folder: Path, gateway: str) -> Path:
    """Where the secret of a gateway is written."""
    return folder / f"{gateway}.token"


def kept_secret(folder: Path, gateway: str) -> str | None:
    """What an earlier run wrote, which the gateway has; None where there is none. Raises ConfigError."""
    file = secret_file(folder, gateway)
    return read_secret(file, "", {}) if file.exists() else None


def check_room(folder: Path, gateway: str) -> None:
    """Raises ConfigError where a secret of this gateway is there already: it could not be written over."""
    if (file := secret_file(folder, gateway)).exists():
        raise ConfigError(f"{file} is there already, and the server knows nobody of it: move it away first")


def write_secret(folder: Path, gateway: str, secret: str) -> None:
    """Write it, mode 0600. Raises ConfigError where there is one already or the folder cannot be written."""
    file = secret_file(folder, gateway)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(secret + "\n")
    except OSError as error:
        raise ConfigError(f"{file} cannot be written ({error.strerror}): move it away first") from error

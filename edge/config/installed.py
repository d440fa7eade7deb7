"""gateway.toml put in place: checked before, whole or not at all, with the one before it kept. Blocks."""

import hashlib
import os
import stat
from dataclasses import replace
from pathlib import Path

from edge.config.faults import Check, ConfigErrors
from edge.config.load import load, read_text
from edge.core.owned import write_owned

Sha = str


def sha_of(text: str) -> Sha:
    """By what a file is recognised."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha_now(file: Path) -> Sha:
    """Of the file as it is; empty where there is none."""
    return sha_of(read_text(file)) if file.exists() else ""


def check_text(file: Path, text: str, check: Check) -> None:
    """Raises ConfigErrors, as of `file`, if the gateway would not take this text."""
    trial = file.with_name(f".{file.name}.trial")
    write_owned(trial, text.encode(), _mode(file))
    try:
        load(trial, check)
    except ConfigErrors as errors:
        raise ConfigErrors([replace(fault, file=file) for fault in errors.faults]) from errors
    finally:
        trial.unlink(missing_ok=True)


def put(file: Path, text: str) -> None:
    """Replace the file, with the rights and the owner that it had."""
    owner = (file if file.exists() else file.parent).stat()
    write_owned(file, text.encode(), _mode(file))
    if os.geteuid() == 0:
        os.chown(file, owner.st_uid, owner.st_gid)


def keep(file: Path, backup: Path) -> None:
    """A copy of the file as it is, durably."""
    write_owned(backup, file.read_bytes())


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o640

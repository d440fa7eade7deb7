"""Puts an installation into a root, the machine's own or that of an image, and takes it away. Blocks."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edge.core.errors import ConfigError, TransientError
from edge.core.owned import write_owned
from provisioning.install.files import ALL_FILES, UNIT, File

COMMAND_S = 60.0

COMMANDS = (
    ("systemd-sysusers", "/usr/lib/sysusers.d/gianh.conf"),
    ("systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/gianh.conf"),
    ("udevadm", "control", "--reload"),
    ("udevadm", "trigger", "--subsystem-match=tty", "--action=add"),
    ("systemctl", "daemon-reload"),
    ("systemctl", "restart", "systemd-journald"),
)
"""What makes the files count on the running machine; in an image its first start does all of it."""


class Became(StrEnum):
    """What became of a file."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "same"
    KEPT = "kept"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """A file, and what became of it or would become."""

    path: str
    became: Became


def installed(files: Sequence[File], root: Path, dry: bool) -> list[Change]:
    """Have the files in `root`; doing it again changes nothing. Raises TransientError where it may not."""
    changes = [Change(file.path, _became(file, root)) for file in files]
    if dry:
        return changes
    for file, change in zip(files, changes, strict=True):
        if change.became in (Became.MADE, Became.CHANGED):
            _put(file, _within(root, file.path))
    return changes


def removed(root: Path, dry: bool) -> list[Change]:
    """Take away what was installed; the configuration and the data stay."""
    there = [path for path in ALL_FILES if os.path.lexists(_within(root, path))]
    if not dry:
        for path in there:
            try:
                _within(root, path).unlink()
            except OSError as error:
                raise _cannot(path, error) from error
    return [Change(path, Became.REMOVED) for path in there]


def carry_out(commands: Sequence[Sequence[str]]) -> None:
    """Run commands of the system, each bounded in time. Raises TransientError with the first one's words."""
    for command in commands:
        try:
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=COMMAND_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TransientError(
                f"`{' '.join(command)}` did not run ({error}): is this a systemd system?"
            ) from error
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            raise TransientError(f"`{' '.join(command)}` failed: {said[-1]}")


def to_stop() -> Sequence[Sequence[str]]:
    """What ends the service before its unit goes."""
    return (("systemctl", "disable", "--now", UNIT),)


def _became(file: File, root: Path) -> Became:
    path = _within(root, file.path)
    if not os.path.lexists(path):
        return Became.MADE
    if file.once:
        return Became.KEPT
    if file.target:
        return Became.SAME if path.is_symlink() and str(path.readlink()) == file.target else Became.CHANGED
    try:
        same = path.read_text("utf-8") == file.text and path.stat().st_mode & 0o777 == file.mode
    except (OSError, UnicodeDecodeError):
        return Became.CHANGED
    return Became.SAME if same else Became.CHANGED


def _put(file: File, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.target:
            path.unlink(missing_ok=True)
            path.symlink_to(file.target)
        else:
            write_owned(path, file.text.encode(), file.mode)
    except OSError as error:
        raise _cannot(file.path, error) from error


def _within(root: Path, path: str) -> Path:
    found = root / path.lstrip("/")
    if root.resolve() not in (found.parent.resolve(), *found.parent.resolve().parents):
        raise ConfigError(f"{path} leads out of {root} by a link: give another --root")
    return found


def _cannot(path: str, error: OSError) -> TransientError:
    return TransientError(f"{path} cannot be written ({error.strerror}): run it with sudo")

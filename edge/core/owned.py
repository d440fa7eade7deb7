"""Files for their owner only, written whole: after a power cut there is the old one or the new one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.core.errors import TransientError
from edge.core.sayings import say

OWNER_ONLY = 0o600
OWNER_ONLY_FOLDER = 0o700


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Says in one sentence that a file or folder could not be written. Raises TransientError."""
    try:
        yield
    except OSError as error:
        raise TransientError(say("not_written_on_disk", file=place, why=error.strerror)) from error


def write_owned(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Replace a file. Blocks for a sync; raises OSError, and then the old one is as it was."""
    with _written(path, content, mode) as new:
        new.replace(path)


def write_new(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Make a file that is not there yet: of many at once, also in other processes, one succeeds.

    Raises FileExistsError where there is one already, whoever made it; a file is never seen half written.
    """
    with _written(path, content, mode) as new:
        os.link(new, path)
        new.unlink()


def make_folder(path: Path) -> None:
    """Make a folder for its owner only, and those above it as they usually are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)


def sync_folder(path: Path) -> None:
    """Have what was made, renamed or removed in a folder on disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _written(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        yield new
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)

"""Folders: files that hold still are copied; SQLite databases by their own back-up, also while written."""

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from edge.core.errors import PermanentError, TransientError

SQLITE_MAGIC = b"SQLite format 3\x00"
SQLITE_ASIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database: part of the database, not files of their own."""

TRIES = 5
"""How often a file is read that changes meanwhile."""

PAGES = 1_000
"""Pages of a database that one step copies, so that its writers are not kept waiting."""


def save_folder(source: Path, target: Path) -> None:
    """Copy all files of `source` to the new folder `target`; links and special files are left out.

    Raises PermanentError where something cannot be read, TransientError where a file would not hold still.
    """
    if not source.is_dir():
        raise PermanentError(f"{source} is not there, or no folder: correct path")
    try:
        target.mkdir(parents=True, mode=0o700)
        for file in _files(source):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if _is_sqlite(file):
                save_sqlite(file, place)
            else:
                _copy(file, place)
            shutil.copystat(file, place)
    except PermissionError as error:
        raise PermanentError(f"{error.filename} may not be read: run this as root or its owner") from error
    except OSError as error:
        raise TransientError(f"{error.filename or source} could not be copied: {error.strerror}") from error


def restore_folder(source: Path, target: Path) -> None:
    """Put a saved folder in place of `target`, whose old content stays beside it as `NAME.before-restore`.

    The old folder moves away only once the new one is complete. Raises TransientError.
    """
    fresh, before = (
        target.with_name(f"{target.name}.restoring"),
        target.with_name(f"{target.name}.before-restore"),
    )
    if before.exists():
        raise PermanentError(
            f"{before} is still there from a restore before this: look at it, then move it away"
        )
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(source, fresh)
        if target.exists():
            _give_owner(fresh, target)
            target.rename(before)
        fresh.rename(target)
    except OSError as error:
        raise TransientError(f"{target} could not be restored: {error.strerror}") from error


def save_sqlite(source: Path, target: Path) -> None:
    """A copy of a database as it was at one moment. Raises TransientError."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new, pages=PAGES)
    except sqlite3.Error as error:
        raise TransientError(f"{source} could not be copied: {error}") from error


def _files(source: Path) -> Iterator[Path]:
    for file in sorted(source.rglob("*")):
        aside = next((end for end in SQLITE_ASIDE if file.name.endswith(end)), None)
        if aside and file.with_name(file.name.removesuffix(aside)).is_file():
            continue
        if stat.S_ISREG(file.lstat().st_mode):
            yield file


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC


def _copy(file: Path, place: Path) -> None:
    for _ in range(TRIES):
        before = file.stat()
        shutil.copyfile(file, place)
        after = file.stat()
        if (before.st_mtime_ns, before.st_size, before.st_ino) == (
            after.st_mtime_ns,
            after.st_size,
            after.st_ino,
        ):
            return
    raise TransientError(f"{file} changes faster than it can be copied: stop what writes it, then try again")


def _give_owner(fresh: Path, old: Path) -> None:
    """Let what was restored belong to whom the folder belonged to."""
    owner = old.stat()
    for place in (fresh, *fresh.rglob("*")):
        shutil.chown(place, owner.st_uid, owner.st_gid)

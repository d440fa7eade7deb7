"""The audit log as it is written: into two files at most, the older one left behind when it is full."""

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from edge.core.audit import Head
from edge.core.model import Fields
from edge.lighting.chain import NAME, START, TURNED, last_head, line_of, lines, older

log = logging.getLogger(__name__)

BYTES_MAX = 8_000_000
"""Size at which the file is turned over; two of them are kept."""


class AuditLog(Protocol):
    """Where everything that was asked of the lamps is written down."""

    def write(self, kind: str, fields: Fields) -> None:
        """Add an entry; never raises: a full disk must not keep the lamps from being lit."""


class AuditFile:
    """The log in a directory. `wrote` is called after each entry, so that somebody brings it to the disk."""

    def __init__(self, directory: Path, bytes_max: int = BYTES_MAX) -> None:
        self.directory, self._bytes_max = directory, bytes_max
        self._path = directory / NAME
        self._file: BinaryIO | None = None
        self._head, self._in_trouble = START, False
        self._stays_open = False
        self.wrote = _nobody

    @property
    def head(self) -> Head:
        """Where the log ends."""
        return self._head if self._file is not None else last_head(self.directory)

    def write(self, kind: str, fields: Fields) -> None:
        """Add an entry."""
        try:
            file = self._file or self._open()
            if file.tell() >= self._bytes_max:
                file = self._turn_over(file)
            self._append(file, kind, fields)
            if not self._stays_open:
                self._shut()
        except OSError as error:
            if not self._in_trouble:
                log.warning("%s cannot be written (%s): make room on the disk", self._path, error.strerror)
            self._in_trouble = True
        else:
            self._in_trouble = False
            self.wrote()

    def sync(self) -> None:
        """Bring what was written to the disk. May be called by another thread; raises OSError.

        A file that is turned over meanwhile was synced before.
        """
        _sync(self._path, os.fdatasync)
        _sync(self.directory, os.fsync)

    def stay_open(self) -> None:
        """Keep the file open between entries, until `close`; before, each is written and closed."""
        self._stays_open = True

    def close(self) -> None:
        """Sync and close. What comes later, at the end of a gateway, is written and closed entry by entry."""
        self._stays_open = False
        self._shut()

    def _shut(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with file:
                os.fdatasync(file.fileno())

    def _append(self, file: BinaryIO, kind: str, fields: Fields) -> None:
        line, head = line_of(self._head, {**dict(fields), "kind": kind})
        file.write(line)
        file.flush()
        self._head = head

    def _open(self) -> BinaryIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        torn = _cut_torn_line(self._path)
        self._head = last_head(self.directory)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        self._file = file = os.fdopen(descriptor, "ab")
        file.seek(0, os.SEEK_END)
        if torn:
            self._append(file, "torn", (("bytes", torn),))
        return file

    def _turn_over(self, file: BinaryIO) -> BinaryIO:
        self._shut()
        self._path.replace(older(self._path))
        file = self._open()
        self._append(file, TURNED, ())
        return file


def _nobody() -> None:
    """Nobody brings it to the disk: close() does."""


def _cut_torn_line(path: Path) -> int:
    """Take away a last line without its end, which a power cut left; gives its length in bytes."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return 0
    torn = size - sum(len(line) for line in lines(path))
    if torn:
        os.truncate(path, size - torn)
    return torn


def _sync(path: Path, sync: Callable[[int], None]) -> None:
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            sync(descriptor)
        finally:
            os.close(descriptor)

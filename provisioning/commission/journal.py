"""The journal of a commissioning: a line for each step, on disk before the next one is asked for."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.core.errors import TransientError
from edge.core.owned import OWNER_ONLY, make_folder, sync_folder
from edge.core.sayings import say
from provisioning.commission.facts import Entry, entry_of

FOLDER, CURRENT, JOURNAL, LOCK = "commission", "current", "journal.jsonl", "lock"

JOURNAL_BYTES_MAX = 4_000_000
"""A cabinet has some hundred steps of some hundred bytes."""


class Journal:
    """The folder of commissionings in data_dir: the one at work in `current`, and the signed records.

    What it makes belongs to the owner of data_dir, also when root makes it. Everything blocks.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.folder = data_dir / FOLDER
        self.current = self.folder / CURRENT

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone at work here; raises TransientError at once if somebody else is."""
        self._data_dir.mkdir(parents=True, exist_ok=True)
        make_folder(self.folder)
        descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise TransientError(say("journal_taken")) from error
            yield
            self._give()
        finally:
            os.close(descriptor)

    def entries(self) -> list[Entry]:
        """The entries of the commissioning at work; a line that a loss of power cut off was never one."""
        try:
            content = (self.current / JOURNAL).read_bytes()
        except FileNotFoundError:
            return []
        return [entry_of(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]

    def append(self, entry: Entry) -> None:
        """Add an entry, durably. Raises OSError, and then it is as if it had not been tried."""
        make_folder(self.current)
        path = self.current / JOURNAL
        line = entry.model_dump_json().encode() + b"\n"
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        try:
            end = _end_of_lines(descriptor)
            if end + len(line) > JOURNAL_BYTES_MAX:
                raise TransientError(say("journal_full"))
            os.ftruncate(descriptor, end)
            os.pwrite(descriptor, line, end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self.current)
            sync_folder(self.folder)

    def file(self, record: str) -> Path:
        """Where a signed record lies."""
        return self.folder / record

    def records(self) -> list[str]:
        """The ids of signed records, the newest last."""
        if not self.folder.is_dir():
            return []
        return sorted(
            one.name
            for one in self.folder.iterdir()
            if one.is_dir() and one.name != CURRENT and not one.name.startswith(".")
        )

    def close(self, record: str) -> Path:
        """Put the finished commissioning among the records."""
        self._give()
        place = self.file(record)
        self.current.rename(place)
        sync_folder(self.folder)
        return place

    def reopen(self, record: str) -> None:
        """Take a record back into work."""
        self.file(record).rename(self.current)
        sync_folder(self.folder)

    def discard(self) -> None:
        """Throw the commissioning at work away."""
        if self.current.exists():
            gone = self.current.with_name(".gone")
            shutil.rmtree(gone, ignore_errors=True)
            self.current.rename(gone)
            sync_folder(self.folder)
            shutil.rmtree(gone)

    def _give(self) -> None:
        """Leave nothing behind that the gateway may not read because root made it."""
        owner = self._data_dir.stat()
        if os.geteuid() != 0 or owner.st_uid == 0:
            return
        for path in (self.folder, *self.folder.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _end_of_lines(descriptor: int) -> int:
    content = os.pread(descriptor, JOURNAL_BYTES_MAX + 1, 0)
    return content.rfind(b"\n") + 1

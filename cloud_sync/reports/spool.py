"""Files on their way, on disk: `waiting` until the receiver has them, then `sent`, kept for a while.

What a file is, its folder says, and a rename moves it: so a power cut at any moment leaves every file whole
and in one of both. Synchronous, and every change is on the disk when its call returns.
"""

import contextlib
import logging
import os
from bisect import insort
from dataclasses import dataclass, field
from pathlib import Path

from cloud_sync.reports.data_file import moment_of

log = logging.getLogger(__name__)

WAITING, SENT = "waiting", "sent"
PART = ".part"
"""How a file under way is called at its end, here and on the server."""

BLOCK = 4096
"""Room on a disk is given in blocks of so many bytes."""

Key = tuple[str, str]
"""Time in the name, name: how files are ordered."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Files that left before the receiver had them: how many, and the times of the first and last."""

    count: int
    first: str
    last: str


@dataclass(slots=True)
class _Shelf:
    folder: Path
    keys: list[Key] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, size: int) -> None:
        if name not in self.sizes:
            insort(self.keys, (moment_of(name), name))
        self.sizes[name] = size

    def take(self, name: str) -> int:
        with contextlib.suppress(ValueError):
            self.keys.remove((moment_of(name), name))
        return self.sizes.pop(name, 0)

    @property
    def bytes(self) -> int:
        return sum(-(-size // BLOCK) * BLOCK for size in self.sizes.values())


class Spool:
    """The files of one [[data_file]]. Every method may raise OSError and can then be called again."""

    def __init__(self, folder: Path, files_max: int, bytes_max: int) -> None:
        self.folder, self._files_max, self._bytes_max = folder, files_max, bytes_max
        self._waiting, self._sent = _Shelf(folder / WAITING), _Shelf(folder / SENT)

    def open(self) -> None:
        """Make the folders, see what is there, and clear away what a power cut left half."""
        for shelf in (self._waiting, self._sent):
            shelf.folder.mkdir(parents=True, exist_ok=True)
        _sync(self.folder)
        self.look()
        for path in self._waiting.folder.glob(f"*{PART}"):
            path.unlink(missing_ok=True)

    def look(self) -> None:
        """See what is there; changes nothing."""
        for shelf in (self._waiting, self._sent):
            shelf.keys, shelf.sizes = [], {}
            with contextlib.suppress(FileNotFoundError), os.scandir(shelf.folder) as entries:
                for entry in entries:
                    if moment_of(entry.name) and entry.name.endswith(".txt") and entry.is_file():
                        shelf.sizes[entry.name] = entry.stat().st_size
            shelf.keys = sorted((moment_of(name), name) for name in shelf.sizes)

    @property
    def waiting(self) -> int:
        """How many the receiver does not have."""
        return len(self._waiting.sizes)

    @property
    def kept(self) -> int:
        """How many there are."""
        return self.waiting + len(self._sent.sizes)

    @property
    def oldest(self) -> str | None:
        """The oldest that waits."""
        return self._waiting.keys[0][1] if self._waiting.keys else None

    @property
    def newest(self) -> str | None:
        """The newest of all."""
        return max(
            (shelf.keys[-1] for shelf in (self._waiting, self._sent) if shelf.keys), default=("", None)
        )[1]

    @property
    def last_sent(self) -> str | None:
        """The newest that was sent."""
        return self._sent.keys[-1][1] if self._sent.keys else None

    def has(self, name: str) -> bool:
        """Whether there is a file of this name, sent or not."""
        return name in self._waiting.sizes or name in self._sent.sizes

    def put(self, name: str, content: bytes) -> None:
        """Keep a new file."""
        path = self._waiting.folder / name
        part = path.with_name(name + PART)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync(path.parent)
        self._waiting.add(name, len(content))

    def read(self, name: str) -> bytes | None:
        """What a file that waits has in it; None if somebody took it away."""
        try:
            return (self._waiting.folder / name).read_bytes()
        except FileNotFoundError:
            log.warning("%s was taken away before it was sent", self._waiting.folder / name)
            self._waiting.take(name)
            return None

    def mark_sent(self, name: str) -> None:
        """The receiver has it."""
        path = self._sent.folder / name
        try:
            (self._waiting.folder / name).replace(path)
        except FileNotFoundError:
            if not path.exists():  # else an earlier call came so far
                raise
        _sync(self._sent.folder)
        _sync(self._waiting.folder)
        self._sent.add(name, self._waiting.take(name))

    def trim(self, before: str) -> Dropped:
        """Let go of what is older than this time, then of the oldest until the rest has room."""
        dropped: list[str] = []
        spare_files = self.kept - self._files_max
        spare_bytes = self._waiting.bytes + self._sent.bytes - self._bytes_max
        for shelf in (self._sent, self._waiting):
            while shelf.keys and (shelf.keys[0][0] < before or spare_files > 0 or spare_bytes > 0):
                at, name = shelf.keys[0]
                (shelf.folder / name).unlink(missing_ok=True)
                spare_files -= 1
                spare_bytes -= -(-shelf.take(name) // BLOCK) * BLOCK
                if shelf is self._waiting:
                    dropped.append(at)
        return Dropped(len(dropped), dropped[0], dropped[-1]) if dropped else Dropped(0, "", "")


def _sync(folder: Path) -> None:
    """Bring a folder's names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

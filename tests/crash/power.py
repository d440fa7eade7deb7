"""A recorder of what SQLite writes, and power cuts made from the record.

Between two syncs of a file any subset of the writes may have reached the disk, each whole or torn at a
sector; what was synced is there.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR_BYTES = 512


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: `what` is write, truncate, sync, delete or note."""

    what: str
    name: str
    offset: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Record:
    """All steps in order; a note is what the store had promised by then."""

    steps: list[Step] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.steps.append(Step("note", text))


class RecorderVfs(apsw.VFS):
    def __init__(self, name: str, record: Record) -> None:
        self.record = record
        self._name = name
        super().__init__(name, base="")

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:
        return RecorderFile(self.record, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self.record.steps.append(Step("delete", Path(filename).name))


class RecorderFile(apsw.VFSFile):
    def __init__(self, record: Record, name: object, flags: list[int]) -> None:
        self._record = record
        path = name if isinstance(name, str) or name is None else name.filename()  # type: ignore[attr-defined]
        self._short = Path(path).name if path else ""
        super().__init__("", name, flags)  # type: ignore[arg-type]

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        if self._short:
            self._record.steps.append(Step("write", self._short, offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        super().xTruncate(size)
        self._record.steps.append(Step("truncate", self._short, size))

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._record.steps.append(Step("sync", self._short))


class Disk:
    """Replays a record up to a cut."""

    def __init__(self) -> None:
        self.durable: dict[str, bytearray] = {}
        self.unsynced: dict[str, list[Step]] = {}

    def apply(self, step: Step) -> None:
        if step.what == "delete":
            self.durable.pop(step.name, None)
            self.unsynced.pop(step.name, None)
        elif step.what == "sync":
            content = self.durable.setdefault(step.name, bytearray())
            for one in self.unsynced.pop(step.name, []):
                _carry_out(content, one)
        elif step.what != "note":
            self.unsynced.setdefault(step.name, []).append(step)

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """What a power cut now could leave."""
        left: dict[str, bytes] = {name: bytes(content) for name, content in self.durable.items()}
        for name, steps in self.unsynced.items():
            content = bytearray(left.get(name, b""))
            share = chance.choice((0.0, 0.2, 0.5, 0.9, 1.0))
            for step in steps:
                if chance.random() < share:
                    _carry_out(content, _torn(step, chance) if chance.random() < 0.2 else step)
            left[name] = bytes(content)
        return left


def _torn(step: Step, chance: random.Random) -> Step:
    sectors = len(step.data) // SECTOR_BYTES
    if step.what != "write" or sectors == 0:
        return step
    return Step("write", step.name, step.offset, step.data[: chance.randrange(sectors + 1) * SECTOR_BYTES])


def _carry_out(content: bytearray, step: Step) -> None:
    if step.what == "truncate":
        del content[step.offset :]
        return
    if len(content) < step.offset:
        content.extend(bytes(step.offset - len(content)))
    content[step.offset : step.offset + len(step.data)] = step.data

"""What is being done to which device, on disk before each step: the next run finds out where it is."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from edge.core.errors import ConfigError
from edge.core.owned import write_owned
from provisioning.scan.plan import Choice

VERSION = 1


class Step(StrEnum):
    """How far it has come."""

    BEGUN = "begun"
    """Proved, nothing was written yet."""
    WRITING = "writing"
    """A write is under way: the device may be at the old place or at the new one."""
    WRITTEN = "written"
    """The device took it; it may need its power taken away."""
    DONE = "done"
    TAKEN_BACK = "taken back"


@dataclass(frozen=True, slots=True)
class Where:
    """How a device is reached."""

    unit: int
    line: Choice

    def __str__(self) -> str:
        return f"unit {self.unit} at {self.line}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: `profile` says by which rule."""

    place: str
    profile: str
    old: Where
    new: Where
    step: Step

    def at(self, step: Step) -> "Entry":
        """The same, one step on."""
        return replace(self, step=step)


class Journal:
    """One file; the entry in it is the last change on this line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def read(self) -> Entry | None:
        """The last change; None where there was none. Raises ConfigError for a file that is not ours."""
        try:
            content = json.loads(self._path.read_bytes())
            if content.pop("version") != VERSION:
                raise ValueError("another version")
            old, new = (_where(content.pop(key)) for key in ("old", "new"))
            return Entry(old=old, new=new, step=Step(content.pop("step")), **content)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(
                f"{self._path} is no journal of set-address: move it away, then scan the line to see where "
                "the device is"
            ) from error

    def write(self, entry: Entry) -> None:
        """Have `entry` on disk. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        content = asdict(entry) | {"version": VERSION, "step": entry.step.value}
        write_owned(self._path, json.dumps(content).encode())

    def under_way(self) -> Entry | None:
        """The last change, if it was not finished."""
        entry = self.read()
        return entry if entry is not None and entry.step not in (Step.DONE, Step.TAKEN_BACK) else None


def _where(content: dict[str, object]) -> Where:
    line = content["line"]
    if not isinstance(line, dict):
        raise TypeError("line")
    return Where(int(str(content["unit"])), Choice(**line))

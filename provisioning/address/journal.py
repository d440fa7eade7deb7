"""What is being done to which device, on disk before each step: the next run finds out where it is."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from edge.core.errors import ConfigError
from edge.core.owned import write_owned
from provisioning.scan.plan import Choice

VERSION, FORMER_VERSION = 2, 1
"""The former one knew single writes only."""


class Step(StrEnum):
    """How far it has come."""

    BEGUN = "begun"
    """Proved, nothing was written yet."""
    WRITING = "writing"
    """A write is under way or was not answered: the device may be at the old place or at the new one."""
    WRITTEN = "written"
    """The device answered that it took it."""
    RESTART = "to restart"
    """Somebody was asked to take its power away: where it is after that decides."""
    MOVED = "moved"
    """It is at the new place; that nobody else is there or at the old one is not proved yet."""
    DONE = "done"
    TAKEN_BACK = "taken back"
    """It is at the old place."""
    FORGOTTEN = "forgotten"
    """Somebody said that it need not be looked for."""


class Way(StrEnum):
    """Whether a change is one of its own, or takes the one before it back."""

    THERE = "there"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Where:
    """How a device is reached; `line` is None behind a converter, which has line settings of its own."""

    unit: int
    line: Choice | None

    def __str__(self) -> str:
        return f"unit {self.unit}" + (f" at {self.line}" if self.line is not None else "")


@dataclass(frozen=True, slots=True)
class Entry:
    """One write of a change, from `old` to `new`, of all those that lead from `began` to `goal`."""

    place: str
    profile: str
    began: Where
    goal: Where
    old: Where
    new: Where
    step: Step
    way: Way = Way.THERE

    def at(self, step: Step) -> "Entry":
        """The same, one step on."""
        return replace(self, step=step)

    @property
    def under_way(self) -> bool:
        """Whether the change was not finished: within a write, or between two of them."""
        if self.step is Step.FORGOTTEN:
            return False
        if self.step is Step.TAKEN_BACK:
            return self.old != self.began
        return self.step is not Step.DONE or self.new != self.goal


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
            version = content.pop("version")
            if version == FORMER_VERSION:
                content |= {"began": content["old"], "goal": content["new"]}
            elif version != VERSION:
                raise ValueError("another version")
            return _entry(content)
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
        content = asdict(entry) | {"version": VERSION}
        write_owned(self._path, json.dumps(content).encode())

    def under_way(self) -> Entry | None:
        """The last change, if it was not finished."""
        entry = self.read()
        return entry if entry is not None and entry.under_way else None


def _entry(content: dict[str, Any]) -> Entry:
    began, goal, old, new = (_where(content[key]) for key in ("began", "goal", "old", "new"))
    step, way = Step(content["step"]), Way(content.get("way", Way.THERE))
    return Entry(str(content["place"]), str(content["profile"]), began, goal, old, new, step, way)


def _where(content: dict[str, object]) -> Where:
    line = content["line"]
    if line is not None and not isinstance(line, dict):
        raise TypeError("line")
    return Where(int(str(content["unit"])), Choice(**line) if line is not None else None)

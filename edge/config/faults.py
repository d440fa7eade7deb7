"""What is wrong with a configuration: every fault with its place, all of them in one error."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.config.lines import KeyPath, dotted, line_of
from edge.config.schema import Config
from edge.core.errors import ConfigError

Problem = tuple[KeyPath, str]
"""Which key, and one sentence that says what is wrong and what to do."""

Check = Callable[[Config], Sequence[Problem]]
"""Judges what a single key cannot show; pure but for reading the files that the configuration names."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to change: `line` from 1, None where the file itself is at fault; `key` may be empty."""

    file: Path
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigErrors(ConfigError):
    """All faults of one file, in the order of its lines; its text has one fault a line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def placed(problems: Iterable[Problem], file: Path, lines: dict[KeyPath, int]) -> tuple[Fault, ...]:
    """The problems with file and line, each once, in the order of the lines."""
    faults = {Fault(file, line_of(path, lines), dotted(path), message) for path, message in problems}
    return tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.key, fault.message)))

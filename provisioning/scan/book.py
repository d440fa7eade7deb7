"""What a scan has found so far, and how that is written down so that the next run goes on from there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.core.owned import write_owned
from provisioning.scan.evidence import Answered, Remark, RemarkKind
from provisioning.scan.plan import Choice

VERSION = 1
KEPT_S = 12 * 3600.0
"""What is older says nothing of a line on which somebody works."""


@dataclass(frozen=True, slots=True)
class Find:
    """One unit that answered, or a sensor that talks by itself (`unit` is None then)."""

    bus: str
    choice: Choice | None
    unit: int | None
    answered: Answered
    trials: int = 1
    good: int = 1
    profile: str | None = None
    score: float | None = None

    def as_json(self) -> dict[str, object]:
        """As the contract has it."""
        line = self.choice
        found: dict[str, object] = {
            "bus": self.bus,
            "baudrate": line.baudrate if line is not None else None,
            "parity": line.parity if line is not None else None,
            "stop_bits": line.stop_bits if line is not None else None,
            "unit": self.unit,
            "answered": self.answered.value,
        }
        if self.profile is not None:
            found |= {"profile": self.profile, "score": self.score}
        return found


@dataclass(slots=True)
class Book:
    """Finds, remarks and how far the scan has come. `done` are names of sweeps; `units` those asked of the
    one under way. `asked` counts questions, `finished` says that nothing is left to ask."""

    bus: str
    finds: dict[tuple[Choice | None, int | None], Find] = field(default_factory=dict)
    remarks: dict[tuple[RemarkKind, int | None, str], Remark] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    under_way: str = ""
    units: list[int] = field(default_factory=list)
    asked: int = 0
    finished: bool = False

    def note(self, remark: Remark | None, where: str = "") -> None:
        """Keep a remark; of the same kind, unit and setting the newest."""
        if remark is not None:
            self.remarks[remark.kind, remark.unit, where] = remark

    def add(self, find: Find) -> None:
        """Keep a find."""
        self.finds[find.choice, find.unit] = find

    def knows(self, choice: Choice | None, unit: int) -> bool:
        """Whether that unit was found at that setting."""
        return (choice, unit) in self.finds

    @property
    def answered(self) -> tuple[Choice, ...]:
        """The settings at which some unit answered, in the order in which they were found."""
        return tuple(dict.fromkeys(find.choice for find in self.finds.values() if find.choice and find.unit))


def save(path: Path, book: Book, plan: str, at_s: float) -> None:
    """Write the book down. Raises OSError."""
    content = {
        "version": VERSION,
        "bus": book.bus,
        "plan": plan,
        "at_s": at_s,
        "done": book.done,
        "under_way": book.under_way,
        "units": book.units,
        "asked": book.asked,
        "finds": [_find_out(find) for find in book.finds.values()],
        "remarks": [
            [where, remark.kind.value, remark.evidence, remark.next_step, remark.unit]
            for (_, _, where), remark in book.remarks.items()
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_owned(path, json.dumps(content).encode())


def resume(path: Path, bus: str, plan: str, now_s: float) -> Book | None:
    """The book of an interrupted scan with the same plan; None where there is none that helps."""
    try:
        content = json.loads(path.read_bytes())
        fits = (content["version"], content["bus"], content["plan"]) == (VERSION, bus, plan)
        if not fits or not 0 <= now_s - content["at_s"] <= KEPT_S:
            return None
        return _book(content)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _book(content: Mapping[str, Any]) -> Book:
    book = Book(
        content["bus"],
        done=list(map(str, content["done"])),
        under_way=str(content["under_way"]),
        units=list(map(int, content["units"])),
        asked=int(content["asked"]),
    )
    for one in content["finds"]:
        line = Choice(*one["line"]) if one["line"] else None
        book.add(
            Find(
                book.bus,
                line,
                one["unit"],
                Answered(one["answered"]),
                one["trials"],
                one["good"],
                one["profile"],
            )
        )
    for where, kind, evidence, next_step, unit in content["remarks"]:
        book.note(Remark(RemarkKind(kind), evidence, next_step, unit), where)
    return book


def _find_out(find: Find) -> dict[str, object]:
    line = find.choice
    return {
        "line": [line.baudrate, line.parity, line.stop_bits] if line is not None else None,
        "unit": find.unit,
        "answered": find.answered.value,
        "trials": find.trials,
        "good": find.good,
        "profile": find.profile,
    }

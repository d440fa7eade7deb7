"""A line in memory: who is at which unit and setting, and what the line does to answers. No time passes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from provisioning.scan.evidence import Answered, Trial
from provisioning.scan.plan import Choice, Question, dead_s

Answer = Callable[[int, Question], Trial | None]


@dataclass
class FakeLines:
    """`here` are the units at each setting; `odd` may answer a unit's question otherwise."""

    here: dict[Choice | None, set[int]]
    odd: Answer = lambda unit, question: None
    talks: dict[Choice, bytes] = field(default_factory=dict)
    asked: list[tuple[Choice | None, int]] = field(default_factory=list)
    at_s: float = 0.0
    found_at_s: dict[int, float] = field(default_factory=dict)
    stop_after: int | None = None

    def at(self, choice: Choice | None, answer_s: float, quiet_s: float) -> "FakeLine":
        return FakeLine(self, choice, answer_s, quiet_s)

    async def listen(self, choice: Choice, for_s: float) -> bytes:
        self.at_s += for_s
        return self.talks.get(choice, b"")


@dataclass
class FakeLine:
    lines: FakeLines
    choice: Choice | None
    answer_s: float
    quiet_s: float

    async def __aenter__(self) -> "FakeLine":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def ask(self, unit: int, question: Question) -> Trial:
        lines = self.lines
        if lines.stop_after is not None and len(lines.asked) >= lines.stop_after:
            raise KeyboardInterrupt
        lines.asked.append((self.choice, unit))
        if (trial := lines.odd(unit, question)) is not None:
            return trial
        if unit in lines.here.get(self.choice, ()):
            lines.at_s += 0.04
            lines.found_at_s.setdefault(unit, lines.at_s)
            return Trial(unit, Answered.VALUES, b"\1\2\3\4\5")
        lines.at_s += dead_s(self.choice, self.answer_s, self.quiet_s)
        return Trial(unit, Answered.SILENT)

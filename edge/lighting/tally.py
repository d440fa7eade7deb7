"""What became of one command on all of its lamps, and how that is told. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from edge.core.lighting import LightSource
from edge.core.model import CommandState, Fields, Outcome
from edge.core.sayings import say
from edge.lighting.lamp import LampRecord

NAMED_MAX = 5
"""Most lamps that an outcome names with their reasons."""


class Fate(Enum):
    """What became of one lamp of a command."""

    WAITING = "waiting"
    APPLIED = "applied"
    VERIFIED = "verified"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    TAKEN_OVER = "taken over"
    MASKED = "masked"
    LATE = "late"


OPEN = frozenset({Fate.WAITING, Fate.APPLIED})


@dataclass(frozen=True, slots=True)
class Tally:
    """Every lamp of a command with its fate, and why where it failed."""

    fates: Mapping[str, tuple[Fate, str]]

    def count(self, *fates: Fate) -> int:
        """How many lamps have one of these fates."""
        return sum(fate in fates for fate, _ in self.fates.values())

    @property
    def is_over(self) -> bool:
        """Whether nothing more is going to happen."""
        return not self.count(*OPEN)

    @property
    def is_applied(self) -> bool:
        """Whether every lamp was written, or that was tried, and one at least was."""
        return not self.count(Fate.WAITING) and self.count(Fate.APPLIED, Fate.VERIFIED, Fate.UNCONFIRMED) > 0

    @property
    def state(self) -> CommandState:
        """How the command ends."""
        if self.count(Fate.FAILED, Fate.LATE):
            return CommandState.FAILED
        if self.count(Fate.UNCONFIRMED, *OPEN):
            return CommandState.UNKNOWN
        return CommandState.VERIFIED if self.count(Fate.VERIFIED) else CommandState.FAILED

    @property
    def reason(self) -> str:
        """In words, what did not go as asked; empty if all did."""
        words = [text for fate in _WORDS if (text := self._words(fate))]
        if not words:
            return ""
        of = say("verified_of", verified=self.count(Fate.VERIFIED), lamps=len(self.fates))
        return "; ".join([of, *words])

    def _words(self, fate: Fate) -> str:
        lamps = {lamp: why for lamp, (found, why) in self.fates.items() if found is fate}
        if not lamps:
            return ""
        shown = [f"{lamp}: {why}" if why else lamp for lamp, why in list(lamps.items())[:NAMED_MAX]]
        more = f" and {len(lamps) - NAMED_MAX} more" if len(lamps) > NAMED_MAX else ""
        return say(_WORDS[fate], each=", ".join(shown) + more)


_WORDS = {
    Fate.FAILED: "not_reached",
    Fate.LATE: "late",
    Fate.UNCONFIRMED: "unconfirmed",
    Fate.WAITING: "waiting",
    Fate.APPLIED: "not_read_back",
    Fate.MASKED: "masked",
    Fate.TAKEN_OVER: "taken_over",
}


def tally(
    command: str,
    records: Iterable[LampRecord],
    owners: Mapping[str, str],
    late: Callable[[str], bool],
    emergency: bool,
) -> Tally:
    """What became of a command's lamps so far."""
    fates = {}
    for record in records:
        lamp = record.lamp.device
        if late(lamp):
            fates[lamp] = (Fate.LATE, "")
        elif owners.get(lamp) != command:
            fates[lamp] = (Fate.TAKEN_OVER, "")
        else:
            fates[lamp] = _fate(record, emergency)
    return Tally(fates)


def _fate(record: LampRecord, emergency: bool) -> tuple[Fate, str]:
    if not emergency and record.wanted is not None and record.wanted.source is LightSource.EMERGENCY:
        return Fate.MASKED, ""
    if record.wanted is None:
        return Fate.UNCONFIRMED, say("until_the_clock")
    if record.is_verified:
        return Fate.VERIFIED, ""
    if record.is_given_up:
        return (Fate.UNCONFIRMED if record.sent is not None else Fate.FAILED), record.trouble
    if record.force:
        return (Fate.APPLIED if record.failures else Fate.WAITING), record.trouble
    if not record.lamp.readable and record.is_settled:
        return Fate.UNCONFIRMED, say("blind")
    return Fate.APPLIED, record.trouble


def outcome(command: str, state: CommandState, told: Tally, records: Iterable[LampRecord]) -> Outcome:
    """A report on a command, with the level that its lamps have if it is one."""
    levels = {record.has for record in records}
    level = levels.pop() if len(levels) == 1 else None
    counts: Fields = (
        ("lamps", len(told.fates)),
        ("verified", told.count(Fate.VERIFIED)),
    )
    return Outcome(command, state, told.reason, (() if level is None else (("level", level),)) + counts)

"""What the answers of a line mean: who is there, and what is wrong with the wiring. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from drivers.line_errors import ErrorCounts
from provisioning.scan.plan import Choice


class Answered(StrEnum):
    """What came back upon one question."""

    VALUES = "values"
    REFUSAL = "refusal"
    """It is there but has no such register: a sign of life as good as any."""
    GARBLED = "garbled"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Trial:
    """One question to one unit. `heard` is what came without our own echo; `code` of a refusal.

    `strange` are the ids of other units whose whole frames were heard meanwhile: late answers, or another
    master's. `errors` is None where the adapter counts none. `stray` came before the question, when
    nobody was asked.
    """

    unit: int
    answered: Answered
    heard: bytes = b""
    code: int = 0
    echoed: bool = False
    strange: tuple[int, ...] = ()
    errors: ErrorCounts | None = None
    stray: bytes = b""


class RemarkKind(StrEnum):
    """What can be wrong with a line."""

    ECHO = "adapter echoes"
    PARITY = "wrong parity"
    DUPLICATE = "two devices answer as one"
    SWAPPED = "A/B swapped?"
    NOISE = "noise"
    LATE = "late answers"
    TALKER = "somebody talks unasked"
    MIXED = "different line settings"
    ANY_UNIT = "answers as every unit"
    NOTHING = "nothing answers"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something wrong: what, by which evidence, and what to do next."""

    kind: RemarkKind
    evidence: str
    next_step: str
    unit: int | None = None

    def __str__(self) -> str:
        who = f"unit {self.unit}: " if self.unit is not None else ""
        return f"{who}{self.kind}: {self.evidence}. Next: {self.next_step}."


REPEATS = 5
"""So often a unit is asked whose answer is no frame, before anything is said of it."""

GARBLED_MIN = 2
"""Of those, garbled answers that make more than chance of it."""

BREAKS_MIN = 5
BREAKS_SHARE = 0.8
"""So many silent questions, and this share of them, were each followed by a lone zero: an idle line that is
read as a break."""

STRAY_BYTES = 3
"""So many bytes are more than a line that is switched makes by itself."""

NOISY_UNITS = 4
"""Garbage upon so many units' questions at one setting is the line's fault, not theirs."""


def judge_unit(trials: Sequence[Trial]) -> Remark | None:
    """What the repeated questions to one unit say beyond that it is there."""
    unit = trials[0].unit
    garbled = sum(trial.answered is Answered.GARBLED for trial in trials)
    good = sum(trial.answered in (Answered.VALUES, Answered.REFUSAL) for trial in trials)
    if garbled >= GARBLED_MIN:
        clean = f", {good} clean" if good else ""
        return Remark(
            RemarkKind.DUPLICATE,
            f"{garbled} of {len(trials)} answers are garbled{clean}, while other units are not: two frames "
            "on top of each other",
            f"unplug one of the devices at {unit}, give the other a new address "
            f"(`gianh set-address`), plug the first in again and scan once more",
            unit,
        )
    if any(trial.unit in trial.strange for trial in trials):
        return Remark(
            RemarkKind.LATE,
            f"unit {unit} answers, but later than it may",
            "set timeout_s of the bus to 1 and look for a slow converter or a device that is starting",
            unit,
        )
    return None


def judge_parity(trials: Sequence[Trial], choice: Choice) -> Remark | None:
    """Whether good answers came with errors of their characters: the device has another parity."""
    wrong = [
        trial
        for trial in trials
        if trial.errors is not None
        and (trial.errors.parity or trial.errors.frame)
        and len(trial.heard) > 1
        and trial.answered is not Answered.SILENT
    ]
    if not wrong:
        return None
    parity = sum(trial.errors.parity for trial in wrong if trial.errors is not None)
    frame = sum(trial.errors.frame for trial in wrong if trial.errors is not None)
    units = ", ".join(str(unit) for unit in sorted({trial.unit for trial in wrong}))
    other = "E" if choice.parity == "N" else "N"
    return Remark(
        RemarkKind.PARITY,
        f"the adapter counts {parity} parity and {frame} frame errors in the answers of unit {units} "
        f"at {choice}",
        f"scan with --baudrate {choice.baudrate} --parity {other}",
    )


def judge_line(trials: Sequence[Trial], choice: Choice | None) -> tuple[Remark, ...]:
    """What all questions at one setting say of the line."""
    found: list[Remark | None] = [_echo(trials), _swapped(trials), _noise(trials, choice)]
    if choice is not None:
        found.append(judge_parity(trials, choice))
    return tuple(remark for remark in found if remark is not None)


def is_noise(trials: Sequence[Trial]) -> bool:
    """Whether garbage comes upon so many units' questions that it says nothing of any of them."""
    return len({trial.unit for trial in trials if trial.answered is Answered.GARBLED}) >= NOISY_UNITS


def garbled_late(trials: Sequence[Trial]) -> tuple[int, ...]:
    """The units that kept silent, but garbage came before the next question: two that are there and late.

    None where that happens upon so many units' questions that it says nothing of any of them.
    """
    units = {
        before.unit
        for before, trial in pairwise(trials)
        if before.answered is Answered.SILENT and len(trial.stray) >= STRAY_BYTES and not trial.strange
    }
    return tuple(sorted(units)) if len(units) < NOISY_UNITS else ()


def mixed(choices: Sequence[Choice]) -> Remark | None:
    """Devices of different settings on one line."""
    several = sorted(set(choices))
    if len(several) < 2:
        return None
    return Remark(
        RemarkKind.MIXED,
        f"devices answer at {', '.join(map(str, several))}",
        "bring all to one setting (`gianh set-address --to-baudrate`), or give the odd ones a line of "
        "their own: a bus of the gateway has one",
    )


def nothing(count: int) -> Remark:
    """For a line on which nobody answered any of `count` questions."""
    return Remark(
        RemarkKind.NOTHING,
        f"{count} questions, no answer",
        "check, in this order: power of the devices, A to A and B to B, the terminals of the adapter, "
        "another cable; then one device alone on a short wire",
    )


def _echo(trials: Sequence[Trial]) -> Remark | None:
    echoed = sum(trial.echoed for trial in trials)
    if not echoed:
        return None
    return Remark(
        RemarkKind.ECHO,
        f"{echoed} of {len(trials)} questions came back byte for byte",
        'nothing has to be done, Gianh takes its echo out; set echo = "on" of the bus to say so, or switch '
        "the adapter's receiver off while it sends",
    )


def _swapped(trials: Sequence[Trial]) -> Remark | None:
    unheard = [trial for trial in trials if trial.answered in (Answered.SILENT, Answered.GARBLED)]
    broken = [
        trial for trial in unheard if trial.heard and not trial.heard.strip(b"\0") and len(trial.heard) <= 2
    ]
    if len(unheard) != len(trials) or len(broken) < BREAKS_MIN or len(broken) < BREAKS_SHARE * len(unheard):
        return None
    return Remark(
        RemarkKind.SWAPPED,
        f"{len(broken)} of {len(trials)} questions were followed by a lone zero and nothing else: the idle "
        "line is read as a break",
        "swap the two wires at the adapter (makers name A and B differently) and scan again",
    )


def _noise(trials: Sequence[Trial], choice: Choice | None) -> Remark | None:
    if not is_noise(trials) or _swapped(trials) is not None:
        return None
    garbled = [trial for trial in trials if trial.answered is Answered.GARBLED]
    where = f" at {choice}" if choice is not None else ""
    return Remark(
        RemarkKind.NOISE,
        f"garbage came upon questions to {len({trial.unit for trial in garbled})} units{where}",
        "look for a second master or a sensor that talks by itself, a missing termination or bias, and a "
        "shield that is not earthed",
    )

"""Programs: the steps of a night in the order of their times, and what is wrong with some. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from edge.config.lighting import Operation, Program
from edge.config.lines import KeyPath
from edge.core.errors import ConfigError
from edge.core.sayings import say
from edge.lighting.night import Frame, Switching, moment_ns
from edge.lighting.times import NOON_S, Anchor, At, parsed_at

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class TimedStep:
    """A step whose time is understood."""

    at: At
    level: float
    operation: Operation
    fade_s: float | None = None


@dataclass(frozen=True, slots=True)
class Routine:
    """A program ready to be laid over any night."""

    id: str
    steps: tuple[TimedStep, ...]

    def switchings(self, frame: Frame, zone: ZoneInfo) -> tuple[Switching, ...]:
        """The switchings of one night in the order of time; of two at one moment, the later step's."""
        found = {}
        for step in self.steps:
            at_ns = moment_ns(step.at, frame, zone)
            found[at_ns] = Switching(at_ns, step.level, step.operation, step.at.text, self.id, step.fade_s)
        return tuple(found[at_ns] for at_ns in sorted(found))


def routine(program: Program) -> Routine:
    """The program with its times understood; a step whose time cannot be read is left out."""
    steps = [
        TimedStep(at, step.level, step.operation, step.fade_s)
        for step in program.steps
        if (at := _readable(step.at)) is not None
    ]
    return Routine(program.id, tuple(steps))


def problems_of_program(program: Program) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with a program whatever the night; keys are below the program's own."""
    if not program.steps:
        yield ("steps",), say("no_steps")
    seen: dict[tuple[Anchor, int], str] = {}
    latest: dict[Anchor, tuple[int, str]] = {}
    for index, step in enumerate(program.steps):
        try:
            at = parsed_at(step.at)
        except ConfigError as error:
            yield ("steps", index, "at"), str(error)
            continue
        if (at.anchor, at.offset_s) in seen:
            yield (
                ("steps", index, "at"),
                say("same_time", text=step.at, other=seen[at.anchor, at.offset_s]),
            )
        elif at.anchor in latest and _rank(at) < latest[at.anchor][0]:
            yield ("steps", index, "at"), _out_of_order(step.at, latest[at.anchor][1])
        else:
            latest[at.anchor] = _rank(at), step.at
        seen.setdefault((at.anchor, at.offset_s), step.at)
    yield from _fades_too_long(program)


def _fades_too_long(program: Program) -> Iterator[tuple[KeyPath, str]]:
    """Steps whose fade would not be over as the next of the same anchor comes."""
    timed = [(index, step, at) for index, step in enumerate(program.steps) if (at := _readable(step.at))]
    for (index, step, at), (_, after, later) in pairwise(timed):
        gap_s = _rank(later) - _rank(at)
        if step.fade_s is not None and at.anchor is later.anchor and 0 < gap_s < step.fade_s:
            yield (
                ("steps", index, "fade_s"),
                say("fades_too_long", text=step.at, seconds=f"{step.fade_s:g}", other=after.at, gap=gap_s),
            )


def _out_of_order(text: str, before: str) -> str:
    return say("out_of_order", text=text, other=before)


def _rank(at: At) -> int:
    """Seconds that order the times of one anchor within a night."""
    if at.anchor is Anchor.CLOCK and at.offset_s < NOON_S:
        return at.offset_s + DAY_S
    return at.offset_s


def _readable(text: str) -> At | None:
    try:
        return parsed_at(text)
    except ConfigError:
        return None

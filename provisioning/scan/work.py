"""The scan itself: sweeps the line as the plan says, and writes down what it finds."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from provisioning.scan.book import Book, Find
from provisioning.scan.evidence import (
    REPEATS,
    Answered,
    Remark,
    RemarkKind,
    Trial,
    garbled_late,
    is_noise,
    judge_line,
    judge_unit,
    mixed,
    nothing,
)
from provisioning.scan.plan import (
    PATIENT_QUIET_S,
    PATIENT_S,
    Choice,
    Pass,
    Question,
    Sweep,
    Wish,
    first_sweeps,
    later_sweeps,
    left_s,
    rescue_sweeps,
)
from provisioning.scan.talkers import HEARD_MIN, recognise


class Asking(Protocol):
    """An open line."""

    async def ask(self, unit: int, question: Question) -> Trial:
        """Ask one question. Raises LinkDown."""


class Lines(Protocol):
    """Opens the line with given settings."""

    def at(
        self, choice: Choice | None, answer_s: float, quiet_s: float
    ) -> AbstractAsyncContextManager[Asking]:
        """The line at these settings."""

    async def listen(self, choice: Choice, for_s: float) -> bytes:
        """What comes by itself."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is: what it does, the unit just asked, how many are found, the longest time left."""

    sweep: str
    unit: int
    done: int
    units: int
    found: int
    left_s: float


Report = Callable[[Progress], None]
"""Told after each question; also the moment to save the book."""


CONFIRM = 2
"""So often more a unit is asked that answered well."""


class Scan:
    """Scans one line. `book` is filled while it works, so that an interruption loses nothing."""

    def __init__(self, lines: Lines, wish: Wish, book: Book, report: Report) -> None:
        self._lines, self._wish, self._book, self._report = lines, wish, book, report
        self._rest: tuple[Sweep, ...] = ()

    async def run(self) -> None:
        """Ask everything that was not asked yet. Raises LinkDown when the line is gone."""
        book = self._book
        later = later_sweeps(self._wish, ())
        await self._sweep_all(first_sweeps(self._wish), later)
        while sweeps := self._undone(later_sweeps(self._wish, book.answered)):
            await self._sweep_all(sweeps[:1], sweeps[1:])
        if not book.finds:
            await self._sweep_all(rescue_sweeps(self._wish), ())
        if not book.finds and not book.remarks:
            book.note(nothing(book.asked))
        book.note(mixed(book.answered))
        book.finished = True

    async def _sweep_all(self, sweeps: tuple[Sweep, ...], after: tuple[Sweep, ...]) -> None:
        sweeps = self._undone(sweeps)
        for number, sweep in enumerate(sweeps):
            self._rest = (*sweeps[number:], *after)
            await self._sweep(sweep)
            self._book.done.append(sweep.name)

    def _undone(self, sweeps: tuple[Sweep, ...]) -> tuple[Sweep, ...]:
        return tuple(sweep for sweep in sweeps if sweep.name not in self._book.done)

    async def _sweep(self, sweep: Sweep) -> None:
        book = self._book
        if book.under_way != sweep.name:
            book.under_way, book.units = sweep.name, []
        if sweep.listen_s and sweep.choice is not None and not book.units:
            self._heard(sweep.choice, await self._lines.listen(sweep.choice, sweep.listen_s))
        asked = set(book.units)
        trials: list[Trial] = []
        async with self._lines.at(sweep.choice, sweep.answer_s, sweep.quiet_s) as line:
            for unit in sweep.units:
                if unit in asked or book.knows(sweep.choice, unit):
                    continue
                trial = await line.ask(unit, sweep.question)
                trials.append(trial)
                self._take(sweep, trial)
                if self._any_unit(sweep, trials):
                    break
            if not is_noise(trials):
                await self._confirm(sweep, line, trials)
        await self._ask_again(sweep, trials)
        for remark in judge_line(trials, sweep.choice):
            where = "" if remark.kind in (RemarkKind.ECHO, RemarkKind.SWAPPED) else str(sweep.choice)
            book.note(remark, where)

    def _take(self, sweep: Sweep, trial: Trial) -> None:
        book = self._book
        book.asked += 1
        if trial.answered is not Answered.GARBLED:
            book.units.append(trial.unit)
        if trial.answered in (Answered.VALUES, Answered.REFUSAL):
            book.add(Find(book.bus, sweep.choice, trial.unit, trial.answered))
        done, units = len(book.units), len(sweep.units)
        self._report(Progress(sweep.name, trial.unit, done, units, len(book.finds), left_s(self._rest, done)))

    async def _confirm(self, sweep: Sweep, line: Asking, trials: list[Trial]) -> None:
        """Ask whoever answered again: two at one address may have been lucky."""
        good = {
            trial.unit: trial for trial in trials if trial.answered in (Answered.VALUES, Answered.REFUSAL)
        }
        for unit in good:
            for _ in range(CONFIRM):
                trial = await line.ask(unit, sweep.question)
                if trial.answered is Answered.GARBLED:
                    self._book.finds.pop((sweep.choice, unit), None)
                    trials.append(trial)
                    break

    async def _ask_again(self, sweep: Sweep, trials: list[Trial]) -> None:
        """Ask patiently whoever gave a sign of life that was no answer, and judge what it is."""
        if is_noise(trials):
            return
        first = {trial.unit: trial for trial in trials if trial.answered is Answered.GARBLED}
        late = {unit for trial in trials for unit in trial.strange if unit in sweep.units}
        suspects = sorted({*first, *late, *garbled_late(trials)})
        doubtful = [unit for unit in suspects if not self._book.knows(sweep.choice, unit)]
        if not doubtful:
            return
        async with self._lines.at(sweep.choice, PATIENT_S, PATIENT_QUIET_S) as line:
            for unit in doubtful:
                again = [await line.ask(unit, sweep.question) for _ in range(REPEATS)]
                self._judge(sweep, unit, [*([first[unit]] if unit in first else []), *again], unit in late)

    def _judge(self, sweep: Sweep, unit: int, trials: list[Trial], late: bool) -> None:
        good = [trial for trial in trials if trial.answered in (Answered.VALUES, Answered.REFUSAL)]
        garbled = sum(trial.answered is Answered.GARBLED for trial in trials)
        remark = judge_unit(trials)
        if remark is None and late and good:
            remark = Remark(
                RemarkKind.LATE,
                f"it answers later than {sweep.answer_s * 1000:.0f} ms",
                "set timeout_s of the bus to 1, and look for a slow converter before it",
                unit,
            )
        if (good and remark is None) or (remark is not None and (good or garbled)):
            answered = good[0].answered if good and not garbled else Answered.GARBLED
            self._book.add(Find(self._book.bus, sweep.choice, unit, answered, len(trials), len(good)))
        self._book.note(remark, str(sweep.choice))

    def _any_unit(self, sweep: Sweep, trials: list[Trial]) -> bool:
        """Whether a TCP server answers whatever it is asked for: then there is one device, not 247."""
        enough = 12
        if sweep.choice is not None or sweep.stage is not Pass.QUICK or len(trials) < enough:
            return False
        if any(trial.answered is not Answered.VALUES for trial in trials):
            return False
        for trial in trials[1:]:
            self._book.finds.pop((None, trial.unit), None)
        self._book.note(
            Remark(
                RemarkKind.ANY_UNIT,
                f"all of the first {len(trials)} unit ids answered",
                "this is one device with its own network port: use address 1",
            )
        )
        self._book.done += [sweep.name for sweep in later_sweeps(self._wish, ())]
        return True

    def _heard(self, choice: Choice, heard: bytes) -> None:
        talker = recognise(heard)
        book = self._book
        if talker is not None:
            book.add(
                Find(book.bus, choice, None, Answered.VALUES, talker.frames, talker.frames, talker.profile)
            )
        elif len(heard) >= HEARD_MIN:
            book.note(
                Remark(
                    RemarkKind.TALKER,
                    f"{len(heard)} bytes came unasked at {choice}, none of them a frame that is known",
                    "a second master, a sensor at another speed, or A and B swapped: look what else is wired",
                ),
                str(choice),
            )

"""What a scan asks, in which order, and how long that takes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from drivers.coded import Table

UNITS = range(1, 248)
"""Addresses of a serial line (Modbus over serial line V1.02 §2.2); above are reserved, 0 is a broadcast."""

REQUEST_CHARS = 8
"""A read: unit, function, address, count, checksum."""

ANSWER_S = 0.06
"""How long a unit may take to begin its answer in the first passes; usual devices take 5 to 50 ms."""

QUIET_S = 0.05
"""Silence after that before the next unit is asked. Each question goes to another unit, so that an answer
that is late all the same bears another unit's id and is never believed."""

PATIENT_S, PATIENT_QUIET_S = 0.35, 0.3
"""The same where a unit gave a sign of life that was no answer."""

LISTEN_S = 1.3
"""Sensors that talk by themselves do so at least once a second."""

OPEN_S = 0.1
"""What opening the line anew with other settings takes."""


@dataclass(frozen=True, slots=True, order=True)
class Choice:
    """Line settings to try."""

    baudrate: int = 9600
    parity: str = "N"
    stop_bits: int = 1

    def __str__(self) -> str:
        return f"{self.baudrate} 8{self.parity}{self.stop_bits}"

    @property
    def char_s(self) -> float:
        """Seconds that one character takes."""
        return (10 + (self.parity != "N") + (self.stop_bits - 1)) / self.baudrate


LIKELY = (
    Choice(9600),
    Choice(4800),
    Choice(9600, "E"),
    Choice(19200),
    Choice(19200, "E"),
    Choice(2400),
    Choice(4800, "E"),
    Choice(115200),
    Choice(38400),
    Choice(9600, "O"),
    Choice(57600),
    Choice(2400, "E"),
    Choice(1200),
)
"""Settings by how often devices have them: the profiles', the standard's own (19200 8E1), the rest."""

TALKERS = (Choice(9600), Choice(4800), Choice(19200), Choice(38400))
"""Settings of sensors that talk by themselves: PMS, SDS011 (9600) and NMEA (4800, or as they are set)."""

LIKELY_UNITS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 20, 30, 38, 40, 43, 50, 100, 247)
"""Factory settings of the profiles (1, 2, 10, 20, 38, 40, 43), and what people like."""


@dataclass(frozen=True, slots=True)
class Question:
    """One read that costs a device nothing: it answers with a value or refuses, and lives either way."""

    table: Table = Table.HOLDING
    address: int = 0
    count: int = 1


FIRST = Question()
SECOND = Question(Table.INPUT)
"""For devices that keep silent about functions that they do not know."""


class Pass(StrEnum):
    """How far a scan has come."""

    QUICK = "quick"
    THOROUGH = "thorough"
    AGAIN = "again"
    """The units that were silent, by another function."""
    RESCUE = "other parity"
    """Only where the settings that were given find nothing."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One question to many units at one setting. `choice` is None on TCP."""

    stage: Pass
    choice: Choice | None
    units: tuple[int, ...]
    question: Question = FIRST
    answer_s: float = ANSWER_S
    quiet_s: float = QUIET_S
    listen_s: float = 0.0

    @property
    def name(self) -> str:
        """For people, and to know it again in a later run."""
        where = str(self.choice) if self.choice is not None else "TCP"
        return f"{self.stage} {where}" + (" (input registers)" if self.question == SECOND else "")

    @property
    def dead_s(self) -> float:
        """What one unit costs that keeps silent."""
        return dead_s(self.choice, self.answer_s, self.quiet_s)

    @property
    def cost_s(self) -> float:
        """What it takes where nobody answers; whoever does shortens it."""
        return OPEN_S + self.listen_s + self.quiet_s + len(self.units) * self.dead_s


def dead_s(choice: Choice | None, answer_s: float = ANSWER_S, quiet_s: float = QUIET_S) -> float:
    """What asking a dead unit costs: 8 characters, the wait for an answer, and the silence after it."""
    return REQUEST_CHARS * (choice.char_s if choice is not None else 0.0) + answer_s + quiet_s


@dataclass(frozen=True, slots=True)
class Wish:
    """What is known beforehand: nothing, or settings, or units; on a network the only choice is None.

    `quick` leaves the thorough pass out; `again` asks the silent units by another function as well.
    """

    choices: tuple[Choice | None, ...] = LIKELY
    units: tuple[int, ...] = tuple(UNITS)
    quick: bool = False
    again: bool = False
    answer_s: float = ANSWER_S
    quiet_s: float = QUIET_S
    listen: bool = True


def first_sweeps(wish: Wish) -> tuple[Sweep, ...]:
    """The quick pass; with one setting only, the likely units of the thorough one."""
    units = _quick_units(wish)
    return tuple(
        Sweep(
            Pass.QUICK,
            choice,
            units,
            FIRST,
            wish.answer_s,
            wish.quiet_s,
            LISTEN_S if wish.listen and choice in TALKERS else 0.0,
        )
        for choice in wish.choices
    )


def later_sweeps(wish: Wish, answered: Iterable[Choice]) -> tuple[Sweep, ...]:
    """What comes after the quick pass: all units at the settings that answered, then at the others."""
    alive = [choice for choice in wish.choices if choice in set(answered)]
    if wish.quick:
        return ()
    quick = set(_quick_units(wish))
    rest = tuple(unit for unit in likely_first(wish.units) if unit not in quick)
    others = [choice for choice in wish.choices if choice not in alive]
    sweeps = [_sweep(Pass.THOROUGH, choice, rest, wish) for choice in (*alive, *others) if rest]
    place = len(alive)
    again = [
        _sweep(Pass.AGAIN, choice, likely_first(wish.units), wish, SECOND) for choice in alive if wish.again
    ]
    return (*sweeps[:place], *again, *sweeps[place:])


def rescue_sweeps(wish: Wish) -> tuple[Sweep, ...]:
    """Other parities of the settings that were given, where those find nothing."""
    given = {choice for choice in wish.choices if choice is not None}
    other = [
        Choice(choice.baudrate, parity, choice.stop_bits)
        for choice in given
        for parity in "NEO"
        if Choice(choice.baudrate, parity, choice.stop_bits) not in given
    ]
    units = _quick_units(wish)[: len(LIKELY_UNITS)]
    return tuple(_sweep(Pass.RESCUE, choice, units, wish) for choice in other) if len(given) == 1 else ()


def left_s(sweeps: Sequence[Sweep], done_units: int = 0) -> float:
    """Longest time that `sweeps` still take, `done_units` of the first being done."""
    if not sweeps:
        return 0.0
    return sum(sweep.cost_s for sweep in sweeps) - done_units * sweeps[0].dead_s


def likely_first(units: Sequence[int], only_likely: bool = False) -> tuple[int, ...]:
    """Those of `units` that are likely, then (unless only those are wanted) the others."""
    wanted = set(units)
    likely = tuple(unit for unit in LIKELY_UNITS if unit in wanted)
    return likely if only_likely else (*likely, *(unit for unit in units if unit not in LIKELY_UNITS))


def _quick_units(wish: Wish) -> tuple[int, ...]:
    return likely_first(wish.units, only_likely=True) or wish.units


def _sweep(
    stage: Pass, choice: Choice | None, units: tuple[int, ...], wish: Wish, question: Question = FIRST
) -> Sweep:
    return Sweep(stage, choice, units, question, wish.answer_s, wish.quiet_s)

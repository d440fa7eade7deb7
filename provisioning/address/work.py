"""Changing where one device is reached: proves, writes, looks, and remembers each step."""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from drivers.coded import Table
from drivers.device_model import Profile, Setting
from drivers.modbus.plan import Block
from edge.core.errors import (
    Busy,
    ConfigError,
    NoAnswer,
    PermanentError,
    ProtocolError,
    Refused,
    TransientError,
)
from provisioning.address.journal import Entry, Journal, Step, Where
from provisioning.address.rules import Write, block_of, number_of, proofs, refuse_guess, writes
from provisioning.identify.weigh import first_look, identify_block
from provisioning.scan.evidence import Answered, Trial
from provisioning.scan.plan import FIRST, PATIENT_QUIET_S, PATIENT_S, Choice, Question

PROOFS = 5
"""So often the old address is asked before anything is written: two devices do not collide unnoticed."""

FREE_PROOFS = 3
"""So often the new address must keep silent."""

LOOKS = 8
"""So often a device is looked for after it was written to, or restarted: it may take seconds to start."""


_UNSTARTED = (
    "{} took the new setting but does not go by it yet: take its power away for five seconds, then run the "
    "same command again"
)


class AddressLine(Protocol):
    """An open line."""

    async def ask(self, unit: int, question: Question) -> Trial:
        """One question, whatever becomes of it."""

    async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
        """As ModbusLink.read."""

    async def write(self, unit: int, table: Table, address: int, values: Sequence[int], many: bool) -> None:
        """As ModbusLink.write."""


class Lines(Protocol):
    """Opens the line with given settings."""

    def at(
        self, choice: Choice | None, answer_s: float, quiet_s: float
    ) -> AbstractAsyncContextManager[AddressLine]:
        """The line at these settings."""


class Hands(Protocol):
    """Who stands at the device."""

    async def restart(self, profile: str, where: Where) -> bool:
        """Take its power away and give it again; False where nobody can."""


class NotAlone(PermanentError):
    """More than one device could obey, or the new address is taken: nothing was written."""


class Guess(PermanentError):
    """The device is not surely of this kind: nothing was written."""


class Lost(TransientError):
    """It was written to and answers neither at the old nor at the new place."""


Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Change:
    """What is wanted: a device of this profile from one place to another. `others` are all profiles."""

    place: str
    profile: Profile
    old: Where
    new: Where
    others: Sequence[Profile] = ()


async def set_address(lines: Lines, change: Change, journal: Journal, hands: Hands, say: Say) -> Where:
    """Bring the device to its new place and give that.

    Raises NotAlone, Guess, Refused, Busy or ConfigError with nothing written; NoAnswer where nobody is at
    the old place; Lost where it cannot be found afterwards, and then the journal knows; LinkDown.
    """
    for move in moves(change):
        await _move(lines, move, journal, hands, say)
    return change.new


def moves(change: Change) -> tuple[Change, ...]:
    """One setting at a time, the unit id last. Raises ConfigError for what the profile's rule cannot do."""
    writes(change.profile, change.old, change.new)
    old, new = change.old, change.new
    stops = [
        replace(old, line=replace(old.line, baudrate=new.line.baudrate)),
        replace(old, line=new.line),
        new,
    ]
    found: list[Change] = []
    for stop in stops:
        if stop != old:
            found.append(replace(change, old=old, new=stop))
            old = stop
    return tuple(found)


async def recover(lines: Lines, entry: Entry, profile: Profile, journal: Journal, hands: Hands) -> Where:
    """Where the device of an unfinished change is now; the journal is closed with it.

    One that took the new setting and has not started since is started first. Raises Lost, NotAlone.
    """
    at_old = await _is_at(lines, profile, entry.old)
    if at_old and await _is_told(lines, entry, profile):
        if not await hands.restart(profile.id, entry.old):
            raise Lost(_UNSTARTED.format(profile.id))
        at_old = await _is_at(lines, profile, entry.old)
    at_new = await _is_at(lines, profile, entry.new)
    if at_old and at_new:
        raise NotAlone(
            f"{profile.id} answers at {entry.old} and at {entry.new}: these are two devices; unplug one and "
            "run this again"
        )
    if not at_old and not at_new:
        raise Lost(
            f"the device answers neither at {entry.old} nor at {entry.new}: take its power away for five "
            "seconds, give it again and run this once more; then `gianh scan`"
        )
    journal.write(entry.at(Step.DONE if at_new else Step.TAKEN_BACK))
    return entry.new if at_new else entry.old


async def _move(lines: Lines, change: Change, journal: Journal, hands: Hands, say: Say) -> None:
    write = writes(change.profile, change.old, change.new)[0]
    entry = Entry(change.place, change.profile.id, change.old, change.new, Step.BEGUN)
    async with lines.at(change.old.line, PATIENT_S, PATIENT_QUIET_S) as line:
        await _prove_alone(line, change)
        say(f"{change.profile.id} answers alone at {change.old}, {PROOFS} of {PROOFS} times")
        await _prove_rule(line, change, write)
    await _prove_free(lines, change)
    say(f"{change.new} is free")
    journal.write(entry)
    async with lines.at(change.old.line, PATIENT_S, PATIENT_QUIET_S) as line:
        await _write(line, change, write, journal, entry)
    say(f"wrote {write.what} to register {write.setting.address:#06x}")
    journal.write(entry.at(Step.WRITTEN))
    await _find(lines, change, hands, say)
    journal.write(entry.at(Step.DONE))
    async with lines.at(change.old.line, PATIENT_S, PATIENT_QUIET_S) as line:
        left = await line.ask(change.old.unit, FIRST)
    if left.answered is not Answered.SILENT:
        say(f"somebody still answers at {change.old}: there was another device")
    say(f"{change.profile.id} answers at {change.new}")


async def _prove_alone(line: AddressLine, change: Change) -> None:
    where, name = change.old, change.profile.id
    trials = [await line.ask(where.unit, FIRST) for _ in range(PROOFS)]
    if all(trial.answered is Answered.SILENT and not trial.heard for trial in trials):
        raise NoAnswer(f"nobody answers at {where}: scan the line first")
    heard = [trial for trial in trials if trial.answered is not Answered.SILENT]
    clean = sum(trial.answered is not Answered.GARBLED for trial in heard)
    if clean == len(heard) < PROOFS:
        raise ProtocolError(
            f"{clean} of {PROOFS} questions to {where} were answered: mend the wiring first; nothing "
            "was written"
        )
    if clean < PROOFS or len({(trial.answered, trial.code) for trial in trials}) > 1:
        raise NotAlone(
            f"{clean} of {PROOFS} answers at {where} are clean: more than one device could answer there; "
            "unplug all but one, and nothing was written"
        )
    answers: dict[Block, bytes | None] = {}
    block = identify_block(change.profile)
    if block is None:
        raise Guess(f"{name} has no [identify] rule: what stands at {where} cannot be known")
    answers[block] = await _try_read(line, where.unit, block)
    if no := first_look(change.profile, answers):
        raise Guess(f"what stands at {where} is no {name} ({no}): `gianh identify` says what it is")


async def _prove_rule(line: AddressLine, change: Change, write: Write) -> None:
    kin = proofs(change.profile, change.others)
    held: dict[str, float] = {}
    for name, setting in kin:
        held[name] = await _held(line, change.old.unit, setting)
    if why := refuse_guess(change.profile, change.old.unit, held, kin):
        raise Guess(f"nothing was written: {why}")
    now = _present(change, write)
    if now is None:
        return
    number = await _held(line, change.old.unit, write.setting)
    if number != now:
        shown = "cannot be read" if math.isnan(number) else f"holds {number:g}"
        raise Guess(
            f"nothing was written: register {write.setting.address:#06x} {shown}, but {change.profile.id} at "
            f"{change.old.line} would hold {now} there: its codes are not those of the profile"
        )


def _present(change: Change, write: Write) -> int | None:
    """The code of the present line setting, where that is what is to be written; None for the unit id."""
    rule, line = change.profile.readdress, change.old.line
    if rule is None or change.old.unit != change.new.unit:
        return None
    choice = str(line.baudrate) if write.setting is rule.baudrate else f"{line.parity}{line.stop_bits}"
    return dict(write.setting.codes).get(choice, -1)


async def _prove_free(lines: Lines, change: Change) -> None:
    for choice in dict.fromkeys((change.new.line, change.old.line)):
        if (change.new.unit, choice) == (change.old.unit, change.old.line):
            continue
        async with lines.at(choice, PATIENT_S, PATIENT_QUIET_S) as line:
            trials = [await line.ask(change.new.unit, FIRST) for _ in range(FREE_PROOFS)]
        if any(trial.answered is not Answered.SILENT or len(trial.heard) > 1 for trial in trials):
            raise NotAlone(
                f"somebody answers as unit {change.new.unit} at {choice} already: choose another address; "
                "nothing was written"
            )


async def _write(line: AddressLine, change: Change, write: Write, journal: Journal, entry: Entry) -> None:
    unit, setting = change.old.unit, write.setting
    journal.write(entry.at(Step.WRITING))
    try:
        await line.write(unit, setting.table, setting.address, write.words, write.many)
    except (NoAnswer, ProtocolError):
        # It may have gone already, and answered from there: looking tells.
        return
    except (Refused, Busy):
        journal.write(entry.at(Step.TAKEN_BACK))
        raise
    save = change.profile.readdress.save if change.profile.readdress is not None else None
    if save is not None:
        await line.write(unit, save.table, save.address, (save.value,), save.many)


async def _find(lines: Lines, change: Change, hands: Hands, say: Say) -> None:
    for restarted in (False, True):
        for _ in range(LOOKS):
            at_new = await _is_at(lines, change.profile, change.new)
            at_old = not at_new and await _is_at(lines, change.profile, change.old)
            if at_new:
                return
            if at_old and not restarted:
                break
        if restarted:
            break
        say("it takes the new setting when it starts")
        if not await hands.restart(change.profile.id, change.old):
            raise Lost(_UNSTARTED.format(change.profile.id))
    raise Lost(
        f"{change.profile.id} was told to go to {change.new} and answers neither there nor at {change.old}: "
        "take its power away and run the same command again; then `gianh scan`"
    )


async def _is_at(lines: Lines, profile: Profile, where: Where) -> bool:
    """Whether a device of this profile answers there and says of itself that it is there."""
    async with lines.at(where.line, PATIENT_S, PATIENT_QUIET_S) as line:
        block = identify_block(profile)
        data = None if block is None else await _try_read(line, where.unit, block)
        return block is not None and not first_look(profile, {block: data})


async def _is_told(lines: Lines, entry: Entry, profile: Profile) -> bool:
    """Whether a device at the old place holds the new setting already."""
    write = writes(profile, entry.old, entry.new)[0]
    async with lines.at(entry.old.line, PATIENT_S, PATIENT_QUIET_S) as line:
        data = await _try_read(line, entry.old.unit, block_of(write.setting))
    return data == b"".join(word.to_bytes(2, "big") for word in write.words)


async def _try_read(line: AddressLine, unit: int, block: Block) -> bytes | None:
    try:
        return await line.read(unit, block.table, block.address, block.count)
    except (NoAnswer, Refused, Busy, ProtocolError):
        return None


async def _held(line: AddressLine, unit: int, setting: Setting) -> float:
    data = await _try_read(line, unit, block_of(setting))
    return math.nan if data is None else number_of(setting, data)


__all__ = ["Change", "ConfigError", "Guess", "Hands", "Lost", "NotAlone", "moves", "recover", "set_address"]

"""What has to be proved before a device is written to, and after: it is alone, it is of its kind, and the
other place is free."""

import math
from collections.abc import Sequence

from drivers.device_model import Profile
from drivers.modbus.match import SHORTEST_FRAME_BYTES, units_heard
from drivers.modbus.plan import Block
from edge.core.errors import NoAnswer, ProtocolError
from provisioning.address.journal import Entry, Where
from provisioning.address.looking import PAUSE_S, held, try_read
from provisioning.address.rules import Write, proofs, refuse_guess
from provisioning.address.site import AddressLine, Guess, Lines, NotAlone, Shared
from provisioning.identify.weigh import first_look, identify_block
from provisioning.scan.evidence import Answered, Trial
from provisioning.scan.plan import FIRST, PATIENT_QUIET_S, PATIENT_S, SECOND

PROOFS = 5
"""So often a device is asked before it is believed to be alone: two do not collide unnoticed."""

READS = 3
"""So often what it is known by is read: two kinds at one address do not take turns unnoticed."""

FREE = (FIRST, SECOND, FIRST)
"""The questions upon which a free address keeps silent; some devices ignore functions that they lack."""

PATH_UNAVAILABLE = 0x0A
"""By this a gateway on the network says that it has nobody there (Modbus application protocol V1.1b3 §7)."""


async def prove_alone(lines: Lines, profile: Profile, where: Where) -> None:
    """Have one device of this profile at `where`, and no other. Raises NotAlone, Guess, NoAnswer, or
    ProtocolError where the wiring leaves it open."""
    block = identify_block(profile)
    if block is None:
        raise Guess(f"{profile.id} has no [identify] rule: what stands at {where} cannot be known")
    single = await prove_single(lines, where)
    async with lines.at(where.line, PATIENT_S, PATIENT_QUIET_S) as line:
        answers = await _identities(lines, line, where.unit, block)
    if not single and all(data is None for data in answers):
        raise NoAnswer(f"nobody answers at {where}: scan the line first")
    for data in answers:
        if no := first_look(profile, {block: data}):
            raise Guess(f"what stands at {where} is no {profile.id} ({no}): `gianh identify` says what it is")


async def prove_single(lines: Lines, where: Where) -> bool:
    """Have no more than one device at `where`; False where the usual question is answered by nobody.

    Raises NotAlone, or ProtocolError where the wiring leaves it open.
    """
    async with lines.at(where.line, PATIENT_S, PATIENT_QUIET_S) as line:
        trials = await _asked(lines, line, where.unit)
    if all(_is_silent(trial) for trial in trials):
        return False
    judge_alone(trials, where)
    return True


async def _asked(lines: Lines, line: AddressLine, unit: int) -> list[Trial]:
    """The answers to a question that was put several times, with time for a second device to be late."""
    trials: list[Trial] = []
    for _ in range(PROOFS):
        if trials and trials[-1].answered is not Answered.SILENT:
            await lines.pause(PAUSE_S)
        trials.append(await line.ask(unit, FIRST))
    return trials


async def _identities(lines: Lines, line: AddressLine, unit: int, block: Block) -> list[bytes | None]:
    answers: list[bytes | None] = []
    for _ in range(READS):
        await lines.pause(PAUSE_S)
        answers.append(await try_read(line, unit, block))
    return answers


def judge_alone(trials: Sequence[Trial], where: Where) -> None:
    """Raise what the answers of one unit say against its being alone. Pure."""
    heard = [trial for trial in trials if not _is_silent(trial)]
    clean = sum(trial.answered in (Answered.VALUES, Answered.REFUSAL) for trial in heard)
    if clean == len(heard) < len(trials):
        raise ProtocolError(
            f"{clean} of {len(trials)} questions to {where} were answered: mend the wiring first; nothing "
            "was written"
        )
    if clean < len(trials) or len({(trial.answered, trial.code) for trial in trials}) > 1:
        raise NotAlone(
            f"{clean} of {len(trials)} answers at {where} are clean and alike: more than one device could "
            "answer there: unplug all but one; nothing was written"
        )
    _judge_rest(trials, where)


def _judge_rest(trials: Sequence[Trial], where: Where) -> None:
    """What came besides clean answers: before the first question nobody knows upon what it came."""
    strays = [trial.stray for trial in trials[1:]]
    if any(where.unit in units_heard(stray) for stray in strays):
        raise NotAlone(
            f"upon a question to {where} a second answer came, later than the first: two devices are there; "
            "unplug all but one; nothing was written"
        )
    wrong = sum(trial.errors.parity + trial.errors.frame for trial in trials if trial.errors is not None)
    if wrong:
        raise NotAlone(
            f"the answers at {where} can be read, but the adapter counts {wrong} wrong characters among "
            "them; another device answers over this one, or its line settings differ: unplug all but one; "
            "nothing was written"
        )
    rest = sum(len(stray) for stray in strays)
    if rest >= SHORTEST_FRAME_BYTES:
        raise ProtocolError(
            f"{rest} bytes came on the line while nobody was asked, so that who answers at {where} cannot be "
            "told: unplug the second master or the sensor that talks by itself; nothing was written"
        )


async def prove_rule(
    lines: Lines, profile: Profile, others: Sequence[Profile], entry: Entry, write: Write
) -> None:
    """Have the registers hold what the profile's rule says that they hold now. Raises Guess."""
    kin = proofs(profile, others)
    unit = entry.old.unit
    async with lines.at(entry.old.line, PATIENT_S, PATIENT_QUIET_S) as line:
        kept = {name: await held(line, unit, setting) for name, setting in kin}
        number = await held(line, unit, write.setting)
    if why := refuse_guess(profile, unit, kept, kin):
        raise Guess(f"nothing was written: {why}")
    now = _present(profile, entry, write)
    if now is not None and number != now:
        shown = "cannot be read" if math.isnan(number) else f"holds {number:g}"
        raise Guess(
            f"nothing was written: register {write.setting.address:#06x} {shown}, but {profile.id} at "
            f"{entry.old.line} would hold {now} there: its codes are not those of the profile"
        )


def _present(profile: Profile, entry: Entry, write: Write) -> int | None:
    """The code of the present line setting, where that is what is to be written; None for the unit id."""
    rule, line = profile.readdress, entry.old.line
    if rule is None or line is None or entry.old.unit != entry.new.unit:
        return None
    choice = str(line.baudrate) if write.setting is rule.baudrate else f"{line.parity}{line.stop_bits}"
    return dict(write.setting.codes).get(choice, -1)


async def prove_free(lines: Lines, old: Where, new: Where) -> None:
    """Have nobody at the new place, nor at the new unit id where the line is now. Raises NotAlone."""
    for where in dict.fromkeys((new, Where(new.unit, old.line))):
        if where != old and await _is_anybody(lines, where):
            raise NotAlone(
                f"somebody answers at {where} already: choose another address; nothing was written"
            )


async def prove_moved(lines: Lines, profile: Profile, old: Where, new: Where) -> None:
    """Have one device at the new place and none at the old one. Raises Shared."""
    try:
        await prove_alone(lines, profile, new)
    except (NotAlone, Guess, NoAnswer, ProtocolError) as error:
        why = str(error).removesuffix("; nothing was written")
        raise Shared(
            f"{profile.id} went to {new}, but now: {why}. Two devices may have had the address {old.unit} "
            "and both have gone: unplug one, then `gianh scan`"
        ) from error
    if await _is_anybody(lines, old):
        raise Shared(
            f"{profile.id} is at {new}, but somebody still answers at {old}: two devices had that address. "
            "`gianh identify` says what each is; which of the two went, unplugging one tells"
        )


async def _is_anybody(lines: Lines, where: Where) -> bool:
    async with lines.at(where.line, PATIENT_S, PATIENT_QUIET_S) as line:
        trials = [await line.ask(where.unit, question) for question in FREE]
    late = any(where.unit in units_heard(trial.stray) for trial in trials[1:])
    return late or not all(_is_silent(trial) for trial in trials)


def _is_silent(trial: Trial) -> bool:
    """A lone byte is a break that the line makes, nobody's answer."""
    if trial.answered is Answered.REFUSAL:
        return trial.code == PATH_UNAVAILABLE
    return trial.answered is Answered.SILENT and len(trial.heard) <= 1

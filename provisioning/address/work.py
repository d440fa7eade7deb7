"""Changing where one device is reached: proves, writes, looks, and remembers each step."""

from itertools import pairwise

from drivers.device_model import Profile
from drivers.profile import load_profile
from edge.core.errors import Busy, NoAnswer, ProtocolError, Refused
from provisioning.address.journal import Entry, Step, Where
from provisioning.address.looking import Seen, Sign, is_told, look
from provisioning.address.proving import PROOFS, prove_alone, prove_free, prove_moved, prove_rule
from provisioning.address.rules import Write, stops, writes
from provisioning.address.site import Change, Kept, Lost, NotAlone, Shared, Site
from provisioning.scan.plan import PATIENT_QUIET_S, PATIENT_S

WRITES = 3
"""So often the same is written where nobody answered it and the device is where and as it was."""

_AGAIN = "take its power away for five seconds, then run the same command again"


async def set_address(site: Site, change: Change) -> Where:
    """Bring the device to its new place and give that.

    Raises NotAlone, Guess, Refused or ConfigError with nothing written; NoAnswer where nobody is at the old
    place; Kept where the device did not take it; Shared where it went and another one is still there, or went
    as well; Lost where it is not known, and then the journal knows what was done; LinkDown.
    """
    way = stops(change.profile, change.old, change.new)
    for old, new in pairwise(way):
        if old == change.old:
            await _prove_alone(site, change)
        await _move(site, change, _entry(change, old, new))
    return change.new


async def prove(site: Site, change: Change) -> None:
    """All that is looked at before the first write. Raises as set_address does."""
    old, new = stops(change.profile, change.old, change.new)[:2]
    await _prove_alone(site, change)
    await _provable(site, change, _entry(change, old, new))


async def recover(site: Site, entry: Entry, profile: Profile) -> Where:
    """Where the device of an unfinished change is now; the journal is closed with it.

    One that holds the new setting and has not started since is started first. Raises Lost, NotAlone, Shared.
    """
    if entry.step in (Step.BEGUN, Step.TAKEN_BACK):
        site.journal.write(entry.at(Step.TAKEN_BACK))
        return entry.old
    if entry.step is Step.DONE:
        return entry.new
    where, doubt = await _settle(site, profile, entry)
    if doubt:
        site.say(doubt)
    return where


async def was_done(site: Site, old: Where, new: Where) -> Entry | None:
    """This very change, if it was done before and the device is there: whoever asks again was cut off."""
    last = site.journal.read()
    if last is None or last.step is not Step.DONE or (last.began, last.goal) != (old, new):
        return None
    seen = await look(site.lines, load_profile(last.profile), old, new)
    return last if seen.new is Sign.IT and seen.old is Sign.NOBODY else None


def _entry(change: Change, old: Where, new: Where) -> Entry:
    began = change.began or change.old
    return Entry(change.place, change.profile.id, began, change.new, old, new, Step.BEGUN, change.way)


async def _prove_alone(site: Site, change: Change) -> None:
    await prove_alone(site.lines, change.profile, change.old)
    site.say(f"{change.profile.id} answers alone at {change.old}, {PROOFS} of {PROOFS} times")


async def _provable(site: Site, change: Change, entry: Entry) -> Write:
    """What is to be written, once it is proved that it may be."""
    write = writes(change.profile, entry.old, entry.new)[0]
    await prove_rule(site.lines, change.profile, change.others, entry, write)
    await prove_free(site.lines, entry.old, entry.new)
    site.say(f"{entry.new} is free")
    return write


async def _move(site: Site, change: Change, entry: Entry) -> None:
    profile = change.profile
    write = await _provable(site, change, entry)
    site.journal.write(entry)
    told = await _tell(site, profile, entry, write)
    where, doubt = await _settle(site, profile, told)
    if doubt:
        raise Lost(f"{doubt}. To find out, {_AGAIN}")
    if where != entry.new:
        raise Kept(
            f"{profile.id} is at {entry.old} as before: it did not take {write.what}. Some devices want a "
            f"key pressed or a lock opened first{_note(profile)}"
        )


async def _tell(site: Site, profile: Profile, entry: Entry, write: Write) -> Entry:
    """Write, again where that had no answer and left no trace; gives the entry as it then stands."""
    unit, setting = entry.old.unit, write.setting
    site.journal.write(entry.at(Step.WRITING))
    for _ in range(WRITES):
        try:
            async with site.lines.at(entry.old.line, PATIENT_S, PATIENT_QUIET_S) as line:
                await line.write(unit, setting.table, setting.address, write.words, write.many)
        except (NoAnswer, ProtocolError, Busy):
            # It may have gone already, and answered from there: looking tells.
            site.say(f"no answer to the write of {write.what}: looking where the device is")
        except Refused:
            site.journal.write(entry.at(Step.TAKEN_BACK))
            raise
        else:
            site.journal.write(entry.at(Step.WRITTEN))
            site.say(f"wrote {write.what} to register {setting.address:#06x}")
            return entry.at(Step.WRITTEN)
        seen = await look(site.lines, profile, entry.old, entry.new)
        if seen.old is not Sign.IT or await is_told(site.lines, write, entry.old):
            break
    return entry.at(Step.WRITING)


async def _settle(site: Site, profile: Profile, entry: Entry) -> tuple[Where, str]:
    """Where the device is, once it has started if it waits for that, and what of it is not known.

    Closes the journal, but not where it raises Lost or NotAlone: the next run has to go on from there.
    """
    restarted = False
    while True:
        seen = await look(site.lines, profile, entry.old, entry.new)
        _refuse_unclear(profile, entry, seen)
        if seen.new is Sign.IT:
            await _arrived(site, profile, entry)
            return entry.new, ""
        write = writes(profile, entry.old, entry.new)[0]
        told = await is_told(site.lines, write, entry.old)
        if not _may_wait(profile, entry, told):
            site.journal.write(entry.at(Step.TAKEN_BACK))
            return entry.old, _unknown(profile, entry, write) if entry.step is Step.WRITING else ""
        if restarted:
            raise Lost(f"{profile.id} at {entry.old} holds the new setting and does not go by it: {_AGAIN}")
        if told:
            await _save(site, profile, entry.old)
        entry, restarted = await _restart(site, profile, entry, told), True


async def _arrived(site: Site, profile: Profile, entry: Entry) -> None:
    """Have it saved and alone at the new place, and close the journal."""
    try:
        await _save(site, profile, entry.new)
        site.journal.write(entry.at(Step.MOVED))
        await prove_moved(site.lines, profile, entry.old, entry.new)
    except (Refused, Shared):
        # It is where it was to go, and no other device's change must wait for this one.
        site.journal.write(entry.at(Step.DONE))
        raise
    site.journal.write(entry.at(Step.DONE))
    site.say(f"{profile.id} answers alone at {entry.new}, and nobody at {entry.old}")


def _refuse_unclear(profile: Profile, entry: Entry, seen: Seen) -> None:
    if seen.old is Sign.IT and seen.new is Sign.IT:
        raise NotAlone(
            f"{profile.id} answers at {entry.old} and at {entry.new}: these are two devices; unplug one and "
            "run the same command again"
        )
    if seen.old is not Sign.IT and seen.new is not Sign.IT:
        raise Lost(
            f"{profile.id} was told to go from {entry.old} to {entry.new} and is not to be found: "
            f"{seen.words(entry.old, entry.new)}. Leave it alone on the line, {_AGAIN}; then `gianh scan`"
        )


def _may_wait(profile: Profile, entry: Entry, told: bool) -> bool:
    """Whether a device at its old place may have taken the setting and wait for a new start."""
    at_once = profile.readdress is not None and profile.readdress.effective == "at_once"
    return told or (entry.step is Step.WRITTEN and not at_once)


def _unknown(profile: Profile, entry: Entry, write: Write) -> str:
    at_once = profile.readdress is not None and profile.readdress.effective == "at_once"
    if at_once:
        return ""
    return (
        f"whether {profile.id} took {write.what} is not known: nobody answered the write, and it is at "
        f"{entry.old} with its former setting. If it took it, it goes to {entry.new} when it starts next"
    )


async def _restart(site: Site, profile: Profile, entry: Entry, told: bool) -> Entry:
    """Have its power taken away; the journal knows that it was asked for. Raises Lost where nobody can."""
    if told:
        site.say("it holds the new setting, and goes by it when it starts")
        holds = "holds the new setting but does not go by it yet"
    else:
        site.say("it does not show whether it took the new setting: that is seen when it starts anew")
        holds = "answered the write, but does not show the new setting"
    asked = entry.at(Step.RESTART)
    site.journal.write(asked)
    if not await site.hands.restart(profile.id, entry.old):
        raise Lost(f"{profile.id} at {entry.old} {holds}: {_AGAIN}")
    return asked


async def _save(site: Site, profile: Profile, where: Where) -> None:
    """The save command, where the profile has one, to where the device is now. Raises Lost or Refused."""
    save = profile.readdress.save if profile.readdress is not None else None
    if save is None:
        return
    for last in (False, True):
        try:
            async with site.lines.at(where.line, PATIENT_S, PATIENT_QUIET_S) as line:
                await line.write(where.unit, save.table, save.address, (save.value,), save.many)
        except (NoAnswer, ProtocolError, Busy) as error:
            if last:
                raise Lost(
                    f"{profile.id} at {where} did not answer its save command (register "
                    f"{save.address:#06x}): without it a power cut may bring the former setting back. Run "
                    "the same command again"
                ) from error
        except Refused as refused:
            raise Refused(
                f"{profile.id} took the new setting but refuses its save command at {where} ({refused}): a "
                "power cut may bring the former setting back; read its manual",
                refused.code,
            ) from refused
        else:
            site.say(f"saved, by register {save.address:#06x}")
            return


def _note(profile: Profile) -> str:
    note = profile.readdress.note if profile.readdress is not None else ""
    return f" (its profile: {note.rstrip('.')})" if note else ""

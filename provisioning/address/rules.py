"""Whether a profile's [readdress] rule may be used on the device at hand, and what is then written. Pure."""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from drivers.coded import Type
from drivers.device_model import Profile, Readdress, Setting
from drivers.modbus.plan import Block
from edge.core.errors import ConfigError
from provisioning.address.journal import Where
from provisioning.identify.weigh import held_number, setting_block
from provisioning.scan.plan import UNITS, Choice

_FORMAT = {Type.U16: ">H", Type.S16: ">h", Type.U32: ">I", Type.S32: ">i", Type.F32: ">f"}


@dataclass(frozen=True, slots=True)
class Write:
    """One setting to write: the words, whether function 16 is wanted, and what it is for people."""

    setting: Setting
    words: tuple[int, ...]
    many: bool
    what: str


def writes(profile: Profile, old: Where, new: Where) -> tuple[Write, ...]:
    """What makes the device go from `old` to `new`; line settings first, the unit id last.

    Raises ConfigError where the rule has no such setting, or the number is none of its choices.
    """
    rule = profile.readdress
    if rule is None:
        raise ConfigError(
            f"{profile.id} has no [readdress] rule: its address is set by switches, a display or the maker's "
            "tool"
        )
    found = _line_writes(profile, rule, old.line, new.line)
    if old.unit != new.unit:
        found.append(_unit(profile, rule.unit, new.unit))
    if not found:
        raise ConfigError(f"nothing to change: {old} is where it shall be")
    return tuple(found)


def stops(profile: Profile, old: Where, new: Where) -> tuple[Where, ...]:
    """Where the device is from `old` to `new`, both among them: one setting at a time, the unit id last.

    Raises ConfigError for what the profile's rule cannot do.
    """
    writes(profile, old, new)
    way = [old]
    if old.line is not None and new.line is not None:
        way += [replace(old, line=replace(old.line, baudrate=new.line.baudrate)), replace(old, line=new.line)]
    return tuple(dict.fromkeys((*way, new)))


def start_needed(profile: Profile) -> str:
    """Whether the device goes by a new setting only after its power was away, as far as that is known."""
    effective = profile.readdress.effective if profile.readdress is not None else "unknown"
    return {
        "at_once": "it goes by the new setting at once",
        "after_restart": "it goes by a new setting when it starts: its power has to be taken away",
    }.get(effective, "it may want its power taken away before it goes by a new setting")


def doubts(profile: Profile, old: Where, new: Where) -> tuple[str, ...]:
    """What of the profile's rule is unverified, as far as it would be used; a sentence each."""
    rule = profile.readdress
    if rule is None:
        return ()
    unit = rule.unit if old.unit != new.unit else None
    parts = (("the rule", rule), ("where its unit id is", unit), ("its save command", rule.save))
    return tuple(
        f"unverified: {name} ({part.note.rstrip('.') or 'by one source'})"
        for name, part in parts
        if part is not None and not part.verified
    )


def converter(place: str) -> ConfigError:
    """Why the line settings of a device behind a network are not changed."""
    return ConfigError(
        f"the line behind {place} has the settings of its converter: a device that gets others would be lost "
        "to it. Change them at a serial adapter, or set all devices and the converter by the maker's tools"
    )


def proofs(profile: Profile, others: Sequence[Profile]) -> tuple[tuple[str, Setting], ...]:
    """The registers of the unit id by this profile, and by those that a scan can take for it."""
    kin = [one for one in others if one.id != profile.id and _alike(profile, one)]
    return tuple(
        (one.id, one.readdress.unit)
        for one in (profile, *kin)
        if one.readdress is not None and one.readdress.unit is not None
    )


def refuse_guess(
    profile: Profile, unit: int, held: Mapping[str, float], kin: Sequence[tuple[str, Setting]]
) -> str:
    """Why writing would be a guess; empty where it is none.

    `held` is what each profile's register of the unit id holds, NaN where the device refuses it.
    """
    places = dict(kin)
    own = places.get(profile.id)
    if own is None:
        return ""
    number = held.get(profile.id, math.nan)
    if number != unit:
        shown = "cannot be read" if math.isnan(number) else f"holds {number:g}"
        return (
            f"register {own.address:#06x}, where {profile.id} keeps its unit id, {shown} instead of {unit}: "
            "this is another variant, and writing there could change its baud rate or calibration"
        )
    for name, setting in kin:
        if name == profile.id or setting.address == own.address:
            continue
        if held.get(name, math.nan) == unit:
            return (
                f"register {setting.address:#06x} holds {unit} as well, where {name} keeps its unit id: "
                "which of the two it is cannot be told at this address; read the label, or ask the maker"
            )
    return ""


def number_of(setting: Setting, data: bytes) -> float:
    """The number in a setting's registers, NaN where it is none."""
    return held_number(setting, data)


def block_of(setting: Setting) -> Block:
    """The registers of a setting."""
    return setting_block(setting)


def _alike(one: Profile, other: Profile) -> bool:
    """Whether a scan asks both by the same registers, so that one can be taken for the other."""
    if one.identify is None or other.identify is None:
        return False
    return (one.identify.table, one.identify.address) == (other.identify.table, other.identify.address)


def _unit(profile: Profile, setting: Setting | None, unit: int) -> Write:
    if setting is None:
        raise ConfigError(f"{profile.id}: how its unit id is changed is not known")
    low, high = setting.range or (UNITS.start, UNITS.stop - 1)
    if not max(low, UNITS.start) <= unit <= min(high, UNITS.stop - 1):
        raise ConfigError(f"{profile.id} takes unit ids {low:g} to {min(high, 247):g}, not {unit}")
    return _write(setting, unit, f"unit id {unit}")


def _line_writes(
    profile: Profile, rule: Readdress, before: Choice | None, after: Choice | None
) -> list[Write]:
    if before is None or after is None:
        return []
    found: list[Write] = []
    if before.baudrate != after.baudrate:
        found.append(_coded(profile, rule, rule.baudrate, "baudrate", str(after.baudrate)))
    if (before.parity, before.stop_bits) != (after.parity, after.stop_bits):
        found.append(_coded(profile, rule, rule.parity, "parity", f"{after.parity}{after.stop_bits}"))
    return found


def _coded(profile: Profile, rule: Readdress, setting: Setting | None, what: str, choice: str) -> Write:
    """A wrong unit id is found again by a scan; a device with a wrong line setting may never be."""
    if setting is None:
        raise ConfigError(f"{profile.id}: how its {what} is changed is not known")
    if not (rule.verified and setting.verified):
        why = (setting.note or rule.note).rstrip(".")
        raise ConfigError(
            f"{profile.id}: the codes of its {what} are unverified{f' ({why})' if why else ''}, and a wrong "
            "one makes a device that nobody finds again: nothing is written. Use the maker's tool, or give "
            "the device a bus of its own"
        )
    codes = dict(setting.codes)
    if choice not in codes:
        raise ConfigError(f"{profile.id} takes for {what}: {', '.join(codes)}; not {choice}")
    return _write(setting, codes[choice], f"{what} {choice}")


def _write(setting: Setting, number: int, what: str) -> Write:
    packed = struct.pack(_FORMAT[setting.type], number)
    words = struct.unpack(f">{len(packed) // 2}H", packed)
    return Write(setting, words, setting.many or len(words) > 1, what)

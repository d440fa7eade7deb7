"""How well a profile fits what a unit answered, in bits of evidence. Pure.

A value within its range says the more the fewer register contents would be: a temperature of 5 to 60 °C in
tenths is one of 120 possible words (7 bits), a float between 80 and 300 one of 270 (8 bits). A zero says
nothing, since anything may be zero. What is out of range, or refused, speaks against.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from drivers.coded import ProfilePoint, Table, Type, WordOrder
from drivers.device_model import Profile, Setting
from drivers.modbus.decode import Decoder
from drivers.modbus.plan import Block, plan_blocks
from edge.core.errors import GianhError

Answers = Mapping[Block, bytes | None]
"""What a unit answered; None where it refused or kept silent."""

BITS_MAX = 8.0
"""No single value proves more."""

PER_BIT = 8.0
"""So many bits halve what is missing to 100."""

UNIT_HELD, UNIT_OTHER = 6.0, -6.0
"""The register of the unit id holds the id at which the unit answers, or something else."""

IMPOSSIBLE = -4.0
"""A value that cannot be true."""

REFUSED = -3.0
"""A block that the unit does not have."""

IDENTITY = 24.0
"""Registers that hold the very numbers that the profile names."""

LINE = 1.0
"""The line settings are the factory's."""

_BITS = {Type.U16: 16, Type.S16: 16, Type.U32: 32, Type.S32: 32, Type.U64: 64, Type.S64: 64}


@dataclass(frozen=True, slots=True)
class Match:
    """How well a profile fits: score 0 to 100, the bits behind it, what they are, and the values as it reads
    them. `no` says why it cannot be at all."""

    profile: str
    score: float
    bits: float
    evidence: tuple[str, ...]
    values: tuple[tuple[str, float], ...] = ()
    no: str = ""


def identify_block(profile: Profile) -> Block | None:
    """What is asked first."""
    rule = profile.identify
    return None if rule is None else Block(rule.table, rule.address, rule.count)


def blocks_of(profile: Profile) -> tuple[Block, ...]:
    """All that the profile reads of the unit itself."""
    return plan_blocks(profile.points_of(), profile.limits.gap_max, profile.limits.count_max)


def unit_block(profile: Profile) -> Block | None:
    """Where the unit keeps its own id, as far as that is known."""
    setting = profile.readdress.unit if profile.readdress is not None else None
    return None if setting is None else setting_block(setting)


def setting_block(setting: Setting) -> Block:
    """The registers of one setting."""
    return Block(setting.table, setting.address, 2 if setting.type in (Type.F32, Type.U32) else 1)


def first_look(profile: Profile, answers: Answers) -> str:
    """Why the unit cannot have this profile, by its [identify] rule alone; empty where it can."""
    rule, block = profile.identify, identify_block(profile)
    if rule is None or block is None:
        return "its profile has no [identify] rule"
    data = answers.get(block)
    if data is None:
        return f"it does not answer {block.table} {block.address}+{block.count}"
    if rule.equals:
        words = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
        if words != list(rule.equals):
            return f"{block.table} {block.address} holds {words}, not {list(rule.equals)}"
    values = _values(profile.points_of(), (block,), answers)
    for name, (low, high) in rule.plausible:
        value = values.get(name)
        if value is None or not low <= value <= high:
            shown = "no value" if value is None else f"{value:g}"
            return f"{name} would be {shown}, outside {low:g} to {high:g}"
    return ""


def weigh(profile: Profile, unit: int, answers: Answers, usual_line: bool = False) -> Match:
    """How well `profile` fits what `unit` answered."""
    if no := first_look(profile, answers):
        return Match(profile.id, 0.0, 0.0, (), no=no)
    blocks = blocks_of(profile)
    values = _values(profile.points_of(), blocks, answers)
    bits, evidence = _of_values(profile, blocks, values, answers)
    rule = profile.identify
    if rule is not None and rule.equals:
        bits, evidence = bits + IDENTITY, [f"identity registers hold {list(rule.equals)}", *evidence]
    more, said = _of_unit(profile, unit, answers)
    bits, evidence = bits + more, evidence + said
    if usual_line:
        bits, evidence = bits + LINE, [*evidence, "the line settings are the factory's"]
    known = tuple((name, value) for name, value in values.items() if value is not None)
    return Match(profile.id, score_of(bits), round(bits, 1), tuple(evidence), known)


def score_of(bits: float) -> float:
    """0 to 100."""
    return round(100.0 * (1.0 - math.pow(2.0, -max(0.0, bits) / PER_BIT)), 1)


def bits_of(point: ProfilePoint, low: float, high: float) -> float:
    """How much a value within `low` to `high` says."""
    if point.type in (Type.BIT, Type.COIL) or high <= low:
        return 0.0
    if point.type in (Type.F32, Type.F64):
        top = max(abs(low), abs(high))
        octaves = math.log2(top / max(min(abs(low), abs(high)) if low * high > 0 else 0.0, top / 1e4))
        return min(BITS_MAX, math.log2(512.0 / (octaves * (2.0 if low < 0 < high else 1.0))))
    words = max(1.0, abs((high - low) * point.divisor / point.scale))
    return max(0.0, min(BITS_MAX, _BITS.get(point.type, 16) - math.log2(words)))


def _of_values(
    profile: Profile, blocks: Sequence[Block], values: Mapping[str, float | None], answers: Answers
) -> tuple[float, list[str]]:
    narrow = dict(profile.identify.plausible) if profile.identify is not None else {}
    bits, evidence = 0.0, []
    impossible, there = [], 0
    for point in profile.points_of():
        if not any(block.covers(point) and answers.get(block) is not None for block in blocks):
            continue
        value = values.get(point.name)
        if value is None:
            impossible.append(point.name)
            bits += IMPOSSIBLE
            continue
        there += 1
        if value:
            bits += bits_of(point, *narrow.get(point.name, point.valid))
        if point.name in narrow:
            evidence.append(f"{point.name} {value:g} is plausible")
    refused = sum(answers.get(block) is None for block in blocks)
    bits += refused * REFUSED
    evidence.append(f"{there} of {len(profile.points)} values can be true")
    if impossible:
        evidence.append(f"cannot be true: {', '.join(impossible[:4])}")
    if refused:
        evidence.append(f"{refused} of {len(blocks)} blocks are refused")
    return bits, evidence


def _of_unit(profile: Profile, unit: int, answers: Answers) -> tuple[float, list[str]]:
    block = unit_block(profile)
    if block is None or block not in answers or profile.readdress is None or profile.readdress.unit is None:
        return 0.0, []
    data = answers[block]
    if data is None:
        return REFUSED, [f"it has no register {block.address:#06x} for its unit id"]
    held = held_number(profile.readdress.unit, data)
    if held == unit:
        return UNIT_HELD, [f"register {block.address:#06x} holds its unit id {unit}"]
    return UNIT_OTHER, [f"register {block.address:#06x} holds {held:g}, not its unit id"]


def held_number(setting: Setting, data: bytes) -> float:
    """The number that a setting's registers hold; NaN where that is none."""
    point = ProfilePoint(
        name="active_power",
        table=setting.table,
        address=setting.address,
        type=setting.type,
        range=(-1e9, 1e9),
    )
    value = _values((point,), (setting_block(setting),), {setting_block(setting): data})["active_power"]
    return math.nan if value is None else value


def _values(
    points: Sequence[ProfilePoint], blocks: Sequence[Block], answers: Answers
) -> dict[str, float | None]:
    try:
        values, _ = Decoder(points, blocks).decode([answers.get(block) for block in blocks])
    except GianhError:
        return dict.fromkeys((point.name for point in points), None)
    return {point.name: value for point, value in zip(points, values, strict=True)}


VALUES_MIN = 2
"""One integer fits too much when its scale is free; two at once, or a float, do not."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A profile that would fit if its numbers were written otherwise: no profile of ours, so no match."""

    profile: str
    change: str
    reading: str


Change = Callable[[ProfilePoint], ProfilePoint]


def variants(profile: Profile, answers: Answers) -> tuple[Variant, ...]:
    """Under which other scale or word order the [identify] rule would hold."""
    rule, block = profile.identify, identify_block(profile)
    if rule is None or block is None or not rule.plausible or answers.get(block) is None or rule.equals:
        return ()
    if len(rule.plausible) < VALUES_MIN and not _is_float(profile, rule.plausible[0][0]):
        return ()
    found: list[Variant] = []
    for words, change in _changes(profile.points_of()):
        values = _values([change(point) for point in profile.points_of()], (block,), answers)
        read = [(name, values.get(name), low, high) for name, (low, high) in rule.plausible]
        if all(value is not None and value and low <= value <= high for _, value, low, high in read):
            shown = ", ".join(f"{name} {value:g}" for name, value, _, _ in read)
            found.append(Variant(profile.id, words, shown))
    return tuple(found)


def _is_float(profile: Profile, name: str) -> bool:
    return any(point.name == name and point.type is Type.F32 for point in profile.points_of())


def _changes(points: Sequence[ProfilePoint]) -> list[tuple[str, Change]]:
    def scaled(factor: float) -> Change:
        return lambda point: replace(point, scale=point.scale * factor)

    def ordered(order: WordOrder) -> Change:
        return lambda point: replace(point, word_order=order)

    changes = [(f"values x {factor:g}", scaled(factor)) for factor in (0.1, 10.0, 0.01, 100.0)]
    if any(point.count > 1 and point.table is not Table.FRAME for point in points):
        used = {point.word_order for point in points}
        changes += [(f"word order {order}", ordered(order)) for order in WordOrder if order not in used]
    return changes

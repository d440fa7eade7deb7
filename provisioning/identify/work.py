"""Identifying one unit: reads what the profiles name, and weighs it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.coded import Table
from drivers.device_model import DriverKind, Profile
from drivers.modbus.plan import Block
from drivers.profile import load_profile, profile_ids
from edge.core.errors import Busy, NoAnswer, ProtocolError, Refused
from provisioning.identify.weigh import (
    Match,
    Variant,
    blocks_of,
    first_look,
    identify_block,
    unit_block,
    variants,
    weigh,
)
from provisioning.scan.plan import Choice

SURE_SCORE = 60.0
SURE_BITS = 4.0
"""A match is sure with this score, and so many bits before the next: sixteen to one."""

ATTEMPTS = 2
"""A question that brought nothing is asked once more."""

SILENCES_MAX = 6
"""So many blocks in a row unanswered, and the unit itself is away."""


class Reader(Protocol):
    """An open line."""

    async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
        """As ModbusLink.read."""


class Verdict(StrEnum):
    """What comes of it."""

    SURE = "sure"
    SEVERAL = "several fit"
    """The label has to say which."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a unit is: the matches, best first, and variants that would fit but have no profile."""

    unit: int
    verdict: Verdict
    matches: tuple[Match, ...]
    variants: tuple[Variant, ...] = ()
    ruled_out: tuple[Match, ...] = ()

    @property
    def best(self) -> Match | None:
        """The best match."""
        return self.matches[0] if self.matches else None


def modbus_profiles(load: Callable[[str], Profile] = load_profile) -> tuple[Profile, ...]:
    """All profiles that can be identified on a Modbus line."""
    found = [load(profile_id) for profile_id in profile_ids()]
    return tuple(one for one in found if one.driver is DriverKind.MODBUS and one.identify is not None)


async def identify(
    line: Reader, unit: int, choice: Choice | None, profiles: Sequence[Profile] | None = None
) -> Identity:
    """What `unit` is. Raises NoAnswer where it does not answer at all, ProtocolError where it answers
    garbled, LinkDown when the line is gone."""
    known = modbus_profiles() if profiles is None else tuple(profiles)
    answers: dict[Block, bytes | None] = {}
    await _read(line, unit, [block for one in known if (block := identify_block(one))], answers)
    fitting = [one for one in known if not first_look(one, answers)]
    await _read(line, unit, [block for one in fitting for block in _all_blocks(one)], answers)
    return judge(unit, known, answers, choice)


def judge(
    unit: int, profiles: Sequence[Profile], answers: dict[Block, bytes | None], choice: Choice | None
) -> Identity:
    """What the answers say. Pure."""
    weighed = [weigh(one, unit, answers, _usual(one, choice)) for one in profiles]
    matches = sorted((one for one in weighed if not one.no and one.bits > 0), key=lambda one: -one.bits)
    out = tuple(one for one in weighed if one.no and not one.no.startswith("it does not answer"))
    clear = len(matches) == 1 or (bool(matches) and matches[0].bits - matches[1].bits >= SURE_BITS)
    if clear and matches[0].score >= SURE_SCORE:
        return Identity(unit, Verdict.SURE, tuple(matches), (), out)
    seen = tuple(variant for one in profiles for variant in variants(one, answers))
    return Identity(unit, Verdict.SEVERAL if matches else Verdict.UNKNOWN, tuple(matches), seen, out)


def _all_blocks(profile: Profile) -> Iterable[Block]:
    own = unit_block(profile)
    return (*blocks_of(profile), *((own,) if own is not None else ()))


def _usual(profile: Profile, choice: Choice | None) -> bool:
    serial = profile.serial
    return choice is not None and (choice.baudrate, choice.parity) == (serial.baudrate, serial.parity)


async def _read(line: Reader, unit: int, blocks: Iterable[Block], answers: dict[Block, bytes | None]) -> None:
    silences = 0
    for block in dict.fromkeys(blocks):
        if block in answers:
            continue
        answers[block], silent = await _one(line, unit, block)
        silences = silences + 1 if silent else 0
        if silences >= SILENCES_MAX and not any(answers.values()):
            raise NoAnswer(f"unit {unit} does not answer: scan the line first")


async def _one(line: Reader, unit: int, block: Block) -> tuple[bytes | None, bool]:
    """What the unit answers, and whether it kept silent."""
    for attempt in range(ATTEMPTS):
        last = attempt == ATTEMPTS - 1
        try:
            return await line.read(unit, block.table, block.address, block.count), False
        except (Refused, Busy):
            return None, False
        except NoAnswer:
            if last:
                return None, True
        except ProtocolError:
            if last:
                raise
    return None, True

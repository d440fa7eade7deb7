"""Looking where a device is: it reads, and says no more than what it saw."""

import math
from dataclasses import dataclass
from enum import StrEnum

from drivers.device_model import Profile, Setting
from drivers.modbus.plan import Block
from edge.core.errors import Busy, NoAnswer, ProtocolError, Refused
from provisioning.address.journal import Where
from provisioning.address.rules import Write, block_of, number_of
from provisioning.address.site import AddressLine, Lines
from provisioning.identify.weigh import first_look, identify_block
from provisioning.scan.plan import PATIENT_QUIET_S, PATIENT_S

LOOKS = 8
"""So often a device is looked for after it was written to, or restarted: it may take seconds to start."""

PAUSE_S = 0.5
"""Before each look, and between proofs that were answered: longer than any answer may be late."""


class Sign(StrEnum):
    """What is at one place, in words."""

    IT = "it answers"
    OTHER = "something answers that is garbled or of another kind"
    NOBODY = "nobody answers"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look brought."""

    old: Sign
    new: Sign

    def words(self, old: Where, new: Where) -> str:
        """For a person."""
        return f"at {new}, {self.new}; at {old}, {self.old}"


async def look(lines: Lines, profile: Profile, old: Where, new: Where) -> Seen:
    """Look for the device at both places until it is at one; at the old one it has to be seen twice.

    Raises LinkDown.
    """
    stayed = False
    for _ in range(LOOKS):
        await lines.pause(PAUSE_S)
        seen = Seen(old=await sign_at(lines, profile, old), new=await sign_at(lines, profile, new))
        if seen.new is Sign.IT or (seen.old is Sign.IT and stayed):
            return seen
        stayed = seen.old is Sign.IT
    return seen


async def sign_at(lines: Lines, profile: Profile, where: Where) -> Sign:
    """Whether a device of this profile answers there."""
    block = identify_block(profile)
    if block is None:
        return Sign.NOBODY
    async with lines.at(where.line, PATIENT_S, PATIENT_QUIET_S) as line:
        try:
            data = await line.read(where.unit, block.table, block.address, block.count)
        except NoAnswer:
            return Sign.NOBODY
        except (Refused, Busy, ProtocolError):
            return Sign.OTHER
    return Sign.OTHER if first_look(profile, {block: data}) else Sign.IT


async def is_told(lines: Lines, write: Write, where: Where) -> bool:
    """Whether a device there holds the new setting already; False also where it does not show it."""
    async with lines.at(where.line, PATIENT_S, PATIENT_QUIET_S) as line:
        data = await try_read(line, where.unit, block_of(write.setting))
    return data == b"".join(word.to_bytes(2, "big") for word in write.words)


async def try_read(line: AddressLine, unit: int, block: Block) -> bytes | None:
    """The registers, or None where they cannot be read."""
    try:
        return await line.read(unit, block.table, block.address, block.count)
    except (NoAnswer, Refused, Busy, ProtocolError):
        return None


async def held(line: AddressLine, unit: int, setting: Setting) -> float:
    """The number in a setting's registers, NaN where there is none."""
    data = await try_read(line, unit, block_of(setting))
    return math.nan if data is None else number_of(setting, data)

"""What goes wrong on a bus, and when, by seed. Pure: the same seed always brings the same faults."""

import random
from dataclasses import dataclass
from enum import StrEnum

from edge.core.errors import ConfigError
from simulators.frames import frame


class FaultKind(StrEnum):
    """Faults of an RS-485 line and its slaves."""

    LATE = "late"
    SILENCE = "silence"
    WRONG_UNIT = "wrong_unit"
    WRONG_FUNCTION = "wrong_function"
    WRONG_COUNT = "wrong_count"
    BAD_CRC = "bad_crc"
    NOISE = "noise"
    TRUNCATED = "truncated"
    ECHO = "echo"
    BUSY = "busy"
    DEAD_UNIT = "dead_unit"
    UNPLUGGED = "unplugged"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `after_s` is how much later than usual, or for how long a unit or adapter is away.

    `salt` decides what is left open, such as which noise or where an answer breaks off.
    """

    kind: FaultKind
    after_s: float = 0.0
    salt: int = 0


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """How often (`rate`, per transaction) which faults come.

    A late answer is late by 0 to `late_s_max`; units and adapters are away for up to `away_s_max`.
    """

    seed: int
    rate: float
    kinds: tuple[FaultKind, ...] = tuple(FaultKind)
    late_s_max: float = 1.0
    away_s_max: float = 20.0


def fault_at(plan: FaultPlan, n: int) -> Fault | None:
    """What goes wrong with the bus's transaction number `n`, if anything does."""
    chance = random.Random(f"{plan.seed}/{n}")
    if not plan.kinds or chance.random() >= plan.rate:
        return None
    kind = chance.choice(plan.kinds)
    away = kind in (FaultKind.DEAD_UNIT, FaultKind.UNPLUGGED)
    after_s = chance.uniform(0.0, plan.away_s_max if away else plan.late_s_max)
    return Fault(kind, after_s, chance.getrandbits(32))


def parse_plan(text: str, seed: int) -> FaultPlan:
    """A plan from `RATE` or `RATE:KIND,KIND`; raises ConfigError."""
    rate, _, kinds = text.partition(":")
    try:
        chosen = tuple(FaultKind(kind) for kind in kinds.split(",") if kind) or tuple(FaultKind)
        plan = FaultPlan(seed, float(rate), chosen)
    except ValueError as error:
        known = ", ".join(FaultKind)
        raise ConfigError(
            f"faults {text!r}: {error}; write RATE or RATE:KIND,KIND with kinds of {known}"
        ) from error
    if not 0.0 <= plan.rate <= 1.0:
        raise ConfigError(f"faults {text!r}: the rate is a share of transactions, 0 to 1")
    return plan


def spoil(fault: Fault, unit: int, request: bytes, pdu: bytes) -> bytes:
    """The bytes that come back instead of the good answer `pdu` of `unit` to the frame `request`."""
    good = frame(unit, pdu)
    match fault.kind:
        case FaultKind.WRONG_UNIT:
            return frame(unit % 247 + 1, pdu)
        case FaultKind.WRONG_FUNCTION:
            return frame(unit, bytes((_other_function(pdu[0]),)) + pdu[1:])
        case FaultKind.WRONG_COUNT:
            return frame(unit, _other_count(pdu))
        case FaultKind.BAD_CRC:
            return good[:-2] + bytes(byte ^ 0xFF for byte in good[-2:])
        case FaultKind.NOISE:
            return random.Random(fault.salt).randbytes(1 + fault.salt % 5) + good
        case FaultKind.TRUNCATED:
            return good[: 1 + fault.salt % (len(good) - 1)]
        case FaultKind.ECHO:
            return request + good
        case FaultKind.BUSY:
            return frame(unit, bytes((pdu[0] | 0x80, 6)))
        case FaultKind.SILENCE | FaultKind.DEAD_UNIT | FaultKind.UNPLUGGED:
            return b""
        case FaultKind.LATE:
            return good


def _other_function(function: int) -> int:
    return {1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5, 15: 16, 16: 15}.get(function, 3)


def _other_count(pdu: bytes) -> bytes:
    """One register or byte less than asked for; a write's answer tells of another count."""
    if pdu[0] in (3, 4) and pdu[1] > 2:
        return bytes((pdu[0], pdu[1] - 2)) + pdu[2:-2]
    if pdu[0] in (1, 2, 3, 4):
        return bytes((pdu[0], pdu[1] + 2)) + pdu[2:] + b"\0\0"
    return pdu[:-1] + bytes((pdu[-1] ^ 1,))

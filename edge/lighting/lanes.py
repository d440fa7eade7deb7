"""What is sent to a bus's lamps now, and what waits: four lanes, the inrush, light before dark. Pure.

Who waits for a command never stands behind the plan, the plan never behind lamps that do not answer, and
nobody behind the looking after lamps that are well.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from edge.lighting.lamp import NEVER_NS, Act, LampRecord

CHECK_MAX = 16
"""Lamps that are looked after, or tried again, in one go."""

TROUBLE_SHARE = 0.1
"""Largest share of a bus's time for trying lamps again that do not follow."""


class Lane(Enum):
    """Why something is sent."""

    URGENT = "urgent"
    PLAN = "plan"
    TROUBLED = "troubled"
    CHECK = "check"


FLIGHTS_MAX = MappingProxyType({Lane.URGENT: 4, Lane.PLAN: 1, Lane.TROUBLED: 1, Lane.CHECK: 1})
"""How many flights of a lane may be under way on one bus at once."""


@dataclass(frozen=True, slots=True)
class Flight:
    """Lamps of one bus that are written (`writes`) or read together; `fade_s` None is the usual fade."""

    bus: str
    lane: Lane
    writes: bool
    fade_s: float | None
    records: tuple[LampRecord, ...]


@dataclass(slots=True)
class BusLanes:
    """What is under way on one bus, from when lamps may be switched on again, and troubled ones tried."""

    bus: str
    flying: Counter[Lane] = field(default_factory=Counter)
    on_ns: int = 0
    troubled_ns: int = 0

    def free(self, lane: Lane, now_ns: int) -> bool:
        """Whether a flight of this lane may begin."""
        rested = lane is not Lane.TROUBLED or now_ns >= self.troubled_ns
        return rested and self.flying[lane] < FLIGHTS_MAX[lane]

    def landed(self, flight: Flight, took_ns: int, now_ns: int) -> None:
        """A flight ended; troubled lamps rest for as long as keeps them within their share."""
        self.flying[flight.lane] -= 1
        if flight.lane is Lane.TROUBLED:
            self.troubled_ns = now_ns + round(took_ns / TROUBLE_SHARE)


@dataclass(frozen=True, slots=True)
class Rules:
    """How many lamps may be switched on at once, and which may become darker now."""

    stagger_lamps: int
    stagger_ns: int
    may_lower: Callable[[LampRecord], bool]


def next_flight(
    lanes: BusLanes, records: Iterable[LampRecord], now_ns: int, rules: Rules
) -> tuple[Flight | None, int]:
    """The flight to begin on a bus, or when to look again (monotonic ns); landings are told by themselves."""
    waiting: dict[tuple[Lane, Act], list[LampRecord]] = {}
    again_ns = NEVER_NS
    for record in records:
        act = record.act(now_ns)
        if act is Act.NOTHING:
            again_ns = min(again_ns, max(record.due_ns(), now_ns + 1))
        elif act is not Act.LOWER or record.urgent or rules.may_lower(record):
            waiting.setdefault((_lane(record, act), act), []).append(record)
    for lane in Lane:
        if not lanes.free(lane, now_ns):
            resting = lane is Lane.TROUBLED and any(key[0] is lane for key in waiting)
            again_ns = min(again_ns, lanes.troubled_ns) if resting and not lanes.flying[lane] else again_ns
            continue
        for act in (Act.RAISE, Act.LOWER, Act.READ):
            found = waiting.get((lane, act), [])
            taken = _allowed(lanes, found, act, now_ns, rules) if found else []
            if taken:
                return _flight(lanes, lane, act, taken, now_ns, rules), again_ns
            if found:
                again_ns = min(again_ns, lanes.on_ns)
    return None, again_ns


def _lane(record: LampRecord, act: Act) -> Lane:
    if record.urgent:
        return Lane.URGENT
    if record.failures:
        return Lane.TROUBLED
    return Lane.CHECK if act is Act.READ else Lane.PLAN


def _allowed(
    lanes: BusLanes, found: Sequence[LampRecord], act: Act, now_ns: int, rules: Rules
) -> list[LampRecord]:
    """Those of one fade, and of those that go on no more than the inrush allows."""
    fade_s = found[0].next_fade_s
    room = rules.stagger_lamps if now_ns >= lanes.on_ns else 0
    taken = []
    for record in found:
        if act is Act.RAISE and record.is_dark:
            if not room:
                continue
            room -= 1
        if act is Act.READ or record.next_fade_s == fade_s:
            taken.append(record)
    return taken


def _flight(
    lanes: BusLanes, lane: Lane, act: Act, taken: list[LampRecord], now_ns: int, rules: Rules
) -> Flight:
    if act is Act.RAISE and any(record.is_dark for record in taken):
        lanes.on_ns = now_ns + rules.stagger_ns
    if lane in (Lane.TROUBLED, Lane.CHECK):
        taken = taken[:CHECK_MAX]
    lanes.flying[lane] += 1
    fade_s = taken[0].next_fade_s
    return Flight(lanes.bus, lane, act is not Act.READ, fade_s, tuple(taken))

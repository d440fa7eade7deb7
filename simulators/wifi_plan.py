"""What access points tell in the course of days: a plan of accounting messages, in order. Pure, by seed.

Access points lose power and come back (Accounting-On; the graceful say Off before), sessions vanish without
a stop, some starts are never told. Whatever is in the plan is sent until it is answered.
"""

import heapq
import itertools
import random
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

from edge.lighting.sun import DAY_S
from simulators import day
from simulators.wifi_places import Nas
from simulators.wifi_visitors import HOUR_S, PLACES_MAX, STAY_S_MAX, Guest, Scene, Stay, stays_of_hour

VANISHES, NEVER_STARTS = 0.01, 0.005
"""Share of sessions that end without a word, and of those whose start is never told."""

REBOOTS = 0.15
"""How likely an access point loses its power on a day."""

GRACEFUL = 0.5
"""Share of reboots of which an access point has time to tell before."""

FESTIVAL_REBOOT = "wifi-square"
FESTIVAL_REBOOT_S = 19.7 * HOUR_S
"""At this second of a festival's day that access point goes down, with everybody there."""

JOIN_S = (5.0, 120.0)
"""Who was there when an access point comes up joins it within so many seconds."""

HOURS_BACK = int(PLACES_MAX * STAY_S_MAX / HOUR_S)
SESSION_LEAST_S = 2.0


class Status(IntEnum):
    """Acct-Status-Type (RFC 2866 section 5.1)."""

    START = 1
    STOP = 2
    INTERIM = 3
    ON = 7
    OFF = 8


class Cause(IntEnum):
    """Acct-Terminate-Cause (RFC 2866 section 5.10)."""

    USER_REQUEST = 1
    LOST_CARRIER = 2
    IDLE_TIMEOUT = 4
    NAS_REBOOT = 11


@dataclass(frozen=True, slots=True)
class Session:
    """One session; it ended at `end_s`, whether or not anybody told."""

    id: str
    nas: str
    point: str
    guest: Guest
    visit: str
    begin_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Message:
    """One accounting message: what happened at `at_s` (UTC). Counters are totals of the session, never
    wrapped, `up` from the visitor."""

    at_s: float
    nas: str
    point: str
    status: Status
    session: Session | None = None
    elapsed_s: int = 0
    up: int = 0
    down: int = 0
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """An access point without power."""

    down_s: float
    up_s: float
    told: bool


def plan(scene: Scene, since_s: float, until_s: float = float("inf")) -> Iterator[Message]:
    """The messages of that time in the order of events; without an end they never cease.

    All access points start at `since_s`, and whoever is there joins them.
    """
    nas_of = {point.id: nas for nas in scene.network for point in nas.points}
    waiting: list[tuple[float, int, Message]] = []
    order = itertools.count()
    first = int(since_s // HOUR_S)
    fresh: Iterator[Message] = (
        Message(since_s + 0.5, nas.id, point, Status.ON) for point, nas in nas_of.items()
    )
    for hour in itertools.count(first - HOURS_BACK):
        for message in itertools.chain(fresh, _messages_of_hour(scene, nas_of, hour, since_s)):
            if since_s <= message.at_s <= until_s:
                heapq.heappush(waiting, (message.at_s, next(order), message))
        fresh = iter(())
        while hour >= first and waiting and waiting[0][0] < (hour + 1) * HOUR_S:
            yield heapq.heappop(waiting)[2]
        if (hour + 1) * HOUR_S > until_s and not waiting:
            return


def _messages_of_hour(
    scene: Scene, nas_of: Mapping[str, Nas], hour: int, since_s: float
) -> Iterator[Message]:
    for stay in stays_of_hour(scene, hour):
        yield from _messages_of(scene, nas_of[stay.point], stay, since_s)
    if hour * HOUR_S >= since_s:
        for point, nas in nas_of.items():
            yield from _of_outages(scene, nas, point, hour)


def _of_outages(scene: Scene, nas: Nas, point: str, hour: int) -> Iterator[Message]:
    for outage in outages_near(scene, point, (hour + 0.5) * HOUR_S):
        if outage.told and outage.down_s // HOUR_S == hour:
            yield Message(outage.down_s, nas.id, point, Status.OFF)
        if outage.up_s // HOUR_S == hour:
            yield Message(outage.up_s, nas.id, point, Status.ON)


def outages_near(scene: Scene, point: str, utc_s: float) -> tuple[Outage, ...]:
    """The outages of an access point on the local days around that time."""
    today, _ = day.local(utc_s)
    days = (today - 1, today, today + 1)
    return tuple(one for number in days for one in _outages(scene.seed, scene.festival, point, number))


@lru_cache(maxsize=256)
def _outages(seed: int, festival: bool, point: str, number: int) -> tuple[Outage, ...]:
    midnight_s = day.midnight_s(number)
    chance = random.Random(f"{seed}/{point}/{number}/outage")
    begin_s, length_s = chance.uniform(0.0, DAY_S), chance.uniform(25.0, 900.0)
    told = chance.random() < GRACEFUL
    if festival and point == FESTIVAL_REBOOT:
        begin_s, length_s, told = FESTIVAL_REBOOT_S, 150.0, False
    elif chance.random() >= REBOOTS:
        return ()
    return (Outage(midnight_s + begin_s, midnight_s + begin_s + length_s, told),)


def _messages_of(scene: Scene, nas: Nas, stay: Stay, since_s: float) -> Iterator[Message]:
    """The sessions of a stay: one, or several where the access point was away in between."""
    chance = random.Random(f"{scene.seed}/{stay.visit}/{stay.point}/{stay.begin_s}/told")
    if stay.begin_s < since_s:
        stay = replace(stay, begin_s=since_s + chance.uniform(*JOIN_S))
    for outage in outages_near(scene, stay.point, stay.begin_s):
        if outage.up_s < since_s or stay.begin_s >= outage.up_s or stay.end_s <= outage.down_s:
            continue
        if stay.begin_s < outage.down_s:
            yield from _session(chance, nas, replace(stay, end_s=outage.down_s), True)
        stay = replace(stay, begin_s=outage.up_s + chance.uniform(*JOIN_S))
    yield from _session(chance, nas, stay, False)


def _session(chance: random.Random, nas: Nas, stay: Stay, is_cut: bool) -> Iterator[Message]:
    """What is told of one session; `is_cut` by an outage."""
    if stay.end_s - stay.begin_s < SESSION_LEAST_S:
        return
    vanishes = chance.random() < VANISHES
    end_s = stay.begin_s + (stay.end_s - stay.begin_s) * chance.random() if vanishes else stay.end_s
    name = f"{int(stay.begin_s):08X}-{zlib.crc32(f'{stay.visit}{stay.point}{stay.begin_s}'.encode()):08X}"
    session = Session(name, nas.id, stay.point, stay.guest, stay.visit, stay.begin_s, end_s)
    is_told = chance.random() >= NEVER_STARTS
    if is_told:
        yield Message(stay.begin_s, nas.id, stay.point, Status.START, session)
    for number in range(1, int((end_s - stay.begin_s) / nas.interim_s) + 1):
        yield _told(nas, stay, session, Status.INTERIM, stay.begin_s + number * nas.interim_s)
    if not vanishes and not is_cut:
        cause = chance.choice((Cause.USER_REQUEST, Cause.LOST_CARRIER, Cause.IDLE_TIMEOUT))
        yield replace(_told(nas, stay, session, Status.STOP, end_s), cause=cause)


def _told(nas: Nas, stay: Stay, session: Session, status: Status, at_s: float) -> Message:
    elapsed_s = at_s - stay.begin_s
    up, down = int(stay.up_per_s * elapsed_s), int(stay.down_per_s * elapsed_s)
    return Message(at_s, nas.id, stay.point, status, session, int(elapsed_s), up, down)

"""Who comes to the town's Wi-Fi, when, for how long, where they walk on to, what they load. Pure, by seed."""

import hashlib
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from simulators import day
from simulators.wifi_places import NETWORK, AccessPoint, Nas, visits_per_hour

HOUR_S = 3600.0

STAY_S_MAX = 6 * HOUR_S
"""Longest stay at one place."""

WALKS_ON, PLACES_MAX = 0.3, 4
"""Share of visitors who walk on from a place to its neighbour, and the most places of one walk."""

RETURNING = 0.35
"""Share of visits by a device that was there on the same day already."""

RESIDENT = 0.3
"""Share of devices that show the same address every day; the others make up a new one."""

HEAVY = 0.01
"""Share of devices that load as much as they can."""

DOWN_MEDIAN, DOWN_SPREAD, DOWN_MAX = 12_000.0, 1.4, 1_800_000.0
"""What a device loads in bytes/s: median, spread (of its logarithm), and what the access point lets through:
below a third of 4 GiB within ten minutes."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Which days are simulated: who sends, how many visitors (1 is the town's own number), by which seed."""

    seed: int = 1
    visitors: float = 1.0
    festival: bool = False
    network: tuple[Nas, ...] = NETWORK


@dataclass(frozen=True, slots=True)
class Guest:
    """A device and its owner: what no gateway may keep."""

    address: bytes
    user: str
    ip: bytes


@dataclass(frozen=True, slots=True)
class Stay:
    """A guest at one access point. `visit` joins the stays of one walk."""

    guest: Guest
    point: str
    begin_s: float
    end_s: float
    down_per_s: float
    up_per_s: float
    visit: str


def stays_of_hour(scene: Scene, hour: int) -> Iterator[Stay]:
    """The stays of all visits that begin in that hour (UTC hours since 1970); a walk goes beyond it."""
    points = {point.id: point for nas in scene.network for point in nas.points}
    for point in points.values():
        chance = random.Random(f"{scene.seed}/{point.id}/{hour}/visits")
        middle_s = (hour + 0.5) * HOUR_S
        local_day, _ = day.local(middle_s)
        likely = visits_per_hour(point.crowd, local_day, day.hour_of(middle_s), scene.festival)
        for number in range(_poisson(chance, likely * scene.visitors)):
            begin_s = (hour + chance.random()) * HOUR_S
            guest = _guest(scene, chance, local_day, point)
            yield from _walk(chance, guest, points, point, begin_s, f"{hour:x}{point.id}{number:x}")


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's way for few, the normal curve for many."""
    if mean > 50.0:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count


def _guest(scene: Scene, chance: random.Random, local_day: int, point: AccessPoint) -> Guest:
    """Somebody out of those who are in the town on this day."""
    pool = max(20, round(point.crowd.visits * scene.visitors * (4.0 if scene.festival else 1.0)))
    number = int(chance.random() ** (1.0 + RETURNING) * pool * 1.6)
    is_resident = number % 10 < 10 * RESIDENT
    seed = f"{scene.seed}/{point.id}/{number}" + ("" if is_resident else f"/{local_day}")
    return guest_of(hashlib.blake2b(seed.encode(), digest_size=16).digest(), is_resident)


def guest_of(noise: bytes, is_resident: bool) -> Guest:
    """The guest that 16 bytes of noise make; residents show an address that their maker gave."""
    first = (noise[0] & 0xFC) | (0 if is_resident else 2)
    room = int.from_bytes(noise[6:10], "big")
    users = (f"+849{room % 100_000_000:08d}", f"khach.{room:08x}@badon-wifi.vn", f"voucher-{room:08X}")
    return Guest(
        bytes((first,)) + noise[1:6],
        users[room % 3],
        bytes((10, 64 + noise[10] % 64, noise[11], 1 + noise[12] % 254)),
    )


def _walk(
    chance: random.Random,
    guest: Guest,
    points: dict[str, AccessPoint],
    point: AccessPoint,
    begin_s: float,
    visit: str,
) -> Iterator[Stay]:
    """One stay after the other; the next access point may tell of it before the last one does."""
    down = min(DOWN_MAX, chance.lognormvariate(math.log(DOWN_MEDIAN), DOWN_SPREAD))
    down = DOWN_MAX if chance.random() < HEAVY else down
    up = down * chance.uniform(0.03, 0.3)
    for _ in range(PLACES_MAX):
        stay_s = chance.lognormvariate(math.log(point.crowd.stay_s), 0.8)
        end_s = begin_s + min(STAY_S_MAX, max(20.0, stay_s))
        yield Stay(guest, point.id, begin_s, end_s, down, up, visit)
        nearby = [points[near] for near in point.neighbours if near in points]
        if not nearby or chance.random() >= WALKS_ON:
            return
        point, begin_s = chance.choice(nearby), end_s + chance.uniform(-2.0, 4.0)

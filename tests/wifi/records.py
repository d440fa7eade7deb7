"""A true history of sessions, and the records that their access points tell of it."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from edge.config.schema import Config
from edge.config.wifi import Wifi
from edge.core.wifi import Accounting, AccountingKind
from edge.wifi.books import Books
from edge.wifi.places import places_of

S = 1_000_000_000
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON_S = 1_790_053_200
"""2026-09-22 12:00 at Ba Don."""

INTERIM_S = 600
CONFIG = Config.model_validate(
    {
        "gateway": {"id": "gw", "latitude": 17.7, "longitude": 106.4, "commune": "ba-don", "site": "market"},
        "wifi": {"group_min": 5},
        "radius_client": [{"id": "ac", "address": "10.0.0.1"}],
        "hotspot": [
            {"id": "ap-1", "client": "ac", "nas_identifier": "ap-1"},
            {"id": "ap-2", "client": "ac", "nas_identifier": "ap-2"},
            {"id": "ap-3", "client": "ac", "nas_identifier": "ap-3", "site": "beach"},
        ],
    }
)
HOTSPOTS = ("ap-1", "ap-2", "ap-3")


def books(config: Config = CONFIG) -> Books:
    interim_s = {client.id: client.interim_s for client in config.radius_client}
    return Books(places_of(config), interim_s, config.wifi or Wifi(), ZONE)


@dataclass
class Told:
    """A record, and when it happened."""

    at_s: int
    record: Accounting


@dataclass
class Story:
    """Sessions with exact volumes."""

    told: list[list[Told]] = field(default_factory=list)
    up: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    down: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sessions: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    devices: set[int] = field(default_factory=set)

    def record(
        self,
        kind: AccountingKind,
        session: int,
        at_s: int,
        hotspot: str = "ap-1",
        session_s: int = 0,
        up: int = 0,
        down: int = 0,
        device: int = 0,
        wide: bool = True,
        cause: str = "",
    ) -> Accounting:
        return Accounting(
            "ac", hotspot, kind, session, device, at_s * S, 0, session_s, up, down, wide, cause, nas=9
        )


def story(chance: random.Random, count: int, begin_s: int = NOON_S, over_s: int = 5_000) -> Story:
    """Sessions with start, interims and stop; totals grow at what Wi-Fi can carry."""
    found = Story()
    for number in range(1, count + 1):
        hotspot = chance.choice(HOTSPOTS)
        device = chance.randrange(1, 40)
        start_s, length_s = begin_s + chance.randrange(over_s), chance.randrange(1, 4_000)
        found.sessions[hotspot] += 1
        found.devices.add(device)
        up = down = 0
        records = [Told(start_s, found.record(AccountingKind.START, number, start_s, hotspot, device=device))]
        for session_s in [*range(INTERIM_S, length_s, INTERIM_S), length_s]:
            up, down = up + chance.randrange(1 << 28), down + chance.randrange(1 << 30)
            kind = AccountingKind.STOP if session_s == length_s else AccountingKind.INTERIM
            cause = "user_request" if kind is AccountingKind.STOP else ""
            at_s = start_s + session_s
            records.append(
                Told(
                    at_s,
                    found.record(kind, number, at_s, hotspot, session_s, up, down, device, cause=cause),
                )
            )
        found.up[hotspot] += up
        found.down[hotspot] += down
        found.told.append(records)
    return found

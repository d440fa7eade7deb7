"""The town's tourist Wi-Fi as data: access points, who comes there when, what tells of them. Pure.

The places are real; networks, names and numbers of visitors are made up.
"""

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from simulators.day import hump

WINTER_LEAST = 0.25
"""Share of the visitors of a summer's day that a winter's day has, where a place lives on the season."""

FESTIVAL_EVENING = (19.5, 1.6)
"""When the festival is fullest: hour of day, and how wide."""


class Spelling(StrEnum):
    """How a NAS writes a MAC address."""

    DASHES = "dashes"
    COLONS = "colons"
    DOTS = "dots"
    BARE = "bare"


class NasClock(StrEnum):
    """What a NAS knows of the time."""

    RIGHT = "right"
    OFF = "off"
    """Set, and wrong by `clock_off_s`."""
    UNSET = "unset"
    """Begins at 1970 with every start."""
    SILENT = "silent"
    """Sends no Event-Timestamp, but Acct-Delay-Time."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who comes to a place: visits on an ordinary day of high summer, their humps (hour, width in hours,
    weight) over the day, the median stay, how much it lives on the season, how the festival multiplies it."""

    visits: float
    humps: tuple[tuple[float, float, float], ...]
    stay_s: float
    seasonal: float = 0.5
    festival: float = 2.0


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One place with Wi-Fi; `neighbours` are in reach of those who walk on."""

    id: str
    title: str
    crowd: Crowd
    neighbours: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    commune: str | None = None


@dataclass(frozen=True, slots=True)
class Nas:
    """What sends the accounting of one access point, or of several that it names by NAS-Identifier.

    `wide` ones send Gigawords; others wrap at 4 GiB. `number` makes its address on loopback.
    """

    id: str
    number: int
    points: tuple[AccessPoint, ...]
    swapped: bool = False
    wide: bool = True
    spelling: Spelling = Spelling.DASHES
    clock: NasClock = NasClock.RIGHT
    clock_off_s: int = 0
    interim_s: int = 600
    loss: float = 0.0
    doubled: float = 0.0

    @property
    def address(self) -> str:
        """Where its packets come from, on loopback."""
        return f"127.0.1.{self.number}"

    @property
    def names_points(self) -> bool:
        """Whether several places are told apart by NAS-Identifier alone."""
        return len(self.points) > 1


SQUARE = AccessPoint(
    "wifi-square",
    "Quảng trường trung tâm",
    Crowd(700, ((10.0, 2.0, 0.4), (19.5, 2.2, 1.0)), 2100, festival=7.0),
    ("wifi-market", "wifi-riverside"),
    17.7549,
    106.4226,
)
MARKET = AccessPoint(
    "wifi-market",
    "Chợ Ba Đồn",
    Crowd(900, ((7.5, 1.6, 1.0), (16.5, 1.8, 0.7)), 1300, seasonal=0.2, festival=2.0),
    ("wifi-square",),
    17.7562,
    106.4248,
)
RIVERSIDE = AccessPoint(
    "wifi-riverside",
    "Bờ sông Gianh",
    Crowd(500, ((6.0, 1.0, 0.5), (18.5, 2.0, 1.0)), 2700, seasonal=0.7, festival=5.0),
    ("wifi-square",),
    17.7508,
    106.4262,
)
STATION = AccessPoint(
    "wifi-station",
    "Bến xe Ba Đồn",
    Crowd(450, ((6.5, 1.8, 1.0), (13.0, 3.0, 0.6), (18.0, 1.8, 0.7)), 900, seasonal=0.4, festival=2.5),
    (),
    17.7585,
    106.4169,
)
BEACH = AccessPoint(
    "wifi-beach",
    "Bãi biển Quảng Thọ",
    Crowd(800, ((7.0, 1.3, 0.6), (16.8, 1.8, 1.0)), 4800, seasonal=0.95, festival=3.0),
    ("wifi-beach-south",),
    17.7641,
    106.4493,
    "quang-tho",
)
BEACH_SOUTH = AccessPoint(
    "wifi-beach-south",
    "Bãi biển Quảng Thọ, phía nam",
    Crowd(350, ((7.0, 1.3, 0.6), (16.8, 1.8, 1.0)), 4200, seasonal=0.95, festival=3.0),
    ("wifi-beach",),
    17.7612,
    106.4502,
    "quang-tho",
)

NETWORK = (
    Nas("square-ap", 11, (SQUARE,), loss=0.02, doubled=0.01),
    Nas("market-ap", 12, (MARKET,), swapped=True, spelling=Spelling.COLONS, clock=NasClock.SILENT, loss=0.03),
    Nas(
        "riverside-ap", 13, (RIVERSIDE,), wide=False, spelling=Spelling.BARE, clock=NasClock.UNSET, loss=0.05
    ),
    Nas("station-ap", 14, (STATION,), wide=False, spelling=Spelling.DOTS, doubled=0.03),
    Nas(
        "beach-controller",
        15,
        (BEACH, BEACH_SOUTH),
        spelling=Spelling.COLONS,
        clock=NasClock.OFF,
        clock_off_s=-95,
        loss=0.08,
    ),
)
"""Five senders for six places, each with a habit of its own."""


def season(day: int) -> float:
    """How full of tourists the town is on that day (date.toordinal): 1 in mid July, 0 in mid January."""
    of_year = date.fromordinal(day).timetuple().tm_yday
    return 0.5 - 0.5 * math.cos(2 * math.pi * (of_year - 15.0) / 365.25)


def visits_per_hour(crowd: Crowd, day: int, hour: float, festival: bool) -> float:
    """How many visits begin within an hour around that hour of that day."""
    of_season = 1.0 - crowd.seasonal * (1.0 - WINTER_LEAST) * (1.0 - season(day))
    shape = sum(weight * hump(hour, centre, width) for centre, width, weight in crowd.humps)
    area = sum(weight * width * math.sqrt(math.pi) for _, width, weight in crowd.humps)
    ordinary = crowd.visits * of_season * shape / area
    if not festival:
        return ordinary
    centre, width = FESTIVAL_EVENING
    more = crowd.visits * (crowd.festival - 1.0) * hump(hour, centre, width) / (width * math.sqrt(math.pi))
    return ordinary + more

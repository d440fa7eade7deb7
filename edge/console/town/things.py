"""What there is in a town, in records that stay small: 20,000 lamps fit into some tens of megabytes."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from edge.core.vocabulary import quantity

TEXT_MAX = 128
"""Longest name, title or note that is kept of what a gateway says, in characters."""

VALUES_MAX = 96
"""Most values of one thing."""


class Mode(StrEnum):
    """Whose things a console shows: those of its own gateway, or of every gateway of the town."""

    GATEWAY = "gateway"
    CENTRE = "centre"


class Presence(StrEnum):
    """Whether a gateway is there; `unknown` until it said so."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is, as far as anybody said; coordinates in degrees (WGS 84)."""

    latitude: float | None = None
    longitude: float | None = None
    commune: str = ""
    site: str = ""
    street: str = ""
    pole: str = ""


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class PointWords:
    """How one point is read: its unit as a person reads it, and its labels."""

    name: str
    unit: str
    en: str
    vi: str
    kind: str


@dataclass(frozen=True, slots=True)
class Light:
    """What a lamp, or several together, are to have; as in `light/{target}/state`.

    `lamps` is 0 for a single lamp. Times are UTC ns, `until_ns` None where nothing ends.
    """

    level: float | None
    source: str
    until_ns: int | None
    verified: bool
    at_ns: int | None
    lowest: float | None = None
    highest: float | None = None
    lamps: int = 0
    failed: int = 0


class GatewayRow:
    """One gateway. `said_ns` is when it came or went as it said, `heard_ns` its latest value, in UTC ns."""

    __slots__ = ("heard_ns", "id", "malformed", "place", "presence", "said_ns", "title", "version")

    def __init__(self, gateway: str) -> None:
        self.id = gateway
        self.presence = Presence.UNKNOWN
        self.said_ns: int | None = None
        self.heard_ns: int | None = None
        self.version = ""
        self.title = ""
        self.place = NOWHERE
        self.malformed = 0

    @property
    def since_ns(self) -> int | None:
        """Since when it is there or away. Its Will says when the connection began: what came later counts."""
        if self.presence is not Presence.OFFLINE:
            return self.said_ns
        return max(self.said_ns or 0, self.heard_ns or 0) or None


class Thing:
    """One device, or a feeder that is a lamp: what is fixed of it, and its last known good values."""

    __slots__ = (
        "alarm", "classed", "device", "flags", "gateway", "groups", "id", "last_ns", "light", "online",
        "place", "points", "profile", "title", "told", "values",
    )  # fmt: skip

    def __init__(self, gateway: GatewayRow, device: str) -> None:
        self.gateway, self.device = gateway, device
        self.id = f"{gateway.id}/{device}"
        self.classed = self.profile = self.title = ""
        self.place = NOWHERE
        self.groups: tuple[str, ...] = ()
        self.points: tuple[PointWords, ...] = ()
        self.online: bool | None = None
        self.last_ns: int | None = None
        self.values: Mapping[str, float] = _NO_VALUES
        self.flags: Mapping[str, str] = _NO_FLAGS
        self.light: Light | None = None
        self.alarm = ""
        self.told = ""
        """Its row as JSON, kept until it changes; empty where it has to be written."""

    @property
    def answers(self) -> bool | None:
        """Whether it answers now: nothing does behind a gateway that is away."""
        return False if self.gateway.presence is Presence.OFFLINE else self.online

    @property
    def silent_since_ns(self) -> int | None:
        """Since when nothing is heard of it, in UTC ns; None while it answers, and where nobody knows."""
        if self.gateway.presence is Presence.OFFLINE:
            return self.gateway.since_ns
        return self.last_ns if self.online is False else None


class Target:
    """A group, a segment or a gateway: several lamps that are commanded together."""

    __slots__ = ("gateway", "id", "kind", "light", "name", "title")

    def __init__(self, gateway: GatewayRow, name: str) -> None:
        self.gateway, self.name = gateway, name
        self.id = f"{gateway.id}/{name}"
        self.kind = "gateway" if name == gateway.id else "group"
        self.title = ""
        self.light: Light | None = None


_NO_VALUES: Mapping[str, float] = {}
_NO_FLAGS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class ThingInfo:
    """What is fixed of a thing, as its gateway says it."""

    device: str
    profile: str
    classed: str
    title: str
    place: Place
    points: tuple[PointWords, ...]


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """A target of several lamps with its members; a `feeder` is a lamp itself, which only a relay lights."""

    id: str
    kind: str
    title: str
    members: tuple[str, ...] = ()
    feeder: bool = False


@cache
def point_words(name: str) -> PointWords:
    """How a point of the vocabulary is read."""
    known = quantity(name)
    if known is None:
        return PointWords(name, "", name, name, "gauge")
    return PointWords(sys.intern(name), known.display, known.en, known.vi, known.kind.value)


def words_of(names: Iterable[str]) -> tuple[PointWords, ...]:
    """How the points of these names are read."""
    return tuple(point_words(name) for name in names)

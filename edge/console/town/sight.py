"""The one interface through which pages see a gateway or the town, and act: `Sight`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from edge.console.town.picture import Picture
from edge.core.model import Fields, Outcome


class Origin(StrEnum):
    """Where a series comes from: the gateway's store, InfluxDB, or what this console saw since it started."""

    STORE = "store"
    INFLUX = "influx"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Span:
    """What of a point's past is asked for: [from_ns, to_ns) in steps of `step_s`."""

    from_ns: int
    to_ns: int
    step_s: int


@dataclass(frozen=True, slots=True)
class Series:
    """A point's past by steps: their beginnings in UTC ns, means, least and greatest values.

    Steps without a value are left out; before `since_ns` nothing is known (None: not said).
    """

    origin: Origin
    at_ns: Sequence[int]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    since_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One command for one target of one gateway, in somebody's name."""

    id: str
    gateway: str
    verb: str
    target: str
    arguments: Fields
    by: str
    source: str
    life_s: float


Reply = Callable[[Outcome], None]


class Sight(Protocol):
    """What pages need of a gateway (in process) or of a town (over MQTT)."""

    @property
    def picture(self) -> Picture:
        """What is known now."""

    def refresh(self) -> None:
        """Bring the picture up to date where nobody else does; cheap."""

    def submit(self, ask: Ask, reply: Reply) -> None:
        """Have a command carried out; every report on it goes to `reply`, the last being terminal."""

    def remember(self, key: str, value: str) -> None:
        """Keep something small of the console's own over restarts."""

    def recall(self, key: str) -> str | None:
        """What was kept."""

    @property
    def series(self) -> Callable[[str, str, str, Span], Awaitable[Series]]:
        """The past of a point: gateway, device, point, span. Raises GianhError where it cannot be had now."""

"""Shapes and ports of air and environment, shared by the rules, the store and those who show them.

A station is one place whose air is watched: one or more devices that stand together. Its means, indices and
files carry its id, which is unique among the gateway's devices and groups.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol

from edge.core.air_columns import Columns
from edge.core.model import Quality, Sample


class Verdict(IntEnum):
    """How far a value is believed: the quality indicator of LwM2M resource 6042."""

    UNCHECKED = 0
    REJECTED = 1
    DOUBTFUL = 2
    SUSPICIOUS = 3
    ACCEPTED = 4

    @property
    def counts(self) -> bool:
        """Whether the value goes into means: accepted, or suspicious only."""
        return self not in (Verdict.REJECTED, Verdict.DOUBTFUL)

    @property
    def quality(self) -> Quality:
        """The flag that samples carry."""
        if self in (Verdict.UNCHECKED, Verdict.ACCEPTED):
            return Quality.GOOD
        return Quality.SUSPECT if self is Verdict.SUSPICIOUS else Quality.BAD


class CheckKind(StrEnum):
    """What quality control looks for."""

    SENTINEL = "sentinel"
    RANGE = "range"
    WARM_UP = "warm_up"
    RATE = "rate"
    SPIKE = "spike"
    STUCK = "stuck"
    TWIN = "twin"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True)
class Remark:
    """What quality control says of one value: which check, how bad, and why in words."""

    point: str
    check: CheckKind
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class Remarked:
    """What one check found in one point of a device, time and again: `last` is its newest remark (UTC ns)."""

    device: str
    last: Remark
    since_ns: int
    at_ns: int
    times: int = 1


class Span(StrEnum):
    """Over how long a mean is taken. The stamp of a mean is the end of its span (hour-ending)."""

    MINUTE = "1m"
    FIVE_MINUTES = "5m"
    HOUR = "1h"
    EIGHT_HOURS = "8h"
    DAY = "24h"

    @property
    def seconds(self) -> int:
        """Its length in s."""
        return _SECONDS[self]


_SECONDS = {
    Span.MINUTE: 60,
    Span.FIVE_MINUTES: 300,
    Span.HOUR: 3_600,
    Span.EIGHT_HOURS: 28_800,
    Span.DAY: 86_400,
}


@dataclass(frozen=True, slots=True)
class MeanValue:
    """The mean of one point over a span.

    `coverage` is the part of the span (0..1) for which there were values that count; a mean is valid
    from 0.75 on (chosen after US practice: the Decision on VN_AQI names no rule). `suspect` marks that
    suspicious values went in, `calibrating` that the station was being calibrated for part of it.
    """

    value: float
    coverage: float
    suspect: bool = False
    calibrating: bool = False

    @property
    def is_valid(self) -> bool:
        """Whether enough of the span is covered."""
        return self.coverage >= COVERAGE_MIN


COVERAGE_MIN = 0.75


@dataclass(frozen=True, slots=True)
class Mean:
    """The means of a station's points over one span, which ends at `end_ns` (UTC)."""

    station: str
    span: Span
    end_ns: int
    values: tuple[tuple[str, MeanValue], ...]


class MeanStore(Protocol):
    """Where means are kept over restarts."""

    def put_mean(self, mean: Mean) -> None:
        """Keep a mean, durable soon; one of the same station, span and end is replaced. Never blocks."""

    def put_columns(self, station: str, span: Span, columns: Columns) -> None:
        """The same of many at once."""

    async def means(self, station: str, span: Span, after_ns: int, through_ns: int) -> Sequence[Mean]:
        """Means whose end lies in (after_ns, through_ns], oldest first."""

    async def mean_columns(
        self, stations: Sequence[str], span: Span, after_ns: int, through_ns: int
    ) -> Mapping[str, Columns]:
        """The same as columns by station, for long times; a station without any is left out."""

    async def pack_minutes(self, through_ns: int) -> bool:
        """Keep minutes of some of the oldest hours that were over by then more tightly; whether to go on."""

    def forget_means(self, span: Span, before_ns: int) -> None:
        """Let go of some of the oldest means that end before; call it again and again."""


class StationKind(StrEnum):
    """Whether a station may feed the public index (Circular 10/2021 Art. 29-31)."""

    INDICATIVE = "indicative"
    CERTIFIED = "certified"


@dataclass(frozen=True, slots=True)
class Index:
    """An air quality index and how it came about.

    `scheme` is `vn_hour`, `vn_day` or `us`; `value` None where there is none (`why` says so); `sub` has the
    sub-index of each pollutant; `main` is the pollutant that decides; `category` is the key of its row.
    """

    scheme: str
    at_ns: int
    value: int | None
    sub: tuple[tuple[str, int], ...] = ()
    main: str = ""
    category: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """How what is measured in the air as it is becomes ug/Nm3 before it is held against a limit.

    `temperature_c` and `pressure_hpa` are the station's own of the last hour, None where 25 °C or 1013.25 hPa
    is assumed.
    """

    conversion: str
    points: tuple[str, ...]
    temperature_c: float | None
    pressure_hpa: float | None
    factor: float


@dataclass(frozen=True, slots=True)
class StationState:
    """What is known of a station now, for whoever shows it."""

    station: str
    title: str
    kind: StationKind
    commune: str | None
    latitude: float | None
    longitude: float | None
    calibrating: bool
    means: tuple[Mean, ...] = ()
    indices: tuple[Index, ...] = ()
    remarks: tuple[Remark, ...] = ()
    """Of the newest samples."""
    lately: tuple[Remarked, ...] = ()
    """Of the last 24 hours, the newest first."""
    reference: ReferenceState | None = None
    """None: everything is measured at reference conditions."""


class AirBoard(Protocol):
    """The stations, for whoever shows them."""

    def stations(self) -> Sequence[StationState]:
        """All stations, in configured order."""

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[StationState]]:
        """States as they change; a slow watcher gets the newest of each station."""


Judge = Callable[[Sample], Sample]
"""Takes a sample as it was read, gives it with flags; values are never altered."""

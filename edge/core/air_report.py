"""What a report on a station's air says, worked out: for whoever brings it to paper or into a table."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from edge.core.air import COVERAGE_MIN, Span, StationKind


class Period(StrEnum):
    """How long a report is about: a local day or a local month."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Said:
    """A text in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The station as the title block has it; `correction` is the formula and version, empty for none."""

    station: str
    title: str
    kind: StationKind
    gateway: str
    devices: tuple[str, ...]
    commune: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    correction: str = ""


@dataclass(frozen=True, slots=True)
class Peak:
    """A mean that stands out, and the end of its span."""

    value: float
    end_ns: int


@dataclass(frozen=True, slots=True)
class PointSummary:
    """One quantity over the period, from its valid hours.

    `mean` is its mean, of a counter what it grew by (`is_total`); `low` and `high` the extremes of 1 h,
    `day_high` that of 24 h. `hours_valid` of `hours` that are over have a valid mean, `days_valid` of `days`.
    """

    point: str
    mean: float | None
    is_total: bool
    low: Peak | None
    high: Peak | None
    day_high: Peak | None
    hours_valid: int
    hours: int
    days_valid: int
    days: int
    suspect_hours: int

    @property
    def completeness(self) -> float:
        """The part of the hours that is valid (0..1)."""
        return self.hours_valid / self.hours if self.hours else 0.0

    @property
    def is_complete(self) -> bool:
        """Whether the 75 % rule is met."""
        return self.completeness >= COVERAGE_MIN


@dataclass(frozen=True, slots=True)
class LimitCheck:
    """Means of a point held against one limit, where it was in force; `point` is what was held against it.

    `conversion` names how the means became ug/Nm3, empty where they are measured so; for `assumed` of those
    `judged` the temperature or the pressure of the air was assumed.
    """

    point: str
    limit_point: str
    span: Span
    limit: float
    source: str
    from_day: date
    judged: int
    over: tuple[Peak, ...]
    highest: Peak | None
    conversion: str = ""
    assumed: int = 0


@dataclass(frozen=True, slots=True)
class IndexCell:
    """An index of an hour or a day; `colour` is its category's red, green and blue. None: there is none."""

    end_ns: int
    value: int | None
    main: str = ""
    category: str = ""
    sub: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Shade:
    """A category of the index: its bounds, colour, name, and advice to all and to sensitive people."""

    key: str
    low: int
    high: int
    colour: tuple[int, int, int]
    name: Said
    general: Said
    sensitive: Said


@dataclass(frozen=True, slots=True)
class Line:
    """Valid means of a point for a plot; None where there is none."""

    point: str
    span: Span
    ends_ns: tuple[int, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class WindRose:
    """How often the wind came from where and how fast.

    `counts` by sector (north first, clockwise) and class; class n holds speeds below `bounds[n]`, the last
    one those above all. `calm` had less than `calm_below`, whatever the direction.
    """

    span: Span
    bounds: tuple[float, ...]
    calm_below: float
    counts: tuple[tuple[int, ...], ...]
    calm: int

    @property
    def total(self) -> int:
        """All means that went in."""
        return self.calm + sum(map(sum, self.counts))


@dataclass(frozen=True, slots=True)
class Refused:
    """So many values of a point that a check called rejected or doubtful, and suspicious."""

    point: str
    check: str
    refused: int
    suspicious: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when."""

    from_ns: int
    to_ns: int


@dataclass(frozen=True, slots=True)
class AirReport:
    """A day or a month of a station, from `begin_ns` to `end_ns`; what is after `through_ns` is to come.

    `hours` has the hourly VN_AQI of a day (none for a month), `days` the daily one. `index_source` says
    whose index it is. `judged` is how many samples were checked, of which `refused` tells; 0: nobody counted.
    """

    period: Period
    subject: Subject
    zone: str
    begin_ns: int
    end_ns: int
    through_ns: int
    made_ns: int
    version: str
    index_title: str
    index_source: str
    points: tuple[PointSummary, ...] = ()
    limits: tuple[LimitCheck, ...] = ()
    hours: tuple[IndexCell, ...] = ()
    days: tuple[IndexCell, ...] = ()
    shades: tuple[Shade, ...] = ()
    lines: tuple[Line, ...] = ()
    rose: WindRose | None = None
    refused: tuple[Refused, ...] = ()
    judged: int = 0
    calibrations: tuple[Stretch, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the period is over."""
        return self.through_ns >= self.end_ns

    @property
    def is_empty(self) -> bool:
        """Whether there is no valid hour of anything."""
        return not any(point.hours_valid for point in self.points)

    def shade(self, cell: IndexCell) -> Shade | None:
        """The category of a cell, None where there is no index."""
        return next((shade for shade in self.shades if shade.key == cell.category), None)

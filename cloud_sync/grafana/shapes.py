"""What a dashboard is made of, without Grafana's own words for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """The languages of the dashboards."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    vi: str
    en: str

    def said(self, language: Language) -> str:
        """The text in one language."""
        return self.vi if language is Language.VI else self.en


NOTHING = Text("", "")


class Kind(StrEnum):
    """How a panel shows its data; the values are Grafana's names of its panel plugins."""

    STAT = "stat"
    SERIES = "timeseries"
    TABLE = "table"
    BARS = "barchart"
    STATES = "state-timeline"
    GAUGES = "bargauge"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Query:
    """One InfluxQL query; `alias` names its series, `$tag_x` and `$col` filled in by Grafana.

    `table` brings one row for each group, tags as columns; else series over time.
    """

    text: str
    alias: str | Text = ""
    table: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """From `value` on (None: from below) the colour `colour`, and what it means where that has a name."""

    value: float | None
    colour: str
    meaning: Text = NOTHING


class Leads(StrEnum):
    """Where a click on a row or line leads in the console."""

    LAMP = "lamp"
    STATION = "station"
    HOTSPOT = "hotspot"
    DEVICE = "device"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Column:
    """How one column of a table is shown; `name` is the query's word for it."""

    name: str
    title: Text
    unit: str = ""
    steps: tuple[Step, ...] = ()
    decimals: int | None = None
    names: tuple[tuple[str, Text], ...] = ()
    """What stands instead of a value."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; `width` in columns of 24, `height` in rows of 30 pixels.

    `steps` colour the values, as lines and bands where it is a graph. `recent` shows that long back whatever
    the board's time range ("10m"). `columns` order and name a table's columns: others are left out. `dots`
    draws no line between values; `nothing` stands where nothing was told.
    """

    kind: Kind
    title: Text
    queries: tuple[Query, ...] = ()
    width: int = 6
    height: int = 8
    unit: str = "none"
    steps: tuple[Step, ...] = ()
    banded: bool = False
    about: Text = NOTHING
    leads: Leads | None = None
    columns: tuple[Column, ...] = ()
    low: float | None = None
    high: float | None = None
    decimals: int | None = None
    stacked: bool = False
    recent: str = ""
    dots: bool = False
    nothing: str = ""
    content: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Row:
    """A heading with its panels, which flow from left to right; a `folded` one opens by a click."""

    title: Text
    panels: Sequence[Panel]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """What a reader chooses. `query` asks InfluxDB for the values; else `choices` are (value, text).

    `every` is what "all" stands for; empty lets Grafana name all values one by one.
    """

    name: str
    title: Text
    query: str = ""
    choices: tuple[tuple[str, Text], ...] = ()
    several: bool = True
    every: str = ".*"


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard; `slug` makes its stable uid."""

    slug: str
    title: Text
    about: Text
    rows: Sequence[Row]
    variables: Sequence[Variable]
    since: str = "now-24h"
    refresh: str = "1m"


@dataclass(frozen=True, slots=True)
class Band:
    """A category of an index: from `low` on, its colour as #rrggbb, its name."""

    low: float
    colour: str
    name: Text


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit of a pollutant: over which mean (`1h`, `8h`, `24h`), from which day, and whose (ISO dates)."""

    point: str
    term: str
    value: float
    source: str
    from_day: str


@dataclass(frozen=True, slots=True)
class Town:
    """What the boards are built from: nothing of it is written down here.

    `classes` has the points of every class of device by the class's name, `derived` those of what the gateway
    makes of them; `bands` those of VN_AQI and `us_bands` those of the US AQI, `limits` the law and `advice`
    that of the WHO, in force on the day of building.
    """

    classes: dict[str, tuple[str, ...]]
    derived: dict[str, tuple[str, ...]]
    bands: tuple[Band, ...]
    us_bands: tuple[Band, ...]
    limits: tuple[LimitLine, ...]
    advice: tuple[LimitLine, ...]
    pollutants: tuple[str, ...]
    timezone: str
    console: str

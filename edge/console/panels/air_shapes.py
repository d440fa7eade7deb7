"""What the panels of the air say, as models: the OpenAPI document is made from these."""

from pydantic import BaseModel

from edge.console.models import SentenceOut


class SaidOut(BaseModel):
    """A text in both languages."""

    vi: str
    en: str


class CategoryOut(BaseModel):
    """A row of an index: `low` to `high`, its colour as #rrggbb, what it is called, and what to do."""

    key: str
    low: int
    high: int
    colour: str
    name: SaidOut
    general: SaidOut
    sensitive: SaidOut


class IndexPanelOut(BaseModel):
    """An index now. `value` is null where there is none, and `why` says why."""

    scheme: str
    title: SaidOut
    source: str
    at: str
    value: int | None
    main: str
    sub: dict[str, int]
    category: CategoryOut | None
    why: str
    why_said: list[SentenceOut] = []


class LevelOut(BaseModel):
    """The newest mean of a point over one span: null where less than 75 % of the span is covered."""

    end: str
    value: float | None
    coverage: float
    suspect: bool
    calibrating: bool


class LimitOut(BaseModel):
    """A limit on a mean over `span`.

    `held` is what is held against it, null where there is no valid mean; `conversion` says how it came from
    the mean where that was measured in the air as it is: in ug/Nm3, at the air's temperature and pressure.
    """

    standard: str
    span: str
    value: float
    source: str
    held: float | None
    conversion: str
    exceeded: bool | None


class QuantityOut(BaseModel):
    """A quantity of a station: its means by span, and the limits of the day that go with them."""

    point: str
    unit: str
    label: SaidOut
    means: dict[str, LevelOut]
    limits: list[LimitOut]


class FindingOut(BaseModel):
    """What quality control found in a point: since when, when last, how often; null: in the newest sample."""

    point: str
    label: SaidOut
    device: str
    check: str
    verdict: str
    text: str
    said: list[SentenceOut] = []
    since: str | None
    at: str | None
    times: int


class StationPanelOut(BaseModel):
    """All that a panel of one station shows now; `standing` is `tham khảo` where it proves nothing."""

    gateway: str
    id: str
    title: str
    kind: str
    standing: str
    zone: str
    commune: str | None
    latitude: float | None
    longitude: float | None
    calibrating: bool
    correction: str
    indices: list[IndexPanelOut]
    quantities: list[QuantityOut]
    remarks: list[FindingOut]
    lately: list[FindingOut]


class AirOut(BaseModel):
    """All stations, and the rows of the Vietnamese index as a legend."""

    at: str
    stations: list[StationPanelOut]
    legend: list[CategoryOut]


class LineOut(BaseModel):
    """Valid means of one point, null where there is none: one for each end of `AirSeriesOut.ends`."""

    point: str
    unit: str
    label: SaidOut
    values: list[float | None]
    complete: float


class IndexLineOut(BaseModel):
    """An index over time: hourly over a day, daily over longer; one scheme alone, on an axis of its own."""

    scheme: str
    title: SaidOut
    ends: list[int]
    values: list[int | None]
    categories: list[str]


class RoseOut(BaseModel):
    """How often the wind came from where, and how fast: as WindRose; speeds in m/s."""

    bounds: list[float]
    calm_below: float
    counts: list[list[int]]
    calm: int


class AirSeriesOut(BaseModel):
    """A station's past: `ends` of spans in UTC ms; `complete` of a line is the part that is valid (0..1)."""

    station: str
    span: str
    from_ms: int
    to_ms: int
    ends: list[int]
    lines: list[LineOut]
    index: IndexLineOut
    rose: RoseOut | None

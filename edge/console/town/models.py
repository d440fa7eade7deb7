"""What the town's routes say and take, as models: the OpenAPI document is made from these."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.console.models import SentenceOut, Value

Cell = Any

QUALIFIED = r"^[a-z0-9][a-z0-9-]{0,31}/[a-z0-9][a-z0-9-]{0,31}$"
"""`gateway/device` or `gateway/target`."""

Qualified = Annotated[str, Field(pattern=QUALIFIED)]
ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
TARGETS_AT_ONCE = 500
HOLD_MAX_S = 7 * 86_400


class Table(BaseModel):
    """Rows of values under columns; a row is about what its `id` names."""

    columns: list[str]
    rows: list[list[Cell]]


class LinkOut(BaseModel):
    """Whether gateways are heard of at all: `trouble` is why not (empty: they are), and since when."""

    trouble: str
    said: list[SentenceOut] = []
    since: str | None


class TownOut(BaseModel):
    """All that a first page needs.

    `seq` says how far it is: give it to `/api/v1/town/live`. Columns of `things`: `online` is null before the
    first verdict, `silent_since` since when nothing is heard; `level`, `source`, `until`, `verified`,
    `light_at` are what a lamp shall have (null where it is none), `values` its last good values, of a lamp
    only level (read back), power and failure; `alarm` its worst standing severity. `targets` are groups,
    segments and gateways, with what their `lamps` shall have together. `left_out` counts what was too much.
    """

    mode: Literal["gateway", "centre"]
    seq: str
    at: str | None
    left_out: int
    link: LinkOut
    gateways: Table
    targets: Table
    alarms: Table
    things: Table


class ThingDetail(BaseModel):
    """One thing with all of its values, each with unit and labels."""

    id: str
    gateway: str
    device: str
    classed: str = Field(alias="class")
    profile: str
    title: str
    lat: float | None
    lon: float | None
    commune: str
    site: str
    street: str
    pole: str
    groups: list[str]
    online: bool | None
    silent_since: str | None
    last_at: str | None
    values: list[Value]
    light: dict[str, Cell] | None
    alarms: Table

    model_config = ConfigDict(populate_by_name=True)


class SeriesOut(BaseModel):
    """A point's past by steps; steps without a value are left out.

    `origin` is `store` (the gateway's own), `influx`, or `seen`: what this console saw since `since`.
    """

    thing: str
    point: str
    unit: str
    label_en: str
    label_vi: str
    step_s: int
    origin: Literal["store", "influx", "seen"]
    since: str | None
    at: list[str]
    mean: list[float]
    low: list[float]
    high: list[float]


class LightIn(BaseModel):
    """What targets shall have: a level, or `release`, which lets the plan have them again.

    `for_s` (seconds) or `forever` says until when, else it ends as the gateway's `override_end` says.
    `confirm` has the second word for each target that asked for one.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    targets: Annotated[list[Qualified], Field(min_length=1, max_length=TARGETS_AT_ONCE)]
    level: Annotated[float, Field(ge=0, le=100)] | None = None
    release: bool = False
    for_s: Annotated[float, Field(gt=0, le=HOLD_MAX_S)] | None = None
    fade_s: Annotated[float, Field(ge=0, le=600)] | None = None
    forever: bool = False
    emergency: bool = False
    confirm: dict[Qualified, Annotated[str, Field(min_length=1, max_length=64)]] = {}

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.release == (self.level is not None):
            raise ValueError("give either level or release")
        if self.forever and self.for_s is not None:
            raise ValueError("for_s and forever exclude each other")
        if self.release and (self.forever or self.for_s is not None):
            raise ValueError("release takes no end: the plan has the target again")
        return self


class ReadIn(BaseModel):
    """What of a thing shall be asked now; no points are all of them."""

    model_config = ConfigDict(extra="forbid")

    points: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]], Field(max_length=64)
    ] = []


class ProgressOut(BaseModel):
    """How far one target's command has come: sent, accepted, applied, verified, failed or unknown.

    `confirm` is the token for the second word for who asked, for others whether one is asked for; `result`
    (who asked alone) what a read brought.
    """

    target: str
    state: str
    reason: str
    said: list[SentenceOut] = []
    level: float | None = None
    lamps: int | None = None
    verified: int | None = None
    confirm: str | bool | None = None
    result: dict[str, Cell] = {}


class OrderOut(BaseModel):
    """What somebody asked, and what became of it by target; `ended` says that nothing more will come."""

    id: str
    verb: str
    by: str
    at: str | None
    asked: dict[str, Cell]
    ended: bool
    targets: list[ProgressOut]


class NoteIn(BaseModel):
    """What somebody says of an alarm that they have seen."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=200, pattern=ONE_LINE)] = ""


class SilenceIn(BaseModel):
    """For how long this console does not sound or blink for an alarm, in seconds; a week at most."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    for_s: Annotated[float, Field(gt=0, le=HOLD_MAX_S)]


class EventOut(BaseModel):
    """Something that happened."""

    gateway: str
    at: str | None
    kind: str
    subject: str
    severity: str
    text: str
    said: list[SentenceOut] = []
    fields: dict[str, Cell]


class EventsOut(BaseModel):
    """The latest events that this console heard since it started, the newest first."""

    since: str | None
    events: list[EventOut]

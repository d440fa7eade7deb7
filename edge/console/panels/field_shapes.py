"""What the page at the pole says, as models."""

from pydantic import BaseModel

from edge.console.models import SentenceOut
from edge.console.panels.air_shapes import SaidOut


class ServicedOut(BaseModel):
    """Who serviced a device last, when (null: the clock was not set), and what they did."""

    by: str
    note: str
    at: str | None


class FieldDeviceOut(BaseModel):
    """One device of this gateway. `blinks`, `registers`, `calibrates` say what can be asked of it.

    `station` is the station that its calibration is noted for; `silent` that its unit is asked rarely now.
    """

    id: str
    title: str
    model: SaidOut
    classed: str
    address: str
    pole: str | None
    street: str | None
    online: bool | None
    silent: bool
    last_at: str | None
    interval_s: float
    blinks: bool
    registers: bool
    calibrates: bool
    station: str | None
    calibrating: bool
    serviced: ServicedOut | None


class FieldBusOut(BaseModel):
    """One bus with its devices, and how it does: requests, errors and time-outs since the start."""

    id: str
    kind: str
    line: str
    open: bool
    trouble: str
    said: list[SentenceOut] = []
    utilisation: float
    requests: int
    errors: int
    timeouts: int
    skipped: int
    devices: list[FieldDeviceOut]


class FieldOut(BaseModel):
    """This gateway for who stands before it; what waits for the targets says whether it is heard."""

    gateway: str
    version: str
    at: str
    uptime_s: float
    clock_set: bool
    ready: bool
    not_ready: list[str]
    not_ready_said: list[SentenceOut] = []
    pending: int
    place: str
    buses: list[FieldBusOut]


class BlockOut(BaseModel):
    """What one request brought: registers (0 to 65535) or bits; `trouble` says why there are none."""

    table: str
    address: int
    count: int
    words: list[int]
    trouble: str
    said: list[SentenceOut] = []


class MappedOut(BaseModel):
    """Where a point lies; `value` and `unit` are what the last poll made of it."""

    point: str
    label: SaidOut
    table: str
    address: int
    count: int
    kind: str
    value: float | None
    unit: str


class RegistersOut(BaseModel):
    """A device's registers as they are now."""

    state: str
    reason: str
    said: list[SentenceOut] = []
    at: str
    blocks: list[BlockOut]
    points: list[MappedOut]

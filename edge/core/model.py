"""The shapes that travel between rooms: samples, events, commands, outcomes."""

from dataclasses import dataclass
from enum import StrEnum

Scalar = str | int | float | bool | None
"""What a field of an event or an argument of a command may be."""

Fields = tuple[tuple[str, Scalar], ...]
"""Named values in a fixed order, immutable."""


class Quality(StrEnum):
    """How far a value may be trusted; good ones carry no flag."""

    GOOD = "good"
    SUSPECT = "suspect"
    BAD = "bad"


class Severity(StrEnum):
    """How much an event matters."""

    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something happened: nanoseconds of this boot, and UTC nanoseconds once the clock is set.

    `utc_ns` is None while the clock has never been set in this boot: a Pi has no clock of its own.
    """

    mono_ns: int
    utc_ns: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """What one poll of one device brings: its point names in order, and where the rows belong.

    `measurement` is the profile's class (`meter`, `lamp`, `air`, ...); `tags` are gateway, device and
    place, sorted by name, with no empty ones, as they were when the sample was taken. `series` is empty for
    what was read, else says what was made of it: `mean/1h`, `index/vn_hour`; `remarks` are fixed texts that
    go with every row (`correction`: `epa-2021 v1`, `standing`: `tham khảo`).
    """

    device: str
    measurement: str
    names: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    series: str = ""
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One poll of one device: values in the layout's order, None where there is no value.

    `flags` names by position the values that are not good.
    """

    layout: Layout
    stamp: Stamp
    values: tuple[float | None, ...]
    flags: tuple[tuple[int, Quality], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a driver brings back from one poll, taken when the bus answered."""

    stamp: Stamp
    values: tuple[float | None, ...]
    flags: tuple[tuple[int, Quality], ...] = ()


class EventKind(StrEnum):
    """What can happen to the gateway that somebody should know."""

    GATEWAY_STARTED = "gateway_started"
    GATEWAY_STOPPED = "gateway_stopped"
    CLOCK_SET = "clock_set"
    CLOCK_STEPPED = "clock_stepped"
    DEVICE_LOST = "device_lost"
    DEVICE_BACK = "device_back"
    BUS_LOST = "bus_lost"
    BUS_BACK = "bus_back"
    BUS_LENT = "bus_lent"
    BUS_RETURNED = "bus_returned"
    TARGET_LOST = "target_lost"
    TARGET_BACK = "target_back"
    TARGET_REFUSES = "target_refuses"
    QUARANTINED = "quarantined"
    GAP = "gap"
    STORE_TROUBLE = "store_trouble"
    STORE_RECOVERED = "store_recovered"
    CONFIG_RELOADED = "config_reloaded"
    CONFIG_REFUSED = "config_refused"
    PLAN_CHANGED = "plan_changed"
    COMMAND = "command"
    ALARM_RAISED = "alarm_raised"
    ALARM_CLEARED = "alarm_cleared"
    ALARM_ACKNOWLEDGED = "alarm_acknowledged"
    NIGHT_ENDED = "night_ended"
    CALIBRATION_BEGAN = "calibration_began"
    CALIBRATION_ENDED = "calibration_ended"
    AUDIT_CHECKPOINT = "audit_checkpoint"
    AUDIT_BROKEN = "audit_broken"
    ACCESS = "access"
    CERTIFICATE_RENEWED = "certificate_renewed"
    CERTIFICATE_TROUBLE = "certificate_trouble"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, once: to what (`subject`: device, bus, target or gateway id)."""

    stamp: Stamp
    kind: EventKind
    subject: str
    severity: Severity
    text: str
    fields: Fields = ()


@dataclass(frozen=True, slots=True)
class Poll:
    """One thing to ask a device for, again and again.

    `unit` names who answers on the bus (several devices can stand behind one unit: a DALI gateway);
    `wire_s` is what one round takes on the line by character times, turnaround included.
    """

    device: str
    unit: str
    layout: Layout
    interval_s: float
    requests: int
    wire_s: float


class CommandState(StrEnum):
    """What became of a command; more than one may be reported, in this order."""

    ACCEPTED = "accepted"
    APPLIED = "applied"
    VERIFIED = "verified"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Command:
    """Something that someone wants done, by one door for all.

    `deadline` is on this boot's monotonic clock, in nanoseconds; past it the command expires unacted.
    `source` says by which way it came (`mqtt`, `home-assistant`, `console`, `local`), `by` who asked.
    """

    id: str
    verb: str
    target: str
    arguments: Fields
    by: str
    source: str
    received: Stamp
    deadline_mono_ns: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One report on one command; `result` carries what a `read` brought, or the level reached."""

    id: str
    state: CommandState
    reason: str = ""
    result: Fields = ()


class Stream(StrEnum):
    """The two journals of the store; what tells of trouble never waits behind telemetry."""

    EVENT = "event"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A stored sample on its way out.

    `values` are the decimal texts of the numbers in the layout's order, empty where there is no value:
    written once at acquisition, and used as they are in JSON and in line protocol.
    """

    seq: int
    at_ns: int
    layout: Layout
    values: tuple[str, ...]
    flags: tuple[tuple[int, Quality], ...] = ()


@dataclass(frozen=True, slots=True)
class EventRow:
    """A stored event on its way out."""

    seq: int
    at_ns: int
    kind: EventKind
    subject: str
    severity: Severity
    text: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that a target will never take, with the target's own words."""

    seq: int
    line: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceState:
    """The latest that is known of a device.

    `values` are last known good ones by point name; `last_utc_ns` when they were taken (None: never, or
    the clock was not set). `online` is None until the first answer or the verdict that there is none.
    """

    device: str
    online: bool | None
    last_utc_ns: int | None
    values: tuple[tuple[str, float], ...]
    flags: tuple[tuple[str, Quality], ...] = ()

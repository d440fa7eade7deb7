"""What the API says, as models: the OpenAPI document is made from these."""

from typing import Literal

from pydantic import BaseModel

from edge.core.model import DeviceState
from edge.core.sayings import understood
from edge.core.times import rfc3339_ms
from edge.core.vocabulary import quantity
from edge.runtime.status import Status


class DeviceBrief(BaseModel):
    """Whether a device answers, and when it last did. `online` is null until the first verdict."""

    id: str
    online: bool | None
    last_at: str | None


class Value(BaseModel):
    """One value with what a person needs to read it. `quality` is good, suspect or bad."""

    point: str
    value: float | None
    unit: str
    label_en: str
    label_vi: str
    quality: str = "good"


class DeviceDetail(DeviceBrief):
    """A device with its last known good values."""

    values: list[Value]


class BusOut(BaseModel):
    """One bus. `utilisation` and `silent_share` are shares of time, 0 to 1; `lent` says to whom, if it is."""

    id: str
    open: bool
    trouble: str
    utilisation: float
    requests: int
    errors: int
    timeouts: int
    skipped: int
    silent: list[str]
    silent_share: float
    lent: str = ""


class TargetOut(BaseModel):
    """One target: `trouble` is empty while it takes data; `refused` means that waiting will not help."""

    id: str
    pending: int
    trouble: str
    refused: bool
    delivered: int
    rejected: int


class Pending(BaseModel):
    """Rows still owed, by kind of target."""

    mqtt: int = 0
    influx: int = 0


class OutboxOut(BaseModel):
    """The store in numbers; `bytes` on disk, `bytes_per_value` written to the card."""

    stored: int
    pending: Pending
    dropped: int
    quarantined: int
    undated: int
    bytes: int
    bytes_per_value: float | None
    trouble: str


class StatusOut(BaseModel):
    """The gateway now."""

    gateway: str
    version: str
    uptime_s: float
    clock_set: bool
    ready: bool
    not_ready: list[str]
    devices: list[DeviceBrief]
    buses: list[BusOut]
    targets: list[TargetOut]
    outbox: OutboxOut


class SyncOut(BaseModel):
    """What waits for the targets, and what they refused."""

    targets: list[TargetOut]
    dropped: int
    quarantined: int
    bytes: int


class QuarantinedRow(BaseModel):
    """One row that a target refused for ever, with the target's own words."""

    id: int
    target: str
    at: str
    line: str
    reason: str


class SentenceOut(BaseModel):
    """A sentence of a reason in both languages; `code` is empty where it is none of those that have one."""

    code: str
    en: str
    vi: str
    what: dict[str, str]


class OutcomeOut(BaseModel):
    """What became of a command."""

    id: str
    state: Literal["accepted", "applied", "verified", "failed", "unknown"]
    reason: str
    said: list[SentenceOut] = []
    values: list[Value] = []


class Health(BaseModel):
    """Alive, or ready with the reasons why not."""

    ok: bool
    reasons: list[str] = []


def when(utc_ns: int | None) -> str | None:
    """A time as the API says it, or None where it is not known."""
    return None if utc_ns is None else rfc3339_ms(utc_ns)


def value_out(point: str, value: float | None, quality: str = "good") -> Value:
    """A value with its unit and labels from the vocabulary."""
    known = quantity(point)
    if known is None:
        return Value(point=point, value=value, unit="", label_en=point, label_vi=point, quality=quality)
    return Value(
        point=point,
        value=value,
        unit=known.display,
        label_en=known.en,
        label_vi=known.vi,
        quality=quality,
    )


def device_brief(state: DeviceState) -> DeviceBrief:
    """A device in short."""
    return DeviceBrief(id=state.device, online=state.online, last_at=when(state.last_utc_ns))


def device_detail(state: DeviceState) -> DeviceDetail:
    """A device with its values; a point that could not be read last time shows its flag."""
    flags = dict(state.flags)
    values = [value_out(name, value, flags.get(name, "good")) for name, value in state.values]
    known = {name for name, _ in state.values}
    values += [value_out(name, None, flag) for name, flag in state.flags if name not in known]
    return DeviceDetail(**device_brief(state).model_dump(), values=values)


def targets_out(status: Status) -> list[TargetOut]:
    """All targets."""
    return [
        TargetOut(
            id=target.target,
            pending=status.outbox.pending.get(target.target, 0),
            trouble=target.trouble,
            refused=target.refused,
            delivered=target.delivered,
            rejected=target.rejected,
        )
        for target in status.targets
    ]


def status_out(status: Status) -> StatusOut:
    """The whole status."""
    return StatusOut(
        gateway=status.gateway,
        version=status.version,
        uptime_s=round(status.uptime_s, 3),
        clock_set=status.clock_set,
        ready=status.ready,
        not_ready=list(status.not_ready),
        devices=[device_brief(state) for state in status.devices],
        buses=[BusOut.model_validate(bus, from_attributes=True) for bus in status.buses],
        targets=targets_out(status),
        outbox=_outbox_out(status),
    )


def _outbox_out(status: Status) -> OutboxOut:
    outbox = status.outbox
    mqtt = outbox.pending.get("mqtt", 0)
    return OutboxOut(
        stored=outbox.stored,
        pending=Pending(mqtt=mqtt, influx=sum(outbox.pending.values()) - mqtt),
        dropped=outbox.dropped,
        quarantined=outbox.quarantined,
        undated=outbox.undated,
        bytes=outbox.bytes,
        bytes_per_value=round(outbox.bytes_written / outbox.values, 2) if outbox.values else None,
        trouble=outbox.trouble,
    )


def sentences_out(text: str) -> list[SentenceOut]:
    """The sentences of a text in both languages."""
    return [SentenceOut(code=one.code, en=one.en, vi=one.vi, what=dict(one.what)) for one in understood(text)]

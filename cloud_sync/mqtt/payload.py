"""Payloads: rows, states and answers as JSON objects. Pure but for a bounded cache of what repeats."""

import json
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from cloud_sync.mqtt.topics import Topics
from edge.core.alarms import Alarm
from edge.core.lighting import LightState, TargetState
from edge.core.model import DeviceState, EventRow, Layout, Outcome, Quality, SampleRow, Scalar
from edge.core.times import rfc3339

LAYOUTS_MAX = 4096
"""Layouts whose fixed texts are remembered; beyond that all are forgotten and made anew."""


@dataclass(frozen=True, slots=True)
class PointInfo:
    """One point: `unit` is its UCUM code, `kind` gauge, counter or state, `en` and `vi` its labels."""

    name: str
    unit: str
    display: str
    kind: str
    en: str
    vi: str


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What a consumer needs to read a device's samples; `place` holds only what is known of it.

    `classed` is the class of its profile, which like devices share.
    """

    device: str
    profile: str
    title: str
    points: tuple[PointInfo, ...]
    place: tuple[tuple[str, str | float], ...] = ()
    classed: str = ""


@dataclass(frozen=True, slots=True)
class TargetAbout:
    """A group, a segment or the gateway as a target of light; a `feeder` is itself a lamp, which switches."""

    id: str
    kind: str
    title: str
    members: tuple[str, ...]
    feeder: bool = False


@dataclass(frozen=True, slots=True)
class GatewayAbout:
    """Where a gateway is, and what can be commanded together there."""

    title: str
    place: tuple[tuple[str, str | float], ...]
    targets: tuple[TargetAbout, ...]


@dataclass(frozen=True, slots=True)
class _Fixed:
    topic: str
    keys: tuple[str, ...]
    whole: str
    remarks: str


class SamplePayloads:
    """Topic and payload of samples; values are put in as the decimal texts that they are."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._fixed: dict[Layout, _Fixed] = {}

    def message(self, row: SampleRow, late: bool) -> tuple[str, bytes]:
        """Topic and payload of one stored sample; a value that is not there is left out."""
        fixed = self._fixed.get(row.layout) or self._learn(row.layout)
        if "" not in row.values:
            values = fixed.whole % row.values
        else:
            pairs = zip(fixed.keys, row.values, strict=True)
            values = ",".join([key + text for key, text in pairs if text])
        head = f'{{"at":"{rfc3339(row.at_ns)}","seq":{row.seq},"v":{{{values}}}'
        tail = fixed.remarks + (',"late":true}' if late else "}")
        names = row.layout.names
        flags = _quality((names[at], quality) for at, quality in row.flags) if row.flags else ""
        return fixed.topic, f"{head}{flags}{tail}".encode()

    def _learn(self, layout: Layout) -> _Fixed:
        if len(self._fixed) >= LAYOUTS_MAX:
            self._fixed.clear()
        # Interned: all devices with a point share the one text of it.
        keys = tuple(sys.intern(f"{json.dumps(name)}:") for name in layout.names)
        whole = ",".join(key.replace("%", "%%") + "%s" for key in keys)
        remarks = "".join([f",{json.dumps(name)}:{_json(text)}" for name, text in layout.remarks])
        fixed = _Fixed(self._topics.sample(layout.device, layout.series), keys, whole, remarks)
        self._fixed[layout] = fixed
        return fixed


def sample_payload(row: SampleRow, late: bool) -> bytes:
    """The payload of one stored sample."""
    return SamplePayloads(Topics("")).message(row, late)[1]


def _quality(flags: Iterable[tuple[str, Quality]]) -> str:
    found = {name: quality.value for name, quality in flags if quality is not Quality.GOOD}
    return f',"q":{_json(found)}' if found else ""


def state_payload(state: DeviceState) -> bytes:
    """The last known good of a device; `at` is null while nothing was ever read, or the time is not known."""
    values = ",".join(
        [f"{json.dumps(name)}:{value!r}" for name, value in state.values if math.isfinite(value)]
    )
    at = "null" if state.last_utc_ns is None else f'"{rfc3339(state.last_utc_ns)}"'
    online = _json(state.online)
    return f'{{"at":{at},"online":{online},"v":{{{values}}}{_quality(state.flags)}}}'.encode()


def info_payload(info: DeviceInfo) -> bytes:
    """What a consumer needs to read a device's samples."""
    points = {
        point.name: {
            "unit": point.unit,
            "display": point.display,
            "kind": point.kind,
            "label": {"en": point.en, "vi": point.vi},
        }
        for point in info.points
    }
    head = {"profile": info.profile, "class": info.classed or info.profile, "title": info.title}
    return _json({**head, "place": dict(info.place), "points": points}).encode()


def about_payload(about: GatewayAbout) -> bytes:
    """What a gateway is, and which lamps each of its targets stands for."""
    targets = [
        {"id": one.id, "kind": one.kind, "title": one.title, "members": one.members}
        | ({"feeder": True} if one.feeder else {})
        for one in about.targets
    ]
    return _json({"title": about.title, "place": dict(about.place), "targets": targets}).encode()


def event_payload(row: EventRow) -> bytes:
    """An event: who, what, from where, with what result."""
    whole = {
        "at": rfc3339(row.at_ns),
        "seq": row.seq,
        "kind": row.kind.value,
        "subject": row.subject,
        "severity": row.severity.value,
        "text": row.text,
        "fields": _finite(row.fields),
    }
    return _json(whole).encode()


def status_payload(online: bool, at_ns: int | None, version: str, boot_id: str) -> bytes:
    """The gateway's own state, and its Will; `boot_id` tells a Will of an earlier run from this one."""
    at = None if at_ns is None else rfc3339(at_ns)
    state = "online" if online else "offline"
    return _json({"state": state, "at": at, "version": version, "boot_id": boot_id}).encode()


def light_payload(state: LightState) -> bytes:
    """What a target's light is to be; `at` is null while the clock was never set."""
    whole: dict[str, Scalar] = {
        "at": _when(state.at_ns),
        "level": state.level,
        "source": state.source.value,
    }
    if state.until_ns is not None:
        whole["until"] = rfc3339(state.until_ns)
    return _json(whole | {"verified": state.verified}).encode()


def target_payload(state: TargetState) -> bytes:
    """What the lamps of a target are to have together; `level` is null where they differ."""
    whole: dict[str, Scalar] = {
        "at": _when(state.at_ns),
        "level": state.level,
        "lowest": state.lowest,
        "highest": state.highest,
        "source": state.source.value,
    }
    if state.until_ns is not None:
        whole["until"] = rfc3339(state.until_ns)
    more: dict[str, Scalar] = {
        "verified": state.verified,
        "lamps": state.lamps,
        "failed": state.failed,
    }
    return _json(whole | more).encode()


def alarm_payload(alarm: Alarm) -> bytes:
    """An alarm that stands; `acknowledged` is null until somebody has seen it."""
    said = alarm.acknowledged
    seen = None if said is None else {"by": said.by, "note": said.note, "at": _when(said.at_ns)}
    finite = alarm.value is not None and math.isfinite(alarm.value)
    whole = {
        "at": _when(alarm.at_ns),
        "kind": alarm.kind.value,
        "device": alarm.device,
        "severity": alarm.severity.value,
        "value": alarm.value if finite else None,
        "acknowledged": seen,
        "text": alarm.text,
    }
    return _json(whole).encode()


def _when(at_ns: int | None) -> str | None:
    return None if at_ns is None else rfc3339(at_ns)


def outcome_payload(outcome: Outcome) -> bytes:
    """One report on one command, with what it brought beside it."""
    whole: dict[str, Scalar] = {"id": outcome.id, "state": outcome.state.value}
    if outcome.reason:
        whole["reason"] = outcome.reason
    return _json(_finite(outcome.result) | whole).encode()


def _finite(fields: Iterable[tuple[str, Scalar]]) -> dict[str, Scalar]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

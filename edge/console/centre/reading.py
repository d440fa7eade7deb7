"""Messages of gateways as our own shapes. Pure; ValueError, TypeError or KeyError for what is none."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from edge.console.town.things import (
    TEXT_MAX,
    Light,
    Place,
    PointWords,
    TargetInfo,
    ThingInfo,
    point_words,
)
from edge.core.alarms import Acknowledgement, Alarm, AlarmKind, is_alarm_id
from edge.core.ids import is_id
from edge.core.lighting import LightSource
from edge.core.model import CommandState, EventKind, EventRow, Outcome, Scalar, Severity
from edge.core.times import from_rfc3339
from edge.core.vocabulary import quantity

POINTS_MAX = 96
TARGETS_MAX = 2_000
MEMBERS_MAX = 10_000
FIELDS_MAX = 32
"""Most of each that one message may name."""

FAR_NS = 2**62


def time_of(text: Any) -> int | None:
    """UTC ns of a time, None where there is none."""
    if text is None:
        return None
    at_ns = from_rfc3339(_text(text))
    if not 0 <= at_ns < FAR_NS:
        raise ValueError("a time that cannot be")
    return at_ns


def place_of(found: Mapping[str, Any]) -> Place:
    """A place, of which anything may be missing."""
    return Place(
        _degrees(found.get("latitude"), 90),
        _degrees(found.get("longitude"), 180),
        _shared(_text(found.get("commune") or "")),
        _shared(_text(found.get("site") or "")),
        _shared(_text(found.get("street") or "")),
        _text(found.get("pole") or ""),
    )


def info_of(device: str, found: Mapping[str, Any]) -> ThingInfo:
    """What is fixed of a thing. Units and labels of points that the vocabulary has are its own."""
    points = found.get("points", {})
    if len(points) > POINTS_MAX:
        raise ValueError("too many points")
    words = _shared_words(tuple(_words(_text(name), said) for name, said in points.items()))
    profile = _shared(_text(found.get("profile", "")))
    classed = _shared(_text(found.get("class") or profile))
    return ThingInfo(device, profile, classed, _text(found.get("title", "")), place_of(found["place"]), words)


def targets_of(found: list[Mapping[str, Any]]) -> list[TargetInfo]:
    """The targets that a gateway names."""
    if len(found) > TARGETS_MAX:
        raise ValueError("too many targets")
    return [_target(one) for one in found if is_id(one["id"])]


def light_of(found: Mapping[str, Any]) -> Light:
    """What a lamp is to have; with `lamps`, several together."""
    return Light(
        level=_level(found["level"]),
        source=LightSource(found["source"]).value,
        until_ns=time_of(found.get("until")),
        verified=found["verified"] is True,
        at_ns=time_of(found.get("at")),
        lowest=_level(found.get("lowest")),
        highest=_level(found.get("highest")),
        lamps=int(found.get("lamps", 0)),
        failed=int(found.get("failed", 0)),
    )


def alarm_of(alarm_id: str, found: Mapping[str, Any]) -> Alarm:
    """An alarm that stands."""
    if not is_alarm_id(alarm_id):
        raise ValueError("this is no alarm")
    said, value = found.get("acknowledged"), found.get("value")
    seen = None
    if said is not None:
        seen = Acknowledgement(_text(said["by"]), _text(said.get("note", ""), 200), time_of(said.get("at")))
    return Alarm(
        id=alarm_id,
        kind=AlarmKind(found["kind"]),
        device=_text(found["device"]),
        severity=Severity(found["severity"]),
        text=_text(found.get("text", ""), 400),
        at_ns=time_of(found["at"]),
        value=None if value is None else _finite(value),
        acknowledged=seen,
    )


def event_of(found: Mapping[str, Any]) -> EventRow:
    """An event."""
    at_ns = time_of(found["at"])
    if at_ns is None:
        raise ValueError("an event without a time")
    fields = list(found.get("fields", {}).items())[:FIELDS_MAX]
    return EventRow(
        seq=int(found.get("seq", 0)),
        at_ns=at_ns,
        kind=EventKind(found["kind"]),
        subject=_text(found["subject"]),
        severity=Severity(found["severity"]),
        text=_text(found.get("text", ""), 400),
        fields=tuple((_text(name), _scalar(value)) for name, value in fields),
    )


def outcome_of(command_id: str, found: Mapping[str, Any]) -> Outcome:
    """An answer to a command."""
    rest = [(name, value) for name, value in found.items() if name not in ("id", "state", "reason")]
    return Outcome(
        id=command_id,
        state=CommandState(found["state"]),
        reason=_text(found.get("reason", ""), 1_000),
        result=tuple((_text(name), _scalar(value)) for name, value in rest[: 4 * FIELDS_MAX]),
    )


def _target(found: Mapping[str, Any]) -> TargetInfo:
    members = found.get("members", [])
    if len(members) > MEMBERS_MAX:
        raise ValueError("too many members")
    return TargetInfo(
        id=found["id"],
        kind=_text(found.get("kind", "group"), 16),
        title=_text(found.get("title") or found["id"]),
        members=tuple(_text(one, 32) for one in members),
        feeder=found.get("feeder") is True,
    )


def _words(name: str, said: Mapping[str, Any]) -> PointWords:
    if quantity(name) is not None:
        return point_words(name)
    label = said.get("label", {})
    unit, kind = _text(said.get("display", ""), 16), _text(said.get("kind", "gauge"), 16)
    return PointWords(name, unit, _text(label.get("en", name)), _text(label.get("vi", name)), kind)


@lru_cache(maxsize=4096)
def _shared_words(words: tuple[PointWords, ...]) -> tuple[PointWords, ...]:
    """The same tuple for all things that have the same points."""
    return words


@lru_cache(maxsize=65_536)
def _shared(text: str) -> str:
    """The same object for all things that say the same."""
    return text


def _text(value: Any, longest: int = TEXT_MAX) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value[:longest]


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("no number")
    return float(value)


def _degrees(value: Any, most: float) -> float | None:
    if value is None:
        return None
    degrees = _finite(value)
    if abs(degrees) > most:
        raise ValueError("no degrees")
    return degrees


def _level(value: Any) -> float | None:
    return None if value is None else min(max(_finite(value), 0.0), 100.0)


def _scalar(value: Any) -> Scalar:
    if isinstance(value, str):
        return value[:400]
    if value is None or isinstance(value, bool | int):
        return value
    return _finite(value) if isinstance(value, float) else str(value)[:400]

"""Line protocol: stored rows as InfluxDB takes them. Pure but for a bounded cache of what repeats.

InfluxDB line protocol reference (v1.x, v2): measurement, tags sorted by key, fields, nanoseconds.
"""

import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from edge.core.model import CommandState, EventKind, EventRow, Layout, SampleRow, Scalar, Severity

LAYOUTS_MAX = 4096
"""Layouts whose fixed texts are remembered; beyond that all are forgotten and made anew."""

TEXT_MAX = 1000
"""Longest string field of an event, in characters."""

ALARM_KINDS = frozenset((EventKind.ALARM_RAISED, EventKind.ALARM_CLEARED, EventKind.ALARM_ACKNOWLEDGED))

LIGHT_FIELDS = ("id", "target", "by", "source", "state", "reason", "level", "for_s", "fade_s")
"""What of a command of light is stored, each always of one type."""

Tags = tuple[tuple[str, str], ...]

_BREAKS = re.compile(r"[\r\n\t]+")


@dataclass(frozen=True, slots=True)
class _Fixed:
    head: str
    keys: tuple[str, ...]
    whole: str
    remarks: str


class Lines:
    """Writes rows of one gateway as lines; `tags` stand on the lines of events, sorted by name."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self._fixed: dict[Layout, _Fixed] = {}

    def sample(self, row: SampleRow) -> str | None:
        """The line of one sample, or None when it holds no value at all."""
        fixed = self._fixed.get(row.layout) or self._learn(row.layout)
        if "" not in row.values:
            return f"{fixed.whole % row.values}{row.at_ns}" if row.values else None
        fields = [key + text for key, text in zip(fixed.keys, row.values, strict=True) if text]
        return f"{fixed.head}{','.join(fields)}{fixed.remarks} {row.at_ns}" if fields else None

    def event(self, row: EventRow) -> str | None:
        """The line of one event: gaps as `gateway`, alarms as `alarm`, commands of light as `light_command`.

        None for all others. No id, person or reason becomes a tag: their number has no bound.
        """
        if row.kind in ALARM_KINDS:
            return self._alarm(row)
        if row.kind is EventKind.COMMAND and ("verb", "light") in row.fields:
            return self._light_command(row)
        if row.kind is EventKind.NIGHT_ENDED:
            fields = [("night_" + name, value) for name, value in row.fields]
            return _line("gateway", self._tags, fields, row.at_ns)
        if row.kind is EventKind.GAP:
            fields = [("gap_" + name, value) for name, value in row.fields]
            return _line("gateway", self._tags, [("gap_text", row.text), *fields], row.at_ns)
        if row.severity is Severity.ALARM:
            tags = (*self._tags, ("device", row.subject), ("kind", row.kind.value))
            return _line("alarm", tags, [("text", row.text)], row.at_ns)
        return None

    def _alarm(self, row: EventRow) -> str:
        """Raised with `active` 1, cleared with 0, acknowledged with the name of who did.

        The kind is a tag: of two alarms of one device at one time neither takes the other's place.
        """
        kept = _said(row, ("active", "value", "by", "note"))
        kind = str(dict(row.fields).get("kind", ""))
        tags = (*self._tags, ("device", row.subject), ("kind", kind))
        return _line("alarm", tags, [*kept, ("text", row.text)], row.at_ns)

    def _light_command(self, row: EventRow) -> str:
        """A command and what became of it; only a target that there is becomes a tag."""
        kept = _said(row, LIGHT_FIELDS)
        known = ("state", CommandState.FAILED.value) not in row.fields
        tags = (*self._tags, ("device", row.subject)) if known else self._tags
        return _line("light_command", tags, kept, row.at_ns)

    def _learn(self, layout: Layout) -> _Fixed:
        if len(self._fixed) >= LAYOUTS_MAX:
            self._fixed.clear()
        head = _head(layout.measurement, layout.tags)
        # Interned: all devices with a point share the one text of it.
        keys = tuple(sys.intern(f"{escape(name)}=") for name in layout.names)
        fields = ",".join(_doubled(key) + "%s" for key in keys)
        remarks = "".join(f",{escape(name)}={_value(text)}" for name, text in layout.remarks)
        fixed = _Fixed(head, keys, f"{_doubled(head)}{fields}{_doubled(remarks)} ", remarks)
        self._fixed[layout] = fixed
        return fixed


def _doubled(text: str) -> str:
    """For a text that is filled in by `%`."""
    return text.replace("%", "%%")


def _said(row: EventRow, names: Sequence[str]) -> list[tuple[str, Scalar]]:
    """The event's fields of these names, in this order; an empty text says nothing."""
    given = dict(row.fields)
    return [(name, given.get(name)) for name in names if given.get(name) != ""]


def escape(name: str) -> str:
    r"""A tag key, tag value or field key: comma, equals and space escaped, line breaks made spaces.

    A backslash at the end would escape what follows, and the protocol has no way to write it: it is dropped.
    """
    plain = _BREAKS.sub(" ", name).rstrip("\\")
    return plain.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


def _head(measurement: str, tags: Tags) -> str:
    name = _BREAKS.sub(" ", measurement).rstrip("\\").replace(",", "\\,").replace(" ", "\\ ")
    pairs = sorted((escape(key), escape(value)) for key, value in tags)
    return "".join([name, *(f",{key}={value}" for key, value in pairs if key and value)]) + " "


def _line(measurement: str, tags: Tags, fields: Sequence[tuple[str, Scalar]], at_ns: int) -> str:
    pairs = [f"{escape(name)}={_value(value)}" for name, value in fields if _is_there(value)]
    return f"{_head(measurement, tags)}{','.join(pairs)} {at_ns}"


def _is_there(value: Scalar) -> bool:
    return value is not None and (isinstance(value, str) or math.isfinite(value))


def _value(value: Scalar) -> str:
    """Every number a float and every text a string, so that a field keeps its type for ever."""
    if isinstance(value, str):
        text = _BREAKS.sub(" ", value)[:TEXT_MAX].replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'
    return repr(float(value or 0))

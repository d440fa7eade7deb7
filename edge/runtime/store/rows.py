"""How rows look on disk: text of numbers, flags, events and layouts, and the sums over them. Pure."""

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from edge.core.model import (
    CommandState,
    Event,
    EventKind,
    EventRow,
    Fields,
    Layout,
    Outcome,
    Quality,
    SampleRow,
    Scalar,
    Severity,
    Stream,
)

BODY_BYTES_MAX = 65_536
"""A longer body is not stored: no device and no event has one."""

TEXT_MAX = 4_000
"""Characters of an event's or a refusal's text that are kept."""

ROW_BYTES = 150
"""What a row costs in memory besides its body."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a journal as it is stored; `layout` is 0 for events."""

    seq: int
    at_ns: int
    layout: int
    body: str

    @property
    def size_bytes(self) -> int:
        """About what the row costs in memory."""
        return len(self.body) + ROW_BYTES


@dataclass(frozen=True, slots=True)
class Undated:
    """A row that waits for its true time; `mono_ns` is on the clock of its boot."""

    id: int
    boot: str
    stream: Stream
    mono_ns: int
    layout: int
    body: str


def row_crc(seq: int, at_ns: int, layout: int, body: bytes) -> int:
    """The sum over a journal row."""
    return zlib.crc32(body, zlib.crc32(b"%d,%d,%d," % (seq, at_ns, layout)))


def undated_crc(row: Undated) -> int:
    """The sum over an undated row."""
    return text_crc(f"{row.id},{row.boot},{row.stream},{row.mono_ns},{row.layout},{row.body}")


def text_crc(text: str) -> int:
    """The sum over a text."""
    return zlib.crc32(text.encode())


def sample_body(values: tuple[float | None, ...], flags: tuple[tuple[int, Quality], ...]) -> str:
    """Values as shortest decimal texts, comma-joined, empty where there is none; flags after a bar.

    Every text is valid in JSON and in line protocol: no nan, no infinity, no trailing `.0`.
    """
    text = repr([*values])[1:-1].replace(" ", "").replace(".0,", ",").removesuffix(".0")
    if "n" in text or "u" in text or "l" in text:
        text = ",".join([_number(value) for value in values])
    if not flags:
        return text
    return text + "|" + ",".join([f"{position}:{quality}" for position, quality in flags])


def _number(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return ""
    return repr(float(value)).removesuffix(".0")


def sample_row(row: Row, layouts: Mapping[int, Layout]) -> SampleRow:
    """The stored sample as publishers take it. Raises KeyError where its layout is not known."""
    layout = layouts[row.layout]
    values, _, flags = row.body.partition("|")
    texts = tuple(values.split(",")) if layout.names else ()
    if not flags:
        return SampleRow(row.seq, row.at_ns, layout, texts)
    return SampleRow(row.seq, row.at_ns, layout, texts, tuple(_flag(flag) for flag in flags.split(",")))


def _flag(text: str) -> tuple[int, Quality]:
    position, _, quality = text.partition(":")
    return int(position), Quality(quality)


def event_body(event: Event) -> str:
    """An event as JSON; a text without end is cut, and fields that are too long are left out."""
    fields = [[name, _finite(value)] for name, value in event.fields]
    head = [event.kind, event.subject, event.severity, event.text[:TEXT_MAX]]
    body = json.dumps([*head, fields], ensure_ascii=False, separators=(",", ":"))
    if len(body) > BODY_BYTES_MAX // 4:
        body = json.dumps([*head, []], ensure_ascii=False, separators=(",", ":"))
    return body.encode("utf-8", "replace").decode()


def _finite(value: Scalar) -> Scalar:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def event_row(row: Row) -> EventRow:
    """The stored event as publishers take it."""
    kind, subject, severity, text, fields = json.loads(row.body)
    return EventRow(row.seq, row.at_ns, EventKind(kind), subject, Severity(severity), text, _fields(fields))


def layout_body(layout: Layout) -> str:
    """A layout as JSON; what was read, and has no series, as ever."""
    parts: list[object] = [layout.device, layout.measurement, layout.names, layout.tags]
    if layout.series or layout.remarks:
        parts += [layout.series, layout.remarks]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def layout_of(body: str) -> Layout:
    """The layout that `layout_body` wrote."""
    device, measurement, names, tags, *more = json.loads(body)
    series, remarks = more or ("", ())
    return Layout(
        device,
        measurement,
        tuple(names),
        tuple((name, value) for name, value in tags),
        series,
        tuple((name, text) for name, text in remarks),
    )


def outcome_body(outcome: Outcome | None) -> str:
    """An outcome as JSON; empty for a command that was claimed and of which no outcome is known."""
    if outcome is None:
        return ""
    result = [[name, _finite(value)] for name, value in outcome.result]
    return json.dumps([outcome.state, outcome.reason[:TEXT_MAX], result], ensure_ascii=False)


def outcome_of(command_id: str, body: str) -> Outcome | None:
    """The outcome that `outcome_body` wrote."""
    if not body:
        return None
    state, reason, result = json.loads(body)
    return Outcome(command_id, CommandState(state), reason, _fields(result))


def _fields(pairs: list[tuple[str, Scalar]]) -> Fields:
    return tuple((name, value) for name, value in pairs)

"""Rows to send in tests."""

from edge.core.model import EventKind, EventRow, Layout, SampleRow, Severity

AT_NS = 1_790_000_000_123_456_789

METER = Layout(
    "meter-1", "meter", ("supply_voltage", "active_power"), (("device", "meter-1"), ("gateway", "gw-a"))
)


def sample(seq: int, *values: str, layout: Layout = METER, at_ns: int | None = None) -> SampleRow:
    at_ns = AT_NS + seq * 1_000_000 if at_ns is None else at_ns
    return SampleRow(seq, at_ns, layout, values or ("230.1", "5"))


def event(
    seq: int = 1,
    kind: EventKind = EventKind.DEVICE_LOST,
    severity: Severity = Severity.WARNING,
    text: str = "meter-1 is silent",
    **fields: str | float | bool | None,
) -> EventRow:
    return EventRow(seq, AT_NS, kind, "meter-1", severity, text, tuple(fields.items()))

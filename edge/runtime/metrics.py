"""The status as OpenMetrics 1.0 text. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge.runtime.status import Status

Row = tuple[str, float]
"""A label's value (empty where the family has no label) and the number."""


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: how it is called, its kind, its one label, what it means, and its rows."""

    name: str
    kind: str
    label: str
    text: str
    rows: Callable[[Status], Iterable[Row]]


FAMILIES = (
    Family("uptime_seconds", "gauge", "", "Time since the start.", lambda s: [("", s.uptime_s)]),
    Family("ready", "gauge", "", "1 when polling and storing.", lambda s: [("", s.ready)]),
    Family("clock_set", "gauge", "", "1 when UTC can be believed.", lambda s: [("", s.clock_set)]),
    Family(
        "device_online",
        "gauge",
        "device",
        "1 when the device answers.",
        lambda s: [(d.device, bool(d.online)) for d in s.devices],
    ),
    Family(
        "bus_open", "gauge", "bus", "1 when the line is open.", lambda s: [(b.id, b.open) for b in s.buses]
    ),
    Family(
        "bus_utilisation",
        "gauge",
        "bus",
        "Share of time that the bus is busy.",
        lambda s: [(b.id, b.utilisation) for b in s.buses],
    ),
    Family(
        "bus_requests", "counter", "bus", "Requests sent.", lambda s: [(b.id, b.requests) for b in s.buses]
    ),
    Family(
        "bus_errors",
        "counter",
        "bus",
        "Polls that failed, time-outs aside.",
        lambda s: [(b.id, b.errors) for b in s.buses],
    ),
    Family(
        "bus_timeouts",
        "counter",
        "bus",
        "Polls without an answer.",
        lambda s: [(b.id, b.timeouts) for b in s.buses],
    ),
    Family(
        "bus_skipped",
        "counter",
        "bus",
        "Poll slots skipped because the bus was busy.",
        lambda s: [(b.id, b.skipped) for b in s.buses],
    ),
    Family(
        "bus_silent_units",
        "gauge",
        "bus",
        "Units that do not answer.",
        lambda s: [(b.id, len(b.silent)) for b in s.buses],
    ),
    Family(
        "bus_silent_share",
        "gauge",
        "bus",
        "Share of time lost to silent units.",
        lambda s: [(b.id, b.silent_share) for b in s.buses],
    ),
    Family(
        "target_ok",
        "gauge",
        "target",
        "1 when the target takes data.",
        lambda s: [(t.target, not t.trouble) for t in s.targets],
    ),
    Family(
        "target_delivered",
        "counter",
        "target",
        "Rows delivered with a receipt.",
        lambda s: [(t.target, t.delivered) for t in s.targets],
    ),
    Family(
        "outbox_pending",
        "gauge",
        "target",
        "Rows still owed.",
        lambda s: s.outbox.pending.items(),
    ),
    Family(
        "outbox_dropped",
        "counter",
        "",
        "Rows dropped undelivered by the disk cap.",
        lambda s: [("", s.outbox.dropped)],
    ),
    Family(
        "outbox_quarantined",
        "gauge",
        "",
        "Rows that a target refused for ever.",
        lambda s: [("", s.outbox.quarantined)],
    ),
    Family("store_bytes", "gauge", "", "Size of the store.", lambda s: [("", s.outbox.bytes)]),
    Family(
        "store_written_bytes",
        "counter",
        "",
        "Bytes written to the card.",
        lambda s: [("", s.outbox.bytes_written)],
    ),
    Family("store_values", "counter", "", "Values stored.", lambda s: [("", s.outbox.values)]),
)


def metrics_text(status: Status) -> str:
    """The exposition of all families, ended as OpenMetrics wants."""
    return "".join(_exposition(family, status) for family in FAMILIES) + "# EOF\n"


def _exposition(family: Family, status: Status) -> str:
    name = f"gianh_{family.name}"
    total = f"{name}_total" if family.kind == "counter" else name
    lines = [f"# TYPE {name} {family.kind}", f"# HELP {name} {family.text}"]
    for label, value in family.rows(status):
        labels = f'{{{family.label}="{_escaped(label)}"}}' if family.label else ""
        lines.append(f"{total}{labels} {float(value):.15g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

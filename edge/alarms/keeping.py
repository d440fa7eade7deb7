"""Alarms as the small memory keeps them over a restart: in a fixed number of keys, a few alarms in each."""

import json
import zlib
from collections.abc import Iterable

from edge.core.alarms import Acknowledgement, Alarm, AlarmKind
from edge.core.model import Severity
from edge.core.ports import Memory

BUCKETS = 64
"""So many keys hold all alarms; one change writes one of them."""


def bucket_of(alarm: str) -> int:
    """In which of the keys an alarm is kept."""
    return zlib.crc32(alarm.encode()) % BUCKETS


def keep(memory: Memory, bucket: int, alarms: Iterable[Alarm]) -> None:
    """Keep these alarms, which are all of the bucket."""
    memory.remember(_key(bucket), json.dumps([_row(alarm) for alarm in alarms], ensure_ascii=False))


def kept(memory: Memory) -> list[Alarm]:
    """All alarms that were kept; what cannot be read any more is left out."""
    found: list[Alarm] = []
    for bucket in range(BUCKETS):
        try:
            rows = json.loads(memory.recall(_key(bucket)) or "[]")
            found += [_alarm(*row) for row in rows]
        except (ValueError, TypeError):
            continue
    return found


def _key(bucket: int) -> str:
    return f"alarms/{bucket}"


def _row(alarm: Alarm) -> list[object]:
    said = alarm.acknowledged
    return [
        alarm.id,
        alarm.kind.value,
        alarm.device,
        alarm.severity.value,
        alarm.text,
        alarm.at_ns,
        alarm.value,
        None if said is None else [said.by, said.note, said.at_ns],
    ]


def _alarm(
    name: str,
    kind: str,
    device: str,
    severity: str,
    text: str,
    at_ns: int | None,
    value: float | None,
    said: tuple[str, str, int | None] | None,
) -> Alarm:
    acknowledged = None if said is None else Acknowledgement(*said)
    return Alarm(name, AlarmKind(kind), device, Severity(severity), text, at_ns, value, acknowledged)

"""What events say of buses, targets and the store, as findings. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from edge.core.alarms import AlarmKind, Finding, Sign
from edge.core.model import Event, EventKind

_SAYS: Mapping[EventKind, tuple[tuple[AlarmKind, Sign], ...]] = MappingProxyType(
    {
        EventKind.BUS_LOST: ((AlarmKind.BUS_LOST, Sign.TROUBLE),),
        EventKind.BUS_BACK: ((AlarmKind.BUS_LOST, Sign.WELL),),
        EventKind.TARGET_LOST: ((AlarmKind.TARGET_LOST, Sign.TROUBLE),),
        EventKind.TARGET_REFUSES: ((AlarmKind.TARGET_REFUSES, Sign.TROUBLE),),
        EventKind.TARGET_BACK: ((AlarmKind.TARGET_LOST, Sign.WELL), (AlarmKind.TARGET_REFUSES, Sign.WELL)),
        EventKind.STORE_TROUBLE: ((AlarmKind.STORE_TROUBLE, Sign.TROUBLE),),
        EventKind.STORE_RECOVERED: ((AlarmKind.STORE_TROUBLE, Sign.WELL),),
    }
)

FROM_EVENTS = frozenset(kind for says in _SAYS.values() for kind, _ in says)
"""Alarms that only events raise: after a restart they count as well until an event says otherwise."""


def findings_of(event: Event) -> tuple[Finding, ...]:
    """What an event says of alarms; nothing for most."""
    return tuple(
        Finding(kind, event.subject, sign, None, event.text) for kind, sign in _SAYS.get(event.kind, ())
    )

"""One session, as it is known between two records; and as it lies in memory and on disk: packed. Pure.

A hundred thousand of them as objects would cost a small gateway its memory.
"""

from dataclasses import dataclass
from enum import IntFlag, StrEnum
from struct import Struct

from edge.core.errors import ProtocolError
from edge.wifi.counters import Totals


class Ending(StrEnum):
    """How a session ended: by Acct-Terminate-Cause in groups, or by our own rules (the last three)."""

    USER = "user"
    SIGNAL = "signal"
    IDLE = "idle"
    TIME = "time"
    OTHER = "other"
    REBOOT = "reboot"
    SILENT = "silent"
    LOST = "lost"


ENDINGS = tuple(Ending)
OWN = frozenset((Ending.REBOOT, Ending.SILENT, Ending.LOST))
"""Endings that nobody told: the session goes on if it is heard of again."""

_GROUPS = {
    "user_request": Ending.USER,
    "host_request": Ending.USER,
    "lost_carrier": Ending.SIGNAL,
    "lost_service": Ending.SIGNAL,
    "lost_power": Ending.SIGNAL,
    "idle_timeout": Ending.IDLE,
    "session_timeout": Ending.TIME,
}


def ending_of(cause: str) -> Ending:
    """The group of a cause by its name."""
    return _GROUPS.get(cause, Ending.OTHER)


class Mark(IntFlag):
    """What else is known of a session."""

    NONE = 0
    WIDE = 1
    BEGUN = 2
    """Its start record was heard."""
    OVER = 4


@dataclass(slots=True)
class Session:
    """What is known of a session; a working copy while a record is taken in.

    `slot` is its number in the order of coming. Times are UTC; `last_ns` is when the newest record happened,
    `heard_ns` when we heard or closed it; `device_day` the local day on which its device was counted.
    """

    session: int
    nas: int
    slot: int
    hotspot: str
    start_ns: int
    last_ns: int
    heard_ns: int
    ended_ns: int = 0
    session_s: int = 0
    up: int = 0
    down: int = 0
    device_day: int = 0
    marks: Mark = Mark.NONE
    ending: Ending = Ending.OTHER

    @property
    def totals(self) -> Totals:
        """Its counters."""
        return Totals(self.up, self.down, bool(self.marks & Mark.WIDE))

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return bool(self.marks & Mark.OVER)

    @property
    def dwell_s(self) -> int:
        """How long it was, of one that is over."""
        return max(0, self.ended_ns - self.start_ns) // 1_000_000_000


_HEAD = Struct("<QQQqqqqIQQIBB")
_ONE_TIME, _ONE_HASH = Struct("<q"), Struct("<Q")
_NAS_AT, _START_AT, _HEARD_AT = 8, 24, 40


def pack(of: Session) -> bytes:
    """A session as bytes."""
    return (
        _HEAD.pack(
            of.session,
            of.nas,
            of.slot,
            of.start_ns,
            of.last_ns,
            of.heard_ns,
            of.ended_ns,
            min(of.session_s, 0xFFFF_FFFF),
            of.up,
            of.down,
            of.device_day,
            of.marks,
            ENDINGS.index(of.ending),
        )
        + of.hotspot.encode()
    )


def unpack(body: bytes) -> Session:
    """The session in bytes that `pack` made. Raises ProtocolError for others, of a later version."""
    if len(body) <= _HEAD.size:
        raise ProtocolError("a kept session is too short")
    session, nas, slot, start, last, heard, ended, session_s, up, down, day, marks, ending = (
        _HEAD.unpack_from(body)
    )
    if ending >= len(ENDINGS):
        raise ProtocolError("a kept session ended in a way that nobody knows")
    return Session(
        session=session,
        nas=nas,
        slot=slot,
        hotspot=body[_HEAD.size :].decode(),
        start_ns=start,
        last_ns=last,
        heard_ns=heard,
        ended_ns=ended,
        session_s=session_s,
        up=up,
        down=down,
        device_day=day,
        marks=Mark(marks),
        ending=ENDINGS[ending],
    )


def heard_ns(body: bytes) -> int:
    """When a packed session was heard of last, without taking it apart."""
    found: int = _ONE_TIME.unpack_from(body, _HEARD_AT)[0]
    return found


def start_ns(body: bytes) -> int:
    """When a packed session began."""
    found: int = _ONE_TIME.unpack_from(body, _START_AT)[0]
    return found


def nas_of(body: bytes) -> int:
    """The box that told of a packed session."""
    found: int = _ONE_HASH.unpack_from(body, _NAS_AT)[0]
    return found

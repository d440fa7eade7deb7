"""All sessions that are open, and those that were closed not long ago: what each record changes. Pure.

Totals of a session only grow, so that a record which is not newer than what is known adds nothing: duplicates
and records out of order change neither count nor volume. A session that was closed by a rule of ours goes on
as if nothing had been, once it is heard of again.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol

from edge.core.errors import ProtocolError
from edge.core.wifi import Accounting, AccountingKind, KeptRow, Taken
from edge.wifi.counters import Totals, growth
from edge.wifi.days import SECOND_NS
from edge.wifi.kept import SESSION
from edge.wifi.session import (
    OWN,
    Ending,
    Mark,
    Session,
    ending_of,
    heard_ns,
    nas_of,
    pack,
    start_ns,
    unpack,
)

SILENT_INTERVALS = 3
"""A session is over once its sender has said nothing of it for so many of its intervals."""

REMEMBERED_S = 86_400
"""So long a closed session is known, so that nothing of it is counted again."""

SAME_S = 1
"""Times of records are whole seconds."""

AT_ONCE = 2_000
"""Most sessions that are closed or forgotten at once, so that nobody waits for it."""

INTERIM_S = 600
"""The interval of a client that is not configured any more."""


class Sink(Protocol):
    """Who counts. `times` is -1 where something is taken back."""

    def began(self, hotspot: str, at_ns: int, times: int = 1) -> None:
        """A session began."""

    def ended(self, hotspot: str, at_ns: int, ending: Ending, dwell_s: int, times: int = 1) -> None:
        """A session ended."""

    def roamed(self, old: str, new: str, at_ns: int) -> None:
        """A session went from one access point to another."""

    def moved(self, hotspot: str, from_ns: int, to_ns: int, up: int, down: int) -> None:
        """So many bytes were carried between two moments."""

    def seen(self, hotspot: str, at_ns: int, device: int, counted_day: int) -> int:
        """A device was there; gives the day on which it is now counted."""


class Sessions:
    """The table of sessions. `interim_s` by client; more than `open_max` open ones are not followed."""

    def __init__(self, sink: Sink, interim_s: Mapping[str, int], open_max: int) -> None:
        self._sink = sink
        self.interim_s, self.open_max = interim_s, open_max
        self._open: dict[str, dict[int, bytes]] = {}
        self._closed: dict[tuple[str, int], bytes] = {}
        self._boots: dict[tuple[str, int, str], int] = {}
        self._slot = 0
        self._rows: dict[tuple[str, int], bytes | None] = {}
        self._horizon_ns = 0
        self._listening_ns = 0
        self.open_count = 0
        self.unfollowed = 0

    def restore(self, rows: Iterable[KeptRow], now_ns: int) -> Iterator[Session]:
        """Take in what was kept; gives the open ones. Silence counts from now: before, nobody listened."""
        self._listening_ns = now_ns
        for row in sorted(rows, key=_heard_of):
            try:
                session = unpack(row.body)
            except (ProtocolError, UnicodeDecodeError):
                continue
            self._slot = max(self._slot, session.slot)
            self._open.setdefault(row.place, {})
            if session.is_over:
                self._closed[row.place, session.session] = row.body
            else:
                self._open[row.place][session.session] = row.body
                self.open_count += 1
                yield session

    def rows(self) -> tuple[list[KeptRow], list[tuple[int, int, str, int]]]:
        """What changed since the last call: rows to keep, and keys of those to let go."""
        changed, self._rows = self._rows, {}
        keep = [
            KeptRow(SESSION, 0, client, slot, body)
            for (client, slot), body in changed.items()
            if body is not None
        ]
        drop = [(SESSION, 0, client, slot) for (client, slot), body in changed.items() if body is None]
        return keep, drop

    @property
    def closed_count(self) -> int:
        """Sessions that are over and still known."""
        return len(self._closed)

    def knows(self, session: int) -> bool:
        """Whether a session's hash is known."""
        return any(session in of for of in self._open.values()) or any(
            (client, session) in self._closed for client in self._open
        )

    def knows_before(self, utc_ns: int) -> bool:
        """Whether any that is known began before a moment."""
        tables: list[dict[Any, bytes]] = [self._closed, *self._open.values()]
        return any(start_ns(body) < utc_ns for table in tables for body in table.values())

    def take(self, record: Accounting, at_ns: int, now_ns: int) -> Taken:
        """One record that happened at `at_ns` and came at `now_ns` (UTC)."""
        if record.kind in (AccountingKind.ON, AccountingKind.OFF):
            return self._reboot(record, at_ns, now_ns)
        opened = self._open.setdefault(record.client, {}).get(record.session)
        if opened is not None:
            return self._go_on(unpack(opened), record, at_ns, now_ns)
        closed = self._closed.get((record.client, record.session))
        if closed is not None:
            return self._after(unpack(closed), record, at_ns, now_ns)
        return self._begin(record, at_ns, now_ns)

    def _begin(self, record: Accounting, at_ns: int, now_ns: int) -> Taken:
        """A session that nobody knows: its start, or what came although its start was lost."""
        is_stop = record.kind is AccountingKind.STOP
        if at_ns < max(self._horizon_ns, now_ns - REMEMBERED_S * SECOND_NS):
            return Taken.LATE
        if self.open_count >= self.open_max and not is_stop:
            self.unfollowed += 1
            return Taken.COUNTED
        self._slot += 1
        known_s = min(record.session_s, REMEMBERED_S)
        start_ns = at_ns - known_s * SECOND_NS
        begun = Mark.BEGUN if record.kind is AccountingKind.START else Mark.NONE
        session = Session(
            session=record.session,
            nas=record.nas,
            slot=self._slot,
            hotspot=record.access_point,
            start_ns=start_ns,
            last_ns=start_ns,
            heard_ns=now_ns,
            marks=begun,
        )
        self._sink.began(session.hotspot, start_ns)
        self.open_count += 1
        carried = growth(Totals(0, 0, True), _totals(record), record.session_s)
        # Of a session that is older than anybody remembers, only the share of its last day.
        share = (known_s, record.session_s) if record.session_s else (1, 1)
        up, down = (grown * share[0] // share[1] for grown in (carried.up, carried.down))
        self._carry(session, record, at_ns, up, down)
        # What cannot be true of a first record is the level from which the next one is counted.
        session.up, session.down = record.bytes_up, record.bytes_down
        session.marks |= Mark.WIDE if record.wide and (record.bytes_up or record.bytes_down) else Mark.NONE
        if is_stop:
            return self._end(session, record.client, at_ns, ending_of(record.cause), now_ns)
        self._put_open(record.client, session)
        return Taken.COUNTED

    def _go_on(self, session: Session, record: Accounting, at_ns: int, now_ns: int) -> Taken:
        """A record of a session that is open."""
        if record.kind is AccountingKind.START:
            return self._start_again(session, record, at_ns, now_ns)
        is_stop = record.kind is AccountingKind.STOP
        newer = _newer(session, record, at_ns)
        if newer == 0 and (record.bytes_up < session.up or record.bytes_down < session.down):
            newer = -1
        if newer < 0 and not is_stop:
            return Taken.LATE
        same = newer == 0 and (record.bytes_up, record.bytes_down) == (session.up, session.down)
        if same and not is_stop:
            self._heard(session, record, at_ns, now_ns)
            return Taken.DUPLICATE
        if newer >= 0:
            self._grow(session, record, at_ns)
        session.heard_ns = now_ns
        if is_stop:
            return self._end(
                session, record.client, max(at_ns, session.start_ns), ending_of(record.cause), now_ns
            )
        self._put_open(record.client, session)
        return Taken.COUNTED

    def _heard(self, session: Session, record: Accounting, at_ns: int, now_ns: int) -> None:
        """A repeated record shows at least that its session is there, if it happened later."""
        if at_ns > session.last_ns:
            session.last_ns, session.heard_ns = at_ns, now_ns
            self._put_open(record.client, session)

    def _grow(self, session: Session, record: Accounting, at_ns: int) -> None:
        elapsed_s: float = record.session_s - session.session_s
        if not record.session_s:
            elapsed_s = (at_ns - session.last_ns) / SECOND_NS
        grown = growth(session.totals, _totals(record), elapsed_s)
        if record.access_point != session.hotspot:
            self._sink.roamed(session.hotspot, record.access_point, at_ns)
            session.hotspot, session.device_day = record.access_point, 0
        self._carry(session, record, at_ns, grown.up, grown.down)
        session.up, session.down = grown.believed.up, grown.believed.down
        if grown.believed.wide:
            session.marks |= Mark.WIDE

    def _carry(self, session: Session, record: Accounting, at_ns: int, up: int, down: int) -> None:
        """Bytes since the newest record, and the device that they were for."""
        if up or down:
            self._sink.moved(session.hotspot, min(session.last_ns, at_ns), at_ns, up, down)
        if record.device:
            session.device_day = self._sink.seen(session.hotspot, at_ns, record.device, session.device_day)
        session.last_ns = max(session.last_ns, at_ns)
        session.session_s = max(session.session_s, record.session_s)

    def _start_again(self, session: Session, record: Accounting, at_ns: int, now_ns: int) -> Taken:
        """A start of a session that is open: late, twice, or of another one with the same id."""
        begun = session.marks & Mark.BEGUN
        if begun and session.session_s and at_ns > session.last_ns + SAME_S * SECOND_NS:
            self._end(session, record.client, session.last_ns, Ending.LOST, now_ns)
            self._let_go(record.client, session)
            return self._begin(record, at_ns, now_ns)
        if begun:
            return Taken.DUPLICATE
        self._begun(session, at_ns)
        self._put_open(record.client, session)
        return Taken.COUNTED

    def _begun(self, session: Session, at_ns: int) -> None:
        """The start has come at last: it knows best when that was."""
        session.marks |= Mark.BEGUN
        if at_ns < session.start_ns:
            self._sink.began(session.hotspot, session.start_ns, -1)
            self._sink.began(session.hotspot, at_ns)
            session.start_ns = at_ns

    def _after(self, session: Session, record: Accounting, at_ns: int, now_ns: int) -> Taken:
        """A record of a session that is over."""
        is_start = record.kind is AccountingKind.START
        if is_start and session.marks & Mark.BEGUN:
            if at_ns <= session.ended_ns + SAME_S * SECOND_NS:
                return Taken.DUPLICATE
            self._let_go(record.client, session)
            return self._begin(record, at_ns, now_ns)
        if is_start:
            session.marks |= Mark.BEGUN
            self._put_closed(record.client, session)
            return Taken.LATE
        if session.ending not in OWN:
            return Taken.DUPLICATE if record.kind is AccountingKind.STOP else Taken.LATE
        if _newer(session, record, at_ns) < 0 or (
            record.kind is AccountingKind.INTERIM and at_ns <= session.last_ns
        ):
            return Taken.LATE
        ended_ns, ending = session.ended_ns, session.ending
        self._reopen(record.client, session)
        taken = self._go_on(session, record, at_ns, now_ns)
        if not session.is_over and at_ns < ended_ns:
            # It tells of the time before its access point rebooted.
            self._end(session, record.client, ended_ns, ending, now_ns)
        return taken

    def _reopen(self, client: str, session: Session) -> None:
        self._sink.ended(session.hotspot, session.ended_ns, session.ending, session.dwell_s, -1)
        session.marks &= ~Mark.OVER
        session.ended_ns = 0
        del self._closed[client, session.session]
        self.open_count += 1

    def _reboot(self, record: Accounting, at_ns: int, now_ns: int) -> Taken:
        """The access point begins or ends to account: its sessions are over (RFC 2866 section 5.1)."""
        boot = (record.client, record.nas, record.access_point if not record.nas else "")
        if at_ns <= self._boots.get(boot, 0):
            return Taken.DUPLICATE
        self._boots[boot] = at_ns
        silent_ns = SILENT_INTERVALS * self._interim_s(record.client) * SECOND_NS
        for body in list(self._open.get(record.client, {}).values()):
            if record.nas and nas_of(body) != record.nas:
                continue
            session = unpack(body)
            mine = session.nas == record.nas if record.nas else session.hotspot == record.access_point
            if mine and session.last_ns < at_ns:
                end_ns = at_ns if at_ns - session.last_ns <= silent_ns else session.last_ns
                self._end(session, record.client, end_ns, Ending.REBOOT, now_ns)
        return Taken.COUNTED

    def close_silent(self, now_ns: int) -> int:
        """Close some of what nobody told of for too long, at the last word that there was; says how many."""
        count = 0
        for client, opened in self._open.items():
            before_ns = now_ns - SILENT_INTERVALS * self._interim_s(client) * SECOND_NS
            if self._listening_ns > before_ns:
                continue
            for body in list(islice(_until(opened.values(), before_ns), AT_ONCE)):
                session = unpack(body)
                self._end(session, client, session.last_ns, Ending.SILENT, now_ns)
                count += 1
        return count

    def forget(self, now_ns: int) -> None:
        """Let go of sessions that were closed long ago, and of the oldest where there are too many."""
        old = list(islice(_until(self._closed.values(), now_ns - REMEMBERED_S * SECOND_NS), AT_ONCE))
        excess = len(self._closed) - self.open_max
        keys = list(islice(self._closed, max(len(old), min(excess, AT_ONCE))))
        for client, session in keys:
            body = self._closed[client, session]
            if len(keys) > len(old):
                self._horizon_ns = max(self._horizon_ns, unpack(body).ended_ns)
            self._let_go(client, unpack(body))

    def _interim_s(self, client: str) -> int:
        return self.interim_s.get(client, INTERIM_S)

    def _end(self, session: Session, client: str, at_ns: int, ending: Ending, now_ns: int) -> Taken:
        session.ended_ns, session.heard_ns, session.ending = at_ns, now_ns, ending
        session.marks |= Mark.OVER
        self._open.get(client, {}).pop(session.session, None)
        self.open_count -= 1
        self._sink.ended(session.hotspot, at_ns, ending, session.dwell_s)
        self._put_closed(client, session)
        return Taken.COUNTED

    def _put_open(self, client: str, session: Session) -> None:
        """The newest heard stands last."""
        opened = self._open.setdefault(client, {})
        opened.pop(session.session, None)
        opened[session.session] = self._rows[client, session.slot] = pack(session)

    def _put_closed(self, client: str, session: Session) -> None:
        self._closed[client, session.session] = self._rows[client, session.slot] = pack(session)

    def _let_go(self, client: str, session: Session) -> None:
        self._closed.pop((client, session.session), None)
        self._rows[client, session.slot] = None


def _totals(record: Accounting) -> Totals:
    return Totals(record.bytes_up, record.bytes_down, record.wide)


def _newer(session: Session, record: Accounting, at_ns: int) -> int:
    """1, 0 or -1: by the sender's own count of seconds where it has one, else by when it happened."""
    if record.session_s or session.session_s:
        return (record.session_s > session.session_s) - (record.session_s < session.session_s)
    return (at_ns > session.last_ns) - (at_ns < session.last_ns)


def _heard_of(row: KeptRow) -> int:
    try:
        return heard_ns(row.body)
    except struct.error:
        return 0


def _until(bodies: Iterable[bytes], before_ns: int) -> Iterator[bytes]:
    for body in bodies:
        if heard_ns(body) >= before_ns:
            return
        yield body


__all__ = ["INTERIM_S", "REMEMBERED_S", "SILENT_INTERVALS", "Sessions", "Sink"]

"""Keeps the audit log safe: brings it to the disk, and keeps and tells, elsewhere, where it ends."""

import asyncio
import logging
from datetime import date, datetime
from zoneinfo import ZoneInfo

from edge.core.audit import Head, keep_head, kept_head
from edge.core.errors import GianhError
from edge.core.model import Event, EventKind, Fields, Severity
from edge.core.ports import Aside, Clock, Memory, Report
from edge.core.sayings import say
from edge.lighting.audit import AuditFile
from edge.lighting.chain import CUT, START, lost_since

log = logging.getLogger(__name__)

LOOK_S = 60.0
"""How often it is looked whether a checkpoint is due."""

TELL_NS = 3_600 * 1_000_000_000
"""How long the centre goes without a checkpoint while there is something new."""


class AuditKeeper:
    """Implements Service. The head that it keeps and tells is always on the disk before.

    `aside` is the store's thread: a card may take a second for a sync, and the buses must not wait.
    `subject` is the gateway; `zone` says when a day changes.
    """

    name = "audit"

    def __init__(
        self,
        file: AuditFile,
        aside: Aside,
        memory: Memory,
        report: Report,
        clock: Clock,
        subject: str,
        zone: ZoneInfo,
    ) -> None:
        self._file, self._aside, self._memory = file, aside, memory
        self._report, self._clock, self._subject, self._zone = report, clock, subject, zone
        self._unsynced = asyncio.Event()
        self._safe = START
        self._told: Head | None = None
        self._told_ns, self._told_day = 0, self._day()
        file.wrote = self._unsynced.set

    async def run(self) -> None:
        """Run until cancelled; at the end everything is on the disk, and the centre knows where it ends."""
        self._file.stay_open()
        try:
            self._look_back()
            await self._sync()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_syncing(), name="audit sync")
                group.create_task(self._keep_telling(), name="audit tell")
        finally:
            self._finish()

    def _look_back(self) -> None:
        """Tell if the log is not what it was when the gateway stopped."""
        head = kept_head(self._memory)
        if head is None or not (lost := lost_since(self._file.directory, head)):
            return
        log.error("audit log: %s; the last known was %s", lost, head)
        now = self._clock.stamp()
        kept: Fields = (("expected", head.count), ("expected_hash", head.hash), ("reason", lost))
        self._file.write(CUT, (("at_ns", now.utc_ns), ("mono_ns", now.mono_ns), *kept))
        text = say("log_cut", why=lost)
        self._report(Event(now, EventKind.AUDIT_BROKEN, self._subject, Severity.ALARM, text, kept))

    async def _keep_syncing(self) -> None:
        while True:
            await self._unsynced.wait()
            await self._sync()

    async def _sync(self) -> None:
        self._unsynced.clear()
        head = self._file.head
        try:
            await self._aside(self._file.sync)
        except (OSError, GianhError) as error:  # the next write tries again, and says what the disk lacks
            log.debug("audit log: not synced: %s", error)
        else:
            self._keep(head)

    def _keep(self, head: Head) -> None:
        self._safe = head
        if head.count:
            keep_head(self._memory, head)

    async def _keep_telling(self) -> None:
        while True:
            if self._is_due():
                self._tell()
            await self._clock.sleep(LOOK_S / self._clock.rate)

    def _is_due(self) -> bool:
        if not self._safe.count:
            return False
        if self._told is None or self._day() != self._told_day:
            return True
        passed_ns = (self._clock.mono_ns() - self._told_ns) * self._clock.rate
        return self._safe != self._told and passed_ns >= TELL_NS

    def _tell(self) -> None:
        now, head = self._clock.stamp(), self._safe
        self._told, self._told_ns, self._told_day = head, now.mono_ns, self._day()
        fields: Fields = (("entries", head.count), ("hash", head.hash))
        text = say("log_stands", entries=head.count, hash=head.hash)
        self._report(Event(now, EventKind.AUDIT_CHECKPOINT, self._subject, Severity.INFO, text, fields))

    def _day(self) -> date | None:
        utc_ns = self._clock.stamp().utc_ns
        return None if utc_ns is None else datetime.fromtimestamp(utc_ns / 1e9, self._zone).date()

    def _finish(self) -> None:
        head = self._file.head
        try:
            self._file.close()
        except OSError as error:
            log.debug("audit log: not synced: %s", error)
            return
        self._keep(head)
        if head.count and head != self._told:
            self._tell()

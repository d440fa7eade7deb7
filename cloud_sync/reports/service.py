"""Makes the data files of one [[data_file]] at their time, and sends them, the oldest first."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cloud_sync.reports.data_file import (
    data_file,
    ends_of,
    file_name,
    folder_of,
    from_moment,
    last_end,
    moment,
    moment_of,
    points_of,
    span_of,
)
from cloud_sync.reports.sending import Sender
from cloud_sync.reports.spool import Dropped, Spool
from cloud_sync.reports.state import State, folder_in, read_state, write_state
from edge.config.air import DATA_FILES_MAX, DataFile, TransferKind
from edge.core.air import Mean, MeanStore
from edge.core.backoff import Backoff, Chance
from edge.core.errors import GianhError, PermanentError, TransientError
from edge.core.model import Event, EventKind, Fields, Severity
from edge.core.ports import Aside, Clock, Report
from edge.core.sayings import say
from edge.core.times import SECOND_NS, rfc3339_ms

log = logging.getLogger(__name__)

RETRY = Backoff(first_s=5.0, cap_s=300.0, floor=0.2)
"""Waits while the receiver cannot be reached."""

SLOW_RETRY = Backoff(first_s=30.0, cap_s=900.0, floor=0.5)
"""Waits while it refuses us, and while our own disk takes nothing."""

SETTLE_S = 10
"""So long after its interval a file is made at the earliest: the means are worked out first. Monotonic."""

PATIENCE_S = 120
"""So long after its interval, or after the start, means that are not there are waited for. Monotonic."""

LOOK_S = 30.0
"""The clock may be stepped: so often it is looked at."""

DAY_NS = 86_400 * SECOND_NS


@dataclass(frozen=True, slots=True)
class FileParts:
    """What the files use of the gateway; `points` gives those that a station can have."""

    store: MeanStore
    aside: Aside
    report: Report
    clock: Clock
    data_dir: Path
    points: Callable[[str], Sequence[str]]
    chance: Chance = random.random


class DataFiles:
    """Implements Service for one [[data_file]].

    Where the newest file is, making goes on after a restart: so what an outage left out is made up from the
    kept means. For a time that is past at the start and has no means at all, no file is made.
    """

    def __init__(self, settings: DataFile, parts: FileParts, sender: Sender) -> None:
        self.name = f"data file {settings.id}"
        self._settings, self._parts, self._clock, self._sender = settings, parts, parts.clock, sender
        self._folder = folder_in(parts.data_dir, settings.id)
        self._spool = Spool(self._folder, DATA_FILES_MAX, settings.bytes_max)
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._state = read_state(self._folder)
        self._told: type[GianhError] | None = None
        self._disk_trouble = False
        self._confirmed: set[str] = set()
        self._began_ns = self._made_ns = 0

    async def run(self) -> None:
        """Run until cancelled."""
        await self._begin()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._make_all(), name=f"{self.name} made")
                group.create_task(self._send_all(), name=f"{self.name} sent")
        finally:
            await self._sender.close()

    async def _begin(self) -> None:
        failures = 0
        while not await self._on_disk(self._spool.open):
            failures += 1
            await self._clock.sleep(SLOW_RETRY.wait_s(failures, self._parts.chance))

    async def _make_all(self) -> None:
        failures = 0
        while True:
            wait_s = 1.0
            if self._clock.is_set():
                try:
                    wait_s = await self._make_due()
                    failures = 0
                except GianhError as error:
                    failures += 1
                    wait_s = SLOW_RETRY.wait_s(failures, self._parts.chance)
                    log.warning("%s: no file could be made: %s", self.name, error)
            await self._clock.sleep(wait_s)

    async def _make_due(self) -> float:
        """Make every file whose time has come; says how long nothing is to be done."""
        self._find_place(self._clock.utc_ns())
        interval_ns = self._settings.interval_s * SECOND_NS
        while True:
            end_ns = self._made_ns + interval_ns
            ready_ns = end_ns + self._span_ns(SETTLE_S)
            if (wait_ns := ready_ns - self._clock.utc_ns()) > 0:
                return min(LOOK_S, wait_ns / SECOND_NS / self._clock.rate)
            if not await self._make(end_ns):
                return 1.0
            self._made_ns = end_ns

    def _find_place(self, now_ns: int) -> None:
        """Go on behind the newest file; from now on where there is none, or where it lies in the future."""
        if self._began_ns and self._made_ns <= now_ns + DAY_NS:
            return
        self._began_ns = now_ns
        self._made_ns = last_end(self._settings, now_ns)
        newest = self._spool.newest
        if newest is None:
            return
        made_ns = from_moment(moment_of(newest))
        if made_ns > now_ns + DAY_NS:
            log.warning("%s: %s is of the future and is passed over", self.name, newest)
            return
        oldest_ns = last_end(self._settings, now_ns - self._settings.keep_days * DAY_NS)
        self._made_ns = max(oldest_ns, last_end(self._settings, made_ns))

    async def _make(self, end_ns: int) -> bool:
        """Make one file, or see that there is to be none; False where its means are still waited for."""
        settings, name = self._settings, file_name(self._settings, end_ns)
        if self._spool.has(name):
            return True
        after_ns = end_ns - settings.interval_s * SECOND_NS
        means = await self._parts.store.means(settings.station, span_of(settings), after_ns, end_ns)
        is_past = end_ns <= self._began_ns
        patient_ns = max(end_ns, self._began_ns) + self._span_ns(PATIENCE_S)
        if not self._is_whole(end_ns, means) and self._clock.utc_ns() < patient_ns:
            return False
        points = points_of(settings, self._parts.points(settings.station))
        text = data_file(settings, points, means, end_ns)
        if (is_past and not means) or not text:
            return True
        if not await self._on_disk(lambda: self._spool.put(name, text.encode())):
            raise TransientError(say("file_not_written", file=name))
        await self._trim(end_ns)
        self._news.set()
        return True

    def _span_ns(self, seconds: float) -> int:
        return round(seconds * self._clock.rate * SECOND_NS)

    def _is_whole(self, end_ns: int, means: Sequence[Mean]) -> bool:
        return {mean.end_ns for mean in means}.issuperset(ends_of(self._settings, end_ns))

    async def _trim(self, now_ns: int) -> None:
        dropped = Dropped(0, "", "")

        def trim() -> None:
            nonlocal dropped
            dropped = self._spool.trim(moment(now_ns - self._settings.keep_days * DAY_NS))

        await self._on_disk(trim)
        if dropped.count:
            await self._keep_state(replace(self._state, dropped=self._state.dropped + dropped.count))
            self._tell_dropped(dropped)

    def _tell_dropped(self, dropped: Dropped) -> None:
        reason = "they are older than keep_days, or there is no more room for them"
        fields: Fields = (
            ("target", self._settings.id),
            ("stream", "data_file"),
            ("from", rfc3339_ms(from_moment(dropped.first))),
            ("to", rfc3339_ms(from_moment(dropped.last))),
            ("count", dropped.count),
            ("reason", reason),
        )
        text = say("files_dropped", count=dropped.count, target=self._settings.id, why=reason)
        self._tell(EventKind.GAP, Severity.ALARM, text, fields)

    async def _send_all(self) -> None:
        failures = 0
        while True:
            self._news.clear()
            name = self._spool.oldest
            if name is None:
                await self._sender.close()
                await self._news.wait()
                continue
            try:
                await self._send(name)
                failures = 0
            except GianhError as error:
                await self._sender.close()
                failures += 1
                retry = SLOW_RETRY if isinstance(error, PermanentError) else RETRY
                await self._clock.sleep(retry.wait_s(failures, self._parts.chance))

    async def _send(self, name: str) -> None:
        if name not in self._confirmed:
            content: bytes | None = None

            def read() -> None:
                nonlocal content
                content = self._spool.read(name)

            if not await self._on_disk(read):
                raise TransientError(say("file_unread", file=name))
            if content is None:
                return
            try:
                await self._sender.send(folder_of(self._settings, name), name, content)
            except GianhError as error:
                await self._troubled(error)
                raise
            self._confirmed.add(name)
            await self._recovered()
        if not await self._on_disk(lambda: self._spool.mark_sent(name)):
            raise TransientError(say("not_marked", file=name))
        self._confirmed.discard(name)

    async def _on_disk(self, change: Callable[[], None]) -> bool:
        """Change something on disk, by the store's thread; False where the disk does not take it."""
        async with self._turn:
            try:
                await self._parts.aside(change)
            except OSError as error:
                if not self._disk_trouble:
                    text = say(
                        "files_not_kept", target=self._settings.id, folder=self._folder, why=error.strerror
                    )
                    self._tell(EventKind.STORE_TROUBLE, Severity.ALARM, text)
                self._disk_trouble = True
                return False
        if self._disk_trouble:
            self._tell(EventKind.STORE_RECOVERED, Severity.INFO, say("files_kept", target=self._settings.id))
        self._disk_trouble = False
        return True

    async def _troubled(self, error: GianhError) -> None:
        refuses = isinstance(error, PermanentError)
        kind = PermanentError if refuses else TransientError
        if self._told is not kind:
            if refuses:
                self._tell(EventKind.TARGET_REFUSES, Severity.ALARM, str(error))
            else:
                self._tell(EventKind.TARGET_LOST, Severity.WARNING, str(error))
        self._told = kind
        since_ns = self._state.since_ns if self._state.trouble else self._clock.utc_ns()
        await self._keep_state(replace(self._state, trouble=str(error), refused=refuses, since_ns=since_ns))

    async def _recovered(self) -> None:
        if self._told is not None:
            self._tell(EventKind.TARGET_BACK, Severity.INFO, say("files_taken", target=self._settings.id))
        self._told = None
        await self._keep_state(replace(self._state, trouble="", refused=False, since_ns=None))

    async def _keep_state(self, state: State) -> None:
        if state != self._state:
            self._state = state
            await self._on_disk(lambda: write_state(self._folder, state))

    def _tell(self, kind: EventKind, severity: Severity, text: str, fields: Fields = ()) -> None:
        log.log(logging.INFO if severity is Severity.INFO else logging.WARNING, "%s", text)
        self._parts.report(Event(self._clock.stamp(), kind, self._settings.id, severity, text, fields))


def sender_of(settings: DataFile) -> Sender:
    """The way that the settings name. Its library is loaded only where it is used: it takes its room."""
    if settings.transfer is TransferKind.SFTP:
        from cloud_sync.reports.sftp import SftpSender

        return SftpSender(settings)
    from cloud_sync.reports.ftps import FtpsSender

    return FtpsSender(settings)

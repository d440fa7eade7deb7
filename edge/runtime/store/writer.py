"""The one task that brings to disk what the store holds: group commits, trouble, repair, room."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from edge.config.schema import Store as Settings
from edge.core.backoff import Backoff, Chance
from edge.core.model import EventKind, Fields, Severity, Stream
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.core.times import rfc3339_ms
from edge.runtime.store.database import StoreDamaged, StoreTrouble
from edge.runtime.store.journal import Loss
from edge.runtime.store.salvage import Finding
from edge.runtime.store.state import State
from edge.runtime.store.vault import Found, Vault

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)

ROWS_MAX = 500
"""So many rows are committed at once without waiting for more."""

LAZY_S = 5.0
"""Longest time that marks alone wait for rows to be written with: a crash sends that much twice."""

TIDY_S = 60.0
"""How often history that is too old is looked for."""

RETRY = Backoff(first_s=0.5, cap_s=30.0, floor=0.25)
"""Waits while the disk does not take data."""

Tell = Callable[[EventKind, Severity, str, Fields], None]


class Writer:
    """Writes the state to the vault by the store's one thread."""

    def __init__(
        self,
        state: State,
        vault: Vault,
        thread: ThreadPoolExecutor,
        settings: Settings,
        clock: Clock,
        chance: Chance,
        tell: Tell,
    ) -> None:
        self._state, self._vault, self._thread = state, vault, thread
        self._settings, self._clock, self._chance, self._tell = settings, clock, chance, tell
        self._work = asyncio.Event()
        self._urgent = asyncio.Event()
        self._soon = asyncio.Event()
        self._attempts: list[asyncio.Future[bool]] = []
        self._failures = 0
        self._damage: str | None = None
        self._is_open = True
        self._tidied_ns = 0
        self._closing = asyncio.Event()
        self._file_bytes_max = round((settings.bytes_max - vault.wal_bytes_max) * 0.95)
        self.trouble: str | None = None
        self.commit_s = 0.0
        self.news = asyncio.Event()

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` on the store's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same of what only reads; damage that it finds is mended. Raises StoreTrouble."""
        try:
            return await self.call(work, *args, **kwargs)
        except StoreDamaged as error:
            self.damaged(str(error))
            raise StoreTrouble(str(error)) from error

    def rows_came(self, urgent: bool = False) -> None:
        """There are rows to write, within commit_s or, if urgent, at once."""
        self._work.set()
        self._soon.set()
        journals = self._state.journals
        if urgent or journals[Stream.SAMPLE].window.unwritten_count >= ROWS_MAX:
            self._urgent.set()
        if self.trouble is not None:
            self.shed()
            self.wake_readers()

    def marks_moved(self) -> None:
        """There is something small to write, with the next rows or some seconds later."""
        self._work.set()

    def shed(self) -> None:
        """Keep memory within its bounds, and tell what that cost."""
        for loss in self._state.shed():
            self._tell_loss(loss)

    async def attempt(self) -> bool:
        """Whether the next commit, which covers all there is now, succeeded."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._attempts.append(done)
        self._work.set()
        self._urgent.set()
        return await done

    async def finish(self) -> bool:
        """Commit once more without waiting out a trouble; the task ends after it."""
        self._closing.set()
        return await self.attempt()

    def damaged(self, reason: str) -> None:
        """A reader found the file damaged: it is repaired before anything else."""
        self._damage = reason
        self._work.set()
        self._urgent.set()

    async def run(self) -> None:
        """Write for ever; ends after `finish`."""
        while True:
            await self._work.wait()
            await self._gather()
            self._work.clear()
            self._urgent.clear()
            self._soon.clear()
            attempts, self._attempts = self._attempts, []
            success = await self._try()
            for waiting in attempts:
                if not waiting.done():
                    waiting.set_result(success)
            if self._closing.is_set():
                return

    async def _gather(self) -> None:
        """Let rows gather: one commit for many spares the card."""
        if self._closing.is_set():
            return
        if self._failures:
            wait_s = RETRY.wait_s(self._failures, self._chance)
            await self._first_of(self._closing.wait(), self._clock.sleep(wait_s))
        elif not self._urgent.is_set():
            if not self._soon.is_set():
                await self._first_of(self._soon.wait(), self._urgent.wait(), self._clock.sleep(LAZY_S))
            if not self._urgent.is_set():
                await self._first_of(self._urgent.wait(), self._clock.sleep(self._settings.commit_s))

    async def _first_of(self, *waits: Awaitable[object]) -> None:
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _try(self) -> bool:
        try:
            if not self._is_open:
                await self._join()
            if self._damage is not None:
                await self._repair(self._damage)
            await self._commit()
            await self._tidy()
        except StoreDamaged as error:
            self._damage = str(error)
            self._failed(str(error))
        except StoreTrouble as error:
            await self.call(self._vault.abandon)
            self._failed(str(error))
        except Exception as error:  # noqa: BLE001 - outermost edge: the gateway goes on from memory
            _log.exception("store")
            self._failed(say("store_failed", why=f"{error!r}"))
        else:
            self._recovered()
            return True
        return False

    async def _commit(self) -> None:
        state = self._state
        batch = state.pending.batch(state.journals)
        before_ns = self._clock.mono_ns()
        usage = await self.call(self._vault.commit, batch)
        self.commit_s = (self._clock.mono_ns() - before_ns) / 1e9
        state.pending.committed(batch, state.journals)
        state.committed(usage)
        self.wake_readers()

    def begin_without_file(self, reason: str) -> None:
        """The file cannot be opened now: it is tried again and again, and all goes on from memory."""
        self._is_open = False
        self._failed(reason)

    async def _join(self) -> None:
        found = await self.call(self._vault.open)
        self._is_open = True
        lost = self._state.join(found)
        if lost:
            self._tell_dropped("", Stream.SAMPLE, lost, 0, 0, "the clock went back while the disk was away")
        self._tell_finding(found.finding)

    async def _repair(self, reason: str) -> None:
        found = await self.call(self._vault.rescue, reason)
        self._damage = None
        self._state.rewrite(found)
        self._tell_finding(found.finding)

    def wake_readers(self) -> None:
        """There may be rows to hand out."""
        old, self.news = self.news, asyncio.Event()
        old.set()

    async def _tidy(self) -> None:
        """Keep within the disk's share and the days of history; what is cut goes with the next commit."""
        undated, cuts = self._state.room(self._file_bytes_max)
        if undated:
            self._tell_dropped("", Stream.SAMPLE, undated, 0, 0, "the store is full")
        for stream, through in cuts.items():
            await self._cut(stream, through)
        now_ns = self._clock.mono_ns()
        if self._clock.is_set() and now_ns - self._tidied_ns > TIDY_S * 1e9 and not cuts:
            self._tidied_ns = now_ns
            before_ns = self._clock.utc_ns() - round(self._settings.history_days * 86_400e9)
            for stream, journal in self._state.journals.items():
                through = await self.call(
                    self._vault.expired, stream, before_ns, journal.delivered, ROWS_MAX * 4
                )
                if through:
                    self._state.cut(stream, through)
                    self._tidied_ns = 0
        usage = self._state.usage
        if usage.file_bytes > self._file_bytes_max:
            await self.call(self._vault.shrink, 256)
        if not self._state.pending.is_empty:
            self._work.set()
            if cuts:
                self._urgent.set()

    async def _cut(self, stream: Stream, through: int) -> None:
        journal = self._state.journals[stream]
        lows = {target: mark.low for target, mark in journal.marks.items() if mark.low < through}
        ends = {low: await self.call(self._vault.times, stream, low + 1, through) for low in lows.values()}
        for target, count in self._state.cut(stream, through):
            from_ns, to_ns = ends.get(lows.get(target, -1), (0, 0))
            self._tell_dropped(target, stream, count, from_ns, to_ns, "the store is full")

    def _tell_loss(self, loss: Loss) -> None:
        for target, count in loss.unsettled:
            self._tell_dropped(
                target, loss.stream, count, loss.first.at_ns, loss.last.at_ns, "the disk takes no data"
            )

    def _tell_dropped(
        self, target: str, stream: Stream, count: int, from_ns: int, to_ns: int, reason: str
    ) -> None:
        self._state.lose(count)
        fields: Fields = (
            ("target", target),
            ("stream", stream.value),
            ("from", rfc3339_ms(from_ns) if from_ns else None),
            ("to", rfc3339_ms(to_ns) if to_ns else None),
            ("count", count),
            ("reason", reason),
        )
        text = say("dropped", count=count, stream=stream.value, target=target or "any target", why=reason)
        _log.warning("store: %s", text)
        self._tell(EventKind.GAP, Severity.ALARM, text, fields)

    def tell_found(self, found: Found) -> None:
        """What was wrong with the file at opening."""
        self._tell_finding(found.finding)

    def _tell_finding(self, finding: Finding | None) -> None:
        if finding is None:
            return
        lost = "an unknown number of" if finding.lost is None else str(finding.lost)
        text = say("rows_lost", saved=finding.saved, lost=lost)
        _log.error("store: %s (%s; kept as %s)", text, finding.reason, finding.aside)
        self._tell(
            EventKind.STORE_TROUBLE,
            Severity.ALARM,
            text,
            (
                ("reason", finding.reason),
                ("aside", finding.aside),
                ("saved", finding.saved),
                ("lost", finding.lost),
            ),
        )

    def tell_damaged(self, stream: Stream, count: int) -> None:
        """Rows were read whose sum is wrong, or that are not there."""
        self._state.damaged += count
        text = say("rows_damaged", count=count, stream=stream.value)
        _log.error("store: %s", text)
        fields: Fields = (("stream", stream.value), ("count", count))
        self._tell(EventKind.STORE_TROUBLE, Severity.ALARM, text, fields)

    def _failed(self, reason: str) -> None:
        self._failures += 1
        self._work.set()
        first, self.trouble = self.trouble is None, reason
        if first:
            _log.warning("store: %s; going on from memory", reason)
            self._tell(EventKind.STORE_TROUBLE, Severity.ALARM, reason, ())
        self.shed()
        self.wake_readers()

    def _recovered(self) -> None:
        self._failures = 0
        if self.trouble is not None:
            self.trouble = None
            _log.info("store: data is written again")
            self._tell(EventKind.STORE_RECOVERED, Severity.INFO, say("store_back"), ())

"""The store: takes samples and events in, keeps them, and owes each to every target until it has it."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edge.config.schema import Store as Settings
from edge.core.backoff import Chance
from edge.core.model import (
    CommandState,
    Event,
    EventKind,
    EventRow,
    Fields,
    Layout,
    Outcome,
    Rejection,
    Sample,
    SampleRow,
    Severity,
    Stream,
)
from edge.core.ports import Clock, Report
from edge.core.sayings import say
from edge.runtime.store.air import MeanShelf
from edge.runtime.store.database import MEMORY, StoreDamaged, StoreTrouble
from edge.runtime.store.history import HistoryPage, kept_points, layouts_of
from edge.runtime.store.rows import Row, event_body, event_row, sample_body, sample_row
from edge.runtime.store.state import State
from edge.runtime.store.stats import StoreStats
from edge.runtime.store.usage import UsageShelf
from edge.runtime.store.vault import Quarantined, Vault, nothing_found
from edge.runtime.store.window import Bounds
from edge.runtime.store.writer import Writer

_log = logging.getLogger(__name__)

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

DATED_AT_ONCE = 2_000
"""Undated rows that get their time by one commit."""

FREE_SEQ = 1 << 50
"""No row has a number so high but those taken while the file could not be opened; JSON keeps it exactly."""

READ_AGAIN_S = 1.0
"""How long a reader waits after the disk failed to give data."""


class Store:
    """History and outbox in one file, with one thread that writes it.

    What was put is durable after `flush`, an event with the next commit, a sample within commit_s; a power
    cut costs at most that. While the disk takes nothing, rows are kept and handed out from bounded memory.
    `report` takes the events that the store itself raises and puts them in at once; without it the store
    puts them in itself.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        clock: Clock,
        chance: Chance = random.random,
        boot: str | None = None,
        bounds: Bounds = Bounds(),  # noqa: B008 - frozen
        vfs: str | None = None,
    ) -> None:
        self.report: Report | None = None
        self._path, self._settings, self._clock, self._chance = path, settings, clock, chance
        self._boot = boot if boot is not None else _boot_id()
        self._bounds = bounds
        self._vault = Vault(path, settings.bytes_max, vfs)
        self._thread: ThreadPoolExecutor | None = None
        self._task: asyncio.Task[None] | None = None
        self._open: tuple[State, Writer] | None = None
        self._told_damage = dict.fromkeys(Stream, 0)
        self.usage = UsageShelf(self._opened, self._vault)
        self.air = MeanShelf(self._opened, self._vault)

    @property
    def _state(self) -> State:
        return self._opened()[0]

    @property
    def _writer(self) -> Writer:
        return self._opened()[1]

    def _opened(self) -> tuple[State, Writer]:
        if self._open is None:
            raise StoreTrouble(say("not_open", line=self._path))
        return self._open

    async def open(self, targets: Sequence[str]) -> None:
        """Open the file and begin to write.

        A target not known yet is owed every row that is kept. A disk that cannot be used now is tried again
        and again. Raises ConfigError if the file is another gateway's or another program's.
        """
        thread = ThreadPoolExecutor(1, "store")
        trouble: str | None = None
        try:
            found = await asyncio.get_running_loop().run_in_executor(thread, self._vault.open)
        except StoreTrouble as error:
            trouble = str(error)
            found = nothing_found(max(FREE_SEQ, self._clock.utc_ns() // 1_000))
        except BaseException:
            thread.shutdown()
            raise
        state = State(found, targets, self._bounds, self._boot)
        writer = Writer(state, self._vault, thread, self._settings, self._clock, self._chance, self._tell)
        self._open, self._thread = (state, writer), thread
        self._task = asyncio.create_task(writer.run(), name="store")
        if trouble is None:
            writer.tell_found(found)
        else:
            writer.begin_without_file(trouble)

    async def close(self) -> None:
        """Commit what can be committed, close the file, end the thread; safe twice."""
        task, self._task = self._task, None
        if task is None or self._thread is None:
            return
        last = asyncio.ensure_future(self._writer.finish())
        try:
            await asyncio.wait({task, last}, return_when=asyncio.FIRST_COMPLETED)
            if last.done() and last.result():
                with contextlib.suppress(StoreTrouble, StoreDamaged):
                    await self._writer.call(self._vault.close)
        finally:
            last.cancel()
            task.cancel()
            await asyncio.gather(last, task, return_exceptions=True)
            await asyncio.get_running_loop().run_in_executor(self._thread, self._vault.abandon)
            self._thread.shutdown()
            self._thread = None

    async def use_targets(self, targets: Sequence[str]) -> None:
        """From now on these targets; one left out keeps its mark, and holds nothing back."""
        for journal in self._state.journals.values():
            journal.use_targets(targets)
        self._writer.marks_moved()

    def put_sample(self, sample: Sample) -> None:
        """Take a sample in; durable within commit_s. Never blocks."""
        state = self._state
        body = sample_body(sample.values, sample.flags)
        state.put(Stream.SAMPLE, sample.stamp, state.layout_id(sample.layout), body)
        state.values += len(sample.values)
        self._writer.rows_came()

    def put_event(self, event: Event) -> None:
        """Take an event in; durable with the next commit, which is at once. Never blocks."""
        self._state.put(Stream.EVENT, event.stamp, 0, event_body(event))
        self._writer.rows_came(urgent=True)

    def kept_points(self, of_means: bool) -> Mapping[str, Sequence[str]]:
        """The points that were ever kept, by device or (of means) by station."""
        return kept_points(self._state.layouts, of_means)

    async def history(
        self, devices: Sequence[str], after: int, from_ns: int, to_ns: int
    ) -> tuple[HistoryPage, Mapping[int, Layout]]:
        """The next page of samples read from these devices, and their layouts. Raises StoreTrouble."""
        state, writer = self._opened()
        wanted = layouts_of(state.layouts, devices)
        return await writer.read(self._vault.history, [*wanted], after, from_ns, to_ns), wanted

    async def flush(self) -> bool:
        """Wait until all that was put is durable; False if the disk does not take it now."""
        return await self._writer.attempt()

    async def owed_samples(self, target: str, limit: int) -> Sequence[SampleRow]:
        """The oldest samples that the target has not settled, at most `limit`; waits for the first."""
        layouts = self._state.layouts
        while True:
            rows = await self._owed(target, Stream.SAMPLE, limit)
            found = [sample_row(row, layouts) for row in rows if row.layout in layouts]
            if len(found) == len(rows):
                return found
            self._unreadable(target, Stream.SAMPLE, [row for row in rows if row.layout not in layouts])
            if found:
                return found

    async def owed_events(self, target: str, limit: int) -> Sequence[EventRow]:
        """The oldest events that the target has not settled, at most `limit`; waits for the first."""
        return [event_row(row) for row in await self._owed(target, Stream.EVENT, limit)]

    async def _owed(self, target: str, stream: Stream, limit: int) -> list[Row]:
        while True:
            news = self._writer.news
            try:
                await self._hand_out(target, stream, limit)
            except StoreDamaged as error:
                self._writer.damaged(str(error))
            except StoreTrouble:
                await self._clock.sleep(READ_AGAIN_S)
            mark = self._state.journals[stream].marks.get(target)
            if mark is not None and (rows := mark.owed(limit)):
                return rows
            await news.wait()

    async def _hand_out(self, target: str, stream: Stream, limit: int) -> None:
        journal = self._state.journals[stream]
        mark = journal.marks.get(target)
        while mark is not None and mark.open_count < limit:
            window, wanted = journal.window, limit - mark.open_count
            through = window.last if self._writer.trouble is not None else window.durable
            after = max(mark.seen, journal.floor - 1)
            if after >= through:
                return
            rows = window.after(after, wanted, through)
            if rows is not None:
                mark.hand_out(rows, rows[-1].seq)
                return
            end = min(window.first - 1, through)
            page = await self._writer.call(self._vault.read, stream, after, end, wanted, journal.holes.ranges)
            if page.through > mark.seen:
                mark.hand_out([row for row in page.rows if row.seq > mark.seen], page.through)
                self._told(stream, after, page.through, page.damaged)

    def _told(self, stream: Stream, after: int, through: int, damaged: int) -> None:
        """Tell of damage once, though every target comes upon it."""
        is_kept = after >= self._state.journals[stream].floor - 1
        if damaged > 0 and is_kept and through > self._told_damage[stream]:
            self._told_damage[stream] = through
            self._writer.tell_damaged(stream, damaged)

    def _unreadable(self, target: str, stream: Stream, rows: Sequence[Row]) -> None:
        self._state.settle(target, stream, [row.seq for row in rows])
        self._told(stream, rows[0].seq, rows[-1].seq, len(rows))

    def settle(self, target: str, stream: Stream, done: Sequence[int], rejected: Sequence[Rejection]) -> None:
        """The far end has these rows, and will never take those; in any order, durable soon."""
        self._state.settle(target, stream, done)
        for it in rejected:
            self._state.refuse(target, stream, it.seq, it.line, it.reason)
        self._writer.marks_moved()

    def stats(self) -> StoreStats:
        """The store in numbers."""
        state, writer = self._opened()
        journals = state.journals
        return StoreStats(
            stored=sum(journal.stored for journal in journals.values()) + state.undated_count,
            pending={
                (target, stream): journal.pending(target)
                for stream, journal in journals.items()
                for target in journal.marks
            },
            dropped=state.dropped,
            quarantined=state.usage.quarantined + len(state.pending.refusals),
            undated=state.undated_count,
            damaged=state.damaged,
            bytes=state.usage.file_bytes,
            bytes_written=state.usage.written_bytes,
            values=state.values,
            commit_s=writer.commit_s,
            trouble=writer.trouble,
        )

    async def quarantine(self, limit: int = 100) -> Sequence[Quarantined]:
        """Rows that targets refused for ever, newest first."""
        await self._writer.attempt()
        return await self._writer.call(self._vault.quarantine, limit)

    async def retry_quarantine(self, target: str | None = None) -> int:
        """Owe refused rows once more, of one target or of all; returns how many."""
        await self._writer.attempt()
        retries = await self._writer.call(self._vault.retry_quarantine, target)
        self._state.owe_again(retries)
        self._writer.wake_readers()
        return sum(target in (None, of) for of, _, _ in retries)

    async def clear_quarantine(self, target: str | None = None) -> int:
        """Throw refused rows away, of one target or of all; returns how many."""
        await self._writer.attempt()
        gone, retries = await self._writer.call(self._vault.clear_quarantine, target)
        self._state.owe_again(retries)
        self._writer.marks_moved()
        return gone

    async def clock_was_set(self, utc_minus_mono_ns: int) -> int:
        """Give the rows of this boot that have none their true time; returns how many."""
        state, writer = self._opened()
        state.offset_ns = utc_minus_mono_ns
        while not await writer.attempt():
            pass
        dated, after = 0, 0
        state.hold()
        try:
            while rows := await writer.call(self._vault.undated, self._boot, after, DATED_AT_ONCE):
                state.date(rows, utc_minus_mono_ns)
                dated, after = dated + len(rows), rows[-1].id
                await writer.attempt()
        except StoreDamaged as error:
            writer.damaged(str(error))
        except StoreTrouble as error:
            _log.warning("store: rows without a time wait for the next start: %s", error)
        finally:
            state.release()
            writer.rows_came()
        return dated

    def recall(self, key: str) -> str | None:
        """What was remembered under `key`, or None."""
        return self._state.memory.get(f"{MEMORY}{key}")

    def remember(self, key: str, value: str) -> None:
        """Keep `value` under `key` durably, soon."""
        self._state.remember(f"{MEMORY}{key}", value)
        self._writer.marks_moved()

    async def aside(self, work: Callable[[], None]) -> None:
        """Do short work that blocks by the store's thread, between two of its own."""
        await self._writer.call(work)

    async def claim(self, command_id: str) -> Outcome | None:
        """Take a command's id, durably, before it acts; gives what is known of it if it was taken before.

        A command that was taken and of which no outcome was kept (a crash came between) is `unknown`. While
        the disk takes nothing the id is kept in memory, so that lamps can still be switched.
        """
        state, writer = self._opened()
        if command_id in state.commands:
            known = state.commands[command_id]
            return known or Outcome(command_id, CommandState.UNKNOWN, say("never_told"))
        state.keep_command(command_id, None)
        if writer.trouble is None:
            await writer.attempt()
        return None

    def keep_outcome(self, outcome: Outcome) -> None:
        """Keep the last report on a command, durably at once."""
        self._state.keep_command(outcome.id, outcome)
        self._writer.rows_came(urgent=True)

    async def outcome(self, command_id: str) -> Outcome | None:
        """The last report on a command, or None if there is none."""
        return self._state.commands.get(command_id)

    def _tell(self, kind: EventKind, severity: Severity, text: str, fields: Fields) -> None:
        event = Event(self._clock.stamp(), kind, "store", severity, text, fields)
        (self.report or self.put_event)(event)


def _boot_id() -> str:
    try:
        return BOOT_ID.read_text("ascii").strip()[:12]
    except OSError:
        return "unknown"

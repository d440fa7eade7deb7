"""All that the store knows in memory, and how it changes. Synchronous; lives on the event loop's side."""

from collections.abc import Iterable, Sequence

from edge.core.air import Span
from edge.core.air_columns import Columns
from edge.core.model import Layout, Outcome, Stamp, Stream
from edge.runtime.store.batch import COMMANDS_MAX, QUARANTINE_MAX, Pending, Refusal
from edge.runtime.store.journal import Journal, Loss
from edge.runtime.store.means import PENDING_MAX, MeanNames, pack, packed_row
from edge.runtime.store.room import Holding, make_room
from edge.runtime.store.rows import (
    BODY_BYTES_MAX,
    ROW_BYTES,
    Row,
    Undated,
    layout_body,
    layout_of,
    outcome_of,
)
from edge.runtime.store.vault import Found, Usage
from edge.runtime.store.window import Bounds

DROPPED = "store/dropped"


class State:
    """Journals, marks, names and small memory, with what of it still has to reach the disk."""

    def __init__(self, found: Found, targets: Sequence[str], bounds: Bounds, boot: str) -> None:
        self.boot = boot
        self.bounds = bounds
        self.journals = {stream: Journal(stream, extent, targets, bounds) for stream, extent in found.extents}
        self.pending = Pending()
        self.layouts: dict[int, Layout] = {key: layout_of(body) for key, body in found.layouts}
        self._layout_ids = {layout: key for key, layout in self.layouts.items()}
        self._layout_last = max(self.layouts, default=found.undated_last)
        self._mean_names = MeanNames()
        self._mean_names.learn(self.layouts.values())
        self.memory = dict(found.memory)
        self.commands = {key: outcome_of(key, body) for _, key, body in found.commands}
        self._command_numbers = {key: number for number, key, _ in found.commands}
        self._command_last = max(self._command_numbers.values(), default=found.undated_last)
        self.undated_count = found.undated_count
        self._undated_last = found.undated_last
        self._undated_bytes = 0
        self.offset_ns: int | None = None
        self._held: list[tuple[Stream, int, int, str]] | None = None
        self.usage = found.usage
        self.dropped = int(self.memory.get(DROPPED, "0"))
        self.damaged = 0
        self.values = 0
        self.owe_again(found.retries)

    def layout_id(self, layout: Layout) -> int:
        """The number of a layout, given at its first use."""
        known = self._layout_ids.get(layout)
        if known is None:
            self._layout_last = known = self._layout_last + 1
            self._layout_ids[layout] = known
            self.layouts[known] = layout
            self.pending.layouts.append((known, layout_body(layout)))
        return known

    def put_means(self, station: str, span: Span, columns: Columns) -> None:
        """Means, each in place of one of the same station, span and end."""
        layout = self._mean_names.layout_of(station, columns.values)
        put = self.pending.means.put
        for row in pack(span, columns, self.layout_id(layout), layout):
            put(row)

    def pack_hour(self, station: str, end_ns: int, minutes: Columns) -> None:
        """All minutes of an hour, as they are kept now, as one row."""
        layout = self._mean_names.layout_of(station, minutes.values)
        row = packed_row(end_ns, minutes, self.layout_id(layout), layout)
        pending = self.pending
        for minute_ns in minutes.ends_ns:
            pending.means.drop((Span.MINUTE.seconds, minute_ns, station))
        pending.means.put(row)

    def put(self, stream: Stream, stamp: Stamp, layout: int, body: str) -> None:
        """A new row; without a true time it waits aside until the clock is set."""
        if len(body) > BODY_BYTES_MAX:
            self.lose(1)
        elif stamp.utc_ns is not None:
            self._put_dated(stream, stamp.utc_ns, layout, body)
        elif self.offset_ns is not None:
            self._put_dated(stream, stamp.mono_ns + self.offset_ns, layout, body)
        else:
            self._undated_last += 1
            self.undated_count += 1
            self._undated_bytes += len(body) + ROW_BYTES
            self.pending.undated.append(
                Undated(self._undated_last, self.boot, stream, stamp.mono_ns, layout, body)
            )

    def _put_dated(self, stream: Stream, at_ns: int, layout: int, body: str) -> None:
        if self._held is not None and len(self._held) < self.bounds.unwritten_rows:
            self._held.append((stream, at_ns, layout, body))
        else:
            self.journals[stream].window.append(at_ns, layout, body)

    def hold(self) -> None:
        """Rows that come now wait until older ones have got their time."""
        self._held = []

    def release(self) -> None:
        """Take in the rows that waited."""
        held, self._held = self._held or [], None
        for stream, at_ns, layout, body in held:
            self.journals[stream].window.append(at_ns, layout, body)

    def date(self, rows: Sequence[Undated], offset_ns: int) -> None:
        """Rows of this boot get their time and join their journals."""
        for row in rows:
            self.journals[row.stream].window.append(row.mono_ns + offset_ns, row.layout, row.body)
        if rows:
            self.pending.undated_gone.append((rows[0].id, rows[-1].id))
            self.undated_count -= len(rows)

    def shed(self) -> list[Loss]:
        """Let go what memory cannot hold while the disk takes nothing."""
        losses: list[Loss] = []
        for stream, journal in self.journals.items():
            loss = journal.shed()
            if loss is not None:
                self.pending.holes.append((stream, *loss.hole))
                losses.append(loss)
        undated = self.pending.undated
        if len(undated) > self.bounds.unwritten_rows or self._undated_bytes > self.bounds.unwritten_bytes:
            gone = len(undated) // 8 + 1
            del undated[:gone]
            self.undated_count -= gone
            self._count_undated_bytes()
            self.lose(gone)
        self._bound()
        return losses

    def _bound(self) -> None:
        pending = self.pending
        del pending.refusals[:-QUARANTINE_MAX]
        del pending.retried[:-QUARANTINE_MAX]
        pending.means.bound(PENDING_MAX)
        while len(self.commands) > COMMANDS_MAX:
            oldest = next(iter(self.commands))
            del self.commands[oldest], self._command_numbers[oldest]
            pending.commands.pop(oldest, None)

    def _count_undated_bytes(self) -> None:
        self._undated_bytes = sum(len(row.body) + ROW_BYTES for row in self.pending.undated)

    def lose(self, rows: int) -> None:
        """Count rows that some target never gets, durably."""
        self.dropped += rows
        self.remember(DROPPED, str(self.dropped))

    def committed(self, usage: Usage) -> None:
        """What a commit left behind."""
        self.usage = usage
        self._count_undated_bytes()

    def remember(self, key: str, value: str) -> None:
        """Small memory, to be written soon."""
        if self.memory.get(key) != value:
            self.memory[key] = value
            self.pending.memory[key] = value

    def keep_command(self, command_id: str, outcome: Outcome | None) -> None:
        """What is known of a command; None: it was claimed."""
        number = self._command_numbers.get(command_id)
        if number is None:
            self._command_last = number = self._command_last + 1
            self._command_numbers[command_id] = number
        self.commands[command_id] = outcome
        self.pending.commands[command_id] = (number, outcome)
        self._bound()

    def settle(self, target: str, stream: Stream, done: Iterable[int]) -> None:
        """The target has these rows."""
        mark = self.journals[stream].marks.get(target)
        if mark is None:
            return
        for seq in done:
            again = mark.is_again(seq)
            if mark.settle(seq) is not None and again:
                self.pending.retried.append((target, stream, seq))

    def refuse(self, target: str, stream: Stream, seq: int, line: str, reason: str) -> None:
        """The target will never take this row: it goes to quarantine."""
        mark = self.journals[stream].marks.get(target)
        row = mark.settle(seq) if mark is not None else None
        if row is not None:
            self.pending.refusals.append(Refusal(target, stream, row, line, reason))

    def owe_again(self, retries: Iterable[tuple[str, Stream, Row]]) -> None:
        """Exactly these refused rows are owed once more."""
        for journal in self.journals.values():
            for mark in journal.marks.values():
                mark.forget_again()
        for target, stream, row in retries:
            mark_of = self.journals[stream].marks.get(target)
            if mark_of is not None:
                mark_of.owe_again([row])

    def rewrite(self, found: Found) -> None:
        """The file is a new one: all that memory has goes into it again."""
        self.pending.layouts = [(key, layout_body(layout)) for key, layout in self.layouts.items()]
        self.pending.memory = dict(self.memory)
        self.pending.commands = {
            key: (self._command_numbers[key], outcome) for key, outcome in self.commands.items()
        }
        self.undated_count = found.undated_count + len(self.pending.undated)
        self.usage = found.usage
        extents = dict(found.extents)
        for stream, journal in self.journals.items():
            journal.take_over(extents[stream])
            self.pending.holes += [(stream, *part) for part in journal.holes.ranges]

    def join(self, found: Found) -> int:
        """The file can be read at last; what came meanwhile goes behind it. Returns rows that cannot stay."""
        self.layouts = {**{key: layout_of(body) for key, body in found.layouts}, **self.layouts}
        self.memory = {**dict(found.memory), **self.pending.memory}
        self.commands = {**{key: outcome_of(key, body) for _, key, body in found.commands}, **self.commands}
        self._command_numbers = {
            **{key: number for number, key, _ in found.commands},
            **self._command_numbers,
        }
        self.undated_count += found.undated_count
        self.usage = found.usage
        self.lose(int(dict(found.memory).get(DROPPED, "0")))
        lost, extents = 0, dict(found.extents)
        for stream, journal in self.journals.items():
            lost += journal.join(extents[stream])
            self.pending.holes += [(stream, *part) for part in journal.holes.ranges]
        self.owe_again(found.retries)
        return lost

    def room(self, bytes_max: int) -> tuple[int, dict[Stream, int]]:
        """How many undated rows go, and up to where each journal is to be cut, by the plan of room.py."""
        holdings = {
            stream: Holding(journal.stored, max(0, journal.delivered + 1 - journal.floor))
            for stream, journal in self.journals.items()
        }
        plan = make_room(
            self.usage.live_bytes,
            bytes_max,
            holdings[Stream.SAMPLE],
            holdings[Stream.EVENT],
            max(0, self.undated_count - len(self.pending.undated)),
        )
        self.pending.undated_cut += plan.undated
        self.undated_count -= plan.undated
        wanted = {Stream.SAMPLE: plan.samples, Stream.EVENT: plan.events}
        cuts = {
            stream: min(journal.floor + wanted[stream] - 1, journal.window.durable, journal.last - 1)
            for stream, journal in self.journals.items()
        }
        return plan.undated, {
            stream: through for stream, through in cuts.items() if through >= self.journals[stream].floor
        }

    def cut(self, stream: Stream, through: int) -> tuple[tuple[str, int], ...]:
        """Rows up to `through` go; returns per target how many it had not settled."""
        self.pending.cuts.append((stream, through))
        return self.journals[stream].cut(through)

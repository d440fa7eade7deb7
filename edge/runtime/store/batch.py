"""What one commit brings to disk, and what waits for the next one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.core.model import Outcome, Stream
from edge.core.wifi import KeptKey
from edge.runtime.store.journal import Journal
from edge.runtime.store.means import MeanRow
from edge.runtime.store.rows import Row, Undated
from edge.runtime.store.waiting import WaitingMeans

COMMANDS_MAX = 2_000
"""Command ids that are remembered; the oldest leave. Their commands are long past their deadline."""

QUARANTINE_MAX = 1_000
"""Refused rows that are kept for a person to look at; the oldest leave."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that a target refused for ever, with what it was sent and what it answered."""

    target: str
    stream: Stream
    row: Row
    line: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One transaction. Doing it twice leaves the same as doing it once."""

    rows: tuple[tuple[Stream, tuple[Row, ...]], ...]
    marks: tuple[tuple[str, Stream, int], ...]
    holes: tuple[tuple[Stream, int, int], ...]
    cuts: tuple[tuple[Stream, int], ...]
    layouts: tuple[tuple[int, str], ...]
    undated: tuple[Undated, ...]
    undated_gone: tuple[tuple[int, int], ...]
    undated_cut: int
    refusals: tuple[Refusal, ...]
    retried: tuple[tuple[str, Stream, int], ...]
    memory: tuple[tuple[str, str], ...]
    commands: tuple[tuple[int, str, Outcome | None], ...]
    means: tuple[MeanRow, ...]
    means_forgotten: tuple[tuple[int, int], ...]
    usage: tuple[tuple[KeptKey, bytes | None], ...] = ()
    usage_forgotten: tuple[tuple[int, int], ...] = ()


class Pending:
    """What is not on disk yet besides the journals' rows; a failed commit leaves it as it was."""

    def __init__(self) -> None:
        self.holes: list[tuple[Stream, int, int]] = []
        self.cuts: list[tuple[Stream, int]] = []
        self.layouts: list[tuple[int, str]] = []
        self.undated: list[Undated] = []
        self.undated_gone: list[tuple[int, int]] = []
        self.undated_cut = 0
        self.refusals: list[Refusal] = []
        self.retried: list[tuple[str, Stream, int]] = []
        self.memory: dict[str, str] = {}
        self.commands: dict[str, tuple[int, Outcome | None]] = {}
        self.means = WaitingMeans()
        self.means_forgotten: dict[int, int] = {}
        self.usage: dict[KeptKey, bytes | None] = {}
        self.usage_forgotten: dict[int, int] = {}

    def batch(self, journals: Mapping[Stream, Journal]) -> Batch:
        """Everything that waits."""
        each = journals.items()
        return Batch(
            rows=tuple((stream, journal.window.unwritten()) for stream, journal in each),
            marks=tuple((target, stream, done) for stream, of in each for target, done in of.changed_marks()),
            holes=tuple(self.holes),
            cuts=tuple(self.cuts),
            layouts=tuple(self.layouts),
            undated=tuple(self.undated),
            undated_gone=tuple(self.undated_gone),
            undated_cut=self.undated_cut,
            refusals=tuple(self.refusals),
            retried=tuple(self.retried),
            memory=tuple(self.memory.items()),
            commands=tuple((number, key, what) for key, (number, what) in self.commands.items()),
            means=tuple(self.means),
            means_forgotten=tuple(self.means_forgotten.items()),
            usage=tuple(self.usage.items()),
            usage_forgotten=tuple(self.usage_forgotten.items()),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing but marks and journal rows could be waiting."""
        return not any(
            (
                self.holes,
                self.cuts,
                self.layouts,
                self.undated,
                self.undated_gone,
                self.undated_cut,
                self.refusals,
                self.retried,
                self.memory,
                self.commands,
                self.means,
                self.means_forgotten,
                self.usage,
                self.usage_forgotten,
            )
        )

    def committed(self, batch: Batch, journals: Mapping[Stream, Journal]) -> None:
        """The batch is on disk; what came since stays."""
        for stream, rows in batch.rows:
            if rows:
                journals[stream].window.written(rows[-1].seq)
        for target, stream, done in batch.marks:
            journals[stream].marks_written([(target, done)])
        del self.holes[: len(batch.holes)]
        del self.cuts[: len(batch.cuts)]
        del self.layouts[: len(batch.layouts)]
        written = {row.id for row in batch.undated}
        self.undated = [row for row in self.undated if row.id not in written]
        del self.undated_gone[: len(batch.undated_gone)]
        self.undated_cut -= batch.undated_cut
        del self.refusals[: len(batch.refusals)]
        del self.retried[: len(batch.retried)]
        for key, value in batch.memory:
            if self.memory.get(key) == value:
                del self.memory[key]
        for number, key, what in batch.commands:
            if self.commands.get(key) == (number, what):
                del self.commands[key]
        for row in batch.means:
            self.means.written(row)
        for span_s, before_ns in batch.means_forgotten:
            if self.means_forgotten.get(span_s) == before_ns:
                del self.means_forgotten[span_s]
        for kept, body in batch.usage:
            if self.usage.get(kept, b"") is body:
                del self.usage[kept]
        for kind, before in batch.usage_forgotten:
            if self.usage_forgotten.get(kind) == before:
                del self.usage_forgotten[kind]

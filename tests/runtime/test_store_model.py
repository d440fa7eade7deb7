"""The store against a model of it: any order of puts, settlements, crashes and restarts."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.core.model import Rejection, Stream
from edge.runtime.store import Store
from edge.runtime.store.window import Bounds
from tests.runtime.store_help import FAST, HandClock, event, sample

TARGETS = ("mqtt", "centre")
SMALL = Bounds(tail_rows=7, tail_bytes=100_000)


class StoreMachine(RuleBasedStateMachine):
    """The model: rows that were put, and per target those that are settled."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "0" / "s.db"
        self.clock = HandClock()
        self.lives = 0
        self.rows: list[float] = []
        self.durable = 0
        self.events = 0
        self.settled: dict[str, set[int]] = {target: set() for target in TARGETS}
        self.low: dict[str, int] = dict.fromkeys(TARGETS, 0)
        self.start()

    def run(self, work: object) -> object:
        return self.loop.run_until_complete(asyncio.wait_for(work, 10))  # type: ignore[arg-type]

    def start(self) -> None:
        self.store = Store(self.path, FAST, self.clock, chance=lambda: 0.0, boot="b", bounds=SMALL)
        self.run(self.store.open(TARGETS))

    @rule(count=st.integers(1, 12))
    def put(self, count: int) -> None:
        for _ in range(count):
            self.store.put_sample(sample(len(self.rows), self.clock))
            self.rows.append(float(len(self.rows)))

    @rule()
    def put_event(self) -> None:
        self.store.put_event(event("x", self.clock))
        self.events += 1

    @rule()
    def flush(self) -> None:
        assert self.run(self.store.flush())
        self.durable = len(self.rows)
        self.low = {target: self.lowest(target) for target in TARGETS}

    def lowest(self, target: str) -> int:
        seq = 1
        while seq in self.settled[target]:
            seq += 1
        return seq - 1

    def owed(self, target: str) -> list[int]:
        return [seq for seq in range(1, len(self.rows) + 1) if seq not in self.settled[target]]

    @precondition(lambda self: self.durable > 0)
    @rule(to=st.sampled_from(TARGETS), limit=st.integers(1, 20), data=st.data())
    def deliver(self, to: str, limit: int, data: st.DataObject) -> None:
        owed = self.owed(to)
        if not owed or owed[0] > self.durable:
            return
        rows = self.run(self.store.owed_samples(to, limit))
        seqs = [row.seq for row in rows]  # type: ignore[attr-defined]
        assert seqs == owed[: len(seqs)]
        assert 0 < len(seqs) <= limit
        assert [float(row.values[0]) for row in rows] == [self.rows[seq - 1] for seq in seqs]  # type: ignore[attr-defined]
        done = data.draw(st.lists(st.sampled_from(seqs), unique=True))
        bad = data.draw(st.lists(st.sampled_from(seqs), unique=True, max_size=2))
        rejected = [Rejection(seq, "line", "no") for seq in bad if seq not in done]
        self.store.settle(to, Stream.SAMPLE, done, rejected)
        self.settled[to].update(done, (one.seq for one in rejected))

    @rule()
    def restart(self) -> None:
        self.run(self.store.close())
        self.durable = len(self.rows)
        self.low = {target: self.lowest(target) for target in TARGETS}
        self.reopened()

    @rule()
    def crash(self) -> None:
        """The files as they are now are all that the next life finds."""
        self.lives += 1
        there = self.folder / str(self.lives)
        self.run(self.store._writer.call(shutil.copytree, self.path.parent, there))
        old, self.path = self.store, there / "s.db"
        self.start()
        self.run(old.close())
        stored = self.store.stats().stored - self.store._state.journals[Stream.EVENT].stored
        assert self.durable <= stored <= len(self.rows)
        del self.rows[stored:]
        self.durable = stored
        self.forget_above_marks()

    def reopened(self) -> None:
        self.start()
        self.forget_above_marks()

    def forget_above_marks(self) -> None:
        for target in TARGETS:
            low = self.store._state.journals[Stream.SAMPLE].marks[target].low
            assert low >= self.low[target]
            assert set(range(1, low + 1)) <= self.settled[target]
            self.settled[target] = set(range(1, low + 1))

    @invariant()
    def counts_agree(self) -> None:
        stats = self.store.stats()
        assert stats.dropped == stats.damaged == 0
        for target in TARGETS:
            assert stats.pending[target, Stream.SAMPLE] == len(self.owed(target))

    def teardown(self) -> None:
        self.run(self.store.close())
        self.loop.close()
        shutil.rmtree(self.folder)


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

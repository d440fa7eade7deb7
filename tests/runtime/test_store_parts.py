"""The store's pure parts: codecs, marks, windows, holes, room."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from edge.core.model import Event, EventKind, Layout, Quality, Severity, Stamp, Stream
from edge.runtime.store.holes import Holes, missing
from edge.runtime.store.journal import Extent, Journal
from edge.runtime.store.mark import Mark
from edge.runtime.store.room import Holding, make_room
from edge.runtime.store.rows import (
    Row,
    event_body,
    event_row,
    layout_body,
    layout_of,
    row_crc,
    sample_body,
    sample_row,
)
from edge.runtime.store.window import Bounds, Window

numbers = st.one_of(st.none(), st.floats(), st.integers(-10, 10).map(float), st.booleans())
flags = st.lists(st.tuples(st.integers(0, 99), st.sampled_from(Quality)), max_size=3).map(tuple)
scalars = st.one_of(st.none(), st.floats(), st.integers(-(2**53), 2**53), st.booleans(), st.text())


@given(st.lists(numbers, max_size=20).map(tuple), flags)
def test_values_come_back_as_the_same_numbers_in_valid_json_text(
    values: tuple[float | None, ...], marked: tuple[tuple[int, Quality], ...]
) -> None:
    layout = Layout("d", "meter", tuple(f"p{n}" for n in range(len(values))), ())
    out = sample_row(Row(1, 2, 1, sample_body(values, marked)), {1: layout})
    assert out.flags == marked
    assert len(out.values) == len(values)
    for text, value in zip(out.values, values, strict=True):
        if value is None or not math.isfinite(value):
            assert text == ""
        else:
            assert float(json.loads(text)) == float(value)
            assert not text.endswith(".0")


@given(st.text(), st.text(), st.lists(st.tuples(st.text(), scalars), max_size=4).map(tuple))
def test_events_come_back_as_they_were(
    subject: str, text: str, fields: tuple[tuple[str, object], ...]
) -> None:
    event = Event(Stamp(1, 2), EventKind.COMMAND, subject, Severity.INFO, text, fields)  # type: ignore[arg-type]
    row = event_row(Row(1, 2, 0, event_body(event)))
    assert (row.kind, row.severity) == (event.kind, event.severity)
    assert [name for name, _ in row.fields] == [name for name, _ in row.fields]
    for (_, out), (_, put) in zip(row.fields, fields, strict=True):
        assert out == (None if isinstance(put, float) and not math.isfinite(put) else put)


@given(st.lists(st.text(max_size=9)), st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5))))
def test_layouts_come_back_as_they_were(names: list[str], tags: list[tuple[str, str]]) -> None:
    layout = Layout("d", "air", tuple(names), tuple(tags))
    assert layout_of(layout_body(layout)) == layout


@given(st.binary(min_size=1, max_size=50), st.data())
def test_any_flipped_bit_changes_the_sum(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body) * 8 - 1))
    other = bytearray(body)
    other[at // 8] ^= 1 << at % 8
    assert row_crc(1, 2, 3, body) != row_crc(1, 2, 3, bytes(other))


@given(st.lists(st.sets(st.integers(0, 9)), max_size=8))
def test_a_mark_is_low_exactly_as_far_as_all_is_settled(turns: list[set[int]]) -> None:
    mark, settled, last = Mark(0), set[int](), 0
    for turn in turns:
        rows = [Row(last + n, 0, 0, "") for n in range(1, 4)]
        last += 3
        mark.hand_out(rows, last)
        for seq in turn:
            if seq <= last:
                settled.add(seq)
                mark.settle(seq)
        owed = [seq for seq in range(1, last + 1) if seq not in settled]
        assert [row.seq for row in mark.owed(1000)] == owed
        assert mark.low == (owed[0] - 1 if owed else last)


@given(st.sets(st.integers(1, 60)), st.integers(0, 60), st.integers(0, 60))
def test_holes_count_what_lies_between(lacking: set[int], after: int, through: int) -> None:
    holes = Holes()
    for seq in sorted(lacking):
        holes.add(seq, seq)
    between = set(range(after + 1, through + 1))
    assert holes.count(after, through) == len(between & lacking)
    assert missing(holes.ranges, after, through) == len(between - lacking)


@given(st.lists(st.one_of(st.just("append"), st.just("write"), st.just("shed")), max_size=80))
def test_a_window_holds_its_newest_rows_within_its_bounds(steps: list[str]) -> None:
    window = Window(0, Bounds(tail_rows=5, tail_bytes=10_000, unwritten_rows=8, unwritten_bytes=10_000))
    for step in steps:
        if step == "append":
            window.append(0, 0, "x")
        elif step == "write":
            window.written(window.last)
            assert window.last - window.first < 5
        else:
            window.shed()
            assert window.unwritten_count <= 8
        unwritten = [row.seq for row in window.unwritten()]
        assert unwritten == list(range(window.durable + 1, window.last + 1))
        rows = window.after(window.first - 1, 1000, window.last)
        assert rows is not None
        assert [row.seq for row in rows] == list(range(window.first, window.last + 1))
        assert window.after(window.first - 2, 10, window.last) is None


def test_pending_counts_what_is_owed_without_holes() -> None:
    journal = Journal(Stream.SAMPLE, Extent(1, 100, (("mqtt", 50),), ((60, 69),)), ["mqtt", "new"], Bounds())
    assert (journal.pending("mqtt"), journal.pending("new"), journal.stored) == (40, 90, 90)
    assert journal.cut(80) == (("mqtt", 20), ("new", 70))
    assert (journal.pending("mqtt"), journal.pending("new"), journal.stored) == (20, 20, 20)


def test_room_is_made_in_the_order_that_loses_least() -> None:
    full = make_room(100, 100, Holding(10, 10), Holding(10, 10), 10)
    assert (full.samples, full.events, full.undated) == (0, 0, 0)
    history = make_room(200, 100, Holding(1000, 600), Holding(100, 100), 0)
    assert (history.samples, history.events) == (578, 0)
    owed = make_room(200, 100, Holding(1000, 0), Holding(100, 0), 50)
    assert (owed.undated, owed.samples, owed.events) == (50, 554, 0)
    last_of_all = make_room(200, 100, Holding(1, 0), Holding(1000, 0), 0)
    assert (last_of_all.samples, last_of_all.events) == (0, 526)

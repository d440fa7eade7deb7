from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.plan import (
    Block,
    culprit,
    plan_blocks,
    read_barriers,
    split,
    wire_time_s,
    write_barriers,
)
from drivers.modbus.timing import WireTiming
from drivers.profile import Coded, Table, Type
from edge.config.schema import Bus, BusKind

KINDS = (Type.U16, Type.F32, Type.U64)


ASKED = [table for table in Table if table is not Table.ANSWER]


def point(address: int, kind: Type = Type.U16, table: Table = Table.INPUT) -> Coded:
    return Coded(name=f"p{address}", table=table, address=address, type=kind)


def block(address: int, count: int, table: Table = Table.INPUT) -> Block:
    return Block(table, address, count)


points_near = st.lists(
    st.builds(
        point, st.integers(0, 24), st.sampled_from(KINDS), st.sampled_from((Table.INPUT, Table.HOLDING))
    ),
    max_size=6,
)
limits = st.tuples(st.integers(0, 6), st.integers(4, 12))
barriers_near = st.frozensets(st.builds(block, st.integers(0, 26), st.integers(1, 4)), max_size=2)


@given(points_near, limits, barriers_near)
def test_every_readable_point_is_whole_in_a_block_and_no_other_point_is(points, limit, barriers):
    gap_max, count_max = limit
    blocks = plan_blocks(points, gap_max, count_max, barriers)
    for one in points:
        span = Block(one.table, one.address, one.count)
        unreadable = any(span.covers(barrier) for barrier in barriers)
        assert any(b.covers(one) for b in blocks) is not unreadable


@given(points_near, limits, barriers_near)
def test_no_block_breaks_a_limit_or_touches_what_was_refused(points, limit, barriers):
    gap_max, count_max = limit
    blocks = plan_blocks(points, gap_max, count_max, barriers)
    for one in blocks:
        assert one.count <= count_max
        assert not any(one.covers(barrier) for barrier in barriers)
        assert longest_filler(one, points) <= gap_max


@given(points_near, limits, barriers_near)
def test_no_plan_has_fewer_requests(points, limit, barriers):
    gap_max, count_max = limit
    planned = plan_blocks(points, gap_max, count_max, barriers)
    assert len(planned) == fewest(points, gap_max, count_max, barriers)


def longest_filler(one: Block, points) -> int:
    needed = {a for p in points if one.covers(p) for a in range(p.address, p.end)}
    longest = run = 0
    for address in range(one.address, one.end):
        run = 0 if address in needed else run + 1
        longest = max(longest, run)
    return longest


def fewest(points, gap_max, count_max, barriers) -> int:
    """By trying every set of requests."""
    spans = {Block(p.table, p.address, p.count) for p in points}
    readable = [s for s in spans if not any(s.covers(b) for b in barriers)]
    allowed = [
        hull
        for first in readable
        for last in readable
        if first.table is last.table and last.end > first.address
        for hull in [Block(first.table, first.address, last.end - first.address)]
        if hull.count <= count_max
        and not any(hull.covers(b) for b in barriers)
        and longest_filler(hull, readable) <= gap_max
    ]
    for count in range(len(readable) + 1):
        for chosen in combinations(allowed, count):
            if all(any(b.covers(s) for b in chosen) for s in readable):
                return count
    raise AssertionError("no plan at all")


def test_a_value_wider_than_a_request_may_be_is_asked_for_alone():
    assert plan_blocks([point(0, Type.U64), point(4)], 8, 2) == (block(0, 4), block(4, 1))


def test_coils_and_registers_are_never_in_one_request():
    coil = Coded(name="c", table=Table.COIL, address=1, type=Type.COIL)
    assert len(plan_blocks([point(0), coil], 8, 125)) == 2


@given(points_near.filter(bool), st.integers(0, 6))
def test_halves_cover_the_same_points_and_are_smaller(points, gap_max):
    for one in plan_blocks(points, gap_max, 12):
        inside = [p for p in points if one.covers(p)]
        halves = split(one, inside)
        if halves:
            assert len(halves) == 2
            assert all(one.covers(half) and half != one for half in halves)
            assert all(sum(half.covers(p) for half in halves) == 1 for p in inside)


@given(points_near.filter(bool), st.frozensets(st.integers(0, 30), max_size=6))
def test_bisecting_and_planning_again_reads_all_that_a_device_has(points, missing):
    """A device that refuses every request with a missing register; as the driver does it."""
    barriers: frozenset[Block] = frozenset()
    for _ in range(40):
        blocks = plan_blocks(points, 6, 12, barriers)
        learnt = frozenset().union(*(learn(b, points, missing) for b in blocks))
        if not learnt:
            break
        assert not learnt <= barriers, "nothing new was learnt"
        barriers |= learnt
    readable = [p for p in points if not hole(p, missing)]
    assert all(any(b.covers(p) for b in blocks) for p in readable)
    assert not any(b.covers(p) for b in blocks for p in points if hole(p, missing))


def hole(span, missing) -> bool:
    return any(span.address <= address < span.end for address in missing)


def learn(one: Block, points, missing) -> frozenset[Block]:
    if not hole(one, missing):
        return frozenset()
    halves = split(one, points)
    if not halves:
        return frozenset({one})
    learnt = frozenset().union(*(learn(half, points, missing) for half in halves))
    return learnt or frozenset({culprit(one, halves)})


def test_one_value_cannot_be_split():
    assert split(block(4, 2), [point(4, Type.F32)]) == ()


def test_the_filler_is_to_blame_when_both_halves_are_answered():
    halves = (block(0, 2), block(5, 2))
    assert culprit(block(0, 7), halves) == block(2, 3)


def test_the_whole_block_is_to_blame_when_halves_that_touch_are_answered():
    assert culprit(block(0, 4), (block(0, 2), block(2, 2))) == block(0, 4)


@given(st.frozensets(st.builds(Block, st.sampled_from(ASKED), st.integers(0, 65535), st.integers(1, 125))))
def test_barriers_survive_being_written_down(barriers):
    assert read_barriers(write_barriers(barriers)) == barriers


@given(st.text(max_size=60))
def test_a_damaged_memory_is_forgotten_not_fatal(text):
    assert isinstance(read_barriers(text), frozenset)


@pytest.mark.parametrize("text", ["input:1+0", "input:12", "lamp:1+1", "input:1+1x"])
def test_a_barrier_that_makes_no_sense_is_left_out(text):
    assert read_barriers(f"{text} holding:7+2") == {block(7, 2, Table.HOLDING)}


def timing(baudrate: int, parity: str = "N", stop_bits: int = 1) -> WireTiming:
    return WireTiming.of(
        Bus(id="b", kind=BusKind.RTU, port="x", baudrate=baudrate, parity=parity, stop_bits=stop_bits)
    )


def test_ten_registers_at_9600_8n1_take_33_characters_and_the_silence():
    # 8 asked, 5 + 20 answered, 3.5 of silence: 36.5 characters of 10 bits.
    assert wire_time_s(block(0, 10), timing(9600), 0.02) == pytest.approx(36.5 * 10 / 9600 + 0.02)


def test_parity_and_a_second_stop_bit_lengthen_every_character():
    assert wire_time_s(block(0, 1), timing(9600, "E", 2), 0) == pytest.approx(18.5 * 12 / 9600)


def test_above_19200_baud_the_silence_is_fixed():
    assert wire_time_s(block(0, 1), timing(115_200), 0) == pytest.approx(15 * 10 / 115_200 + 0.001_75)


def test_nine_coils_are_answered_in_two_bytes():
    coils = wire_time_s(block(0, 9, Table.COIL), timing(9600), 0)
    assert coils == wire_time_s(block(0, 1), timing(9600), 0)

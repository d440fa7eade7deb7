"""Minutes that are kept by the hour: nothing that is read differs from what was put."""

import random
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.core.air import Mean, MeanValue, Span
from edge.core.air_rows import columns_of, means_of
from edge.runtime.store import Store, database
from edge.runtime.store.packed import HOUR_NS, MINUTE_NS, PACKED_S, amounts_and_marks, hour_of, hours
from tests.runtime.store_help import HandClock, opened, overwrite_table

BEGIN_NS = 500_000 * HOUR_NS
POINTS = ("co2", "pm2_5", "temperature")


def minute(number: int, station: str = "air-1", **values: float) -> Mean:
    """The minute that ends so many minutes after BEGIN_NS."""
    found = values or {"pm2_5": float(number), "temperature": 30.5}
    each = tuple(
        sorted((name, MeanValue(value, 0.9, name == "pm2_5", name == "co2")) for name, value in found.items())
    )
    return Mean(station, Span.MINUTE, BEGIN_NS + number * MINUTE_NS, each)


async def kept(store: Store, station: str = "air-1", after: int = 0, through: int = 10_000) -> list[Mean]:
    """What is read of minutes after one, through another."""
    span = (BEGIN_NS + after * MINUTE_NS, BEGIN_NS + through * MINUTE_NS)
    return list(await store.air.means(station, Span.MINUTE, *span))


async def packed(store: Store, through: int) -> None:
    await store.flush()
    while await store.air.pack_minutes(BEGIN_NS + through * MINUTE_NS):
        pass


def counts(path: Path) -> dict[int, int]:
    """Rows in the file by span."""
    file = database.Database(path, 10_000_000)
    file.open()
    found = file.run("SELECT span, count(*) FROM mean GROUP BY span")
    file.close()
    return {int(str(span)): int(str(count)) for span, count in found}


VALUES = st.dictionaries(st.sampled_from(POINTS), st.floats(allow_nan=False, width=64), min_size=1)


@given(rows=st.dictionaries(st.integers(1, 60), VALUES, min_size=1))
def test_the_minutes_of_an_hour_are_the_same_after_packing(rows: dict[int, dict[str, float]]) -> None:
    means = [minute(number, **values) for number, values in sorted(rows.items())]
    columns = columns_of(means)
    amounts, marks = amounts_and_marks(columns, POINTS)
    found = hours([(BEGIN_NS + HOUR_NS, amounts, marks)], POINTS, {})
    assert list(means_of("air-1", Span.MINUTE, found)) == means


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_lengths_that_do_not_fit_give_nothing(amounts: bytes, marks: bytes) -> None:
    count, rest = divmod(len(amounts), 8 * len(POINTS))
    fits = not rest and len(marks) == count * (2 * len(POINTS) + 1)
    assert len(hours([(BEGIN_NS, amounts, marks)], POINTS, {})) == (count if fits else 0)


def test_an_hour_has_the_minutes_that_end_in_it() -> None:
    assert hour_of(BEGIN_NS) == BEGIN_NS
    assert hour_of(BEGIN_NS + 1) == BEGIN_NS + HOUR_NS


async def test_whatever_is_put_packed_and_read_in_any_order_is_what_was_put_last(tmp_path: Path) -> None:
    chance = random.Random(11)
    said: dict[tuple[str, int], Mean] = {}
    path, clock = tmp_path / "s.db", HandClock()
    for _ in range(4):
        async with opened(path, clock) as store:
            for _ in range(40):
                await _one_step(store, chance, said)
                station, after = chance.choice(["air-1", "air-2"]), chance.randrange(300)
                through = after + chance.randrange(1, 200)
                expected = [
                    mean for (of, at), mean in sorted(said.items()) if of == station and after < at <= through
                ]
                assert await kept(store, station, after, through) == expected


async def _one_step(store: Store, chance: random.Random, said: dict[tuple[str, int], Mean]) -> None:
    step = chance.random()
    if step < 0.2:
        await store.flush()
    elif step < 0.4:
        await store.air.pack_minutes(BEGIN_NS + chance.randrange(400) * MINUTE_NS)
    else:
        first, station = chance.randrange(1, 300), chance.choice(["air-1", "air-2"])
        for number in range(first, first + chance.randrange(1, 50)):
            values = {name: chance.random() for name in chance.sample(POINTS, 2)}
            said[station, number] = minute(number, station, **values)
            store.air.put_mean(said[station, number])


async def test_packing_leaves_one_row_for_an_hour_and_the_open_hour_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with opened(path, HandClock()) as store:
        for number in range(1, 151):
            store.air.put_mean(minute(number))
        await packed(store, through=150)
    assert counts(path) == {Span.MINUTE.seconds: 30, PACKED_S: 2}
    async with opened(path, HandClock()) as store:
        assert await kept(store) == [minute(number) for number in range(1, 151)]


async def test_a_minute_that_is_said_again_later_counts_and_is_packed_in_turn(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with opened(path, HandClock()) as store:
        for number in range(1, 61):
            store.air.put_mean(minute(number))
        await packed(store, through=60)
        store.air.put_mean(minute(7, pm2_5=99.0, co2=400.0))
        expected = [minute(n) if n != 7 else minute(7, pm2_5=99.0, co2=400.0) for n in range(1, 61)]
        assert await kept(store) == expected
        await packed(store, through=60)
        assert await kept(store) == expected
    assert counts(path) == {PACKED_S: 1}


async def test_packed_minutes_are_let_go_by_whole_hours(tmp_path: Path) -> None:
    async with opened(tmp_path / "s.db", HandClock()) as store:
        for number in range(1, 181):
            store.air.put_mean(minute(number))
        await packed(store, through=180)
        store.air.forget_means(Span.MINUTE, BEGIN_NS + 100 * MINUTE_NS)
        await store.flush()
        assert await kept(store) == [minute(number) for number in range(61, 181)]


async def test_of_damaged_hours_the_others_are_given(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with opened(path, HandClock()) as store:
        for number in range(1, 181):
            store.air.put_mean(minute(number))
        await packed(store, through=180)
    file = database.Database(path, 10_000_000)
    file.open()
    file.run("UPDATE mean SET marks = zeroblob(4) WHERE end_ns = ?", (BEGIN_NS + 2 * HOUR_NS,))
    file.close()
    async with opened(path, HandClock()) as store:
        assert [mean.end_ns for mean in await kept(store)] == ends([*range(1, 61), *range(121, 181)])


def ends(numbers: Sequence[int]) -> list[int]:
    return [minute(number).end_ns for number in numbers]


async def test_packed_minutes_survive_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with opened(path, HandClock()) as store:
        for number in range(1, 1_261):
            store.air.put_mean(minute(number))
        await packed(store, through=1_200)
    overwrite_table(path, "sample")
    async with opened(path, HandClock()) as store:
        assert list(tmp_path.glob("s.db.damaged-*"))
        assert await kept(store) == [minute(number) for number in range(1, 1_261)]

import random
from pathlib import Path

import pytest

from edge.core.air import Mean, MeanValue, Span
from edge.core.model import Layout, Quality, Sample, Stream
from edge.runtime.store import Store, database
from edge.runtime.store.means import MeanRow, mean_row, sound_means
from edge.runtime.store.rows import layout_body, layout_of, row_crc, sample_body, text_crc
from edge.runtime.store.sound import JOURNAL_COLUMNS
from edge.runtime.store.waiting import WaitingMeans
from tests.runtime.store_help import (
    FAST,
    LAYOUT,
    START_NS,
    HandClock,
    drained,
    opened,
    overwrite_table,
    sample,
)

MINUTE_NS = 60_000_000_000
DERIVED = Layout(
    "station-1", "air_1h", ("pm2_5",), (("device", "station-1"),), "mean/1h", (("standing", "tham khảo"),)
)


def mean(number: int, station: str = "air-1", span: Span = Span.MINUTE, **values: float) -> Mean:
    found = values or {"pm2_5": float(number), "temperature": 30.5}
    return Mean(
        station,
        span,
        START_NS + number * span.seconds * 1_000_000_000,
        tuple(sorted((name, MeanValue(value, 0.9, name == "pm2_5")) for name, value in found.items())),
    )


async def kept(store: Store, station: str = "air-1", span: Span = Span.MINUTE) -> list[Mean]:
    return list(await store.air.means(station, span, 0, 2 * START_NS))


async def test_a_mean_is_read_back_before_and_after_it_is_on_disk_and_after_a_restart(tmp_path: Path) -> None:
    clock, path = HandClock(), tmp_path / "s.db"
    means = [mean(1), mean(2, pm2_5=3.25, co2=410.0), mean(3)]
    async with opened(path, clock) as store:
        for one in means:
            store.air.put_mean(one)
        assert await kept(store) == means
        await store.flush()
        assert await kept(store) == means
        store.air.put_mean(mean(4))
    async with opened(path, clock) as store:
        assert await kept(store) == [*means, mean(4)]
        assert await store.air.means("air-1", Span.MINUTE, means[0].end_ns, means[2].end_ns) == means[1:]
        assert await kept(store, span=Span.HOUR) == []


async def test_a_mean_that_is_said_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    async with opened(tmp_path / "s.db", HandClock()) as store:
        store.air.put_mean(mean(1))
        await store.flush()
        store.air.put_mean(mean(1, pm2_5=99.0))
        store.air.put_mean(mean(1, station="air-2"))
        expected = mean(1, pm2_5=99.0)
        assert await kept(store) == [expected]
        await store.flush()
        assert await kept(store) == [expected]


async def test_columns_hold_what_means_hold_whatever_points_there_were(tmp_path: Path) -> None:
    chance = random.Random(7)
    means = [
        mean(n, station, **{name: chance.random() for name in chance.sample(["a", "b", "c"], 2)})
        for n in range(200)
        for station in ("air-1", "air-2")
    ]
    async with opened(tmp_path / "s.db", HandClock()) as store:
        for one in means:
            store.air.put_mean(one)
            if chance.random() < 0.05:
                await store.flush()
        columns = await store.air.mean_columns(["air-1", "air-2"], Span.MINUTE, 0, 2 * START_NS)
        assert {station: len(found) for station, found in columns.items()} == {"air-1": 200, "air-2": 200}
        assert all(len(column) == 200 for column in columns["air-2"].values.values())
        assert await kept(store, "air-2") == [one for one in means if one.station == "air-2"]


async def test_old_means_are_let_go(tmp_path: Path) -> None:
    async with opened(tmp_path / "s.db", HandClock()) as store:
        for number in range(10):
            store.air.put_mean(mean(number))
            store.air.put_mean(mean(number, span=Span.HOUR))
        await store.flush()
        store.air.forget_means(Span.MINUTE, mean(7).end_ns)
        await store.flush()
        assert await kept(store) == [mean(7), mean(8), mean(9)]
        assert len(await kept(store, span=Span.HOUR)) == 10


async def test_a_damaged_mean_is_not_given(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with opened(path, HandClock()) as store:
        for number in range(3):
            store.air.put_mean(mean(number))
    file = database.Database(path, 10_000_000)
    file.open()
    file.run("UPDATE mean SET amounts = zeroblob(16) WHERE end_ns = ?", (mean(1).end_ns,))
    file.close()
    async with opened(path, HandClock()) as store:
        assert await kept(store) == [mean(0), mean(2)]


async def test_what_is_sound_of_the_means_survives_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with opened(path, HandClock()) as store:
        for number in range(2000):
            store.air.put_mean(mean(number))
    overwrite_table(path, "sample")
    async with opened(path, HandClock()) as store:
        assert list(tmp_path.glob("s.db.damaged-*"))
        assert await kept(store) == [mean(number) for number in range(2000)]


async def test_a_store_of_the_first_version_is_taken_over_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, clock = tmp_path / "s.db", HandClock()
    body, row_body = layout_body(LAYOUT), sample_body((7.0, 230.5), ())
    with monkeypatch.context() as patch:
        patch.setattr(database, "VERSION", 1)
        old = database.Database(path, 10_000_000)
        old.open()
        assert old.run("SELECT count(*) FROM sqlite_schema WHERE name = 'mean'") == [(0,)]
        old.run("INSERT INTO layout VALUES (1, ?, ?)", (body, text_crc(body)))
        crc = row_crc(1, START_NS, 1, row_body.encode())
        old.run("INSERT INTO sample VALUES (1, ?, 1, ?, ?)", (START_NS, row_body, crc))
        old.close()
    async with opened(path, clock) as store:
        store.air.put_mean(mean(1))
        store.put_sample(sample(8, clock))
        assert await drained(store, "mqtt") == [7.0, 8.0]
    new = database.Database(path, 10_000_000)
    new.open()
    assert new.run("PRAGMA user_version") == [(database.VERSION,)]
    assert len(new.run(f"SELECT {JOURNAL_COLUMNS} FROM sample")) == 2
    assert len(sound_means(new.run("SELECT * FROM mean"))) == 1
    roots = "SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0 ORDER BY name"
    upgraded = new.run(roots)
    new.close()
    fresh = database.Database(tmp_path / "fresh.db", 10_000_000)
    fresh.open()
    assert fresh.run(roots) == upgraded
    fresh.close()


def test_layouts_of_old_files_are_read_and_what_was_derived_keeps_what_is_said_of_it() -> None:
    assert layout_of('["meter-1","meter",["v"],[["device","meter-1"]]]') == Layout(
        "meter-1", "meter", ("v",), (("device", "meter-1"),)
    )
    assert layout_of(layout_body(LAYOUT)) == LAYOUT
    assert layout_of(layout_body(DERIVED)) == DERIVED


async def test_a_derived_sample_is_owed_with_its_series_and_remarks_after_a_restart(tmp_path: Path) -> None:
    path, clock = tmp_path / "s.db", HandClock()
    async with opened(path, clock) as store:
        store.put_sample(Sample(DERIVED, clock.stamp(), (12.5,), ((0, Quality.SUSPECT),)))
    async with opened(path, clock, settings=FAST) as store:
        (row,) = await store.owed_samples("mqtt", 10)
        assert (row.layout, row.values) == (DERIVED, ("12.5",))
        assert store.stats().pending["mqtt", Stream.SAMPLE] == 1


def waiting(number: int, span_s: int = 60, amounts: bytes = b"") -> MeanRow:
    return mean_row(span_s, number, "air-1", 1, amounts, b"")


def test_what_came_in_place_of_a_row_while_it_was_written_waits_on() -> None:
    rows = WaitingMeans()
    for row in (waiting(1), waiting(2)):
        rows.put(row)
    rows.put(waiting(1, amounts=b"12345678"))
    for row in (waiting(1), waiting(2)):
        rows.written(row)
    assert list(rows) == [waiting(1, amounts=b"12345678")]


def test_where_the_disk_takes_nothing_the_oldest_of_the_span_with_most_rows_leave() -> None:
    rows = WaitingMeans()
    for number in range(6):
        rows.put(waiting(number))
    rows.put(waiting(0, span_s=3600))
    rows.bound(4)
    assert [row.end_ns for row in rows.of(60, {"air-1"}, -1, 9)] == [3, 4, 5]
    assert len(rows.of(3600, {"air-1"}, -1, 9)) == 1

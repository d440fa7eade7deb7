"""`gianh export` and `gianh air report`, with a gateway that runs and with one that does not."""

import asyncio
import contextlib
import csv
import io
import json
import random
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from pypdf import PdfReader

from edge.cli import main
from edge.config.schema import Store as Settings
from edge.console.history_api import add_history
from edge.console.server import HttpServer
from edge.console.socket import socket_path
from edge.core.air import Span
from edge.core.model import Layout, Quality, Sample, Stamp
from edge.core.times import from_rfc3339
from edge.runtime.gateway import STORE_FILE
from edge.runtime.store import Store, history
from tests.air import month
from tests.runtime.store_help import HandClock

TOML = """
[gateway]
id = "gw-ba-don"
latitude = 17.7556
longitude = 106.4231
data_dir = "data"

[[bus]]
id = "usb-1"
kind = "serial"
port = "/dev/null"

[[device]]
id = "dust-1"
profile = "pms5003"
bus = "usb-1"

[[station]]
id = "ba-don"
title = "Trạm phường Ba Đồn"
devices = ["dust-1"]
"""
DAY = date(2026, 10, 31)
BEGIN_NS = from_rfc3339("2026-10-31T00:00:00+07:00")
SECOND_NS = 1_000_000_000
LAYOUT = Layout("dust-1", "air", ("pm2_5", "pm10"), (("device", "dust-1"),))
OTHER = Layout("meter-1", "meter", ("active_power",), (("device", "meter-1"),))
DERIVED = Layout("dust-1", "air_1h", ("pm2_5",), (), "mean/1h")
ROWS = 300


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(history, "PAGE_ROWS", 64)  # so that a few rows are many pages
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "gateway.toml"
    path.write_text(TOML, "utf-8")
    return path


@contextlib.asynccontextmanager
async def filled(tmp_path: Path, with_means: bool = False) -> AsyncIterator[Store]:
    """A store with samples of two devices, one a second, and the means of two days."""
    (tmp_path / "data").mkdir()
    store = Store(tmp_path / "data" / STORE_FILE, Settings(commit_s=0.05), HandClock(), random.random, "boot")
    await store.open(())
    try:
        for number in range(ROWS):
            at = Stamp(0, BEGIN_NS + number * SECOND_NS)
            flags = ((1, Quality.BAD),) if number == 7 else ()
            store.put_sample(Sample(LAYOUT, at, (number / 4, None if number % 10 == 3 else 1e-7), flags))
            store.put_sample(Sample(OTHER, at, (float(number),)))
            store.put_sample(Sample(DERIVED, at, (99.0,)))
        if with_means:
            place = month.place(points=("pm2_5", "pm10"))
            minutes = month.minutes_of(month.simulated(DAY, 1))
            for means in month.means_from(place, minutes).values():
                for mean in means:
                    store.air.put_mean(mean)
        await store.flush()
        yield store
    finally:
        await store.close()


def run(tmp_path: Path, *argv: str, served: bool, with_means: bool = False) -> int:
    """One command; with `served` a daemon answers on the socket, else the store lies there alone."""

    async def go() -> int:
        async with filled(tmp_path, with_means) as store:
            if not served:
                await store.close()
                return await asyncio.to_thread(main, argv)
            async with answering(tmp_path, store):
                return await asyncio.to_thread(main, argv)

    return asyncio.run(go())


@contextlib.asynccontextmanager
async def answering(tmp_path: Path, store: Store) -> AsyncIterator[None]:
    app = FastAPI()
    gateway: Any = SimpleNamespace(store=store)
    add_history(app, gateway)
    server = HttpServer(app, path=socket_path(tmp_path / "data"))
    task = asyncio.create_task(server.run())
    try:
        await server.bound.wait()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(params=[True, False], ids=["running", "stopped"])
def served(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_samples_come_as_they_were_read(
    config: Path, tmp_path: Path, served: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    times = ("--from", "2026-10-31", "--to", "2026-10-31T00:04:00")
    assert run(tmp_path, "export", "ba-don", *times, served=served) == 0
    out, err = capsys.readouterr()
    rows = table(out)
    assert [row["time"] for row in rows[:2]] == [
        "2026-10-30T17:00:00.000000000Z",
        "2026-10-30T17:00:01.000000000Z",
    ]
    assert [float(row["pm2_5"]) for row in rows] == [number / 4 for number in range(240)]
    assert {row["source"] for row in rows} == {"dust-1"}
    assert [at for at, row in enumerate(rows) if row["pm10"] == ""] == list(range(3, 240, 10))
    assert {row["pm10"] for row in rows} == {"", "1e-07"}
    assert [(at, row["remarks"]) for at, row in enumerate(rows) if row["remarks"]] == [(7, "pm10:bad")]
    assert err == "gianh: 240 rows of dust-1 to the screen\n"


def test_all_devices_and_chosen_points_go_into_one_table(
    config: Path, tmp_path: Path, served: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ("export", "--points", "active_power,pm10", "--from", "2026-10-31", "--local", "-o", "all.csv")
    assert run(tmp_path, *argv, "--json", served=served) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"file": "all.csv", "rows": 2 * ROWS, "sources": ["dust-1", "meter-1"]}
    rows = table((tmp_path / "all.csv").read_text("utf-8"))
    assert list(rows[0]) == ["time", "source", "active_power", "pm10", "remarks"]
    assert rows[0]["time"] == "2026-10-31T00:00:00.000000000+07:00"
    meter = [row["active_power"] for row in rows if row["source"] == "meter-1"]
    assert meter == [str(number) for number in range(ROWS)]
    assert sorted(path.name for path in tmp_path.glob("all*")) == ["all.csv"]


def test_means_of_any_span_have_the_numbers_that_are_kept(
    config: Path, tmp_path: Path, served: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    place = month.place(points=("pm2_5", "pm10"))
    means = month.means_from(place, month.minutes_of(month.simulated(DAY, 1)))[Span.HOUR]
    argv = ("export", "ba-don", "--span", "1h", "--from", "2026-10-30", "-o", "hours.parquet")
    assert run(tmp_path, *argv, served=served, with_means=True) == 0
    found = pq.read_table(tmp_path / "hours.parquet").to_pydict()
    assert len(found["time"]) == len(means) == 48
    dust = [dict(mean.values)["pm2_5"].value for mean in means]
    assert found["pm2_5"] == pytest.approx(dust, abs=1e-6)
    assert found["time"][0].timestamp() == means[0].end_ns / 1e9
    assert "48 rows of ba-don" in capsys.readouterr().err


def test_a_report_is_made_from_what_is_kept(
    config: Path, tmp_path: Path, served: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ("air", "report", "day", "ba-don", "--date", "2026-10-31", "--csv", "--json")
    assert run(tmp_path, *argv, served=served, with_means=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "pdf": "gianh-ba-don-2026-10-31.pdf",
        "csv": "gianh-ba-don-2026-10-31.csv",
        "empty": False,
        "whole": True,
    }
    text = PdfReader(tmp_path / told["pdf"]).pages[0].extract_text()
    assert "Trạm phường Ba Đồn" in text
    rows = list(csv.reader((tmp_path / told["csv"]).read_text("utf-8-sig").splitlines()))
    dust = next(row for row in rows if row[:3] == ["quantity", "pm2_5", "mean"])
    assert dust[3].replace(".", ",") in text


def test_a_month_without_data_has_a_report_that_says_so(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ("air", "report", "month", "ba-don", "--date", "2025-03", "-o", "march.csv")
    assert run(tmp_path, *argv, served=False) == 0
    assert "there is no valid data of ba-don" in capsys.readouterr().out
    assert not (tmp_path / "march.pdf").exists()


def test_where_nothing_is_kept_one_sentence_says_so_and_no_file_is_left(
    config: Path, tmp_path: Path, served: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ("export", "dust-1", "--from", "2025-01-01", "--to", "2025-02-01", "-o", "none.csv")
    assert run(tmp_path, *argv, served=served) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "gianh: no samples of dust-1 are kept from 2024-12-31T17:00:00.000Z to 2025-01-31T17:00:00.000Z: "
        "nothing was written\n"
    )
    assert list(tmp_path.glob("none*")) == []


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("export", "nobody"), "no samples of 'nobody' are kept; there is dust-1, meter-1"),
        (("export", "dust-1", "--points", "o3"), "no point 'o3' is kept of these; there are pm2_5, pm10"),
        (("export", "dust-1", "-o", "x.xlsx"), "x.xlsx: name it FILE.csv or FILE.parquet"),
        (("export", "dust-1", "--from", "yesterday"), "is neither a span"),
        (("export", "dust-1", "--to", "yesterday"), "correct --to"),
        (("export", "--from", "0001-01-01"), "out of the years 1970 to 2200: correct --from"),
        (("export", "--to", "9999-12-31"), "out of the years 1970 to 2200: correct --to"),
        (("export", "--from", "9" * 400 + "d", "--to", "1970-01-01"), "--from is not before --to"),
        (("export", "--from", "2026-10-02", "--to", "2026-10-01"), "--from is not before --to"),
        (("export", "--json"), "name it with -o"),
        (("export", "dust-1", "--span", "1h"), "no means of 'dust-1' are kept; there is nothing yet"),
        (("air", "report", "day", "nowhere"), "there is no station 'nowhere'; there are ba-don"),
        (("air", "report", "day", "ba-don", "--date", "31.10."), "write --date as 2026-10-31"),
        (("air", "report", "month", "ba-don", "-o", "x.doc"), "name it FILE.pdf"),
        (("air", "report", "month", "ba-don", "--date", "9999-12"), "out of the years 1970 to 2200"),
        (("air", "report", "day", "ba-don", "--date", "0001-01-01"), "out of the years 1970 to 2200"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(
    config: Path, tmp_path: Path, argv: Sequence[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, *argv, served=False) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") == 1


def test_without_a_store_and_without_a_gateway_one_sentence_says_so(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export"]) == 1
    assert "there is no store at" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("library", "argv"),
    [
        ("fpdf", ("air", "report", "day", "ba-don", "--date", "2026-10-31")),
        ("pyarrow", ("export", "dust-1", "--from", "2026-10-31", "-o", "x.parquet")),
    ],
)
def test_without_the_extra_one_sentence_says_how_to_install_it(
    config: Path,
    tmp_path: Path,
    library: str,
    argv: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    ours = ("cloud_sync.reports.pdf", "cloud_sync.reports.table_")
    for name in [name for name in sys.modules if name.startswith(ours)]:
        monkeypatch.delitem(sys.modules, name)
    assert run(tmp_path, *argv, served=False) == 2
    assert capsys.readouterr().err.endswith("install it with: pip install 'gianh[reports]'\n")
    assert list(tmp_path.glob("*.part")) == []


def test_a_row_number_far_away_does_not_make_the_reader_walk(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """While its file could not be opened the store numbers rows from far above."""

    async def go() -> None:
        async with filled(tmp_path) as store:
            await store.close()

    asyncio.run(go())
    import apsw

    from edge.runtime.store.rows import row_crc

    connection = apsw.Connection(str(tmp_path / "data" / STORE_FILE))
    ((layout,),) = connection.execute("SELECT layout FROM sample WHERE seq = 1")
    at_ns, seq = BEGIN_NS + 3600 * SECOND_NS, 1 << 51
    values = (seq, at_ns, layout, "5,6", row_crc(seq, at_ns, layout, b"5,6"))
    connection.execute("INSERT INTO sample VALUES (?, ?, ?, ?, ?)", values)
    connection.close()
    assert main(["export", "dust-1", "--from", "2026-10-31"]) == 0
    rows = table(capsys.readouterr().out)
    assert len(rows) == ROWS + 1
    assert rows[-1]["pm10"] == "6"


def test_the_default_period_is_the_last_that_is_over() -> None:
    from edge.cli.air_report import day_of
    from edge.core.air_report import Period

    now = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)  # in Ha Noi it is December
    now_ns = round(now.timestamp()) * SECOND_NS
    assert day_of(None, Period.DAY, month.ZONE, now_ns) == date(2026, 11, 30)
    assert day_of(None, Period.MONTH, month.ZONE, now_ns) == date(2026, 11, 30)
    before_ns = now_ns - round(timedelta(hours=1).total_seconds()) * SECOND_NS
    assert day_of(None, Period.DAY, month.ZONE, before_ns) == date(2026, 11, 29)
    assert day_of("2026-10", Period.MONTH, month.ZONE, now_ns) == date(2026, 10, 1)

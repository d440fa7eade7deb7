"""Energy of the town out of a real InfluxDB 1.6: nights that gateways told of, and those that are missing."""

import csv
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from cloud_sync.influx.lines import Lines
from edge.config.console import History
from edge.console.centre.influx import Influx
from edge.console.centre.nights import RISEN, ZONE, Nights, Whose, noon_ns
from edge.core.clock import SystemClock
from edge.core.lighting import LampNight, NightRecord
from edge.core.model import SampleRow, Stamp
from edge.lighting.night_rows import night_rows
from tests.console.asking import Answer
from tests.console.test_centre import Running, at_the_centre
from tests.servers import Influxd, running

LAMPS = tuple(f"lamp-{nth:02}" for nth in range(1, 5))
HOURS = 12.0
NIGHTS = 10
ONE = timedelta(days=1)


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    server = Influxd(tmp_path_factory.mktemp("influx"))
    with running(server):
        server.query("CREATE DATABASE town")
        server.query('CREATE RETENTION POLICY "day" ON "town" DURATION 0s REPLICATION 1')
        server.query("CREATE DATABASE bare")
        yield server


def record(night: date, lamps: Sequence[str] = LAMPS, reading: float = 0.0) -> NightRecord:
    """A night at half of full light: the first two lamps measured, the last of unknown power."""
    found = tuple(
        LampNight(lamp, 0.0, 0.0, 0.0, 11.0, HOURS)
        if nth == len(LAMPS) - 1
        else LampNight(lamp, 0.5, 1.0, 0.5 if nth < 2 else 0.0, 11.0, HOURS)
        for nth, lamp in enumerate(lamps)
    )
    return NightRecord(night, HOURS, found, (("meter", reading),))


def lines_of(gateway: str, records: Sequence[NightRecord], hour: int = 6) -> str:
    """As the gateway sends them: at sunrise of the next day; by the day they stand at its begin."""
    tags = {name: (("device", name), ("gateway", gateway)) for name in (*LAMPS, "meter", gateway)}
    made = []
    for one in records:
        at = datetime.combine(one.night + ONE, time(hour), ZONE)
        stamp = Stamp(0, round(at.timestamp()) * 10**9)
        for sample in night_rows(one, gateway, tags, stamp):
            texts = tuple("" if value is None else repr(value) for value in sample.values)
            line = Lines(()).sample(SampleRow(0, stamp.utc_ns or 0, sample.layout, texts))
            made += [line] if line is not None else []
    return "\n".join(made)


def write(influx: Influxd, text: str, database: str = "town", policy: str = "autogen") -> None:
    asked = urlencode({"db": database, "rp": policy})
    urllib.request.urlopen(f"{influx.url}/write?{asked}", text.encode(), timeout=20).close()


@asynccontextmanager
async def nights_of(influx: Influxd, database: str = "town") -> AsyncIterator[Nights]:
    asks = Influx(History(url=influx.url, database=database))
    yield Nights(asks, SystemClock())
    await asks.close()


def newest() -> date:
    return (datetime.now(ZONE) - RISEN).date() - ONE


@pytest.fixture
async def run(tmp_path: Path, influx: Influxd) -> AsyncIterator[Running]:
    """Of three gateways with four lamps each the first told of all nights, the second not of all."""
    last = newest()
    days = [last - nth * ONE for nth in reversed(range(NIGHTS))]
    all_nights = [record(day, LAMPS, 100.0 + 8 * nth) for nth, day in enumerate([days[0] - ONE, *days])]
    write(influx, lines_of("sim-0000", all_nights))
    write(influx, lines_of("sim-0001", [record(day, LAMPS[:3]) for day in days[:4]]))
    settings = History(url=influx.url, database="town")
    async with at_the_centre(tmp_path, gateways=3, lamps=4, influx=settings) as made:
        yield made


async def asked(run: Running, target: str, first: date, last: date, **more: Any) -> Answer:
    query = urlencode({"target": target, "first": first, "last": last} | more)
    kind = "/csv" if "gateways" in more else ""
    return await run.browser("viewer").ask("GET", f"/api/v1/town/energy{kind}?{query}")


async def test_the_town_a_gateway_and_a_group_with_what_was_measured_and_what_is_missing(
    run: Running,
) -> None:
    last = newest()
    first = last - (NIGHTS - 1) * ONE
    town = (await asked(run, "", first, last)).json
    names = ("target", "owed", "used_kwh", "measured_kwh", "computed_kwh", "full_kwh", "saved_percent")
    # Ten nights of three lamps that are known, and four of three of which all are.
    assert [town[name] for name in names] == ["town", NIGHTS, 21.0, 14.0, 7.0, 42.0, 50.0]
    assert (town["nights"][0]["lamps"], town["nights"][0]["known"]) == (12, 6)
    assert town["since"] == str(first - ONE)
    # Of 12 lamps in 10 nights: 40 nights of lamps came from the first gateway, 12 from the second.
    assert town["completeness"] == pytest.approx(52 / 120, abs=1e-4)
    told = {one["gateway"]: one for one in town["gateways"]}
    assert {name: one["nights"] for name, one in told.items()} == {
        "sim-0000": 10,
        "sim-0001": 4,
        "sim-0002": 0,
    }
    assert (told["sim-0000"]["completeness"], told["sim-0000"]["saved_kwh"]) == (1.0, 15.0)
    assert told["sim-0001"]["completeness"] == pytest.approx(0.4 * 3 / 4)
    assert (told["sim-0002"]["used_kwh"], told["sim-0002"]["lamps"]) == (None, 4)

    gateway = (await asked(run, "sim-0000", first, last)).json
    assert (gateway["used_kwh"], gateway["completeness"], gateway["gateways"]) == (15.0, 1.0, [])
    meter = {"device": "meter", "kwh": 80.0, "after": str(first - ONE), "until": str(last)}
    assert gateway["meters"] == [meter]

    group = (await asked(run, "sim-0000/street", first, last)).json
    assert (group["used_kwh"], group["measured_kwh"], group["lit_h"]) == (15.0, 10.0, 440.0)
    assert (group["nights"][0]["lamps"], group["nights"][0]["known"]) == (4, 3)
    lamp = (await asked(run, "sim-0000/lamp-03", last, last)).json
    assert (lamp["measured_kwh"], lamp["computed_kwh"], lamp["completeness"]) == (0.0, 0.5, 1.0)
    dark = (await asked(run, "sim-0002/lamp-01", last, last)).json
    assert (dark["used_kwh"], dark["nights"], dark["since"], dark["completeness"]) == (None, [], None, 0.0)

    table = list(csv.DictReader((await asked(run, "", first, last, gateways=True)).text[1:].splitlines()))
    assert [(row["gateway"], row["nights"], row["used_kwh"]) for row in table] == [
        ("sim-0000", "10", "15.0"), ("sim-0001", "4", "6.0"), ("sim-0002", "0", ""),
    ]  # fmt: skip
    assert (await asked(run, "sim-0000/nobody", first, last)).status == 404
    assert (await asked(run, "sim-0000", last, first)).status == 422
    assert (await run.browser("viewer").ask("GET", "/api/v1/town/energy")).json["first"] == str(last)


async def test_nights_that_were_thinned_out_are_counted_once(influx: Influxd) -> None:
    after = newest() - 55 * ONE
    before = after - ONE
    write(influx, lines_of("thin", [record(before), record(after)]))
    write(influx, lines_of("thin", [record(before - ONE), record(before), record(after)], 0), policy="day")
    async with nights_of(influx) as nights:
        found = await nights.each(Whose("thin"), before - 5 * ONE, after + ONE, 4)
        told = await nights.by_gateway(before - 5 * ONE, after + ONE)
        assert await nights.oldest("thin") == before - ONE
    assert [(one.night, one.used_kwh) for one in found] == [(before - ONE, 1.5), (before, 1.5), (after, 1.5)]
    assert (told["thin"].nights, told["thin"].lamps, told["thin"].full_kwh) == (3, 4, 9.0)


async def test_a_database_that_others_set_up_is_asked_for_what_it_has(influx: Influxd) -> None:
    after = newest() - 55 * ONE
    before = after - ONE
    write(influx, lines_of("other", [record(before), record(after)]), "bare")
    async with nights_of(influx, "bare") as nights:
        found = await nights.each(Whose("other", frozenset(LAMPS[1:3])), before, after, 2)
    assert [(one.night, one.measured_kwh, one.completeness) for one in found] == [
        (before, 0.5, 1.0), (after, 0.5, 1.0),
    ]  # fmt: skip


async def test_a_street_of_lamps_is_asked_for_though_no_address_could_name_them_all(
    influx: Influxd,
) -> None:
    many = frozenset(f"a-lamp-with-a-long-name-{nth:05}" for nth in range(3000))
    write(influx, lines_of("wide", [record(newest())]))
    async with nights_of(influx) as nights:
        (found,) = await nights.each(Whose("wide", many | set(LAMPS)), newest(), newest(), 3004)
    assert (found.used_kwh, found.lamps, found.known) == (1.5, 3004, 3)


async def test_a_centre_without_influxdb_says_in_one_sentence_what_to_configure(tmp_path: Path) -> None:
    async with at_the_centre(tmp_path, gateways=1, lamps=1) as run:
        answer = await run.browser("viewer").ask("GET", "/api/v1/town/energy")
        assert answer.status == 409
        assert answer.json["detail"].startswith(
            "nights are kept in InfluxDB, and console.toml names none: set "
        )


def test_a_night_lasts_from_noon_to_noon() -> None:
    assert noon_ns(date(2026, 11, 27)) == 1_795_755_600 * 10**9

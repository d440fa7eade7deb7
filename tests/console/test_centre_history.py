"""The centre's history out of a real InfluxDB 1.6: what was written as gateways write it, and its absence."""

import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from cloud_sync.influx.lines import Lines
from edge.config.console import History
from edge.console.town.sight import Origin, Span
from edge.console.town.steps import gathered
from edge.core.model import Layout, SampleRow
from edge.core.times import rfc3339, rfc3339_ms
from tests.console.asking import Answer
from tests.console.test_centre import Running, at_the_centre
from tests.servers import Influxd, running

SECOND_NS = 1_000_000_000
FROM_NS = 1_790_000_000 * SECOND_NS
SPAN = Span(FROM_NS, FROM_NS + 7_200 * SECOND_NS, 300)
TAGS = (("commune", "ba-don"), ("device", "lamp-01"), ("gateway", "sim-0000"))


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    server = Influxd(tmp_path_factory.mktemp("influx"))
    with running(server):
        server.query("CREATE DATABASE town")
        yield server


def written(influx: Influxd) -> list[tuple[int, float]]:
    """Two hours of a lamp's power, with a gap, as its gateway sends them; and another lamp's."""
    values = [
        (FROM_NS + 17 * number * SECOND_NS, round(60 + 20 * ((number * 7919) % 97) / 97, 2))
        for number in range(420)
        if not 100 < number < 180
    ]
    lines = []
    for device, factor in (("lamp-01", 1.0), ("lamp-02", 3.0)):
        tags = tuple((name, device if name == "device" else value) for name, value in TAGS)
        layout = Layout(device, "lamp", ("active_power",), tags)
        rows = (SampleRow(0, at_ns, layout, (str(factor * value),)) for at_ns, value in values)
        lines += [line for row in rows if (line := Lines(()).sample(row)) is not None]
    body = "\n".join(lines).encode()
    urllib.request.urlopen(f"{influx.url}/write?db=town", body, timeout=20).close()
    return values


async def series(run: Running, point: str = "active_power", **more: Any) -> Answer:
    asked = {
        "thing": "sim-0000/lamp-01",
        "point": point,
        "from": rfc3339(SPAN.from_ns),
        "to": rfc3339(SPAN.to_ns),
        "step": SPAN.step_s,
    }
    return await run.browser("viewer").ask("GET", f"/api/v1/town/series?{urlencode(asked | more)}")


async def test_what_influxdb_gives_is_what_was_written(tmp_path: Path, influx: Influxd) -> None:
    values = written(influx)
    settings = History(url=influx.url, database="town")
    async with at_the_centre(tmp_path, gateways=1, lamps=1, influx=settings) as run:
        found = (await series(run)).json
        wanted = gathered(values, SPAN, Origin.INFLUX)
        assert (found["origin"], found["unit"]) == ("influx", "W")
        assert found["at"] == [rfc3339_ms(at_ns) for at_ns in wanted.at_ns]
        assert found["mean"] == pytest.approx(wanted.mean)
        assert (found["low"], found["high"]) == (wanted.low, wanted.high)
        assert len(found["at"]) == 20  # of 24 steps those in the gap are left out, not made up
        assert (await series(run, "supply_voltage")).json["at"] == []


async def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path, influx: Influxd) -> None:
    settings = History(url=influx.url, database="nowhere")
    async with at_the_centre(tmp_path, gateways=1, lamps=1, influx=settings) as run:
        answer = await series(run)
        assert answer.status == 503
        assert answer.json["detail"].startswith("no history: InfluxDB says database not found: nowhere")


async def test_an_influxdb_that_is_gone_or_silent_is_one_sentence_in_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = History(url=f"http://127.0.0.1:{port}", database="town", timeout_s=0.3)
        async with at_the_centre(tmp_path, gateways=1, lamps=1, influx=settings) as run:
            answer = await series(run)
            assert (answer.status, answer.json["detail"]) == (
                503, f"http://127.0.0.1:{port} gave no history in 0.3 s",
            )  # fmt: skip
            silent.close()
            gone = await series(run)
            assert gone.status == 503
            assert gone.json["detail"].startswith(f"no history: http://127.0.0.1:{port} cannot be reached")

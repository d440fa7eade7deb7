import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_sync.influx.lines import Lines
from cloud_sync.influx.publisher import InfluxPublisher
from edge.config.schema import Influx
from edge.core.clock import SystemClock
from edge.core.errors import PermanentError, TransientError
from edge.core.model import EventKind, Layout, SampleRow, Severity
from tests.cloud_sync.rows import AT_NS, event, sample
from tests.servers import Influxd, VictoriaMetrics, running

TAGS = (("gateway", "gw-a"),)


@pytest.fixture
def influxd(tmp_path: Path) -> Iterator[Influxd]:
    server = Influxd(tmp_path / "influx")
    with running(server):
        server.query("CREATE DATABASE town")
        yield server


def publisher(url: str, **more: object) -> InfluxPublisher:
    where = {"id": "centre", "url": url, "version": 1, "database": "town"}
    return InfluxPublisher(Influx.model_validate(where | more), TAGS, SystemClock())


def rows(count: int, poison: frozenset[int] = frozenset()) -> list[SampleRow]:
    return [sample(n, "bad" if n in poison else "230.1", "5") for n in range(count)]


async def test_a_good_batch_is_stored_and_sending_it_again_changes_nothing(influxd: Influxd) -> None:
    influx = publisher(influxd.url)
    for _ in range(2):
        delivery = await influx.deliver_samples(rows(5000))
        assert delivery.trouble is None
        assert len(delivery.done) == 5000
    await influx.close()
    assert influxd.count("meter", "active_power") == 5000
    last = influxd.query("SELECT * FROM meter ORDER BY time DESC LIMIT 1", db="town").splitlines()
    assert last[0] == "name,tags,time,active_power,device,gateway,supply_voltage"
    assert last[1] == f"meter,,{AT_NS + 4999 * 10**6},5,meter-1,gw-a,230.1"


async def test_one_poisoned_line_among_5000_is_found_and_all_others_arrive(influxd: Influxd) -> None:
    influx = publisher(influxd.url)
    delivery = await influx.deliver_samples(rows(5000, frozenset({1234})))
    await influx.close()
    (rejection,) = delivery.rejected
    assert rejection.seq == 1234
    assert "unable to parse" in rejection.reason
    assert "supply_voltage=bad" in rejection.line
    assert len(delivery.done) == 4999
    assert influxd.count("meter", "active_power") == 4999


async def test_a_field_of_another_type_is_set_aside_with_the_servers_words(influxd: Influxd) -> None:
    body = b'meter,device=meter-1,gateway=gw-a active_power="text" %d' % AT_NS
    with urllib.request.urlopen(f"{influxd.url}/write?db=town", body):
        pass
    influx = publisher(influxd.url)
    delivery = await influx.deliver_samples([sample(1, "230.1", ""), sample(2, "230.1", "5")])
    await influx.close()
    assert list(delivery.done) == [1]
    assert [rejection.seq for rejection in delivery.rejected] == [2]
    assert "field type conflict" in delivery.rejected[0].reason


async def test_a_missing_database_keeps_everything_until_it_is_made(influxd: Influxd) -> None:
    influx = publisher(influxd.url, database="nowhere")
    delivery = await influx.deliver_samples(rows(10))
    assert isinstance(delivery.trouble, PermanentError)
    assert "nowhere" in str(delivery.trouble)
    assert (list(delivery.done), list(delivery.rejected)) == ([], [])
    influxd.query("CREATE DATABASE nowhere")
    assert len((await influx.deliver_samples(rows(10))).done) == 10
    await influx.close()


async def test_a_wrong_password_keeps_everything_and_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Influxd(tmp_path / "influx", "auth-enabled = true")
    with running(server):
        server.query("CREATE USER gw WITH PASSWORD 'right-one' WITH ALL PRIVILEGES")
        server.query("CREATE DATABASE town", u="gw", p="right-one")
        monkeypatch.setenv("GIANH_INFLUX_CENTRE_PASSWORD", "wrong-one")
        influx = publisher(server.url, username="gw")
        refused = await influx.deliver_samples(rows(3))
        monkeypatch.setenv("GIANH_INFLUX_CENTRE_PASSWORD", "right-one")
        taken = await influx.deliver_samples(rows(3))
        await influx.close()
        assert server.count("meter", "active_power", u="gw", p="right-one") == 3
    assert isinstance(refused.trouble, PermanentError)
    assert "HTTP 401" in str(refused.trouble)
    assert "wrong-one" not in str(refused.trouble)
    assert (list(refused.done), list(refused.rejected)) == ([], [])
    assert len(taken.done) == 3


def _until_something_is_stored(influxd: Influxd) -> None:
    while influxd.count("meter", "active_power") == 0:
        pass


async def test_a_killed_server_costs_nothing(influxd: Influxd) -> None:
    influx = publisher(influxd.url, batch_max=100)
    sending = asyncio.create_task(influx.deliver_samples(rows(3000)))
    await asyncio.get_running_loop().run_in_executor(None, _until_something_is_stored, influxd)
    influxd.kill()
    first = await sending
    assert isinstance(first.trouble, TransientError)
    influxd.start()
    owed = [row for row in rows(3000) if row.seq not in set(first.done)]
    second = await influx.deliver_samples(owed)
    await influx.close()
    assert len(first.done) + len(second.done) == 3000
    assert influxd.count("meter", "active_power") == 3000


async def test_bodies_over_the_servers_limit_are_made_smaller(tmp_path: Path) -> None:
    server = Influxd(tmp_path / "influx", "max-body-size = 20000")
    wide = Layout("wide", "air", tuple(f"point_{n}" for n in range(2500)), TAGS)
    with running(server):
        server.query("CREATE DATABASE town")
        influx = publisher(server.url, gzip=False)
        delivery = await influx.deliver_samples([*rows(2000), sample(9000, *["1.25"] * 2500, layout=wide)])
        await influx.close()
        assert server.count("meter", "active_power") == 2000
    assert len(delivery.done) == 2000
    assert [rejection.seq for rejection in delivery.rejected] == [9000]
    assert "HTTP 413" in delivery.rejected[0].reason


async def test_gaps_and_alarms_are_stored(influxd: Influxd) -> None:
    influx = publisher(influxd.url)
    gap = event(1, EventKind.GAP, count=12, reason='disk "cap", full')
    await influx.deliver_events([gap, event(2, severity=Severity.ALARM)])
    await influx.close()
    row = influxd.query("SELECT gap_count, gap_reason FROM gateway", db="town").splitlines()[1]
    assert row == f'gateway,,{AT_NS},12,"disk ""cap"", full"'
    alarm = influxd.query("SELECT text FROM alarm GROUP BY kind", db="town").splitlines()[1]
    assert alarm.startswith(f"alarm,kind=device_lost,{AT_NS},")


async def test_the_v2_path_carries_everything_to_victoria_metrics(tmp_path: Path) -> None:
    server = VictoriaMetrics(tmp_path / "victoria")
    with running(server):
        settings = {"id": "centre", "url": server.url, "version": 2, "org": "o", "bucket": "town"}
        influx = InfluxPublisher(Influx.model_validate(settings), TAGS, SystemClock())
        first_ns = SystemClock().utc_ns() - 60 * 10**9
        delivery = await influx.deliver_samples([sample(n, at_ns=first_ns + n * 10**6) for n in range(500)])
        await influx.close()
        assert delivery.trouble is None
        assert len(delivery.done) == 500
        urllib.request.urlopen(f"{server.url}/internal/force_flush").close()
        with urllib.request.urlopen(f"{server.url}/api/v1/export?match[]=%7Bgateway=%22gw-a%22%7D") as reply:
            series = [json.loads(line) for line in reply.read().decode().splitlines()]
    assert {one["metric"]["__name__"] for one in series} == {"meter_supply_voltage", "meter_active_power"}
    assert all(len(one["values"]) == 500 for one in series)


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    server = Influxd(tmp_path_factory.mktemp("oracle"))
    with running(server):
        server.query("CREATE DATABASE town")
        yield server


name = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@settings(max_examples=60)
@given(
    tag=name,
    value=st.floats(allow_nan=False, allow_infinity=False),
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
def test_the_real_parser_takes_every_line_and_gives_the_number_back(
    oracle: Influxd, tag: str, value: float, text: str
) -> None:
    oracle.query("DROP MEASUREMENT probe", db="town")
    layout = Layout("d", "probe", ("f",), (("device", tag),))
    lines = Lines(TAGS)
    sent = [
        lines.sample(sample(0, repr(value), layout=layout, at_ns=7)),
        lines.event(event(kind=EventKind.GAP, text=text)),
    ]
    body = "\n".join(line for line in sent if line).encode()
    try:
        with urllib.request.urlopen(f"{oracle.url}/write?db=town&precision=ns", body) as reply:
            assert reply.status == 204
    except urllib.error.HTTPError as error:
        with error:
            raise AssertionError(f"{sent}: {error.read().decode()}") from None
    found = oracle.query('SELECT "f" FROM probe', db="town").splitlines()[1]
    assert float(found.split(",")[-1]) == value

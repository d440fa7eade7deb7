import json
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.influx.publisher import InfluxPublisher
from edge.config.schema import Influx
from edge.core.clock import SystemClock
from edge.core.errors import PermanentError, TransientError
from edge.core.model import EventKind, Layout, SampleRow
from tests.cloud_sync.fake_influx import Answer, FakeInflux, Request, Storing, fake_influx
from tests.cloud_sync.rows import event, sample
from tests.servers import certificate

TAGS = (("gateway", "gw-a"),)
SECRET = "s3cret-token"


def publisher(fake: FakeInflux, version: int = 1, **more: object) -> InfluxPublisher:
    where: dict[str, object] = {"database": "town"} if version == 1 else {"org": "ba don", "bucket": "town"}
    settings = Influx.model_validate({"id": "centre", "url": fake.url, "version": version} | where | more)
    return InfluxPublisher(settings, TAGS, SystemClock())


def rows(count: int, poison: frozenset[int] = frozenset(), word: str = "poison") -> list[SampleRow]:
    return [sample(n, word if n in poison else "230.1", "5") for n in range(count)]


@given(
    generation=st.sampled_from([1, 2, 3]),
    poison=st.frozensets(st.integers(0, 63), max_size=6),
    word=st.sampled_from(["poison", "conflict"]),
)
async def test_bad_lines_are_set_aside_and_all_others_are_stored(
    generation: int, poison: frozenset[int], word: str
) -> None:
    storing = Storing(generation)
    async with fake_influx(storing) as fake:
        influx = publisher(fake, generation)
        delivery = await influx.deliver_samples(rows(64, poison, word))
        await influx.close()
    assert delivery.trouble is None
    assert {rejection.seq for rejection in delivery.rejected} == poison
    assert all(word in rejection.line for rejection in delivery.rejected)
    assert set(delivery.done) == set(range(64)) - poison
    assert len(storing.stored) == 64 - len(poison)


async def test_v1_writes_to_its_database_with_basic_auth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIANH_INFLUX_CENTRE_PASSWORD", "pw")
    async with fake_influx(Storing(1)) as fake:
        influx = publisher(fake, username="gateway")
        await influx.deliver_samples(rows(1))
        await influx.close()
    assert fake.requests[0].target == "/write?precision=ns&db=town"
    assert fake.requests[0].headers["authorization"].startswith("Basic ")


async def test_v2_writes_to_its_bucket_with_the_token_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(SECRET + "\n")
    async with fake_influx(Storing(2)) as fake:
        influx = publisher(fake, 2, token_file=file)
        await influx.deliver_samples(rows(1))
        await influx.close()
    assert fake.requests[0].target == "/api/v2/write?precision=ns&bucket=town&org=ba+don"
    assert fake.requests[0].headers["authorization"] == f"Token {SECRET}"


async def test_a_corrected_token_counts_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("wrong-token")

    def answer(request: Request) -> Answer:
        if request.headers["authorization"] == f"Token {SECRET}":
            return 204, {}, ""
        return 401, {}, '{"code":"unauthorized","message":"unauthorized access"}'

    async with fake_influx(answer) as fake:
        influx = publisher(fake, 2, token_file=file)
        first = await influx.deliver_samples(rows(3))
        file.write_text(SECRET)
        second = await influx.deliver_samples(rows(3))
        await influx.close()
    assert isinstance(first.trouble, PermanentError)
    assert (list(first.done), list(first.rejected)) == ([], [])
    assert "unauthorized access" in str(first.trouble)
    assert "wrong-token" not in str(first.trouble)
    assert list(second.done) == [0, 1, 2]


async def test_a_missing_token_file_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    async with fake_influx(Storing(2)) as fake:
        delivery = await publisher(fake, 2, token_file=tmp_path / "none").deliver_samples(rows(2))
    assert isinstance(delivery.trouble, PermanentError)
    assert str(tmp_path / "none") in str(delivery.trouble)
    assert fake.requests == []


@pytest.mark.parametrize("status", [401, 403, 404, 200, 302])
async def test_a_refusal_keeps_every_row_and_says_why(status: int) -> None:
    async with fake_influx(lambda _: (status, {"Location": "http://elsewhere/"}, "no")) as fake:
        influx = publisher(fake)
        delivery = await influx.deliver_samples(rows(5))
        await influx.close()
    assert isinstance(delivery.trouble, PermanentError)
    assert f"HTTP {status}" in str(delivery.trouble)
    assert (list(delivery.done), list(delivery.rejected)) == ([], [])
    assert len(fake.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_overloaded_server_gets_the_wait_that_it_asked_for(status: int) -> None:
    async with fake_influx(lambda _: (status, {"Retry-After": "17"}, "busy")) as fake:
        influx = publisher(fake)
        delivery = await influx.deliver_samples(rows(5))
        await influx.close()
    assert isinstance(delivery.trouble, TransientError)
    assert delivery.wait_s == 17
    assert list(delivery.done) == []


async def test_after_a_413_bodies_stay_smaller_and_everything_arrives() -> None:
    stored: set[str] = set()

    def answer(request: Request) -> Answer:
        if sum(map(len, request.lines)) > 9_000:
            return 413, {}, '{"error":"Request Entity Too Large"}'
        stored.update(request.lines)
        return 204, {}, ""

    async with fake_influx(answer) as fake:
        influx = publisher(fake)
        first = await influx.deliver_samples(rows(1000))
        refused = sum(1 for request in fake.requests if sum(map(len, request.lines)) > 9_000)
        second = await influx.deliver_samples(rows(1000))
        await influx.close()
    assert refused > 0
    assert sum(1 for request in fake.requests if sum(map(len, request.lines)) > 9_000) == refused
    assert len(first.done) == len(second.done) == len(stored) == 1000


async def test_a_single_line_that_is_too_large_is_set_aside() -> None:
    wide = Layout("wide", "air", tuple(f"p{n}" for n in range(100)), ())

    def answer(request: Request) -> Answer:
        return (413, {}, "too large") if sum(map(len, request.lines)) > 300 else (204, {}, "")

    async with fake_influx(answer) as fake:
        influx = publisher(fake)
        delivery = await influx.deliver_samples([*rows(3), sample(9, *["1"] * 100, layout=wide)])
        await influx.close()
    assert set(delivery.done) == {0, 1, 2}
    assert [(rejection.seq, rejection.reason) for rejection in delivery.rejected] == [
        (9, "HTTP 413: too large")
    ]


async def test_what_was_stored_before_the_trouble_is_done_and_the_rest_owed() -> None:
    answers = iter([(204, {}, ""), (503, {}, "")])
    async with fake_influx(lambda _: next(answers)) as fake:
        influx = publisher(fake, batch_max=10)
        delivery = await influx.deliver_samples(rows(30))
        await influx.close()
    assert list(delivery.done) == list(range(10))
    assert isinstance(delivery.trouble, TransientError)


async def test_a_connection_that_breaks_is_made_anew() -> None:
    answers = iter([None, (204, {}, "")])
    async with fake_influx(lambda _: next(answers)) as fake:
        influx = publisher(fake)
        first = await influx.deliver_samples(rows(2))
        second = await influx.deliver_samples(rows(2))
        await influx.close()
        assert fake.connections == 2
    assert isinstance(first.trouble, TransientError)
    assert list(second.done) == [0, 1]


async def test_a_server_that_is_not_there_is_named() -> None:
    async with fake_influx(Storing(1)) as fake:
        influx = publisher(fake)
    delivery = await influx.deliver_samples(rows(1))
    assert isinstance(delivery.trouble, TransientError)
    assert f"InfluxDB centre at {fake.url}" in str(delivery.trouble)


async def test_an_answer_that_trickles_for_ever_ends_at_the_deadline() -> None:
    async with fake_influx(lambda _: (200, {"Transfer-Encoding": "chunked"}, "")) as fake:
        influx = publisher(fake, timeout_s=0.2)
        delivery = await influx.deliver_samples(rows(1))
    assert isinstance(delivery.trouble, TransientError)
    assert "0.2 s" in str(delivery.trouble)


async def test_rows_without_a_value_are_done_without_a_request() -> None:
    async with fake_influx(Storing(1)) as fake:
        delivery = await publisher(fake).deliver_samples([sample(4, "", "")])
    assert (list(delivery.done), fake.requests) == ([4], [])


async def test_events_that_influx_does_not_keep_are_done_and_gaps_are_sent() -> None:
    async with fake_influx(Storing(1)) as fake:
        influx = publisher(fake)
        delivery = await influx.deliver_events([event(1), event(2, EventKind.GAP, count=3)])
        await influx.close()
    assert sorted(delivery.done) == [1, 2]
    assert [request.lines[0].split(",")[0] for request in fake.requests] == ["gateway"]


async def test_without_gzip_the_body_is_plain() -> None:
    async with fake_influx(Storing(1)) as fake:
        influx = publisher(fake, gzip=False)
        await influx.deliver_samples(rows(1))
        await influx.close()
    assert "content-encoding" not in fake.requests[0].headers
    assert json.dumps(fake.requests[0].lines[0]).startswith('"meter,')


async def test_over_https_only_a_trusted_certificate_is_spoken_to(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    async with fake_influx(Storing(1), tls) as fake:
        distrusting, trusting = publisher(fake), publisher(fake, ca_file=cert)
        refused = await distrusting.deliver_samples(rows(2))
        taken = await trusting.deliver_samples(rows(2))
        await trusting.close()
    assert isinstance(refused.trouble, PermanentError)
    assert "ca_file" in str(refused.trouble)
    assert list(taken.done) == [0, 1]
    assert len(fake.requests) == 1


async def test_an_unreadable_ca_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("nothing")
    settings = {"id": "centre", "url": "https://127.0.0.1:1", "version": 1, "database": "town"}
    influx = InfluxPublisher(
        Influx.model_validate(settings | {"ca_file": tmp_path / "ca"}), TAGS, SystemClock()
    )
    delivery = await influx.deliver_samples(rows(1))
    assert isinstance(delivery.trouble, PermanentError)
    assert str(tmp_path / "ca") in str(delivery.trouble)

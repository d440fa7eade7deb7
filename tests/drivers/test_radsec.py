"""RadSec on loopback: who gets in, how packets are framed, and what ends a connection."""

import asyncio
import logging
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.radius.clients import Senders
from drivers.radius.intake import Intake
from drivers.radius.listener import RadiusListener
from drivers.radius.radsec import RADSEC_SECRET, Limits, RadSec
from edge.config.wifi import Wifi
from edge.core.clock import SystemClock
from tests.drivers.radius_works import Desk, Pseudonyms, client, is_answer, request, session
from tests.servers import certificate

BRIEF = Limits(connections_max=2, handshakes_max=1, handshake_s=0.3, frame_s=0.2, idle_s=0.5)


@dataclass(frozen=True)
class Papers:
    """Certificates: of the gateway, of a known client, of one that nobody configured, of a stranger."""

    gateway: tuple[Path, Path]
    known: tuple[Path, Path]
    unnamed: tuple[Path, Path]
    stranger: tuple[Path, Path]
    authority: Path

    @property
    def section(self) -> Wifi:
        cert, key = self.gateway
        files = {"cert_file": cert, "key_file": key, "ca_file": self.authority}
        return Wifi.model_validate({"port": 0, "radsec_port": 0, **files})


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("papers")
    made = {name: certificate(folder, name) for name in ("gateway", "ap-moving", "unnamed", "stranger")}
    authority = folder / "authority.crt"
    authority.write_text("".join(made[name][0].read_text() for name in ("ap-moving", "unnamed")))
    return Papers(made["gateway"], made["ap-moving"], made["unnamed"], made["stranger"], authority)


def context(papers: Papers, who: tuple[Path, Path] | None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=papers.gateway[0])
    if who is not None:
        made.load_cert_chain(*who)
    return made


@asynccontextmanager
async def listening(papers: Papers, desk: Desk) -> AsyncIterator[RadiusListener]:
    known = [client("ap-moving", b"", address=None)]
    listener = RadiusListener(papers.section, known, [], desk, Pseudonyms(), SystemClock())
    async with running(listener):
        yield listener


@asynccontextmanager
async def narrow(papers: Papers, desk: Desk, limits: Limits = BRIEF, waiting_max: int = 20_000):
    senders = Senders([client("ap-moving", b"", address=None)], [])
    intake = Intake(desk, Pseudonyms(), waiting_max)
    parts = (papers.section, intake, desk, SystemClock(), senders.named, random.random, limits)
    async with running(RadSec(*parts)) as radsec, asyncio.TaskGroup() as group:
        task = group.create_task(intake.run())
        try:
            yield radsec
        finally:
            task.cancel()


@asynccontextmanager
async def running(what):
    task = asyncio.get_running_loop().create_task(what.run())
    try:
        async with asyncio.timeout(20):
            await what.opened()
        yield what
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Line:
    """A sender's side of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def hear(self) -> bytes:
        """The next answer; empty where the other side closed."""
        async with asyncio.timeout(20):
            try:
                head = await self.reader.readexactly(4)
                return head + await self.reader.readexactly(int.from_bytes(head[2:], "big") - 4)
            except (asyncio.IncompleteReadError, ConnectionError):
                return b""


@asynccontextmanager
async def line(papers: Papers, port: int, who: tuple[Path, Path] | None) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context(papers, who))
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def packets(count: int) -> list[bytes]:
    return [request(session(1, b"s-%d" % n), n, RADSEC_SECRET) for n in range(count)]


async def test_packets_in_any_pieces_are_answered_when_they_are_durable(papers: Papers):
    desk = Desk()
    asked = packets(5)
    async with listening(papers, desk) as listener, line(papers, listener.radsec_port, papers.known) as nas:
        for byte in asked[0]:
            nas.send(bytes((byte,)))
            await nas.writer.drain()
        assert is_answer(await nas.hear(), asked[0], RADSEC_SECRET)
        desk.is_open.clear()
        nas.send(b"".join(asked[1:]) + asked[1])
        await desk.until(lambda: desk.again["ap-moving"] == 1)
        assert len(desk.records) == 1
        desk.is_open.set()
        assert [is_answer(await nas.hear(), each, RADSEC_SECRET) for each in asked[1:]] == [True] * 4
    assert len(desk.records) == 5
    assert {one.client for one in desk.records} == {"ap-moving"}


@pytest.mark.parametrize("who", ["none", "stranger", "unnamed"])
async def test_without_a_certificate_of_a_configured_client_nobody_gets_in(papers: Papers, who: str):
    desk = Desk()
    async with listening(papers, desk) as listener:
        shown = None if who == "none" else getattr(papers, who)
        try:
            async with line(papers, listener.radsec_port, shown) as nas:
                nas.send(packets(1)[0])
                assert await nas.hear() == b""
        except OSError:
            pass  # With TLS 1.2 the refusal comes within the handshake.
        await desk.until(lambda: desk.lost["", "unknown_client"] == 1)
    assert desk.records == []


async def test_a_tls_older_than_1_2_is_refused(papers: Papers):
    desk = Desk()
    old = context(papers, papers.known)
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with listening(papers, desk) as listener:
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", listener.radsec_port, ssl=old)
        await desk.until(lambda: desk.lost["", "unknown_client"] == 1)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x04\x01\x00\x13" + bytes(40), "malformed"),
        (b"\x04\x01\x10\x01" + bytes(40), "malformed"),
        (request([(44, b"s")], secret=RADSEC_SECRET), "malformed"),
        (request(session(), secret=b"another secret"), "authenticator"),
        (request(session(), secret=RADSEC_SECRET, code=1), "unsupported"),
    ],
)
async def test_what_is_not_genuine_ends_the_connection(papers: Papers, data: bytes, why: str):
    desk = Desk()
    async with listening(papers, desk) as listener, line(papers, listener.radsec_port, papers.known) as nas:
        nas.send(data)
        assert await nas.hear() == b""
    assert desk.lost == {("ap-moving", why): 1}


async def test_what_the_disk_does_not_take_ends_the_connection_so_that_it_is_told_on_the_next(papers: Papers):
    desk = Desk(is_broken=True)
    (asked,) = packets(1)
    async with listening(papers, desk) as listener:
        async with line(papers, listener.radsec_port, papers.known) as nas:
            nas.send(asked)
            assert await nas.hear() == b""
        desk.is_broken = False
        async with line(papers, listener.radsec_port, papers.known) as nas:
            nas.send(asked)
            assert is_answer(await nas.hear(), asked, RADSEC_SECRET)


async def test_a_packet_told_again_on_another_connection_is_answered_there_and_counted_once(papers: Papers):
    desk = Desk()
    desk.is_open.clear()
    (asked,) = packets(1)
    async with listening(papers, desk) as listener:
        async with line(papers, listener.radsec_port, papers.known) as nas:
            nas.send(asked)
            await desk.came.wait()
        async with line(papers, listener.radsec_port, papers.known) as nas:
            nas.send(asked)
            await desk.until(lambda: desk.again["ap-moving"] == 1)
            desk.is_open.set()
            assert is_answer(await nas.hear(), asked, RADSEC_SECRET)
    assert len(desk.records) == 1


async def test_a_record_without_room_waits_and_nothing_is_lost(papers: Papers):
    desk = Desk()
    desk.is_open.clear()
    asked = packets(40)
    async with (
        narrow(papers, desk, waiting_max=3) as radsec,
        line(papers, radsec.port, papers.known) as nas,
    ):
        nas.send(b"".join(asked))
        await desk.came.wait()
        desk.is_open.set()
        assert [is_answer(await nas.hear(), each, RADSEC_SECRET) for each in asked] == [True] * 40
    assert len(desk.records) == 40
    assert not desk.lost
    assert max(desk.groups) <= 3


async def test_half_a_packet_is_not_waited_for_and_neither_is_silence_for_ever(papers: Papers):
    desk = Desk()
    (asked,) = packets(1)
    async with narrow(papers, desk) as radsec:
        for data in (asked[:-1], asked[:3], b""):
            async with line(papers, radsec.port, papers.known) as nas:
                nas.send(data)
                assert await nas.hear() == b""
        async with line(papers, radsec.port, papers.known) as nas:
            nas.send(asked)
            assert is_answer(await nas.hear(), asked, RADSEC_SECRET)


async def test_connections_and_handshakes_are_bounded_and_make_room_when_they_end(papers: Papers):
    desk = Desk()
    (asked,) = packets(1)
    async with narrow(papers, desk, Limits(connections_max=2, handshakes_max=1, handshake_s=0.3)) as radsec:
        reader, writer = await asyncio.open_connection("127.0.0.1", radsec.port)
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", radsec.port, ssl=context(papers, papers.known))
        assert await asyncio.wait_for(reader.read(), 20) == b""  # It never spoke TLS.
        writer.close()
        await desk.until(lambda: desk.lost["", "unknown_client"] == 1)
        async with line(papers, radsec.port, papers.known), line(papers, radsec.port, papers.known):
            with pytest.raises(OSError):
                await asyncio.open_connection("127.0.0.1", radsec.port, ssl=context(papers, papers.known))
        while True:
            try:
                async with line(papers, radsec.port, papers.known) as nas:
                    nas.send(asked)
                    assert is_answer(await nas.hear(), asked, RADSEC_SECRET)
                    break
            except OSError:
                continue  # The two that ended are on their way out.
    assert desk.lost["", "busy"] >= 2


async def test_other_clients_end_the_connections(papers: Papers):
    desk = Desk()
    (asked,) = packets(1)
    async with listening(papers, desk) as listener:
        async with line(papers, listener.radsec_port, papers.known) as nas:
            nas.send(asked)
            assert await nas.hear()
            listener.use([client("ap-2", b"", address=None, certificate_name="AP-moving")], [])
            assert await nas.hear() == b""
        async with line(papers, listener.radsec_port, papers.known) as nas:
            nas.send(packets(2)[1])
            assert await nas.hear()
    assert [one.client for one in desk.records] == ["ap-moving", "ap-2"]


async def test_certificates_that_cannot_be_used_are_said_once_and_tried_again(
    papers: Papers, tmp_path: Path, caplog
):
    class Mending(SystemClock):
        async def sleep(self, seconds: float) -> None:
            for name, file in zip(("cert", "key"), papers.gateway, strict=True):
                (tmp_path / name).write_bytes(file.read_bytes())

    files = {"cert_file": tmp_path / "cert", "key_file": tmp_path / "key", "ca_file": papers.authority}
    section = Wifi.model_validate({"port": 0, "radsec_port": 0, **files})
    listener = RadiusListener(section, [], [], Desk(), Pseudonyms(), Mending())
    with caplog.at_level(logging.WARNING):
        async with running(listener):
            assert listener.radsec_port
    assert [line.getMessage().count("certificates of [wifi]") for line in caplog.records] == [1]

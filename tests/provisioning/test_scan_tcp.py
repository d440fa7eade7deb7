"""Scanning behind Modbus TCP, at the house's server and pymodbus's own: who is there is found, in time."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import pytest
from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer

from drivers.profile import load_profile
from edge.cli import main
from edge.config.schema import BusKind
from edge.core.errors import LinkDown
from provisioning.scan import line
from provisioning.scan.book import Book
from provisioning.scan.evidence import Answered, RemarkKind
from provisioning.scan.line import Place
from provisioning.scan.plan import UNITS, Wish
from provisioning.scan.session import scan
from simulators.devices import Occupant, SimulatedUnit
from simulators.models import Nature
from simulators.tcp import TcpBus
from tests.servers import free_port

LIVING = {1: "eastron-sdm120", 5: "pzem-016", 33: "xy-md02"}
ASKED_AGAIN = 3
"""So often a unit that answers is asked in all."""


def units() -> Mapping[int, SimulatedUnit]:
    return {
        unit: SimulatedUnit([Occupant(load_profile(profile), Nature(unit))], time.time)
        for unit, profile in LIVING.items()
    }


@asynccontextmanager
async def served(bus: TcpBus) -> AsyncIterator[int]:
    await bus.start()
    try:
        yield bus.port
    finally:
        await bus.stop()


async def scanned(port: int, ids: Iterable[int] = UNITS) -> tuple[Book, float]:
    """What is found, and how long it took in seconds."""
    began_s, book = time.monotonic(), Book("converter")
    await scan(Place(BusKind.TCP, port, "127.0.0.1"), Wish((None,), tuple(ids), listen=False), book)
    return book, time.monotonic() - began_s


def found(book: Book) -> set[int | None]:
    return {find.unit for find in book.finds.values()}


async def test_247_ids_behind_a_gateway_that_says_who_is_dead_take_no_waiting() -> None:
    bus = TcpBus(units())
    async with served(bus) as port:
        book, took_s = await scanned(port)
    assert found(book) == set(LIVING)
    assert bus.requests == len(UNITS) + (ASKED_AGAIN - 1) * len(LIVING)
    assert took_s < line.TCP_ANSWER_S * len(UNITS) / 10  # no single wait for an answer that was not coming


@pytest.mark.parametrize("tells_dead", [True, False])
async def test_a_gateway_that_looks_long_for_the_dead_hides_nobody(
    monkeypatch: pytest.MonkeyPatch, tells_dead: bool
) -> None:
    """With a fixed wait of half a second the units behind the first dead one were all taken for dead."""
    monkeypatch.setattr(line, "TCP_DEAD_S", 0.8)
    monkeypatch.setattr(line, "TCP_ANSWER_S", 0.12)
    dead_s, ids = 0.25, (1, 2, 3, 4, 5, 33, 34)
    async with served(TcpBus(units(), dead_s=dead_s, tells_dead=tells_dead)) as port:
        book, took_s = await scanned(port, ids)
    assert found(book) == set(LIVING)
    dead = len(ids) - len(LIVING)
    assert took_s >= dead * dead_s


async def test_once_it_is_known_how_long_a_gateway_looks_no_longer_is_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line, "TCP_DEAD_S", 2.0)
    monkeypatch.setattr(line, "TCP_ANSWER_S", 0.02)
    async with served(TcpBus(units(), dead_s=0.0, tells_dead=False)) as port:
        book, took_s = await scanned(port, (1, *range(5, 40)))
    assert found(book) == set(LIVING)
    assert took_s < 2 * 2.0  # one long wait, not one for each


async def test_a_server_that_closes_upon_an_unknown_id_is_scanned_to_the_end() -> None:
    peers: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(asyncio.current_task())
        try:
            while True:
                head = await reader.readexactly(12)
                if head[6] != 7:
                    break
                writer.write(head[:4] + b"\0\5" + head[6:8] + b"\2\0\1")
        except asyncio.IncompleteReadError:
            pass
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        book, _ = await scanned(server.sockets[0].getsockname()[1], range(5, 10))
        await asyncio.gather(*filter(None, peers))
    assert {unit: find.answered for (_, unit), find in book.finds.items()} == {7: Answered.VALUES}


async def test_nobody_who_listens_is_said_at_once() -> None:
    with pytest.raises(LinkDown, match=r"127\.0\.0\.1:\d+"):
        await scanned(free_port(), range(1, 4))


def test_the_command_says_so_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", f"127.0.0.1:{free_port()}"]) == 1
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1
    assert "refused" in said.err.lower()


@asynccontextmanager
async def pymodbus(ids: Iterable[int], single: bool = False) -> AsyncIterator[int]:
    """pymodbus's own server, with these ids or one device for all."""
    devices = {unit: ModbusDeviceContext(hr=ModbusSequentialDataBlock(1, [7] * 10)) for unit in ids}
    context = ModbusServerContext(devices=devices[1] if single else devices, single=single)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = ModbusTcpServer(context, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    try:
        yield port
    finally:
        await server.shutdown()


async def test_pymodbus_own_server_shows_its_ids() -> None:
    async with pymodbus((3, 40, 247)) as port:
        book, took_s = await scanned(port)
    assert found(book) == {3, 40, 247}
    assert {find.answered for find in book.finds.values()} == {Answered.VALUES}
    assert took_s < line.TCP_ANSWER_S * len(UNITS) / 10


async def test_a_device_with_a_port_of_its_own_is_one_device_not_247() -> None:
    async with pymodbus([1], single=True) as port:
        book, _ = await scanned(port)
    assert found(book) == {1}
    assert {remark.kind for remark in book.remarks.values()} == {RemarkKind.ANY_UNIT}

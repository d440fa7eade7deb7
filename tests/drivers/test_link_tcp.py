"""The link over TCP: transaction ids, half-open connections, servers that hang up."""

import asyncio
import socket
import struct
from collections.abc import Callable

import pytest

from drivers.coded import Table
from drivers.modbus.link import SILENT_MAX, ModbusLink
from edge.core.errors import Busy, GianhError, LinkDown, NoAnswer, ProtocolError, Refused
from simulators.frames import frame
from tests.drivers.slave import tcp_bus, tcp_slave

BODY = bytes.fromhex("01 03 04 03F2 03F3")
DATA = bytes.fromhex("03F203F3")

Answer = Callable[[bytes], bytes]


async def ask(link: ModbusLink) -> bytes:
    return await link.read(1, Table.HOLDING, 0, 2)


def mbap(transaction: int, body: bytes) -> bytes:
    return struct.pack(">HHH", transaction & 0xFFFF, 0, len(body)) + body


def answer(request: bytes, body: bytes = BODY, older: int = 0) -> bytes:
    return mbap(int.from_bytes(request[:2], "big") - older, body)


async def test_the_answer_with_our_transaction_id_is_taken() -> None:
    async with tcp_slave() as server:
        server.hear = lambda request, writer: writer.write(answer(request))
        link = ModbusLink(tcp_bus(server.port))
        await link.open()
        assert await ask(link) == DATA
        assert await ask(link) == DATA
        assert (link.counters.requests, link.counters.answers, server.connections) == (2, 2, 1)
        await link.close()


async def test_an_answer_with_an_older_id_is_thrown_away() -> None:
    async with tcp_slave() as server:
        wrong = bytes.fromhex("01 03 04 DEAD BEEF")
        server.hear = lambda request, writer: writer.write(answer(request, wrong, older=1) + answer(request))
        link = ModbusLink(tcp_bus(server.port))
        await link.open()
        assert await ask(link) == DATA
        assert link.counters.late == 1
        await link.close()


async def test_a_late_answer_never_answers_the_next_question() -> None:
    async with tcp_slave() as server:
        requests: list[bytes] = []

        def hear(request: bytes, writer: asyncio.StreamWriter) -> None:
            requests.append(request)
            if len(requests) == 2:
                writer.write(answer(requests[0], bytes.fromhex("01 03 04 DEAD BEEF")) + answer(request))

        server.hear = hear
        link = ModbusLink(tcp_bus(server.port))
        await link.open()
        with pytest.raises(NoAnswer):
            await ask(link)
        assert await ask(link) == DATA
        await link.close()


async def test_an_answer_in_pieces_is_put_together() -> None:
    async with tcp_slave() as server:

        def hear(request: bytes, writer: asyncio.StreamWriter) -> None:
            whole = answer(request)
            loop = asyncio.get_running_loop()
            for index in range(len(whole)):
                loop.call_later(0.0005 * index, writer.write, whole[index : index + 1])

        server.hear = hear
        link = ModbusLink(tcp_bus(server.port, timeout_s=2))
        await link.open()
        assert await ask(link) == DATA
        await link.close()


@pytest.mark.parametrize(
    ("body", "error", "counter"),
    [
        ("02 03 04 0001 0002", ProtocolError, "wrong_unit"),
        ("01 04 04 0001 0002", ProtocolError, "wrong_function"),
        ("01 03 02 0001", ProtocolError, "wrong_count"),
        ("01 03 04 0001", ProtocolError, "wrong_count"),
        ("01 83 02", Refused, "refusals"),
        ("01 83 06", Busy, "refusals"),
        ("01 83 05", Busy, "refusals"),
    ],
)
async def test_what_is_no_answer_is_an_error(body: str, error: type[GianhError], counter: str) -> None:
    async with tcp_slave() as server:
        server.hear = lambda request, writer: writer.write(answer(request, bytes.fromhex(body)))
        link = ModbusLink(tcp_bus(server.port))
        await link.open()
        with pytest.raises(error):
            await ask(link)
        assert getattr(link.counters, counter) == 1
        await link.close()


async def test_a_server_that_speaks_something_else_is_named() -> None:
    async with tcp_slave() as server:
        server.hear = lambda request, writer: writer.write(b"HTTP/1.1 400 Bad Request\r\n")
        link = ModbusLink(tcp_bus(server.port))
        await link.open()
        with pytest.raises(LinkDown, match="does not speak Modbus TCP"):
            await ask(link)
        await link.close()


async def test_a_connection_closed_while_idle_is_made_anew_without_an_error() -> None:
    async with tcp_slave() as server:
        server.hear = lambda request, writer: writer.write(answer(request))
        link = ModbusLink(tcp_bus(server.port))
        await link.open()
        assert await ask(link) == DATA
        await server.drop()
        while link.is_open:  # noqa: ASYNC110, the link tells nobody that it lost an idle connection
            await asyncio.sleep(0)
        assert await ask(link) == DATA
        assert (server.connections, link.counters.reconnects) == (2, 1)
        await link.close()


async def test_a_connection_closed_in_the_middle_of_an_answer_is_a_link_down() -> None:
    async with tcp_slave() as server:

        def hear(request: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(request)[:-2])
            writer.close()

        server.hear = hear
        link = ModbusLink(tcp_bus(server.port, timeout_s=5))
        await link.open()
        with pytest.raises(LinkDown):
            await ask(link)
        await link.close()


async def test_a_connection_reset_is_a_link_down() -> None:
    async with tcp_slave() as server:

        def hear(request: bytes, writer: asyncio.StreamWriter) -> None:
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

        server.hear = hear
        link = ModbusLink(tcp_bus(server.port, timeout_s=5))
        await link.open()
        with pytest.raises(LinkDown):
            await ask(link)
        await link.close()


async def test_a_half_open_connection_is_made_anew_after_some_silence() -> None:
    async with tcp_slave() as server:
        link = ModbusLink(tcp_bus(server.port, timeout_s=0.005))
        await link.open()
        for _ in range(SILENT_MAX):
            with pytest.raises(NoAnswer):
                await ask(link)
        server.hear = lambda request, writer: writer.write(answer(request))
        assert await ask(link) == DATA
        assert server.connections == 2
        await link.close()


async def test_a_refused_connection_names_host_and_port() -> None:
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        port = placeholder.getsockname()[1]
        with pytest.raises(LinkDown, match=f"127.0.0.1:{port} refused"):
            await ModbusLink(tcp_bus(port)).open()


async def test_a_closed_link_does_not_reconnect_by_itself() -> None:
    async with tcp_slave() as server:
        link = ModbusLink(tcp_bus(server.port))
        await link.open()
        await link.close()
        with pytest.raises(LinkDown, match="not open"):
            await ask(link)
        assert server.connections <= 1


async def test_a_write_is_confirmed_by_its_echoed_fields() -> None:
    async with tcp_slave() as server:
        server.hear = lambda request, writer: writer.write(request)
        link = ModbusLink(tcp_bus(server.port))
        await link.open()
        await link.write(1, Table.COIL, 3, [1])
        await link.close()


async def test_rtu_over_tcp_speaks_rtu_frames() -> None:
    async with tcp_slave() as server:
        server.hear = lambda request, writer: writer.write(frame(1, BODY[1:]))
        link = ModbusLink(tcp_bus(server.port, kind="rtu_over_tcp"))
        await link.open()
        assert await ask(link) == DATA
        await link.close()


async def test_rtu_over_tcp_throws_an_old_answer_away_after_reconnecting() -> None:
    async with tcp_slave() as server:
        link = ModbusLink(tcp_bus(server.port, kind="rtu_over_tcp", timeout_s=0.005))
        await link.open()
        for _ in range(SILENT_MAX):
            with pytest.raises(NoAnswer):
                await ask(link)
        server.hear = lambda request, writer: writer.write(frame(1, BODY[1:]))
        server.greet = lambda writer: writer.write(frame(1, bytes.fromhex("03 04 DEAD BEEF")))
        assert await ask(link) == DATA
        assert link.counters.late == 1
        await link.close()

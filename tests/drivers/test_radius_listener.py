"""The accounting server on loopback: what is answered, when, from where, and what is dropped and counted."""

import asyncio
import logging
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.radius.clients import Senders
from drivers.radius.intake import ANSWERED_MAX, WAITING_MAX, Intake
from drivers.radius.listener import RadiusListener
from drivers.radius.packet import answer
from drivers.radius.udp import UdpSocket
from edge.config.wifi import Wifi
from edge.core.clock import SystemClock
from edge.core.model import Stamp
from edge.core.wifi import AccountingKind, Dropped
from tests.drivers.radius_works import (
    SECRET,
    Desk,
    Pseudonyms,
    client,
    hotspot,
    is_answer,
    number,
    request,
    session,
)


@asynccontextmanager
async def listening(
    desk: Desk, host: str = "127.0.0.1", clients=None, **keys
) -> AsyncIterator[RadiusListener]:
    section = Wifi.model_validate({"host": host, "port": 0, **keys})
    known = clients if clients is not None else [client(), client("six", address="::1")]
    listener = RadiusListener(section, known, [hotspot("beach")], desk, Pseudonyms(), SystemClock())
    task = asyncio.get_running_loop().create_task(listener.run())
    try:
        async with asyncio.timeout(20):
            await listener.opened()
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Nas:
    """A sender that hears only what comes from the address that it sent to."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.connect((host, port))

    def __enter__(self) -> "Nas":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.send(data)

    async def hear(self) -> bytes:
        async with asyncio.timeout(20):
            return await asyncio.get_running_loop().sock_recv(self.socket, 5000)

    async def ask(self, data: bytes) -> bytes:
        self.send(data)
        return await self.hear()

    def has_heard(self) -> bool:
        try:
            self.socket.recv(5000, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        return True


async def test_a_session_is_counted_and_each_of_its_packets_is_answered():
    desk = Desk()
    async with listening(desk) as listener:
        with Nas(listener.port) as nas:
            for identifier, status in enumerate((1, 3, 2)):
                asked = request(session(status, a46=60 * status, a42=status), identifier)
                assert is_answer(await nas.ask(asked), asked)
    assert [one.kind for one in desk.records] == [
        AccountingKind.START,
        AccountingKind.INTERIM,
        AccountingKind.STOP,
    ]
    assert {one.access_point for one in desk.records} == {"beach"}
    assert len({one.session for one in desk.records}) == 1
    assert not desk.lost


async def test_nothing_is_answered_before_it_is_durable_and_a_repeated_packet_is_not_taken_twice():
    desk = Desk()
    desk.is_open.clear()
    asked = request(session())
    async with listening(desk) as listener:
        with Nas(listener.port) as nas:
            nas.send(asked)
            nas.send(asked)
            await desk.until(lambda: desk.again["ap-1"] == 1)
            assert not nas.has_heard()
            desk.is_open.set()
            assert is_answer(await nas.hear(), asked)
            again = await nas.ask(asked)
            assert is_answer(again, asked)
            assert not nas.has_heard()
    assert len(desk.records) == 1
    assert desk.again == {"ap-1": 2}
    assert desk.duplicates == 0


async def test_a_packet_told_anew_with_another_delay_reaches_the_desk_which_knows_it():
    desk = Desk()
    async with listening(desk) as listener:
        with Nas(listener.port) as nas:
            await nas.ask(request(session(3, a46=60)))
            asked = request(session(3, a46=60, a41=5), identifier=8)
            assert is_answer(await nas.ask(asked), asked)
    assert (len(desk.records), desk.duplicates) == (1, 1)


async def test_what_the_disk_does_not_take_is_not_answered_and_is_taken_when_it_comes_again(caplog):
    desk = Desk(is_broken=True)
    asked = request(session())
    with caplog.at_level(logging.INFO, "drivers.radius"):
        async with listening(desk) as listener:
            with Nas(listener.port) as nas:
                for count in (1, 2):
                    nas.send(asked)
                    await desk.until(lambda count=count: desk.lost["ap-1", "busy"] == count)
                assert not nas.has_heard()
                desk.is_broken = False
                assert is_answer(await nas.ask(asked), asked)
    assert len(desk.records) == 1
    told = [line.getMessage() for line in caplog.records if "answered" in line.getMessage()]
    assert [line.split(":")[0] for line in told] == [
        "accounting records are not answered",
        "accounting records are kept and answered again",
    ]


async def test_a_fault_in_the_desk_costs_no_more_than_an_answer():
    class Faulty(Desk):
        async def take_many(self, records):
            if self.is_broken:
                raise ZeroDivisionError
            return await super().take_many(records)

    desk = Faulty(is_broken=True)
    asked = request(session())
    async with listening(desk) as listener:
        with Nas(listener.port) as nas:
            nas.send(asked)
            await desk.until(lambda: desk.lost["ap-1", "busy"] == 1)
            desk.is_broken = False
            assert is_answer(await nas.ask(asked), asked)


async def test_what_is_not_genuine_is_dropped_in_silence_and_counted_by_reason(caplog):
    desk = Desk()
    whole = bytearray(request(session()))
    whole[30] ^= 1
    bad = {
        Dropped.AUTHENTICATOR: [request(session(), secret=b"another secret"), bytes(whole)],
        Dropped.MALFORMED: [b"", b"x", bytes(30), request(session())[:-1], request([(44, b"s")])],
        Dropped.UNSUPPORTED: [request(session(), code=1)],
    }
    with caplog.at_level(logging.DEBUG):
        async with listening(desk) as listener:
            with Nas(listener.port) as nas:
                for why, packets in bad.items():
                    for packet in packets:
                        nas.send(packet)
                    await desk.until(lambda why=why, packets=packets: desk.lost["ap-1", why] == len(packets))
                assert not nas.has_heard()
                asked = request(session())
                assert is_answer(await nas.ask(asked), asked)
    assert sum(desk.lost.values()) == 8
    assert "visitor" not in caplog.text
    assert caplog.text.count("do not fit its secret") == 1


async def test_an_unknown_sender_gets_no_answer_and_is_counted():
    desk = Desk()
    async with listening(desk, clients=[client(address="10.0.0.1")]) as listener:
        with Nas(listener.port) as nas:
            nas.send(request(session()))
            await desk.until(lambda: desk.lost["", "unknown_client"] == 1)
            assert not nas.has_heard()
    assert desk.records == []


async def test_a_client_without_a_secret_is_never_believed():
    desk = Desk()
    async with listening(desk, clients=[client(secret=b"")]) as listener:
        with Nas(listener.port) as nas:
            nas.send(request(session(), secret=b""))
            await desk.until(lambda: desk.lost["ap-1", "authenticator"] == 1)


async def test_the_status_of_a_tunnel_is_answered_and_counted_apart():
    desk = Desk()
    asked = request(session(9))
    async with listening(desk) as listener:
        with Nas(listener.port) as nas:
            assert is_answer(await nas.ask(asked), asked)
    assert desk.lost == {("ap-1", "unsupported"): 1}


@pytest.mark.parametrize(
    ("host", "asked_at"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("0.0.0.0", "127.0.0.5"),
        ("::", "::1"),
        ("::", "127.0.0.5"),
    ],
)
async def test_an_answer_comes_from_the_address_that_was_asked(host: str, asked_at: str):
    desk = Desk()
    asked = request(session())
    async with listening(desk, host) as listener:
        with Nas(listener.port, asked_at) as nas:
            assert is_answer(await nas.ask(asked), asked)
    assert [one.client for one in desk.records] == ["six" if asked_at == "::1" else "ap-1"]


async def test_other_clients_are_known_from_the_next_packet_on():
    desk = Desk()
    async with listening(desk) as listener:
        listener.use([client("ap-2", b"another secret")], [])
        with Nas(listener.port) as nas:
            asked = request(session(), secret=b"another secret")
            assert is_answer(await nas.ask(asked), asked, b"another secret")
    assert [(one.client, one.access_point) for one in desk.records] == [("ap-2", "ap-2")]


async def test_a_burst_is_kept_in_groups_and_every_packet_of_it_is_answered():
    desk = Desk()
    desk.is_open.clear()
    packets = [request(session(1, b"s-%d" % n), n) for n in range(200)]
    async with listening(desk) as listener:
        with Nas(listener.port) as nas:
            for packet in packets:
                nas.send(packet)
            await desk.came.wait()
            desk.is_open.set()
            heard = [await nas.hear() for _ in packets]
    assert {answer[1] for answer in heard} == set(range(200))
    assert all(is_answer(answer, packets[answer[1]]) for answer in heard)
    assert len(desk.records) == 200
    assert len(desk.groups) < 10


async def test_a_port_that_is_taken_is_waited_for_and_said_once(caplog):
    class Impatient(SystemClock):
        waits = 0

        async def sleep(self, seconds: float) -> None:
            self.waits += 1
            if self.waits == 3:
                holder.close()

    holder, clock = UdpSocket("127.0.0.1", 0), Impatient()
    section = Wifi.model_validate({"port": holder.port})
    listener = RadiusListener(section, [client()], [], Desk(), Pseudonyms(), clock, random.random)
    with caplog.at_level(logging.WARNING):
        task = asyncio.get_running_loop().create_task(listener.run())
        async with asyncio.timeout(20):
            await listener.opened()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert clock.waits == 3
    assert len(caplog.records) == 1
    assert "check host and port" in caplog.text
    assert listener.port == 0


def test_what_the_kernel_had_no_room_for_is_counted():
    hearing = UdpSocket("127.0.0.1", 0)
    try:
        hearing._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with Nas(hearing.port) as nas:
            for _ in range(200):
                nas.send(bytes(1000))
        kept = 0
        while hearing.receive() is not None:
            kept += 1
        assert hearing.newly_lost() == 200 - kept > 0
        assert hearing.newly_lost() == 0
    finally:
        hearing.close()


def intake(desk: Desk, **more: int) -> Intake:
    return Intake(desk, Pseudonyms(), **more)


SENDER = Senders([client()], []).at("127.0.0.1")


async def test_beyond_the_most_that_may_wait_a_packet_is_dropped_as_busy_and_there_is_word_when_it_eases():
    desk, heard, eased = Desk(), [], []
    taking = intake(desk, waiting_max=2)
    for n in range(3):
        assert taking.take(request(session(1, b"%d" % n)), SENDER, SECRET, "h", Stamp(n, None), heard.append)
    assert (taking.is_full, heard, desk.lost) == (True, [None], {("ap-1", "busy"): 1})
    taking.when_eased(lambda: eased.append(True))
    task = asyncio.get_running_loop().create_task(taking.run())
    await desk.until(lambda: len(desk.records) == 2)
    await asyncio.sleep(0)
    task.cancel()
    assert (taking.is_full, len(heard), eased) == (False, 3, [True])


async def test_answers_for_repeated_packets_are_kept_for_a_while_and_then_the_desk_knows_them():
    desk = Desk()
    taking = intake(desk)
    loop = asyncio.get_running_loop()
    task = loop.create_task(taking.run())
    for n, at_s in ((0, 1000), (0, 1014), (1, 1016), (0, 1020), (2, 1033), (3, 1050), (0, 1051)):
        packet, heard = request(session(1, b"%d" % n)), loop.create_future()
        taking.take(packet, SENDER, SECRET, "h", Stamp(at_s * 1_000_000_000, None), heard.set_result)
        assert await asyncio.wait_for(heard, 20) == answer(packet, SECRET)
    task.cancel()
    assert (desk.again["ap-1"], desk.duplicates, len(desk.records)) == (2, 1, 4)


async def test_the_answers_that_are_kept_are_bounded():
    desk = Desk()
    taking = intake(desk)
    task = asyncio.get_running_loop().create_task(taking.run())
    for n in range(25_000):
        if n == WAITING_MAX:
            await desk.until(lambda: len(desk.records) == WAITING_MAX)
        packet = request([(40, number(1)), (44, b"%d" % n)])
        taking.take(packet, SENDER, SECRET, "h", Stamp(1, None), lambda _: None)
    await desk.until(lambda: len(desk.records) == 25_000)
    task.cancel()
    assert len(taking._young) + len(taking._old) <= 2 * ANSWERED_MAX

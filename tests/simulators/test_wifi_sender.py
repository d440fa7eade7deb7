"""The sender on loopback, against a server that a test can make deaf."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.radius import packet as radius
from simulators.wifi_places import MARKET, Nas, NasClock
from simulators.wifi_plan import Message, Session, Status
from simulators.wifi_radius import Attribute
from simulators.wifi_sender import NasSender, Patience
from simulators.wifi_visitors import Guest
from tests.world.waiting import soon

SECRET = b"a-long-secret-of-the-river"
QUICK = Patience(0.02, 1.2, 0.1)


class Server(asyncio.DatagramProtocol):
    """Answers what is genuine, unless it is deaf; keeps what it heard."""

    def __init__(self, deaf_share: float = 0.0) -> None:
        self.deaf_share, self.chance = deaf_share, random.Random(3)
        self.heard: list[tuple[str, radius.Packet]] = []
        self.answer_with = SECRET
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert radius.is_genuine(data, SECRET)
        self.heard.append((addr[0], radius.parse(data)))
        if self.chance.random() >= self.deaf_share:
            assert self.transport
            self.transport.sendto(radius.answer(data, self.answer_with), addr)

    def delays(self) -> list[int]:
        found = [dict(packet.attributes).get(Attribute.ACCT_DELAY_TIME, bytes(4)) for _, packet in self.heard]
        return [int.from_bytes(value, "big") for value in found]


class Clock:
    """Simulated time that runs a thousand times as fast."""

    def utc_s(self) -> float:
        return 1_784_000_000 + asyncio.get_running_loop().time() * 1000


def message(number: int, at_s: float) -> Message:
    session = Session(f"s-{number}", "nas", "wifi-market", Guest(bytes(6), "u", bytes(4)), "v", at_s, at_s)
    return Message(at_s, "nas", "wifi-market", Status.START, session)


@asynccontextmanager
async def sending(server: Server, nas: Nas) -> AsyncIterator[tuple[NasSender, list[Message], Clock]]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    answered: list[Message] = []
    clock = Clock()
    target = transport.get_extra_info("sockname")[:2]
    sender = NasSender(nas, SECRET, target, clock.utc_s, answered.append, QUICK)
    await sender.start()
    try:
        yield sender, answered, clock
    finally:
        sender.close()
        transport.close()
        await asyncio.sleep(0)


async def test_it_sends_from_an_address_of_its_own_and_is_answered_once() -> None:
    server = Server()
    async with sending(server, Nas("nas", 77, (MARKET,))) as (sender, answered, clock):
        sender.send(message(1, clock.utc_s()))
        await sender.drained()
        assert [address for address, _ in server.heard] == ["127.0.1.77"]
        assert len(answered) == sender.count.packets == 1
        assert sender.waiting == 0


async def test_what_is_not_answered_comes_again_with_a_growing_delay_under_another_identifier() -> None:
    server = Server(deaf_share=1.0)
    nas = Nas("nas", 77, (MARKET,), clock=NasClock.SILENT)
    async with sending(server, nas) as (sender, answered, clock):
        sender.send(message(1, clock.utc_s()))
        await soon(lambda: len(server.heard) >= 6)
        assert answered == []
        server.deaf_share = 0.0
        await sender.drained()
        delays = server.delays()
        assert delays == sorted(delays)
        assert delays[0] < delays[-1]
        assert len({packet.identifier for _, packet in server.heard}) > 1
        assert len(answered) == 1


async def test_many_through_loss_on_every_side_are_each_answered_once_in_the_end() -> None:
    server = Server(deaf_share=0.2)
    nas = Nas("nas", 77, (MARKET,), loss=0.2, doubled=0.1)
    async with sending(server, nas) as (sender, answered, clock):
        for number in range(3000):
            sender.send(message(number, clock.utc_s()))
        await sender.drained()
        ids = [one.session.id for one in answered if one.session]
        assert len(ids) == len(set(ids)) == 3000
        assert min(sender.count.lost, sender.count.doubled, sender.count.repeated) > 100


async def test_an_answer_that_another_made_is_not_believed() -> None:
    server = Server()
    server.answer_with = b"of-somebody-else"
    async with sending(server, Nas("nas", 77, (MARKET,))) as (sender, answered, clock):
        sender.send(message(1, clock.utc_s()))
        await soon(lambda: sender.count.strange >= 3)
        assert answered == []

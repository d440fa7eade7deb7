"""The RADIUS accounting server: hears the clients by UDP and RadSec for as long as the gateway runs."""

import asyncio
import logging
import random
from collections.abc import Iterable, Sequence
from functools import partial

from drivers.radius.clients import Client, Sender, Senders
from drivers.radius.intake import Intake
from drivers.radius.radsec import RadSec
from drivers.radius.udp import UdpSocket, Where
from edge.config.wifi import Hotspot, Wifi
from edge.core.backoff import Backoff, Chance
from edge.core.ports import Clock
from edge.core.wifi import AccountingDesk, Dropped, Pseudonyms

log = logging.getLogger(__name__)

RETRY = Backoff(first_s=1.0, cap_s=60.0, floor=0.5)
"""Waits while the address cannot be had."""

BURST_MAX = 64
"""Most datagrams that are read before others have their turn."""


class RadiusListener:
    """Implements Service. What is not genuine is dropped silently and counted; `desk` takes the rest.

    `hotspots` may have their `site` filled in already; an empty one stands for the gateway's.
    """

    name = "radius"

    def __init__(
        self,
        section: Wifi,
        clients: Sequence[Client],
        hotspots: Sequence[Hotspot],
        desk: AccountingDesk,
        pseudonyms: Pseudonyms,
        clock: Clock,
        chance: Chance = random.random,
    ) -> None:
        self._section, self._desk, self._clock, self._chance = section, desk, clock, chance
        self._senders = Senders(clients, hotspots)
        self._intake = Intake(desk, pseudonyms)
        self._radsec = RadSec(section, self._intake, desk, clock, self._named, chance)
        self._udp: UdpSocket | None = None
        self._is_open = asyncio.Event()

    def use(self, clients: Sequence[Client], hotspots: Sequence[Hotspot]) -> None:
        """Know these clients and hotspots from now on; connections of others end."""
        self._senders = Senders(clients, hotspots)
        self._radsec.renew()

    async def opened(self) -> None:
        """Wait until it hears, RadSec included where it is configured."""
        await self._is_open.wait()
        if self._section.radsec_port is not None:
            await self._radsec.opened()

    @property
    def port(self) -> int:
        """The UDP port that it hears on; 0 while it does not."""
        return self._udp.port if self._udp is not None else 0

    @property
    def radsec_port(self) -> int:
        """The TLS port that it hears on; 0 while it does not."""
        return self._radsec.port

    async def run(self) -> None:
        """Hear and answer until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._intake.run(), name="radius intake")
            group.create_task(self._hear(), name="radius udp")
            if self._section.radsec_port is not None:
                group.create_task(self._radsec.run(), name="radius radsec")

    async def _hear(self) -> None:
        udp = await self._bound()
        loop = asyncio.get_running_loop()
        self._udp = udp
        loop.add_reader(udp.fileno(), self._readable, udp)
        self._is_open.set()
        try:
            await asyncio.Event().wait()
        finally:
            loop.remove_reader(udp.fileno())
            self._is_open.clear()
            self._udp = None
            udp.close()

    async def _bound(self) -> UdpSocket:
        host, port = self._section.host, self._section.port
        failures = 0
        while True:
            try:
                udp = UdpSocket(host, port)
            except OSError as error:
                failures += 1
                log.log(
                    logging.WARNING if failures == 1 else logging.DEBUG,
                    "accounting cannot be heard on %s port %d (%s): check host and port of [wifi]",
                    host,
                    port,
                    error.strerror,
                )
                await self._clock.sleep(RETRY.wait_s(failures, self._chance))
            else:
                log.info(
                    "accounting is heard on %s port %d, buffer %d bytes", host, udp.port, udp.buffer_bytes
                )
                return udp

    def _named(self, names: Iterable[str]) -> Sender | None:
        return self._senders.named(names)

    def _readable(self, udp: UdpSocket) -> None:
        now = self._clock.stamp()
        take, senders = self._intake.take, self._senders
        for _ in range(BURST_MAX):
            try:
                came = udp.receive()
                if came is None:
                    break
                data, where = came
                host = where[0][0]
                sender = senders.at(host)
                if sender is None:
                    self._desk.dropped("", Dropped.UNKNOWN_CLIENT)
                else:
                    take(data, sender, sender.secret, host, now, partial(_reply, udp, where))
            except OSError:
                break  # Trouble of the network, such as an interface that went down: the next packet tells.
            except Exception as error:  # noqa: BLE001 - one packet must not deafen the gateway to all others
                log.error("a packet of accounting could not be taken: %s", type(error).__name__)
        for _ in range(udp.newly_lost()):
            self._desk.dropped("", Dropped.BUSY)


def _reply(udp: UdpSocket, where: Where, data: bytes | None) -> None:
    # An answer that the network does not take is one that got lost: the packet comes again.
    if data is not None:
        udp.send(data, where)

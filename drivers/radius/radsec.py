"""RadSec: accounting over TLS with certificates on both sides (RFC 6614); packets framed by their Length.

Nobody repeats a packet on the same connection: one with a packet that cannot be answered is closed, and the
sender tells it again on the next (RFC 6613 section 2.6).
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from drivers.radius.clients import Sender
from drivers.radius.intake import Intake
from drivers.radius.packet import HEADER_BYTES, PACKET_BYTES_MAX
from edge.config.wifi import Wifi
from edge.core.backoff import Backoff, Chance
from edge.core.ports import Clock
from edge.core.wifi import AccountingDesk, Dropped

log = logging.getLogger(__name__)

RADSEC_SECRET = b"radsec"
"""RFC 6614 section 2.3: what secures is TLS."""

RETRY = Backoff(first_s=1.0, cap_s=60.0, floor=0.5)
"""Waits while the address cannot be had, or the certificates cannot be used."""

_LENGTH_END = 4

Named = Callable[[Iterable[str]], Sender | None]
"""Finds the client by the names in its certificate."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections there may be and how long each thing may take."""

    connections_max: int = 256
    handshakes_max: int = 32
    handshake_s: float = 10.0
    frame_s: float = 10.0
    """From the first byte of a packet to its last."""
    idle_s: float = 3600.0


class RadSec:
    """Accepts connections; each is a client by its certificate. At the limits a newcomer is closed."""

    def __init__(
        self,
        section: Wifi,
        intake: Intake,
        desk: AccountingDesk,
        clock: Clock,
        named: Named,
        chance: Chance,
        limits: Limits = Limits(),
    ) -> None:
        self._section, self._intake, self._desk, self._clock = section, intake, desk, clock
        self._named, self._chance, self._limits = named, chance, limits
        self._connections: set[Connection] = set()
        self._handshakes: set[asyncio.Task[None]] = set()
        self._is_open = asyncio.Event()
        self._is_renewed = False
        self.port = 0

    async def opened(self) -> None:
        """Wait until it hears."""
        await self._is_open.wait()

    def renew(self) -> None:
        """Clients changed: end every connection, so that each is judged anew when it comes again, by the
        certificates that the files then hold."""
        self._is_renewed = True
        for connection in tuple(self._connections):
            connection.end()

    async def run(self) -> None:
        """Hear until cancelled."""
        failures = 0
        while True:
            try:
                context = tls_context(self._section)
                listening = _listening(self._section)
            except OSError as error:
                # ssl.SSLError is one as well.
                failures += 1
                log.log(
                    logging.WARNING if failures == 1 else logging.DEBUG,
                    "RadSec cannot be heard (%s): check radsec_port and the certificates of [wifi]",
                    error.strerror or type(error).__name__,
                )
                await self._clock.sleep(RETRY.wait_s(failures, self._chance))
            else:
                await self._accept(listening, context)

    async def _accept(self, listening: socket.socket, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        self.port = int(listening.getsockname()[1])
        self._is_open.set()
        log.info("RadSec is heard on %s port %d", self._section.host, self.port)
        try:
            while True:
                try:
                    arrived, _ = await loop.sock_accept(listening)
                except OSError:
                    # No descriptors left, or gone before it was taken.
                    await self._clock.sleep(RETRY.wait_s(1, self._chance))
                    continue
                context = self._current(context)
                self._welcome(arrived, context)
        finally:
            self._is_open.clear()
            self.port = 0
            listening.close()
            await self._close_all()

    def _current(self, context: ssl.SSLContext) -> ssl.SSLContext:
        if self._is_renewed:
            self._is_renewed = False
            try:
                return tls_context(self._section)
            except OSError as error:
                log.warning(
                    "RadSec goes on with the certificates that it has: the new ones cannot be used (%s)",
                    error.strerror or type(error).__name__,
                )
        return context

    def _welcome(self, arrived: socket.socket, context: ssl.SSLContext) -> None:
        limits = self._limits
        is_full = len(self._connections) + len(self._handshakes) >= limits.connections_max
        if is_full or len(self._handshakes) >= limits.handshakes_max:
            arrived.close()
            self._desk.dropped("", Dropped.BUSY)
            return
        task = asyncio.get_running_loop().create_task(self._greet(arrived, context), name="radsec handshake")
        self._handshakes.add(task)
        task.add_done_callback(self._handshakes.discard)

    async def _greet(self, arrived: socket.socket, context: ssl.SSLContext) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._connection,
                arrived,
                ssl=context,
                ssl_handshake_timeout=self._limits.handshake_s,
                ssl_shutdown_timeout=self._limits.frame_s,
            )
        except OSError:
            # A wrong certificate, none, no TLS, a time-out: whoever it was is not one of ours.
            self._desk.dropped("", Dropped.UNKNOWN_CLIENT)

    def _connection(self) -> "Connection":
        return Connection(self._intake, self._desk, self._clock, self._named, self._limits, self._connections)

    async def _close_all(self) -> None:
        for task in tuple(self._handshakes):
            task.cancel()
        await asyncio.gather(*self._handshakes, return_exceptions=True)
        for connection in tuple(self._connections):
            connection.end()
        await asyncio.sleep(0)


class Connection(asyncio.Protocol):
    """One sender's connection, from the handshake on."""

    def __init__(
        self,
        intake: Intake,
        desk: AccountingDesk,
        clock: Clock,
        named: Named,
        limits: Limits,
        all_of_them: set["Connection"],
    ) -> None:
        self._intake, self._desk, self._clock = intake, desk, clock
        self._named, self._limits, self._all = named, limits, all_of_them
        self._buffer = bytearray()
        self._sender: Sender | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._deadline_s = 0.0
        self._is_held = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is over: the certificate is signed by our authority."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._sender = self._named(names_of(transport))
        if self._sender is None:
            self._desk.dropped("", Dropped.UNKNOWN_CLIENT)
            transport.abort()
            return
        self._all.add(self)
        self._expect(self._limits.idle_s)
        self._tick()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, by whomever."""
        self._all.discard(self)
        self._sender = None
        if self._watch is not None:
            self._watch.cancel()

    def data_received(self, data: bytes) -> None:
        """More of its packets."""
        was_within = bool(self._buffer)
        self._buffer += data
        took = self._feed()
        if not self._buffer or self._is_held:
            self._expect(self._limits.idle_s)
        elif took or not was_within:
            self._expect(self._limits.frame_s)

    def pause_writing(self) -> None:
        """It does not read its answers: then it is not heard either."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        if not self._is_held:
            self._transport.resume_reading()

    def end(self) -> None:
        """Close at once: what was not answered is told again."""
        self._transport.abort()

    @property
    def _is_over(self) -> bool:
        return self._is_held or self._transport.is_closing()

    def _feed(self) -> bool:
        """Take every whole packet; whether there was one."""
        took, buffer = False, self._buffer
        while self._sender is not None and len(buffer) >= _LENGTH_END and not self._is_over:
            length = int.from_bytes(buffer[2:_LENGTH_END], "big")
            if not HEADER_BYTES <= length <= PACKET_BYTES_MAX:
                # Where the next packet begins, nobody knows any more.
                self._desk.dropped(self._sender.id, Dropped.MALFORMED)
                self.end()
            elif len(buffer) < length:
                break
            elif self._intake.is_full:
                self._hold()
            else:
                packet = bytes(buffer[:length])
                del buffer[:length]
                took = True
                self._take(packet, self._sender)
        return took

    def _take(self, packet: bytes, sender: Sender) -> None:
        try:
            source = f"radsec {sender.id}"
            now = self._clock.stamp()
            if not self._intake.take(packet, sender, RADSEC_SECRET, source, now, self._reply):
                self.end()
        except Exception as error:  # noqa: BLE001 - one packet must not end more than its connection
            log.error("a packet of accounting could not be taken: %s", type(error).__name__)
            self.end()

    def _reply(self, data: bytes | None) -> None:
        if data is None:
            self.end()
        elif not self._transport.is_closing():
            self._transport.write(data)

    def _hold(self) -> None:
        """No room: it waits, since what is thrown away here would not come again."""
        self._is_held = True
        self._transport.pause_reading()
        self._intake.when_eased(self._release)

    def _release(self) -> None:
        self._is_held = False
        if not self._transport.is_closing():
            self._transport.resume_reading()
            self.data_received(b"")

    def _expect(self, seconds: float) -> None:
        self._deadline_s = asyncio.get_running_loop().time() + seconds

    def _tick(self) -> None:
        """Looks now and then whether the time is over: cheaper than a timer for each packet."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._deadline_s:
            self.end()
        else:
            self._watch = loop.call_later(min(self._limits.frame_s, self._limits.idle_s), self._tick)


def tls_context(section: Wifi) -> ssl.SSLContext:
    """TLS 1.2 and later, and a certificate of our authority asked of everybody. Raises OSError."""
    assert section.cert_file is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(section.cert_file, section.key_file)
    context.load_verify_locations(section.ca_file)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def names_of(transport: asyncio.Transport) -> Iterator[str]:
    """The DNS names in the other side's certificate, then its common name."""
    certificate = transport.get_extra_info("peercert") or {}
    for kind, value in certificate.get("subjectAltName", ()):
        if kind == "DNS":
            yield value
    for part in certificate.get("subject", ()):
        for key, value in part:
            if key == "commonName":
                yield value


def _listening(section: Wifi) -> socket.socket:
    family = socket.AF_INET6 if ":" in section.host else socket.AF_INET
    made = socket.create_server(
        (section.host, section.radsec_port or 0),
        family=family,
        backlog=64,
        dualstack_ipv6=section.host == "::",
    )
    made.setblocking(False)
    return made

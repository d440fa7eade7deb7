"""Scripted slaves: the far end of a pseudo-terminal or of a TCP connection, obeying the test to the byte."""

import asyncio
import contextlib
import os
import select
import tty
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from drivers.modbus.link import ModbusLink
from edge.config.schema import Bus, BusKind

FAST = 4_000_000
"""A baudrate at which the wire's own time does not count."""


PATIENT_S = 5.0
"""A time-out that no answer of these slaves reaches, however busy this machine is."""


def wait_long(link: ModbusLink) -> None:
    """From now on a link that gave up soon waits for its answer."""
    link._exchange._timeout_s = PATIENT_S


def bus(link: Path, **settings: object) -> Bus:
    """An rtu bus on `link`, with times as small as tests can afford."""
    given = {"timeout_s": 0.03, "quiet_after_timeout_s": 0.02, "baudrate": FAST, "echo": "off", **settings}
    return Bus.model_validate({"id": "b", "kind": BusKind.RTU, "port": str(link), **given})


def tcp_bus(port: int, **settings: object) -> Bus:
    """A tcp bus at a local port."""
    given = {"timeout_s": 0.03, "quiet_after_timeout_s": 0.02, "baudrate": FAST, "echo": "off", **settings}
    return Bus.model_validate({"id": "b", "kind": "tcp", "host": "127.0.0.1", "port": port, **given})


class Slave:
    """The other end of a serial line. `hear` gets every request (chunk) and says things by `say`."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.hear: Callable[[bytes], None] = lambda request: None
        self.heard: list[tuple[float, bytes]] = []
        self._master = self._slave = -1
        self._timers: set[asyncio.TimerHandle] = set()

    @property
    def descriptor(self) -> int:
        """The device's side of the pseudo-terminal."""
        return self._slave

    def plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def unplug(self) -> None:
        if self._master < 0:
            return
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        asyncio.get_running_loop().remove_reader(self._master)
        self.link.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1

    def say(self, data: bytes, after_s: float = 0.0, within_s: float = float("inf")) -> None:
        """Put bytes on the line, now or later; not at all where this process was held up over `within_s`."""
        loop = asyncio.get_running_loop()
        self._put(data, after_s, loop.time() + within_s)

    def _put(self, data: bytes, after_s: float, last_s: float) -> None:
        loop = asyncio.get_running_loop()
        if after_s:
            self._timers.add(loop.call_later(after_s, self._put, data, 0.0, last_s))
        elif self._master >= 0 and loop.time() < last_s:
            os.write(self._master, data)
            # A busy kernel hands it over late: what is said now is there now, before any time goes on.
            there = select.poll()
            there.register(self._slave, select.POLLIN)
            there.poll(1000 * PATIENT_S)

    def _readable(self) -> None:
        try:
            request = os.read(self._master, 4096)
        except (BlockingIOError, OSError):
            return
        self.heard.append((asyncio.get_running_loop().time(), request))
        self.hear(request)


@contextlib.asynccontextmanager
async def slave(link: Path) -> AsyncIterator[Slave]:
    """A slave that is plugged in, and gone afterwards."""
    made = Slave(link)
    made.plug()
    try:
        yield made
    finally:
        made.unplug()


class TcpSlave:
    """A Modbus TCP server; `hear` gets every chunk and the writer to answer on."""

    def __init__(self) -> None:
        self.hear: Callable[[bytes, asyncio.StreamWriter], None] = lambda request, writer: None
        self.greet: Callable[[asyncio.StreamWriter], None] = lambda writer: None
        self.connections = 0
        self.port = 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        self.greet(writer)
        with contextlib.suppress(ConnectionError):
            while request := await reader.read(4096):
                self.hear(request, writer)
        writer.close()

    async def drop(self) -> None:
        """Close every connection from this side, and wait until they are closed."""
        for writer in self._writers:
            writer.close()
        for writer in self._writers:
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        self._writers.clear()


@contextlib.asynccontextmanager
async def tcp_slave() -> AsyncIterator[TcpSlave]:
    """A TCP slave on a free local port, and gone afterwards."""
    made = TcpSlave()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.drop()
        await server.wait_closed()

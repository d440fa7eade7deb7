"""TCP connections as lines: connected within a limit, and never silently half-open for long."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Any

from drivers.line import Handle
from edge.core.errors import LinkDown
from edge.core.sayings import say

CONNECT_S = 3.0
"""Longest wait for a connection."""

UNACKNOWLEDGED_MS = 10_000
"""The kernel gives a connection up whose other end has not acknowledged bytes for this long."""

KEEPALIVE_IDLE_S = 20
KEEPALIVE_INTERVAL_S = 5
KEEPALIVE_PROBES = 3


@dataclass(frozen=True, slots=True)
class TcpOpening:
    """Host and port of a Modbus TCP server or of a serial device server."""

    host: str
    port: int
    connect_s: float = CONNECT_S

    @property
    def name(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    async def open(self) -> Handle:
        """Connect. Raises LinkDown."""
        try:
            async with asyncio.timeout(self.connect_s):
                return await self._connect()
        except TimeoutError as error:
            raise LinkDown(say("no_connection", line=self.name, seconds=f"{self.connect_s:g}")) from error
        except socket.gaierror as error:
            raise LinkDown(say("name_unknown", host=self.host, why=error.strerror)) from error
        except OSError as error:
            raise LinkDown(say("connection_refused", line=self.name, why=error.strerror or error)) from error

    async def _connect(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        failure = OSError("no address")
        for family, address in await self._addresses(loop):
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                _prepare(connection)
                await loop.sock_connect(connection, address)
            except OSError as error:
                connection.close()
                failure = error
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        raise failure

    async def _addresses(self, loop: asyncio.AbstractEventLoop) -> list[tuple[int, tuple[Any, ...]]]:
        # A numeric address needs no resolver, and so not the loop's resolver thread either.
        try:
            found = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )
        except socket.gaierror:
            found = await loop.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _kind, _protocol, _name, address in found]


def _prepare(connection: socket.socket) -> None:
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_PROBES)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)

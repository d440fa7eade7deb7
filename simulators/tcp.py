"""Slaves behind a Modbus TCP port."""

import asyncio
import contextlib
import struct
from collections.abc import Mapping

from simulators.modbus import Code, Unit, answer, refuse

HEADER_BYTES = 7
LENGTH_MAX = 254


class TcpBus:
    """A Modbus TCP server on loopback with any number of units behind it.

    Units are live. An absent unit is answered with exception 0B, as gateways do, or not at all, as others do
    (`tells_dead`). A gateway looks for it on its own line for `dead_s`, and whoever asks meanwhile waits.
    `port` 0 takes a free one; `port` tells which after `start`.
    """

    def __init__(
        self,
        units: Mapping[int, Unit],
        port: int = 0,
        delay_s: float = 0.0,
        dead_s: float = 0.0,
        tells_dead: bool = True,
    ) -> None:
        self.units = dict(units)
        self.host = "127.0.0.1"
        self.port = port
        self.requests = 0
        self._delay_s, self._dead_s, self._tells_dead = delay_s, dead_s, tells_dead
        self._line = asyncio.Lock()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer), name="modbus-tcp-peer")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                transaction, protocol, length, unit = struct.unpack(
                    ">HHHB", await reader.readexactly(HEADER_BYTES)
                )
                if protocol != 0 or not 2 <= length <= LENGTH_MAX:
                    return
                pdu = await reader.readexactly(length - 1)
                await self._asks_its_line(unit)
                back = self._answer(unit, pdu)
                if back is not None:
                    writer.write(struct.pack(">HHHB", transaction, 0, len(back) + 1, unit) + back)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _asks_its_line(self, unit: int) -> None:
        wait_s = self._delay_s + (self._dead_s if unit not in self.units else 0.0)
        if wait_s or self._line.locked():
            async with self._line:
                await asyncio.sleep(wait_s)

    def _answer(self, unit: int, pdu: bytes) -> bytes | None:
        self.requests += 1
        back = answer(self.units, unit, pdu)
        if back is None and unit != 0 and self._tells_dead:
            return refuse(pdu[0], Code.GATEWAY_TARGET_SILENT)
        return back

"""A small HTTP server on loopback for simulated devices that are asked by it."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

HEAD_BYTES_MAX = 16_384
BODY_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: `query` by its names, `headers` by their names in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes
    kind: str = "application/json"


Answer = Callable[[Request], Reply | None]
"""Answers a request; None keeps silent for as long as the connection lasts."""


class WebServer:
    """Answers on a loopback port until it is closed; `port` 0 takes a free one, `requests` counts."""

    def __init__(self, answer: Answer, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.host = "127.0.0.1"
        self.port = port
        self.requests = 0
        self._answer, self._tls = answer, tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(
            self._accept, self.host, self.port, ssl=self._tls, limit=HEAD_BYTES_MAX
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection; safe at any time, also twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer), name="web-peer")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await _read(reader)
                self.requests += 1
                reply = self._answer(request)
                if reply is None:
                    await reader.read()
                    return
                writer.write(_written(reply))
                await writer.drain()
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    length = min(int(headers.get("content-length", "0")), BODY_BYTES_MAX)
    parts = urlsplit(target)
    return Request(
        method, parts.path, dict(parse_qsl(parts.query)), headers, await reader.readexactly(length)
    )


def _written(reply: Reply) -> bytes:
    lines = (
        f"HTTP/1.1 {reply.status} -",
        f"Content-Type: {reply.kind}",
        f"Content-Length: {len(reply.body)}",
    )
    return "\r\n".join((*lines, "", "")).encode("latin-1") + reply.body

"""An HTTP server that answers as InfluxDB of each generation is known to."""

import asyncio
import contextlib
import json
import ssl
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

Answer = tuple[int, dict[str, str], str]


@dataclass
class Request:
    target: str
    headers: dict[str, str]
    lines: list[str]
    encoded: int


@dataclass
class FakeInflux:
    """`answer` rules on each request; None closes the connection without a word."""

    answer: Callable[[Request], Answer | None]
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)
    port: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.open[task] = writer
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._one(reader, writer):
                pass
        await self._hang_up(writer)
        del self.open[task]

    async def _hang_up(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def end(self) -> None:
        for writer in self.open.values():
            writer.close()
        await asyncio.gather(*self.open)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in head[1:])}
        raw = await reader.readexactly(int(headers["content-length"]))
        body = zlib.decompress(raw, wbits=31) if headers.get("content-encoding") == "gzip" else raw
        request = Request(head[0].split()[1], headers, body.decode().split("\n"), len(raw))
        self.requests.append(request)
        answer = self.answer(request)
        if answer is None:
            return False
        status, more, text = answer
        data = text.encode()
        lines = [f"HTTP/1.1 {status} Said", *(f"{key}: {value}" for key, value in more.items())]
        if status != 204:
            lines.append(f"Content-Length: {len(data)}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        await writer.drain()
        return True


@contextlib.asynccontextmanager
async def fake_influx(
    answer: Callable[[Request], Answer | None], tls: ssl.SSLContext | None = None
) -> AsyncIterator[FakeInflux]:
    fake = FakeInflux(answer, scheme="https" if tls else "http")
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0, limit=2**24, ssl=tls)
    fake.port = server.sockets[0].getsockname()[1]
    async with server:
        try:
            yield fake
        finally:
            server.close()
            await fake.end()


class Storing:
    """Keeps lines; a line that holds `poison` is bad, as each generation says it."""

    def __init__(self, generation: int, poison: str = "poison", conflict: str = "conflict") -> None:
        self.generation, self.poison, self.conflict = generation, poison, conflict
        self.stored: set[str] = set()

    def __call__(self, request: Request) -> Answer:
        malformed = [line for line in request.lines if self.poison in line]
        conflicting = [line for line in request.lines if self.conflict in line]
        bad = malformed or conflicting
        nothing_stored = self.generation == 2 and malformed
        if not nothing_stored:
            self.stored.update(line for line in request.lines if line not in malformed + conflicting)
        if not bad:
            return 204, {}, ""
        return self._refusal(bad, bool(malformed))

    def _refusal(self, bad: list[str], malformed: bool) -> Answer:
        what = f"unable to parse '{bad[0]}': invalid number" if malformed else "field type conflict"
        if self.generation == 1:
            return 400, {}, json.dumps({"error": f"partial write: {what} dropped={len(bad)}"})
        if self.generation == 2:
            status = 400 if malformed else 422
            return status, {}, json.dumps({"code": "invalid", "message": what})
        data = [{"original_line": line, "line_number": 1, "error_message": what} for line in bad]
        return 400, {}, json.dumps({"error": "partial write of line protocol occurred", "data": data})

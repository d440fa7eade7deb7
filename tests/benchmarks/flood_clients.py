"""Clients that want a server's whole time: they ask again the moment they have an answer, or are refused.

A process of its own, so that what they cost is not taken from the server's loop: it runs until SIGTERM, then
prints which answers it got. `python -m tests.benchmarks.flood_clients http://127.0.0.1:PORT COOKIE`
"""

import asyncio
import json
import signal
import sys
from collections import Counter
from urllib.parse import urlsplit

PATHS = (
    "/api/v1/town", "/api/v1/devices", "/api/v1/status", "/api/v1/town/alarms", "/metrics", "/",
    "/web/js/main.js", "/web/css/base.css", "/api/v1/openapi.json", "/nowhere",
)  # fmt: skip
READERS, MEMBERS, COMERS, GUESSERS, STREAMS = 24, 16, 8, 4, 20
"""Guests that keep their connection, people who are logged in, guests who connect anew each time, who guess
passwords, and live streams."""

AGAIN_S = 0.05
"""A connection that was refused is tried again after this: the client's own loop must live too."""


class Flood:
    """All of them."""

    def __init__(self, address: str, cookie: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        assert parts.port is not None
        self._host, self._port, self._cookie = parts.hostname, parts.port, cookie
        self.got: Counter[str] = Counter()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(READERS + MEMBERS + COMERS):
                member, keeps = number < MEMBERS, number < READERS + MEMBERS
                group.create_task(self._always(self._head(member, number), keeps))
            for _ in range(GUESSERS):
                group.create_task(self._always([self._guess()], True))
            for number in range(STREAMS):
                group.create_task(self._always([self._get("/api/v1/town/live", number % 2 == 0)], True))

    def _head(self, member: bool, first: int) -> list[bytes]:
        turned = [*PATHS[first % len(PATHS) :], *PATHS[: first % len(PATHS)]]
        return [self._get(path, member) for path in turned]

    def _get(self, path: str, member: bool) -> bytes:
        cookie = f"cookie: {self._cookie}\r\n" if member else ""
        return f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\naccept-encoding: gzip\r\n{cookie}\r\n".encode()

    def _guess(self) -> bytes:
        body = json.dumps({"user": "an", "password": "not the right one"})
        origin = f"http://{self._host}:{self._port}"
        head = f"host: {self._host}:{self._port}\r\norigin: {origin}\r\ncontent-type: application/json\r\n"
        return f"POST /api/v1/session HTTP/1.1\r\n{head}content-length: {len(body)}\r\n\r\n{body}".encode()

    async def _always(self, requests: list[bytes], keeps: bool) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(self._host, self._port)
            except OSError:
                self.got["no connection"] += 1
                await asyncio.sleep(AGAIN_S)
                continue
            try:
                while True:
                    for request in requests:
                        writer.write(request)
                        self.got[await answer(reader)] += 1
                    if not keeps:
                        break
            except (OSError, asyncio.IncompleteReadError):
                self.got["connection lost"] += 1
                await asyncio.sleep(AGAIN_S)
            finally:
                writer.close()


async def answer(reader: asyncio.StreamReader) -> str:
    """Read one answer; gives its status. A live stream is read for ever."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = head.split(" ", 2)[1]
    if "transfer-encoding: chunked" in head:
        while await reader.read(65_536):
            pass
        raise asyncio.IncompleteReadError(b"", None)
    length = head.partition("content-length: ")[2].partition("\r\n")[0]
    await reader.readexactly(int(length or 0))
    return status


async def main(address: str, cookie: str) -> None:
    """Flood until SIGTERM, then say which answers there were."""
    flood = Flood(address, cookie)
    running = asyncio.ensure_future(flood.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        print(json.dumps(flood.got))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))

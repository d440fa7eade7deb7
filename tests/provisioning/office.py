"""The enrolment service for tests: in this loop, or in a process of its own."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from provisioning.ca.authority import Authority
from provisioning.enrol.enrolment import Enrolled, Enrolment
from provisioning.enrol.identity import Identity
from provisioning.enrol.office import Office
from provisioning.enrol.serve import EnrolServer
from provisioning.enrol.ticket import Ticket
from provisioning.enrol.tokens import LIFE

CONFIG = """\
# The gateway at the bridge.
[gateway]
id = "gw-a"          # never change it
latitude = 17.7556
longitude = 106.4231

[mqtt]               # where all goes
url = "mqtt://127.0.0.1:1"
"""


@contextlib.asynccontextmanager
async def served(ca: Authority) -> AsyncIterator[EnrolServer]:
    """The service of an authority at the port of its enrol_url, until the end of the block."""
    server = EnrolServer(ca, "127.0.0.1", ca.town.enrol_address[1])
    running = asyncio.create_task(server.run())
    await asyncio.wait(
        (running, asyncio.create_task(server.bound.wait())), return_when=asyncio.FIRST_COMPLETED
    )
    try:
        yield server
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@contextlib.contextmanager
def apart(ca: Authority, port: int) -> Iterator[None]:
    """The same in another process."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(EnrolServer(ca, "127.0.0.1", port).run())
        finally:
            os._exit(1)
    try:
        until = time.monotonic() + 20
        while not _answers(port):
            assert time.monotonic() < until
            assert os.waitpid(child, os.WNOHANG) == (0, 0)
            time.sleep(0.01)
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
        return True
    return False


def ticket(ca: Authority, gateway: str = "gw-a", again: bool = False) -> Ticket:
    return Office(ca).ticket(gateway, LIFE, again)


class Machine:
    """A gateway's disk."""

    def __init__(self, folder: Path, gateway: str = "gw-a") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "gateway.toml"
        if not self.file.exists():
            self.file.write_text(CONFIG.replace("gw-a", gateway))
        self.identity = Identity(folder / "data")
        self.told: list[str] = []

    async def enrol(self, given: Ticket, again: bool = False) -> Enrolled:
        enrolment = Enrolment(given, self.identity, self.file.parent, self.file, self.told.append)
        return await enrolment.run(again)

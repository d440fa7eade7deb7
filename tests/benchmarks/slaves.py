"""Modbus TCP slaves that cost next to nothing: a fixed answer whose first register counts.

`python -m tests.benchmarks.slaves PORTS REGISTERS` prints the ports as JSON and ends with its input.
"""

import asyncio
import json
import struct
import sys


class Slave(asyncio.Protocol):
    """Answers every read with `registers` registers that look like measurements."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        for at in range(0, len(data) - 11, 12):
            head, unit, function, _, registers = struct.unpack_from(">4sxxBBHH", data, at)
            self.count += 1
            words = [(2300 + 37 * n + self.count) % 60_000 for n in range(registers)]
            body = struct.pack(f">BBB{registers}H", unit, function, 2 * registers, *words)
            self.transport.write(head + struct.pack(">H", len(body)) + body)


async def serve(ports: int) -> None:
    """Listen on `ports` free ports until standard input ends."""
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(Slave, "127.0.0.1", 0) for _ in range(ports)]
    sys.stdout.write(json.dumps([server.sockets[0].getsockname()[1] for server in servers]) + "\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

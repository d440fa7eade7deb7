"""Work that would hold up the gateway's buses is done by a process of its own: bounded in time and answer."""

import asyncio
import contextlib
import sys

from edge.core.errors import TransientError
from edge.core.sayings import say

PIECE_BYTES = 65_536
ANSWER_BYTES_MAX = 16_000_000

NICE = 15
"""How far a child gives way to everything else on the machine."""


async def worked(module: str, order: bytes, within_s: float) -> tuple[int, bytes]:
    """Run a module of ours with an order on its standard input; gives its exit code and what it wrote.

    Raises TransientError when it takes too long or writes too much; it is ended then, and by cancellation.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(within_s):
            answer = await _talk(process, order)
            return await process.wait(), answer
    except TimeoutError:
        raise TransientError(say("takes_too_long", seconds=f"{within_s:g}")) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _talk(process: asyncio.subprocess.Process, order: bytes) -> bytes:
    """Give the order, and take what comes back; a child that ends early is no error here."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(order)
        await process.stdin.drain()
        process.stdin.close()
    found = bytearray()
    while piece := await process.stdout.read(PIECE_BYTES):
        found += piece
        if len(found) > ANSWER_BYTES_MAX:
            raise TransientError(say("too_much", bytes=ANSWER_BYTES_MAX))
    return bytes(found)

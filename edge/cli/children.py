"""Processes of the demo that end with it: each ends when its standard input closes."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

ENDS_S = 5.0
"""Longest wait for a process whose input was closed, before it is killed."""


@asynccontextmanager
async def child(module: str, options: Mapping[str, object]) -> AsyncIterator[asyncio.StreamReader]:
    """A module of ours running with these options, True standing for a bare one; gives its output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module),
        *(
            str(part)
            for name, value in options.items()
            for part in ((name,) if value is True else (name, value))
        ),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), ENDS_S)
        except TimeoutError:
            process.kill()
            await process.wait()

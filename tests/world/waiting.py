"""Waiting for what another process does: looked at often, given up loudly."""

import asyncio
import time
from collections.abc import Callable


def until(true: Callable[[], object], timeout_s: float = 30) -> None:
    """Return once `true` is."""
    ends = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < ends, "it did not come true"
        time.sleep(0.05)


async def soon(true: Callable[[], object], timeout_s: float = 30) -> None:
    """Return once `true` is, while this loop goes on."""
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110 - what is waited for gives no event
            await asyncio.sleep(0.02)

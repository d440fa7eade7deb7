"""Has the command desk carry something out, and waits for how it ends: for who needs the whole of it."""

import asyncio
import uuid

from edge.core.model import Command, CommandState, Fields, Outcome
from edge.core.ports import Clock, Desk

ENDS = frozenset({CommandState.VERIFIED, CommandState.FAILED, CommandState.UNKNOWN})
"""States after which nothing more is told of a command."""


async def carried_out(
    desk: Desk,
    clock: Clock,
    verb: str,
    target: str,
    arguments: Fields,
    by: str,
    source: str,
    within_s: float,
) -> Outcome:
    """The last outcome of a command, which expires after `within_s`. Raises TimeoutError where none comes."""
    last: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def reply(outcome: Outcome) -> None:
        if outcome.state in ENDS and not last.done():
            last.set_result(outcome)

    received = clock.stamp()
    deadline_ns = received.mono_ns + round(within_s * 1e9)
    desk.submit(Command(uuid.uuid4().hex, verb, target, arguments, by, source, received, deadline_ns), reply)
    return await asyncio.wait_for(last, within_s)

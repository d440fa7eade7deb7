"""How routes have commands carried out when they need the whole of the outcome."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

from edge.console.signing import Signature
from edge.core.model import Command, CommandState, Fields, Outcome
from edge.core.ports import Clock, Desk

Submit = Callable[[str, str, Fields, Signature], Awaitable[Outcome]]
"""Carries out a verb on a target with arguments, for somebody, and waits for its last outcome."""


ACT_S = 60.0
"""Longest wait for the end of a command that came over HTTP."""

ENDS = (CommandState.VERIFIED, CommandState.FAILED, CommandState.UNKNOWN)


async def submitted(
    desk: Desk, clock: Clock, verb: str, target: str, arguments: Fields, by: Signature
) -> Outcome:
    """Have a command carried out, and wait for its last outcome; `unknown` where none comes in time."""
    last: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def reply(outcome: Outcome) -> None:
        if outcome.state in ENDS and not last.done():
            last.set_result(outcome)

    received = clock.stamp()
    command = Command(
        id=uuid.uuid4().hex,
        verb=verb,
        target=target,
        arguments=arguments,
        by=by.by,
        source=by.source,
        received=received,
        deadline_mono_ns=received.mono_ns + round(ACT_S * 1e9),
    )
    desk.submit(command, reply)
    try:
        return await asyncio.wait_for(last, ACT_S)
    except TimeoutError:
        return Outcome(command.id, CommandState.UNKNOWN, f"no outcome within {ACT_S:g} s")

"""How routes have commands carried out when they need the whole of the outcome."""

from collections.abc import Awaitable, Callable

from edge.console.signing import Signature
from edge.core.model import CommandState, Fields, Outcome
from edge.core.ports import Clock, Desk
from edge.core.sayings import say
from edge.runtime.asking import carried_out

Submit = Callable[[str, str, Fields, Signature], Awaitable[Outcome]]
"""Carries out a verb on a target with arguments, for somebody, and waits for its last outcome."""


ACT_S = 60.0
"""Longest wait for the end of a command that came over HTTP."""


async def submitted(
    desk: Desk, clock: Clock, verb: str, target: str, arguments: Fields, by: Signature
) -> Outcome:
    """Have a command carried out, and wait for its last outcome; `unknown` where none comes in time."""
    try:
        return await carried_out(desk, clock, verb, target, arguments, by.by, by.source, ACT_S)
    except TimeoutError:
        return Outcome("", CommandState.UNKNOWN, say("no_outcome", seconds=f"{ACT_S:g}"))

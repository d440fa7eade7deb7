"""The command desk: one door for every command, each acted on at most once, never late, answered honestly."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from edge.core.errors import GianhError
from edge.core.model import (
    Command,
    CommandState,
    Event,
    EventKind,
    Outcome,
    Severity,
)
from edge.core.ports import Clock, Report
from edge.core.sayings import say

log = logging.getLogger(__name__)

OPEN_MAX = 1024
"""Most commands under way at once; one more is refused."""

SAID = ("level", "for_s", "fade_s", "release", "note")
"""Arguments that the event of a command tells; a confirmation's token is nobody else's business."""

CONFIRM = "confirm"
"""The result that is a confirmation's token: for who asked, never for events and logs."""

Handler = Callable[[Command], AsyncIterator[Outcome]]
"""Carries a command out, reporting as it goes; raises GianhError when it fails."""


class Ledger(Protocol):
    """What the desk asks of the store, so that no id acts twice, also over a restart."""

    async def claim(self, command_id: str) -> Outcome | None:
        """Mark an id as taken, durably; gives the stored outcome if it was taken before."""

    def keep_outcome(self, outcome: Outcome) -> None:
        """Keep the last report on a command."""


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb does; one that `acts` on the world is claimed first and audited."""

    handler: Handler
    acts: bool


Reply = Callable[[Outcome], None]


class CommandDesk:
    """Implements the Desk port for the verbs that it is given."""

    def __init__(self, ledger: Ledger, verbs: Mapping[str, Verb], report: Report, clock: Clock) -> None:
        self._ledger, self._verbs, self._report, self._clock = ledger, verbs, report, clock
        self._open: set[asyncio.Task[None]] = set()

    def submit(self, command: Command, reply: Reply) -> None:
        """Take a command in; every report on it goes to `reply`, the last one being terminal."""
        if len(self._open) >= OPEN_MAX:
            reply(_failed(command, say("busy", most=OPEN_MAX)))
            return
        task = asyncio.get_running_loop().create_task(
            self._carry_out(command, reply), name=f"command {command.id}"
        )
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def close(self) -> None:
        """Stop what is under way; what was written already is reported as unknown."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _carry_out(self, command: Command, reply: Reply) -> None:
        verb = self._verbs.get(command.verb)
        last: Outcome | None = None
        if verb is None:
            known = ", ".join(sorted(self._verbs))
            last = _failed(command, say("unknown_verb", verb=f"{command.verb!r}", known=known))
        elif self._clock.mono_ns() > command.deadline_mono_ns:
            last = _failed(command, say("expired"))
        elif verb.acts and (stored := await self._ledger.claim(command.id)) is not None:
            reply(stored)
            return
        if last is None and verb is not None:
            last = await self._handle(verb, command, reply)
        elif last is not None:
            reply(last)
        if last is not None and (verb is None or verb.acts):
            self._audit(command, last)

    async def _handle(self, verb: Verb, command: Command, reply: Reply) -> Outcome:
        last = Outcome(command.id, CommandState.ACCEPTED)
        reply(last)
        try:
            async for outcome in verb.handler(command):
                last = outcome
                reply(outcome)
        except GianhError as error:
            last = _failed(command, str(error))
            reply(last)
        except asyncio.CancelledError:
            last = Outcome(command.id, CommandState.UNKNOWN, say("stopped"))
            reply(last)
            raise
        finally:
            if verb.acts:
                self._ledger.keep_outcome(last)
        return last

    def _audit(self, command: Command, outcome: Outcome) -> None:
        good = outcome.state is not CommandState.FAILED
        text = f"{command.verb} {command.target} by {command.by or 'nobody named'}: {outcome.state}"
        reason = _without_token(outcome)
        fields = (
            ("id", command.id),
            ("verb", command.verb),
            ("target", command.target),
            ("by", command.by),
            ("source", command.source),
            ("state", outcome.state.value),
            ("reason", reason),
            *((name, value) for name, value in command.arguments if name in SAID),
        )
        severity = Severity.INFO if good else Severity.WARNING
        log.info("%s%s", text, f" ({reason})" if reason else "")
        self._report(Event(self._clock.stamp(), EventKind.COMMAND, command.target, severity, text, fields))


def _without_token(outcome: Outcome) -> str:
    """The reason of an outcome without the token that it gave."""
    reason = outcome.reason
    for name, value in outcome.result:
        if name == CONFIRM and isinstance(value, str) and value:
            reason = reason.replace(value, "…")
    return reason


def _failed(command: Command, reason: str) -> Outcome:
    return Outcome(command.id, CommandState.FAILED, reason)

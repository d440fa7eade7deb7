"""Commands from the broker to the desk, and what became of them back to who asked."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.message import Incoming, Outgoing
from cloud_sync.mqtt.payload import outcome_payload
from cloud_sync.mqtt.request import Address, read_request
from edge.core.model import CommandState, Outcome
from edge.core.ports import Clock, Desk

log = logging.getLogger(__name__)

ANSWERS_MAX = 1000
"""Answers that wait while the link is down; one more is dropped and counted."""


@dataclass(slots=True)
class Counts:
    """What came: commands handed on, messages refused."""

    taken: int = 0
    refused: int = 0


class Answers:
    """Answers on their way to who asked, in order; bounded while the link is down."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link
        self._waiting: asyncio.Queue[Outgoing] = asyncio.Queue(ANSWERS_MAX)
        self.dropped = 0

    def put(self, answer: Outgoing) -> None:
        """Send an answer soon; never blocks."""
        try:
            self._waiting.put_nowait(answer)
        except asyncio.QueueFull:
            self.dropped += 1
            level = logging.WARNING if self.dropped == 1 else logging.DEBUG
            log.log(level, "mqtt: %d answers wait already, one more was dropped", ANSWERS_MAX)

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            answer = await self._waiting.get()
            reasons: list[int | None] = [None]
            # One at a time: accepted is never seen after applied, also over a lost connection.
            while reasons == [None]:
                await self._link.until_connected()
                reasons = await self._link.publish([answer])


class MqttCommands:
    """Implements Service: subscribes to the gateway's commands and answers every one of them.

    To be made before the link runs, so that its subscription goes with every connection.
    """

    name = "mqtt commands"

    def __init__(self, link: MqttLink, desk: Desk, clock: Clock) -> None:
        self._link, self._desk, self._clock = link, desk, clock
        self._answers = Answers(link)
        self.counts = Counts()
        link.listen(link.topics.commands, self._heard)

    async def run(self) -> None:
        """Run until cancelled."""
        await self._answers.run()

    def _heard(self, message: Incoming) -> None:
        if not message.payload and message.retain:
            # Someone clears a retained command: nothing is asked, nothing to answer.
            return
        request = read_request(message, self._link.topics, self._clock.stamp())
        answer = self._answering(request.address)
        if request.command is None:
            self.counts.refused += 1
            level = logging.WARNING if self.counts.refused == 1 else logging.DEBUG
            log.log(level, "mqtt: refused a command on %s: %s", message.topic, request.reason)
            answer(Outcome(request.id, CommandState.FAILED, request.reason))
            return
        self.counts.taken += 1
        self._desk.submit(request.command, answer)

    def _answering(self, address: Address) -> Callable[[Outcome], None]:
        def answer(outcome: Outcome) -> None:
            payload = outcome_payload(outcome)
            self._answers.put(Outgoing(address.topic, payload, correlation=address.correlation))

        return answer

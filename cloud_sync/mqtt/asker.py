"""Somebody at the centre: hears what gateways say of themselves, and asks them."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cloud_sync.mqtt.dial import wire_options
from cloud_sync.mqtt.message import SUCCESS_BELOW, Incoming, Outgoing
from cloud_sync.mqtt.topics import Topics, matches
from cloud_sync.mqtt.wire import Wire
from edge.config.schema import Mqtt
from edge.core.errors import NoAnswer, PermanentError, ProtocolError
from edge.core.sayings import say

HEARD_MAX = 100_000
"""Most messages that wait to be looked at; one more is dropped: what stands retained is of one town."""

ENDS = frozenset({"verified", "failed", "unknown"})
"""States after which no more answers come."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a command; `state` as in the contract."""

    state: str
    reason: str

    @property
    def ends(self) -> bool:
        """Whether it is the last."""
        return self.state in ENDS


class Asker:
    """One connection to the broker, from `asking`, for one task that comes to an end."""

    def __init__(self, settings: Mqtt, who: str) -> None:
        self._place = f"the broker at {settings.url}"
        self._queues: list[tuple[str, asyncio.Queue[Incoming]]] = []
        client_id = f"gianh-{who}-{uuid.uuid4().hex[:8]}"
        self._wire = Wire(wire_options(settings, client_id, None), self._heard)

    async def open(self) -> None:
        """Connect. Raises PermanentError or TransientError with the remedy."""
        await self._wire.open()

    async def close(self) -> None:
        """Leave nothing open."""
        await self._wire.close()

    async def listen(self, topic_filter: str) -> asyncio.Queue[Incoming]:
        """Messages of a filter, what stands there retained first. Raises PermanentError if not allowed."""
        queue: asyncio.Queue[Incoming] = asyncio.Queue()
        self._queues.append((topic_filter, queue))
        reason = await self._wire.subscribe_to(topic_filter, retained=True)
        if reason >= SUCCESS_BELOW:
            raise PermanentError(
                say("subscription_refused", place=self._place, topic=topic_filter, code=f"{reason:02X}")
            )
        return queue

    async def ask(
        self,
        gateway: str,
        verb: str,
        target: str,
        fields: Mapping[str, object],
        by: str,
        expiry_s: int,
        patience_s: float,
    ) -> AsyncIterator[Answer]:
        """Send a command, good for `expiry_s`, and give its answers as they come, to the last.

        Raises NoAnswer if the next one takes longer than `patience_s` (the first: than the command is good),
        PermanentError if the broker denies it.
        """
        topics, command_id = Topics(gateway), uuid.uuid4().hex
        back = topics.reply(f"ask-{command_id[:12]}")
        answers = await self.listen(back)
        payload = json.dumps({"id": command_id, "by": by, **fields}, ensure_ascii=False).encode()
        topic = f"{topics.base}/command/{verb}/{target}"
        asked = Outgoing(
            topic, payload, correlation=command_id.encode(), response_topic=back, expiry_s=expiry_s
        )
        await self._send(asked)
        wait_s: float = expiry_s
        while True:
            try:
                answer = await asyncio.wait_for(answers.get(), wait_s)
            except TimeoutError as error:
                raise NoAnswer(say("gateway_silent", gateway=gateway, seconds=f"{wait_s:g}")) from error
            wait_s = patience_s
            found = read_answer(answer.payload)
            yield found
            if found.ends:
                return

    def _heard(self, message: Incoming) -> None:
        for topic_filter, queue in self._queues:
            if matches(topic_filter, message.topic) and queue.qsize() < HEARD_MAX:
                queue.put_nowait(message)

    async def _send(self, message: Outgoing) -> None:
        receipts = self._wire.send([message])
        await receipts.done
        reason = receipts.reasons[0]
        if reason is None:
            raise NoAnswer(say("lost_before_command", place=self._place))
        if reason >= SUCCESS_BELOW:
            raise PermanentError(
                say("publishing_denied", place=self._place, topic=message.topic, code=f"{reason:02X}")
            )


@asynccontextmanager
async def asking(settings: Mqtt, who: str) -> AsyncIterator[Asker]:
    """A connection for the length of the block. Raises PermanentError or TransientError with the remedy."""
    asker = Asker(settings, who)
    try:
        await asker.open()
        yield asker
    finally:
        await asker.close()


def read_answer(payload: bytes) -> Answer:
    """An answer. Raises ProtocolError if it is none."""
    try:
        found = json.loads(payload)
        return Answer(str(found["state"]), str(found.get("reason", "")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProtocolError(say("no_gateway_of_version")) from error

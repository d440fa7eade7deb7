"""Stored rows to the broker: gone only by a PUBACK whose reason is success."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from cloud_sync.mqtt.link import TARGET, MqttLink, lost
from cloud_sync.mqtt.message import (
    NOT_AUTHORIZED,
    PACKET_TOO_LARGE,
    PAYLOAD_FORMAT_INVALID,
    SUCCESS_BELOW,
    Outgoing,
)
from cloud_sync.mqtt.payload import SamplePayloads, event_payload
from edge.core.errors import GianhError, LinkDown, PermanentError, TransientError
from edge.core.model import EventRow, Rejection, SampleRow
from edge.core.ports import Clock, Delivery
from edge.core.sayings import say

PART_MAX = 200
"""Rows that are made into messages at once: more would hold up the polls."""

Row = TypeVar("Row", SampleRow, EventRow)


class MqttPublisher:
    """Implements Publisher over a link. `late_after_s`: older samples are marked late."""

    id = TARGET

    def __init__(self, link: MqttLink, clock: Clock, late_after_s: float) -> None:
        self._link, self._clock = link, clock
        self._late_after_ns = round(late_after_s * 1e9)
        self._samples = SamplePayloads(link.topics)
        self._told: type[GianhError] | None = None

    async def deliver_samples(self, rows: Sequence[SampleRow]) -> Delivery:
        """Publish rows, oldest first; returns when each has its receipt or the connection is gone."""
        return await self._deliver(rows, self._sample)

    async def deliver_events(self, rows: Sequence[EventRow]) -> Delivery:
        """Publish events."""
        topic = self._link.topics.event
        return await self._deliver(rows, lambda row: Outgoing(topic, event_payload(row)))

    def _sample(self, row: SampleRow) -> Outgoing:
        late = self._clock.is_set() and self._clock.utc_ns() - row.at_ns > self._late_after_ns
        topic, payload = self._samples.message(row, late)
        return Outgoing(topic, payload)

    async def _deliver(self, rows: Sequence[Row], compose: Callable[[Row], Outgoing]) -> Delivery:
        done: list[int] = []
        rejected: list[Rejection] = []
        trouble = await self._ready()
        by_link = trouble is not None
        for start in range(0, len(rows), PART_MAX):
            if trouble is not None:
                break
            part = rows[start : start + PART_MAX]
            messages = [compose(row) for row in part]
            for row, message, reason in zip(part, messages, await self._link.publish(messages), strict=True):
                if reason is not None and reason < SUCCESS_BELOW:
                    done.append(row.seq)
                elif reason in (PACKET_TOO_LARGE, PAYLOAD_FORMAT_INVALID):
                    rejected.append(_rejection(row.seq, message, reason))
                else:
                    trouble = _worse(trouble, _trouble(message, reason))
        # The link tells by itself that it came, went, or cannot come, also while there is nothing to send.
        return Delivery(done, rejected, trouble, logged=by_link or isinstance(trouble, LinkDown))

    async def _ready(self) -> GianhError | None:
        """None once connected; until then each kind of trouble is told once, and the rest is waiting.

        So the forwarder learns why, and yet goes on the moment that the broker is back.
        """
        while not self._link.connected:
            trouble = self._link.trouble
            if trouble is not None and type(trouble) is not self._told:
                self._told = type(trouble)
                return trouble
            await self._link.changed()
        self._told = None
        return None


def _rejection(seq: int, message: Outgoing, reason: int) -> Rejection:
    why = "the packet is too large" if reason == PACKET_TOO_LARGE else "the payload format is invalid"
    line = f"{message.topic} {message.payload.decode('utf-8', 'replace')}"
    return Rejection(seq, line, say("broker_says", why=why, code=f"{reason:02X}"))


def _trouble(message: Outgoing, reason: int | None) -> GianhError:
    if reason is None:
        return lost()
    if reason == NOT_AUTHORIZED:
        return PermanentError(say("acl", topic=message.topic))
    return TransientError(say("not_taken", topic=message.topic, code=f"{reason:02X}"))


def _worse(one: GianhError | None, other: GianhError) -> GianhError:
    return one if isinstance(one, PermanentError) else other

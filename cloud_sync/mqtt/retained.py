"""What is to stand retained at the broker: the newest of each topic, all of it again on every connection."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.message import SUCCESS_BELOW, Outgoing

log = logging.getLogger(__name__)

Cleared = Callable[[Sequence[str]], None]
"""Hears of topics at which nothing stands any more, by the broker's receipt."""

PART_MAX = 200
"""Messages that are sent at once: more would hold up the polls."""


class Retained:
    """Implements Service for one kind of retained topics. Bounded by how many topics its owner has."""

    def __init__(self, link: MqttLink, name: str, cleared: Cleared | None = None) -> None:
        self.name = name
        self._link, self._cleared = link, cleared
        self._known: dict[str, bytes] = {}
        self._owed: dict[str, bytes] = {}
        self._fresh = asyncio.Event()
        self._denied = False

    def put(self, topic: str, payload: bytes) -> None:
        """What stands at this topic from now on; what stands there already is not sent again."""
        if self._known.get(topic) != payload:
            self._known[topic] = payload
            self._owe(topic, payload)

    def clear(self, topic: str) -> None:
        """Nothing is to stand at this topic."""
        self._known.pop(topic, None)
        self._owe(topic, b"")

    def again(self) -> None:
        """Send everything once more."""
        self._owed = {**self._owed, **self._known}
        self._fresh.set()

    def knows(self, topic: str) -> bool:
        """Whether something is to stand at this topic."""
        return topic in self._known

    async def run(self) -> None:
        """Run until cancelled."""
        session = 0
        while True:
            await self._link.until_connected()
            if session != self._link.session:
                session = self._link.session
                self.again()
            if self._owed:
                await self._send()
            else:
                self._fresh.clear()
                await self._either_fresh_or_changed()

    def _owe(self, topic: str, payload: bytes) -> None:
        self._owed[topic] = payload
        self._fresh.set()

    async def _send(self) -> None:
        topics = list(self._owed)[:PART_MAX]
        messages = [Outgoing(topic, self._owed.pop(topic), retain=True) for topic in topics]
        reasons = await self._link.publish(messages)
        for message, reason in zip(messages, reasons, strict=True):
            if reason is None:
                # The connection went: a newer word on this topic stands, else this one is owed still.
                self._owed.setdefault(message.topic, message.payload)
        gone = [
            message.topic
            for message, reason in zip(messages, reasons, strict=True)
            if not message.payload and _taken(reason) and message.topic not in self._known
        ]
        if gone and self._cleared is not None:
            self._cleared(gone)
        denied = [m.topic for m, r in zip(messages, reasons, strict=True) if r and r >= SUCCESS_BELOW]
        if bool(denied) != self._denied:
            self._denied = bool(denied)
            if denied:
                log.warning("%s: the broker does not take %s: allow it in its ACL", self.name, denied[0])
            else:
                log.info("%s: the broker takes all", self.name)
        if None in reasons and self._link.connected:
            await self._link.changed()

    async def _either_fresh_or_changed(self) -> None:
        waits = [asyncio.ensure_future(self._fresh.wait()), asyncio.ensure_future(self._link.changed())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _taken(reason: int | None) -> bool:
    return reason is not None and reason < SUCCESS_BELOW

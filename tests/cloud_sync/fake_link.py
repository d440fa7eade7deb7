"""A link to a broker that keeps what is retained, for tests of what stands there."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from cloud_sync.mqtt.message import Incoming, Outgoing
from cloud_sync.mqtt.topics import Topics, matches


class FakeLink:
    """As far as services use MqttLink. Connects and breaks by hand."""

    def __init__(self) -> None:
        self.topics = Topics("gw-a")
        self.connected = False
        self.session = 0
        self.retained: dict[str, bytes] = {}
        self.sent: list[Outgoing] = []
        self.lose_next = False
        self._listeners: dict[str, tuple[Callable[[Incoming], None], bool]] = {}
        self._changes = asyncio.Event()

    def connect(self) -> None:
        self.connected, self.session = True, self.session + 1
        for topic_filter, (heard, retained) in self._listeners.items():
            for topic, payload in list(self.retained.items()):
                if retained and matches(topic_filter, topic):
                    heard(Incoming(topic, payload, retain=True))
        self._announce()

    def break_off(self) -> None:
        self.connected = False
        self._announce()

    async def changed(self) -> None:
        await self._changes.wait()

    async def until_connected(self) -> None:
        while not self.connected:
            await self.changed()

    def listen(self, topic_filter: str, heard: Callable[[Incoming], None], retained: bool = False) -> None:
        self._listeners[topic_filter] = (heard, retained)

    async def publish(self, messages: Sequence[Outgoing]) -> list[int | None]:
        if self.lose_next:
            self.lose_next = False
            self.break_off()
        if not self.connected:
            return [None] * len(messages)
        for message in messages:
            self.sent.append(message)
            if message.retain and message.payload:
                self.retained[message.topic] = message.payload
            elif message.retain:
                self.retained.pop(message.topic, None)
            self.arrive(message.topic, message.payload, message.retain)
        return [0] * len(messages)

    def arrive(self, topic: str, payload: bytes, retain: bool = False, expiry_s: int | None = None) -> None:
        for topic_filter, (heard, _) in self._listeners.items():
            if matches(topic_filter, topic):
                heard(Incoming(topic, payload, retain, expiry_s=expiry_s))

    def at(self, topic: str) -> Any:
        """What stands at a topic below the gateway's."""
        return json.loads(self.retained[f"gianh/v1/gw-a/{topic}"])

    def _announce(self) -> None:
        changes, self._changes = self._changes, asyncio.Event()
        changes.set()


async def settle(turns: int = 50) -> None:
    """Let everything run that can."""
    for _ in range(turns):
        await asyncio.sleep(0)


class Going:
    """Runs services within its block."""

    def __init__(self, *services: Any) -> None:
        self._services = services

    async def __aenter__(self) -> None:
        self._tasks = [asyncio.create_task(service.run()) for service in self._services]
        await settle()

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

"""What every target's light is to be, retained at `light/{target}/state`."""

import asyncio
from collections.abc import Callable, Iterable

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.payload import light_payload
from cloud_sync.mqtt.retained import Retained
from edge.core.lighting import LightBoard, LightState

Shown = Callable[[LightState], None]
"""Somebody else who wants to know of each state, such as Home Assistant's topics."""


class MqttLights:
    """Implements Service: publishes states on change, and all of them on every connection."""

    name = "mqtt lights"

    def __init__(self, link: MqttLink, board: LightBoard, also: Shown | None = None) -> None:
        self._topics, self._board, self._also = link.topics, board, also
        self._retained = Retained(link, self.name)
        self._targets: set[str] = set()

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(), name=f"{self.name} watch")
            group.create_task(self._retained.run(), name=f"{self.name} publish")

    def keep(self, targets: Iterable[str]) -> None:
        """Clear the topics of targets that left the configuration."""
        for gone in self._targets - set(targets):
            self._targets.discard(gone)
            self._retained.clear(self._topics.light(gone))

    async def _watch(self) -> None:
        async with self._board.watch() as states:
            async for state in states:
                self._targets.add(state.target)
                self._retained.put(self._topics.light(state.target), light_payload(state))
                if self._also is not None:
                    self._also(state)

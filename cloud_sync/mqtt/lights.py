"""What every lamp, group, segment and the gateway is to have, retained at `light/{target}/state`."""

import asyncio
from collections.abc import Callable, Iterable

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.payload import light_payload, target_payload
from cloud_sync.mqtt.retained import Retained
from edge.core.lighting import LightBoard, LightState, TargetState

Shown = Callable[[LightState | TargetState], None]
"""Somebody else who wants to know of each state, such as Home Assistant's topics."""


class MqttLights:
    """Implements Service: publishes states on change, and all of them on every connection."""

    name = "mqtt lights"

    def __init__(self, link: MqttLink, board: LightBoard, also: Shown | None = None) -> None:
        self._topics, self._board, self._also = link.topics, board, also
        self._retained = Retained(link, self.name)
        self._shown: set[str] = set()
        self._kept: frozenset[str] | None = None

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_lamps(), name=f"{self.name} lamps")
            group.create_task(self._watch_targets(), name=f"{self.name} targets")
            group.create_task(self._retained.run(), name=f"{self.name} publish")

    def keep(self, targets: Iterable[str]) -> None:
        """Clear the topics of targets that left the configuration, and show nothing more of them."""
        self._kept = frozenset(targets)
        for gone in self._shown - self._kept:
            self._clear(gone)

    async def _watch_lamps(self) -> None:
        async with self._board.watch() as states:
            async for state in states:
                self._show(state, light_payload(state))

    async def _watch_targets(self) -> None:
        async with self._board.targets.watch() as states:
            async for state in states:
                if state.lamps:
                    self._show(state, target_payload(state))
                else:
                    self._clear(state.target)

    def _show(self, state: LightState | TargetState, payload: bytes) -> None:
        if self._kept is not None and state.target not in self._kept:
            return
        self._shown.add(state.target)
        self._retained.put(self._topics.light(state.target), payload)
        if self._also is not None:
            self._also(state)

    def _clear(self, target: str) -> None:
        self._shown.discard(target)
        self._retained.clear(self._topics.light(target))

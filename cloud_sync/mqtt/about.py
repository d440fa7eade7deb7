"""What the gateway is, and which lamps its targets stand for, retained at `info`."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.payload import GatewayAbout, about_payload
from cloud_sync.mqtt.retained import Retained
from edge.core.lighting import TargetBoard

About = Callable[[Mapping[str, Sequence[str]]], GatewayAbout]
"""Makes it, with the members of targets as they are now."""


class MqttAbout:
    """Implements Service: publishes on change, and again on every connection."""

    name = "mqtt about"

    def __init__(self, link: MqttLink, about: About, board: TargetBoard | None) -> None:
        self._topic, self._about, self._board = link.topics.about, about, board
        self._retained = Retained(link, self.name)
        self._members: Mapping[str, Sequence[str]] = {}

    def update(self, about: About) -> None:
        """Take another configuration."""
        self._about = about
        self._put()

    async def run(self) -> None:
        """Run until cancelled."""
        self._put()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._retained.run(), name=f"{self.name} publish")
            if self._board is not None:
                group.create_task(self._watch(self._board), name=f"{self.name} watch")

    async def _watch(self, board: TargetBoard) -> None:
        async with board.watch() as states:
            async for _ in states:
                if (members := board.members()) is not self._members:
                    self._members = members
                    self._put()

    def _put(self) -> None:
        if self._board is not None:
            self._members = self._board.members()
        self._retained.put(self._topic, about_payload(self._about(self._members)))

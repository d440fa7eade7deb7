"""Which configuration the gateway has from the centre, retained at `config`."""

import asyncio
import json

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.retained import Retained
from edge.core.fleet import ConfigBoard, ConfigState
from edge.core.times import rfc3339


class MqttConfigState:
    """Implements Service."""

    name = "mqtt config state"

    def __init__(self, link: MqttLink, board: ConfigBoard) -> None:
        self._topic, self._board = link.topics.config, board
        self._retained = Retained(link, self.name)

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(), name=f"{self.name} watch")
            group.create_task(self._retained.run(), name=f"{self.name} publish")

    async def _watch(self) -> None:
        async with self._board.watch() as states:
            async for state in states:
                self._retained.put(self._topic, config_payload(state))


def config_payload(state: ConfigState) -> bytes:
    """As the contract has it; `reason` and `changed` only where there is something to say."""
    said: dict[str, object] = {
        "at": None if state.at_ns is None else rfc3339(state.at_ns),
        "state": state.phase.value,
        "version": state.version,
        "sha256": state.digest,
    }
    said |= {"reason": state.reason} if state.reason else {}
    said |= {"by": state.signed_by} if state.signed_by else {}
    said |= {"changed": True} if state.changed else {}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()

"""What is wrong, retained at `alarm/{alarm}` while it lasts."""

import asyncio

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.message import Incoming
from cloud_sync.mqtt.payload import alarm_payload
from cloud_sync.mqtt.retained import Retained
from edge.core.alarms import AlarmBoard


class MqttAlarms:
    """Implements Service: publishes alarms that stand, clears those that are over.

    It listens to its own topics too: an alarm that ended while the broker was away, or in an earlier run,
    is found there and cleared. To be made before the link runs.
    """

    name = "mqtt alarms"

    def __init__(self, link: MqttLink, board: AlarmBoard) -> None:
        self._topics, self._board = link.topics, board
        self._retained = Retained(link, self.name)
        link.listen(self._topics.alarm("+"), self._heard, retained=True)

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(), name=f"{self.name} watch")
            group.create_task(self._retained.run(), name=f"{self.name} publish")

    async def _watch(self) -> None:
        async with self._board.watch() as alarms:
            async for alarm in alarms:
                topic = self._topics.alarm(alarm.id)
                if alarm.active:
                    self._retained.put(topic, alarm_payload(alarm))
                else:
                    self._retained.clear(topic)

    def _heard(self, message: Incoming) -> None:
        if message.payload and not self._retained.knows(message.topic):
            self._retained.clear(message.topic)

"""What each device is, retained: said on every connection, and again when the configuration changes."""

import asyncio
from collections.abc import Sequence

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.message import Outgoing
from cloud_sync.mqtt.payload import DeviceInfo, info_payload
from cloud_sync.mqtt.topics import Topics


class MqttInfos:
    """Implements Service: publishes `device/{device}/info`; what is gone is cleared with its state."""

    name = "mqtt infos"

    def __init__(self, topics: Topics, infos: Sequence[DeviceInfo]) -> None:
        self._topics = topics
        self._infos = {info.device: info for info in infos}
        self._owed: list[Outgoing] = []
        self._fresh = asyncio.Event()
        self.link: MqttLink | None = None

    def greeting(self) -> list[Outgoing]:
        """All infos, for a new connection."""
        return [self._info(info) for info in self._infos.values()]

    def update(self, infos: Sequence[DeviceInfo]) -> None:
        """Take other devices; what changed or went is published soon."""
        before, self._infos = self._infos, {info.device: info for info in infos}
        self._owed += [self._info(info) for info in infos if before.get(info.device) != info]
        for device in before.keys() - self._infos.keys():
            topics = (self._topics.info(device), self._topics.state(device))
            self._owed += [Outgoing(topic, b"", retain=True) for topic in topics]
        self._fresh.set()

    async def run(self) -> None:
        """Run until cancelled."""
        assert self.link is not None
        while True:
            await self._fresh.wait()
            await self.link.until_connected()
            self._fresh.clear()
            owed, self._owed = self._owed, []
            receipts = await self.link.publish(owed)
            lost = [message for message, reason in zip(owed, receipts, strict=True) if reason is None]
            if lost:
                self._owed = lost + self._owed
                self._fresh.set()
                await self.link.changed()

    def _info(self, info: DeviceInfo) -> Outgoing:
        return Outgoing(self._topics.info(info.device), info_payload(info), retain=True)

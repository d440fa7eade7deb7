"""Home Assistant: tells it of every device, shows it the lights, and takes its commands."""

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from cloud_sync.mqtt.commands import Answers
from cloud_sync.mqtt.ha_payload import (
    HaDevice,
    HaNames,
    components_of,
    device_config,
    gateway_config,
    light_state,
)
from cloud_sync.mqtt.ha_request import BY, ha_command
from cloud_sync.mqtt.ha_told import Told
from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.message import Incoming, Outgoing
from cloud_sync.mqtt.payload import outcome_payload
from cloud_sync.mqtt.request import BadRequest
from cloud_sync.mqtt.retained import Retained
from edge.core.backoff import Chance
from edge.core.lighting import LightState, TargetState
from edge.core.model import CommandState, Outcome
from edge.core.ports import Clock, Desk, Memory

log = logging.getLogger(__name__)

SPREAD_S = 5.0
"""A Home Assistant that came back hears from every gateway within this time, not from all at once."""


def _new_id() -> str:
    return f"ha-{uuid.uuid4().hex}"


class Discovery:
    """Implements Service. To be made before the link runs: its subscriptions go with every connection.

    Answers to its commands go to `reply/home-assistant`: Home Assistant does not read them, people may.
    """

    name = "mqtt discovery"

    def __init__(
        self,
        link: MqttLink,
        names: HaNames,
        devices: Sequence[HaDevice],
        desk: Desk,
        clock: Clock,
        memory: Memory,
        chance: Chance = random.random,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        self._topics, self._names, self._desk = link.topics, names, desk
        self._clock, self._chance, self._new_id = clock, chance, new_id
        self._told = Told(memory, names.gateway)
        self._retained, self._answers = Retained(link, self.name, self._told.cleared), Answers(link)
        self._devices: dict[str, HaDevice] = {}
        self._came = asyncio.Event()
        self._refused = 0
        self._retained.put(names.topic(), gateway_config(names, link.topics))
        self.update(devices)
        link.listen(names.status, self._status)
        link.listen(link.topics.ha_set("+"), self._set)

    def update(self, devices: Sequence[HaDevice]) -> None:
        """Tell of these devices; those that left are cleared."""
        before, self._devices = self._devices, {device.info.device: device for device in devices}
        for name in before.keys() - self._devices.keys():
            self._forget(self._names.prefix, name)
        for name, device in self._devices.items():
            old = before.get(name)
            gone = components_of(old) - components_of(device) if old is not None else frozenset()
            config = device_config(device, self._names, self._topics, sorted(gone))
            self._retained.put(self._names.topic(name), config)
        self._told.add(self._names.prefix, ["", *self._devices])

    def show(self, state: LightState | TargetState) -> None:
        """Show a light's state."""
        device = self._devices.get(state.target)
        if device is not None and device.dimmable is not None:
            topic = self._topics.ha_state(state.target)
            self._retained.put(topic, light_state(state, device.dimmable))

    async def run(self) -> None:
        """Run until cancelled."""
        for prefix, name in self._told.recall():
            if prefix != self._names.prefix or (name and name not in self._devices):
                self._forget(prefix, name)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._retained.run(), name=f"{self.name} publish")
            group.create_task(self._answers.run(), name=f"{self.name} answers")
            group.create_task(self._return(), name=f"{self.name} status")

    def _forget(self, prefix: str, name: str) -> None:
        """Clear what was told of a device, the last run's and another prefix's too."""
        if name and name not in self._devices:
            self._retained.clear(self._topics.ha_state(name))
        self._retained.clear(replace(self._names, prefix=prefix).topic(name))

    async def _return(self) -> None:
        while True:
            await self._came.wait()
            await self._clock.sleep(self._chance() * SPREAD_S)
            self._came.clear()
            self._retained.again()

    def _status(self, message: Incoming) -> None:
        if message.payload == b"online":
            self._came.set()

    def _set(self, message: Incoming) -> None:
        if not message.payload:
            return
        command_id = self._new_id()
        try:
            command = ha_command(message, self._topics, self._clock.stamp(), command_id)
        except BadRequest as error:
            self._refused += 1
            level = logging.WARNING if self._refused == 1 else logging.DEBUG
            log.log(level, "mqtt: refused a command on %s: %s", message.topic, error)
            self._answer(Outcome(command_id, CommandState.FAILED, str(error)))
            return
        self._desk.submit(command, self._answer)

    def _answer(self, outcome: Outcome) -> None:
        self._answers.put(Outgoing(self._topics.reply(BY), outcome_payload(outcome)))


class DiscoveryEnd:
    """Implements Service: where Home Assistant is not told of devices any more, clears what it was told."""

    name = "mqtt discovery end"

    def __init__(self, link: MqttLink, gateway: str, memory: Memory) -> None:
        self._topics, self._gateway = link.topics, gateway
        self._told = Told(memory, gateway)
        self._retained = Retained(link, self.name, self._cleared)
        self._done = asyncio.Event()

    async def run(self) -> None:
        """Run until all is cleared: at once where there was nothing."""
        found = self._told.recall()
        for prefix, name in found:
            if name:
                self._retained.clear(self._topics.ha_state(name))
            self._retained.clear(HaNames(prefix, self._gateway, "").topic(name))
        if found:
            await self._clear()

    async def _clear(self) -> None:
        async with asyncio.TaskGroup() as group:
            clearing = group.create_task(self._retained.run(), name=f"{self.name} publish")
            await self._done.wait()
            clearing.cancel()

    def _cleared(self, topics: Sequence[str]) -> None:
        self._told.cleared(topics)
        if not self._told.stands:
            self._done.set()

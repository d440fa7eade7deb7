"""The MQTT side of a gateway, against a real broker."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence

from cloud_sync.mqtt.link import Identity, MqttLink
from cloud_sync.mqtt.message import Outgoing
from edge.config.schema import Mqtt
from edge.core.clock import SystemClock
from edge.core.model import Command, CommandState, DeviceState, Event, Outcome
from tests.servers import Mosquitto, Subscriber


class Gateway:
    def __init__(self, broker: Mosquitto, boot_id: str = "b1", **more: object) -> None:
        settings = Mqtt.model_validate({"url": broker.url} | more)
        self.events: list[Event] = []
        self.clock = SystemClock()
        self.greeting: Sequence[Outgoing] = ()
        self.link = MqttLink(
            settings,
            Identity("gw-a", "0.1.0", boot_id),
            lambda: self.greeting,
            self.clock,
            self.events.append,
            chance=lambda: 0.01,
        )


@contextlib.asynccontextmanager
async def going(*services: object) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Run services until the end of the block."""
    tasks = [asyncio.create_task(service.run()) for service in services]  # type: ignore[attr-defined]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended


async def until(link: MqttLink, true: Callable[[], bool], timeout_s: float = 20) -> None:
    async with asyncio.timeout(timeout_s):
        while not true():
            await link.changed()


async def heard(subscriber: Subscriber, count: int) -> list[dict[str, object]]:
    return [json.loads((await subscriber.next())[2]) for _ in range(count)]


class Lamp:
    """A desk that does what it is told."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def submit(self, command: Command, reply: Callable[[Outcome], None]) -> None:
        self.commands.append(command)
        reply(Outcome(command.id, CommandState.ACCEPTED))
        reply(Outcome(command.id, CommandState.VERIFIED, "", (("level", 40.0),)))


class Live:
    def __init__(self, *states: DeviceState) -> None:
        self.latest = {state.device: state for state in states}
        self.queue: asyncio.Queue[DeviceState] = asyncio.Queue()

    def states(self) -> list[DeviceState]:
        return list(self.latest.values())

    def put(self, state: DeviceState) -> None:
        self.latest[state.device] = state
        self.queue.put_nowait(state)

    @contextlib.asynccontextmanager
    async def watch(self) -> AsyncIterator[AsyncIterator[DeviceState]]:
        yield self._coming()

    async def _coming(self) -> AsyncIterator[DeviceState]:
        while True:
            yield await self.queue.get()

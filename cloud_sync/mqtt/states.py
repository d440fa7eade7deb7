"""Retained states of devices: the newest of each, not oftener than wanted, all again on a new connection."""

import asyncio
import logging
from collections.abc import Collection, Sequence

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.message import SUCCESS_BELOW, Outgoing
from cloud_sync.mqtt.payload import state_payload
from edge.core.model import DeviceState
from edge.core.ports import Clock, Live

log = logging.getLogger(__name__)


class Due:
    """Which states may be published now: the newest of each device, one per interval. Pure."""

    def __init__(self, interval_s: float) -> None:
        self._interval_ns = round(interval_s * 1e9)
        self._newest: dict[str, DeviceState] = {}
        self._sent_ns: dict[str, int] = {}

    def put(self, state: DeviceState) -> None:
        """Note a state; it takes the place of an older one of the same device."""
        self._newest[state.device] = state

    def take(self, now_ns: int) -> list[DeviceState]:
        """The states whose turn it is; they count as sent now."""
        ready = [state for state in self._newest.values() if self._due_ns(state.device) <= now_ns]
        for state in ready:
            del self._newest[state.device]
            self._sent_ns[state.device] = now_ns
        return ready

    def keep_only(self, devices: Collection[str]) -> None:
        """Forget every other device, that no state of it is published after it was cleared."""
        self._newest = {device: state for device, state in self._newest.items() if device in devices}
        self._sent_ns = {device: sent_ns for device, sent_ns in self._sent_ns.items() if device in devices}

    def wait_s(self, now_ns: int) -> float | None:
        """Seconds until the next one's turn, or None when none is waiting."""
        turns = [self._due_ns(device) for device in self._newest]
        return max(min(turns) - now_ns, 0) / 1e9 if turns else None

    def _due_ns(self, device: str) -> int:
        sent_ns = self._sent_ns.get(device)
        return -(2**63) if sent_ns is None else sent_ns + self._interval_ns


class MqttStates:
    """Implements Service: publishes `device/{device}/state` from the live state."""

    name = "mqtt states"

    def __init__(self, link: MqttLink, live: Live, clock: Clock, interval_s: float) -> None:
        self._link, self._live, self._clock = link, live, clock
        self._due = Due(interval_s)
        self._fresh = asyncio.Event()
        self._denied = False

    def keep_only(self, devices: Collection[str]) -> None:
        """Publish nothing more of devices that left the configuration."""
        self._due.keep_only(devices)

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(), name=f"{self.name} watch")
            group.create_task(self._publish(), name=f"{self.name} publish")

    async def _watch(self) -> None:
        async with self._live.watch() as states:
            async for state in states:
                self._due.put(state)
                self._fresh.set()

    async def _publish(self) -> None:
        session = 0
        while True:
            await self._link.until_connected()
            if session != self._link.session:
                session = self._link.session
                for state in self._live.states():
                    self._due.put(state)
            wait_s = self._due.wait_s(self._clock.mono_ns())
            if wait_s is None:
                self._fresh.clear()
                await self._either_fresh_or_changed()
            elif wait_s > 0:
                await self._clock.sleep(wait_s)
            else:
                await self._send(self._due.take(self._clock.mono_ns()))

    async def _either_fresh_or_changed(self) -> None:
        waits = [asyncio.ensure_future(self._fresh.wait()), asyncio.ensure_future(self._link.changed())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _send(self, states: Sequence[DeviceState]) -> None:
        topics = self._link.topics
        messages = [
            Outgoing(topics.state(state.device), state_payload(state), retain=True) for state in states
        ]
        reasons = await self._link.publish(messages)
        denied = any(reason is not None and reason >= SUCCESS_BELOW for reason in reasons)
        if denied != self._denied:
            self._denied = denied
            log.log(
                logging.WARNING if denied else logging.INFO,
                "mqtt: the broker %s states",
                "does not take all" if denied else "takes all",
            )

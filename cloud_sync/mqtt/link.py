"""The lasting link to the broker: connects, tells who is there, comes back by itself, and says why not."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cloud_sync.mqtt.dial import wire_options
from cloud_sync.mqtt.message import SUCCESS_BELOW, Incoming, Outgoing
from cloud_sync.mqtt.payload import status_payload
from cloud_sync.mqtt.topics import Topics, matches
from cloud_sync.mqtt.wire import OWN_ID, TakenOver, Wire
from edge.config.schema import Mqtt
from edge.core.backoff import Backoff, Chance
from edge.core.errors import GianhError, LinkDown, PermanentError
from edge.core.model import Event, EventKind, Severity
from edge.core.ports import Clock, Report
from edge.core.sayings import say

log = logging.getLogger(__name__)

RETRY_CAP_S = 60.0
"""Longest wait while the broker cannot be reached, unless the first is longer already."""

SLOW_RETRY = Backoff(first_s=10.0, cap_s=300.0, floor=0.5)
"""Waits while the broker refuses us."""

TAKEN_OVER_RETRY = Backoff(first_s=30.0, cap_s=600.0, floor=0.5)
"""Waits while someone else uses our client id."""

STEADY_S = 60.0
"""A connection that lasted this long was a good one: the next failure is the first again."""

SHORT_MAX = 4
"""Connections in a row, each made at once and closed at once, that betray a second client of this name.

Mosquitto 2.0.11 does not say "session taken over" when it throws the elder client out; it just closes.
"""

RECEIPT_TIMEOUT_S = 60.0
"""Longest wait for the receipts of what was sent; then the connection is made anew."""

TARGET = "mqtt"
"""The broker's name among the targets."""

Greeting = Callable[[], Sequence[Outgoing]]
"""Gives the retained messages to publish on every connection."""

Heard = Callable[[Incoming], None]
"""Takes a message that came."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is speaking: `boot_id` is new with every start of the program."""

    gateway: str
    version: str
    boot_id: str


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How the link is: `trouble` is empty while it is connected, `connections` counts all so far."""

    connected: bool
    trouble: str
    connections: int
    receipts: int
    denied: int


class MqttLink:
    """Implements Service: one connection at a time to one broker, with Will, greeting and subscriptions."""

    name = "mqtt link"

    def __init__(
        self,
        settings: Mqtt,
        identity: Identity,
        greeting: Greeting,
        clock: Clock,
        report: Report,
        chance: Chance = random.random,
    ) -> None:
        self._settings, self._identity, self._greeting = settings, identity, greeting
        self._clock, self._report, self._chance = clock, report, chance
        spread_s = settings.reconnect_spread_s
        self._retry = Backoff(first_s=spread_s, cap_s=max(spread_s, RETRY_CAP_S))
        self.topics = Topics(identity.gateway)
        self.trouble: GianhError | None = None
        self._wire: Wire | None = None
        self._changes, self._again = asyncio.Event(), asyncio.Event()
        self._listeners: dict[str, tuple[Heard, bool]] = {}
        self._failures = self._short = self._opened = self._connections = self._receipts = self._denied = 0

    @property
    def connected(self) -> bool:
        """Whether messages can be sent now."""
        return self._wire is not None

    @property
    def session(self) -> int:
        """Counts connections: a new number means that everything retained may be gone."""
        return self._connections

    def status(self) -> LinkStatus:
        """How the link is now."""
        trouble = str(self.trouble) if self.trouble else ""
        return LinkStatus(self.connected, trouble, self._connections, self._receipts, self._denied)

    async def changed(self) -> None:
        """Wait until the link comes, goes, or fails to come."""
        await self._changes.wait()

    async def until_connected(self) -> None:
        """Wait until messages can be sent."""
        while not self.connected:
            await self.changed()

    def listen(self, topic_filter: str, heard: Heard, retained: bool = False) -> None:
        """Subscribe on every connection from the next one on; before `run`, therefore.

        With `retained` also what stands there at the broker is heard.
        """
        self._listeners[topic_filter] = (heard, retained)

    async def publish(self, messages: Sequence[Outgoing]) -> list[int | None]:
        """Publish at QoS 1 and wait for the receipts: reason codes in order, None where none came."""
        wire = self._wire
        if wire is None:
            return [None] * len(messages)
        reasons = await wire.deliver(messages, RECEIPT_TIMEOUT_S)
        self._receipts += sum(1 for reason in reasons if reason is not None)
        self._denied += sum(1 for reason in reasons if reason and reason >= SUCCESS_BELOW)
        return reasons

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            self._again.clear()
            began_ns, opened = self._clock.mono_ns(), self._opened
            error = await self._connection()
            if self._again.is_set():
                self._failures = self._short = 0
                continue
            steady = self._clock.mono_ns() - began_ns > STEADY_S * 1e9
            self._failures = 1 if steady else self._failures + 1
            error = self._flapping(error, came=self._opened > opened, steady=steady)
            self._troubled(error)
            await self._rest(self._patience(error).wait_s(self._failures, self._chance))

    def reconnect(self) -> None:
        """Make the connection anew at once, with the certificate files as they are now."""
        self._again.set()
        if self._wire is not None:
            self._wire.cut("it is made anew with the certificates as they are now")

    async def _rest(self, wait_s: float) -> None:
        """Wait, unless the connection is asked for."""
        resting = (
            asyncio.ensure_future(self._clock.sleep(wait_s)),
            asyncio.ensure_future(self._again.wait()),
        )
        try:
            await asyncio.wait(resting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in resting:
                one.cancel()

    async def _connection(self) -> GianhError:
        """One connection from its beginning to its end; why it ended, or did not begin."""
        try:
            client_id = self._settings.client_id or f"gianh-{self._identity.gateway}"
            wire = Wire(wire_options(self._settings, client_id, self._status(online=False)), self._heard)
        except GianhError as error:
            return error
        try:
            await wire.open()
            self._opened += 1
            await self._greet(wire)
            if self._again.is_set():  # it was made with what was there before
                return lost()
            self._came(wire)
            return await wire.lost()
        except GianhError as error:
            return error
        finally:
            await self._leave(wire)

    async def _greet(self, wire: Wire) -> None:
        # Subscribed last: who commands sees a gateway that has said what it is.
        messages = [self._status(online=True), *self._greeting()]
        receipts = wire.send(messages)
        lost = asyncio.ensure_future(wire.lost())
        try:
            await asyncio.wait((receipts.done, lost), return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                raise lost.result()
        finally:
            lost.cancel()
        for message, reason in zip(messages, receipts.reasons, strict=True):
            if reason is not None and reason >= SUCCESS_BELOW:
                log.warning("mqtt: the broker refused %s (reason 0x%02X)", message.topic, reason)
        for topic_filter, (_, retained) in self._listeners.items():
            reason = await wire.subscribe_to(topic_filter, retained)
            if reason >= SUCCESS_BELOW:
                log.warning("mqtt: the broker refused the subscription %s (0x%02X)", topic_filter, reason)

    def _came(self, wire: Wire) -> None:
        self._wire, self.trouble = wire, None
        self._connections += 1
        log.info("mqtt: connected to %s", self._settings.url)
        self._announce()

    async def _leave(self, wire: Wire) -> None:
        if self._wire is wire:
            self._wire = None
            wire.send([self._status(online=False)])
        await wire.close()

    def _flapping(self, error: GianhError, came: bool, steady: bool) -> GianhError:
        self._short = self._short + 1 if came and not steady else 0
        if self._short < SHORT_MAX or isinstance(error, TakenOver):
            return error
        return TakenOver(say("flapping", url=self._settings.url, times=self._short, remedy=OWN_ID))

    def _troubled(self, error: GianhError) -> None:
        first = self.trouble is None or type(self.trouble) is not type(error)
        self.trouble = error
        log.log(logging.WARNING if first else logging.DEBUG, "mqtt: %s", error)
        if isinstance(error, TakenOver):
            stamp = self._clock.stamp()
            self._report(Event(stamp, EventKind.TARGET_REFUSES, TARGET, Severity.ALARM, str(error)))
        self._announce()

    def _patience(self, error: GianhError) -> Backoff:
        if isinstance(error, TakenOver):
            return TAKEN_OVER_RETRY
        return SLOW_RETRY if isinstance(error, PermanentError) else self._retry

    def _announce(self) -> None:
        changes, self._changes = self._changes, asyncio.Event()
        changes.set()

    def _heard(self, message: Incoming) -> None:
        for topic_filter, (heard, _) in self._listeners.items():
            if matches(topic_filter, message.topic):
                heard(message)

    def _status(self, online: bool) -> Outgoing:
        at_ns = self._clock.utc_ns() if self._clock.is_set() else None
        payload = status_payload(online, at_ns, self._identity.version, self._identity.boot_id)
        return Outgoing(self.topics.status, payload, retain=True)


def lost() -> LinkDown:
    """The trouble of whoever was owed receipts that will not come."""
    return LinkDown(say("receipts_lost"))

"""A town's watcher: hears of every gateway at a broker, keeps coming back, and asks gateways."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cloud_sync.mqtt.dial import wire_options
from cloud_sync.mqtt.message import SUCCESS_BELOW, Incoming, Outgoing
from cloud_sync.mqtt.topics import ROOT, Topics
from cloud_sync.mqtt.wire import TakenOver, Wire
from edge.config.schema import Mqtt
from edge.core.backoff import Backoff, Chance
from edge.core.errors import GianhError, PermanentError
from edge.core.ids import is_id
from edge.core.ports import Clock

log = logging.getLogger(__name__)

RETRY = Backoff(first_s=0.5, cap_s=15.0)
SLOW_RETRY = Backoff(first_s=10.0, cap_s=300.0, floor=0.5)
"""Waits while the broker cannot be reached, and while it refuses us."""

GATEWAYS_MAX = 5_000
"""Most gateways that are followed."""

AT_ONCE = 16
"""Gateways that are asked for at once: a broker keeps so many messages for one client (Mosquitto 1000)."""

QUIET_S, QUIET_MESSAGES = 0.05, 25
PATIENCE_S = 2.0
"""The next are asked for when no more than so many came in so long, or after this wait in any case."""

SETTLE_S = 5.0
"""What did not come so long after a gateway was asked does not stand any more."""

AGAIN_S = 600.0
"""So often what a gateway has standing is asked for again: heals what a full queue at the broker lost."""

RECEIPT_S = 20.0
"""Longest wait for receipts of what was sent."""

PACKET_MAX = 1_000_000
"""Largest packet that a broker may send here, in bytes: a gateway names all members of its groups at once."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears: `heard` of each message, `began` of a new connection, `asked` and `told` of a gateway whose
    standing messages are about to come, or have come."""

    heard: Callable[[Incoming], None]
    began: Callable[[], None]
    asked: Callable[[str], None]
    told: Callable[[str], None]


class Watcher:
    """Implements Service."""

    name = "mqtt town"

    def __init__(
        self, settings: Mqtt, who: str, ears: Ears, clock: Clock, chance: Chance = random.random
    ) -> None:
        self._settings, self._who, self._ears, self._clock, self._chance = settings, who, ears, clock, chance
        self.trouble = "not connected yet"
        self.connections = 0
        self.messages = 0
        self._wire: Wire | None = None
        self._followed: dict[str, None] = {}
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        self._settling: deque[asyncio.TimerHandle] = deque()

    @property
    def connected(self) -> bool:
        """Whether gateways can be asked now."""
        return self._wire is not None

    def reply_topic(self, gateway: str) -> str:
        """Where answers of a gateway come back to us."""
        return Topics(gateway).reply(self._who)

    async def publish(self, messages: Sequence[Outgoing]) -> list[int | None]:
        """Publish and wait for the receipts: reason codes in order, None where none came."""
        if self._wire is None:
            return [None] * len(messages)
        return await self._wire.deliver(messages, RECEIPT_S)

    async def run(self) -> None:
        """Run until cancelled."""
        failures = 0
        while True:
            began_ns = self._clock.mono_ns()
            error = await self._connection()
            failures = 1 if self._clock.mono_ns() - began_ns > 60e9 else failures + 1
            if self.trouble != str(error):
                log.warning("mqtt: %s", error)
            self.trouble = str(error)
            patient = isinstance(error, PermanentError | TakenOver)
            await self._clock.sleep((SLOW_RETRY if patient else RETRY).wait_s(failures, self._chance))

    async def _connection(self) -> GianhError:
        """One connection from its beginning to its end; why it ended, or did not begin."""
        try:
            client_id = self._settings.client_id or f"gianh-{self._who}"
            wire = Wire(wire_options(self._settings, client_id, None, PACKET_MAX), self._heard)
        except GianhError as error:
            return error
        following: asyncio.Task[None] | None = None
        try:
            await wire.open()
            self._followed, self._wanted = {}, asyncio.Queue()
            self._ears.began()
            await self._subscribe(wire, [f"{ROOT}/+/status"])
            self._wire, self.trouble = wire, ""
            self.connections += 1
            log.info("mqtt: connected to %s", self._settings.url)
            following = asyncio.ensure_future(self._follow(wire))
            return await wire.lost()
        except GianhError as error:
            return error
        finally:
            self._wire = None
            while self._settling:
                self._settling.popleft().cancel()
            if following is not None:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
            await wire.close()

    def _heard(self, message: Incoming) -> None:
        self.messages += 1
        parts = message.topic.split("/", 4)
        if len(parts) == 4 and parts[3] == "status" and parts[2] not in self._followed:
            self._want(parts[2])
        self._ears.heard(message)

    def _want(self, gateway: str) -> None:
        if is_id(gateway) and len(self._followed) < GATEWAYS_MAX:
            self._followed[gateway] = None
            self._wanted.put_nowait(gateway)

    async def _follow(self, wire: Wire) -> None:
        """Ask for what gateways have standing: of each once it is known, and of all again and again."""
        while True:
            try:
                async with asyncio.timeout(AGAIN_S):
                    lot = [await self._wanted.get()]
            except TimeoutError:
                for gateway in self._followed:
                    self._wanted.put_nowait(gateway)
                continue
            while len(lot) < AT_ONCE and not self._wanted.empty():
                lot.append(self._wanted.get_nowait())
            for gateway in lot:
                self._ears.asked(gateway)
            try:
                await self._subscribe(wire, [one for gateway in lot for one in self._sure(gateway)])
                await self._subscribe(wire, [one for gateway in lot for one in self._plenty(gateway)], qos=0)
            except GianhError:
                wire.cut("a subscription had no answer")
                return
            self._settling.append(asyncio.get_running_loop().call_later(SETTLE_S, self._settled, lot))
            await self._quiet()

    async def _quiet(self) -> None:
        began_ns, before = self._clock.mono_ns(), self.messages - QUIET_MESSAGES - 1
        while self.messages - before > QUIET_MESSAGES and self._clock.mono_ns() - began_ns < PATIENCE_S * 1e9:
            before = self.messages
            await self._clock.sleep(QUIET_S)

    def _settled(self, lot: Sequence[str]) -> None:
        self._settling.popleft()
        for gateway in lot:
            self._ears.told(gateway)

    def _sure(self, gateway: str) -> list[str]:
        """What must not be missed."""
        topics = Topics(gateway)
        return [topics.about, topics.alarm("+"), topics.event, self.reply_topic(gateway)]

    def _plenty(self, gateway: str) -> list[str]:
        """What is much, and soon said again: without receipts a town is heard in a third of the time."""
        topics = Topics(gateway)
        derived = (
            topics.sample("+", one) for one in ("mean/1h", "index/vn_hour", "index/vn_day", "usage/1h")
        )
        return [topics.info("+"), topics.state("+"), topics.light("+"), *derived]

    async def _subscribe(self, wire: Wire, filters: Sequence[str], qos: int = 1) -> None:
        reasons = await wire.subscribe_all(filters, qos=qos)
        refused = [one for one, reason in zip(filters, reasons, strict=True) if reason >= SUCCESS_BELOW]
        if refused:
            log.warning(
                "mqtt: the broker refuses the subscription %s and %d more", refused[0], len(refused) - 1
            )

"""A NAS that sends its accounting over UDP until each message is answered.

A message that waits goes out again with a greater Acct-Delay-Time, and so under a new identifier (RFC 2866
section 5.2). Packets and answers are lost and doubled by seed. Nothing is given up.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.devices import UtcSeconds
from simulators.wifi_packets import attributes, delay_of
from simulators.wifi_places import Nas
from simulators.wifi_plan import Message, Status
from simulators.wifi_radius import accounting_request, is_answer

PORTS = 4
IDENTIFIERS = 256
KEYS_MAX = 3
"""So many identifiers a message holds at most: the answer to an earlier sending counts as well."""

LOOPBACK = "127."


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a NAS waits for an answer, in real seconds: at first, how it grows, at most."""

    first_s: float = 2.0
    growth: float = 1.6
    longest_s: float = 20.0


@dataclass(slots=True)
class SenderCount:
    """What a sender did; `packets` went out, of which `repeated` after waiting and `doubled` at once; `lost`
    were thrown away on either way; `strange` answers do not fit the request: forged, or to one long past."""

    messages: int = 0
    answered: int = 0
    packets: int = 0
    repeated: int = 0
    doubled: int = 0
    lost: int = 0
    strange: int = 0


Key = tuple[int, int]
"""Port and identifier."""


@dataclass(slots=True)
class _Pending:
    message: Message
    number: int
    up_since_s: float
    tries: int = 0
    delay_s: int = -1
    sent: dict[Key, bytes] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None


class _Port(asyncio.DatagramProtocol):
    def __init__(self, hear: Callable[[int, bytes], None], number: int) -> None:
        self._hear, self._number = hear, number

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._hear(self._number, data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there now: the timers send again."""


class NasSender:
    """Sends what one NAS tells to `target`; `answered` is called once for each message."""

    def __init__(
        self,
        nas: Nas,
        secret: bytes,
        target: tuple[str, int],
        utc_s: UtcSeconds,
        answered: Callable[[Message], None],
        patience: Patience | None = None,
        seed: int = 1,
    ) -> None:
        self.nas, self.count = nas, SenderCount()
        self._secret, self._target, self._utc_s, self._answered = secret, target, utc_s, answered
        self._patience, self._seed = patience or Patience(), seed
        self._up_since_s = utc_s()
        self._transports: list[asyncio.DatagramTransport] = []
        self._free: deque[Key] = deque()
        self._queue: deque[_Pending] = deque()
        self._pending: dict[Key, _Pending] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Open its ports: on an address of its own where the target is this machine."""
        loop = asyncio.get_running_loop()
        host, port = self._target
        own = (self.nas.address, 0) if host.startswith(LOOPBACK) else None
        for number in range(PORTS):
            transport, _ = await loop.create_datagram_endpoint(
                lambda number=number: _Port(self._hear, number),  # type: ignore[misc]
                local_addr=own,
                remote_addr=(host, port),
            )
            self._transports.append(transport)
        self._free.extend((port, one) for one in range(IDENTIFIERS) for port in range(PORTS))

    def close(self) -> None:
        """Stop sending; what was not answered is forgotten."""
        for pending in self._pending.values():
            if pending.timer is not None:
                pending.timer.cancel()
        self._pending.clear()
        self._queue.clear()
        for transport in self._transports:
            transport.close()

    @property
    def waiting(self) -> int:
        """How many messages wait for their answer."""
        return self.count.messages - self.count.answered

    def send(self, message: Message) -> None:
        """Send, again and again until it is answered; returns at once."""
        if message.status is Status.ON:
            self._up_since_s = message.at_s
        self.count.messages += 1
        self._idle.clear()
        self._queue.append(_Pending(message, self.count.messages, self._up_since_s))
        self._pump()

    async def drained(self) -> None:
        """Wait until everything is answered."""
        await self._idle.wait()

    def _pump(self) -> None:
        while self._queue and self._free:
            self._transmit(self._queue.popleft())

    def _transmit(self, pending: _Pending) -> None:
        key, data = self._packet(pending)
        pending.tries += 1
        wait_s = self._patience.first_s * self._patience.growth ** min(pending.tries - 1, 20)
        loop = asyncio.get_running_loop()
        pending.timer = loop.call_later(min(wait_s, self._patience.longest_s), self._transmit, pending)
        self.count.repeated += pending.tries > 1
        self._put(pending, key, data)
        if self._happens(pending, "doubled", self.nas.doubled):
            self.count.doubled += 1
            self._put(pending, key, data)

    def _put(self, pending: _Pending, key: Key, data: bytes) -> None:
        self.count.packets += 1
        if self._happens(pending, "out", self.nas.loss):
            self.count.lost += 1
            return
        self._transports[key[0]].sendto(data)

    def _packet(self, pending: _Pending) -> tuple[Key, bytes]:
        """What goes out now: as before while the delay is the same, or where no identifier is free."""
        now_s = self._utc_s()
        delay_s = delay_of(pending.message, now_s)
        if pending.sent and (delay_s == pending.delay_s or not self._free):
            return next(reversed(pending.sent.items()))
        key = self._free.popleft()
        if len(pending.sent) == KEYS_MAX:
            self._release(next(iter(pending.sent)), pending)
        said = attributes(pending.message, self.nas, now_s, pending.up_since_s)
        data = accounting_request(key[1], said, self._secret)
        pending.delay_s = delay_s
        pending.sent[key] = data
        self._pending[key] = pending
        return key, data

    def _release(self, key: Key, pending: _Pending) -> None:
        del pending.sent[key], self._pending[key]
        self._free.append(key)

    def _hear(self, port: int, data: bytes) -> None:
        pending = self._pending.get((port, data[1])) if len(data) > 1 else None
        if pending is None:
            return
        if not is_answer(data, pending.sent[port, data[1]], self._secret):
            self.count.strange += 1
        elif self._happens(pending, "back", self.nas.loss):
            self.count.lost += 1
        else:
            self._done(pending)

    def _done(self, pending: _Pending) -> None:
        if pending.timer is not None:
            pending.timer.cancel()
        for key in tuple(pending.sent):
            self._release(key, pending)
        self.count.answered += 1
        self._answered(pending.message)
        self._pump()
        if not self.waiting:
            self._idle.set()

    def _happens(self, pending: _Pending, what: str, share: float) -> bool:
        """By seed: the same message at the same try always meets the same fate."""
        if not share:
            return False
        name = f"{self._seed}/{self.nas.id}/{pending.number}/{pending.tries}/{what}".encode()
        return int.from_bytes(hashlib.blake2b(name, digest_size=4).digest(), "big") < share * 2**32

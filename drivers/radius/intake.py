"""The way of a packet from its sender to the desk and back: verified, kept once, answered when durable."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drivers.radius.accounts import accounting
from drivers.radius.clients import Sender
from drivers.radius.packet import ACCOUNTING_REQUEST, STATUS_SERVER, Packet, answer, is_genuine, parse
from edge.core.errors import GianhError, ProtocolError
from edge.core.model import Stamp
from edge.core.wifi import Accounting, AccountingDesk, Dropped, Pseudonyms

log = logging.getLogger(__name__)

WAITING_MAX = 20_000
"""Most records that wait for the disk; one more is not taken, and its sender repeats it."""

TOGETHER_MAX = 2_000
"""Most records that are handed to the desk at once."""

ANSWERED_MAX = 10_000
"""Most answers kept for packets that come again, twice over: a full half takes the place of the elder."""

ANSWERED_NS = 15 * 1_000_000_000
"""How long a half gathers: an answer is kept for this long at least, if ANSWERED_MAX allows (RFC 5080
section 2.2.2 asks for 5 to 30 seconds)."""

Reply = Callable[[bytes | None], None]
"""Sends the answer; None where there will be none for now."""

Key = tuple[str, int, bytes]
"""Source, identifier and authenticator: all packets that share them are the same one."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    key: Key
    record: Accounting
    answer: bytes


class Intake:
    """Takes packets of all listeners; `run` hands records to the desk and answers them."""

    def __init__(self, desk: AccountingDesk, pseudonyms: Pseudonyms, waiting_max: int = WAITING_MAX) -> None:
        self._desk, self._pseudonyms, self._waiting_max = desk, pseudonyms, waiting_max
        self._queue: deque[_Waiting] = deque()
        self._pending: dict[Key, Reply] = {}
        self._young: dict[Key, bytes] = {}
        self._old: dict[Key, bytes] = {}
        self._young_since_ns = 0
        self._wake = asyncio.Event()
        self._eased: list[Callable[[], None]] = []
        self._is_kept = True
        self._disbelieved: set[str] = set()

    @property
    def is_full(self) -> bool:
        """Whether the next record would not be taken."""
        return len(self._pending) >= self._waiting_max

    def when_eased(self, told: Callable[[], None]) -> None:
        """Call `told` once when there is room again."""
        self._eased.append(told)

    def take(self, data: bytes, sender: Sender, secret: bytes, source: str, now: Stamp, reply: Reply) -> bool:
        """One packet, answered at once or later, or dropped and counted; False if it is not genuine."""
        try:
            packet = parse(data)
            if packet.code not in (ACCOUNTING_REQUEST, STATUS_SERVER):
                self._desk.dropped(sender.id, Dropped.UNSUPPORTED)
                return False
            if not is_genuine(packet, secret):
                self._disbelieve(sender)
                return False
            self._disbelieved.discard(sender.id)
            self._take(packet, sender, secret, source, now, reply)
        except ProtocolError:
            self._desk.dropped(sender.id, Dropped.MALFORMED)
            return False
        return True

    async def run(self) -> None:
        """Hand records to the desk, all that wait at once, and answer them; until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                count = min(len(self._queue), TOGETHER_MAX)
                await self._keep([self._queue.popleft() for _ in range(count)])

    def _take(
        self, packet: Packet, sender: Sender, secret: bytes, source: str, now: Stamp, reply: Reply
    ) -> None:
        if packet.code == STATUS_SERVER:
            reply(answer(packet, secret))
            return
        key = (source, packet.identifier, packet.authenticator)
        given = self._young.get(key) or self._old.get(key)
        if given is not None or key in self._pending:
            self._desk.repeated(sender.id)
            if given is not None:
                reply(given)
            else:
                # Its sender may have lost the way by which it came first.
                self._pending[key] = reply
            return
        record = accounting(packet, sender, self._pseudonyms, now)
        if record is None:
            self._desk.dropped(sender.id, Dropped.UNSUPPORTED)
            reply(answer(packet, secret))
        elif self.is_full:
            self._desk.dropped(sender.id, Dropped.BUSY)
            reply(None)
        else:
            self._pending[key] = reply
            self._queue.append(_Waiting(key, record, answer(packet, secret)))
            self._wake.set()

    async def _keep(self, group: list[_Waiting]) -> None:
        try:
            await self._desk.take_many([waiting.record for waiting in group])
        except GianhError as error:
            self._kept(False, str(error))
            self._give_back(group)
        except Exception as error:  # noqa: BLE001 - a fault in the desk costs this group's answers, not the ear
            self._kept(False, f"{type(error).__name__} in the desk")
            self._give_back(group)
        else:
            self._kept(True)
            self._answer(group)
        if not self.is_full:
            eased, self._eased = self._eased, []
            for told in eased:
                told()

    def _answer(self, group: list[_Waiting]) -> None:
        for waiting in group:
            reply = self._pending.pop(waiting.key)
            self._remember(waiting)
            reply(waiting.answer)

    def _give_back(self, group: list[_Waiting]) -> None:
        for waiting in group:
            reply = self._pending.pop(waiting.key)
            self._desk.dropped(waiting.record.client, Dropped.BUSY)
            reply(None)

    def _remember(self, waiting: _Waiting) -> None:
        age_ns = waiting.record.received_ns - self._young_since_ns
        if age_ns > ANSWERED_NS or len(self._young) >= ANSWERED_MAX:
            self._old, self._young = self._young, {}
            self._young_since_ns = waiting.record.received_ns
        self._young[waiting.key] = waiting.answer

    def _disbelieve(self, sender: Sender) -> None:
        self._desk.dropped(sender.id, Dropped.AUTHENTICATOR)
        if sender.id not in self._disbelieved:
            self._disbelieved.add(sender.id)
            log.warning(
                "packets of radius client %s do not fit its secret: compare it on both sides", sender.id
            )

    def _kept(self, is_kept: bool, trouble: str = "") -> None:
        if self._is_kept and not is_kept:
            log.warning("accounting records are not answered: %s", trouble)
        elif is_kept and not self._is_kept:
            log.info("accounting records are kept and answered again")
        self._is_kept = is_kept

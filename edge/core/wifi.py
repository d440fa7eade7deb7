"""Shapes and ports of tourist Wi-Fi: accounting without people.

Nothing here holds a MAC address, a user name, a client's IP address or a Called-Station-Id. Where a packet is
taken apart they become keyed hashes at once, by `Pseudonyms`, and are gone.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class AccountingKind(StrEnum):
    """Acct-Status-Type (RFC 2866 section 5.1)."""

    START = "start"
    INTERIM = "interim"
    STOP = "stop"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Accounting:
    """One verified accounting record.

    `client` is the configured RADIUS client that sent it, `access_point` the place that its sessions count
    for; `session` a keyed hash of the session's id, 0 for on and off; `device` the pseudonym of today, 0
    where the packet names none; `nas` a keyed hash of the box that tells, 0 where the packet names none:
    several may share one client, and on and off speak for one of them only. `at_ns` is when it happened (UTC;
    Event-Timestamp, else reception less Acct-Delay-Time), None while the clock is not set; `received_ns` is
    monotonic. Counters are totals of the session, direction already put right (`bytes_up` from the visitor),
    Gigawords included where `wide`.
    """

    client: str
    access_point: str
    kind: AccountingKind
    session: int
    device: int
    at_ns: int | None
    received_ns: int
    session_s: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    wide: bool = True
    cause: str = ""
    nas: int = 0


class Taken(StrEnum):
    """What became of a record."""

    COUNTED = "counted"
    DUPLICATE = "duplicate"
    LATE = "late"


class Dropped(StrEnum):
    """Why a packet was not taken."""

    UNKNOWN_CLIENT = "unknown_client"
    AUTHENTICATOR = "authenticator"
    MALFORMED = "malformed"
    BUSY = "busy"
    """There is no room, or it cannot be kept now: the sender sends it again."""
    UNSUPPORTED = "unsupported"
    """Genuine, and nothing about a session: another code, or the status of a tunnel (RFC 2867)."""


class AccountingDesk(Protocol):
    """Takes verified records in; who sends them is answered once they are durable."""

    async def take_many(self, records: Sequence[Accounting]) -> Sequence[Taken]:
        """Returns what became of each, in order, when all are durable. Raises TransientError where they
        cannot be kept now: then no sender of them gets an answer, and each sends again."""

    def repeated(self, client: str) -> None:
        """A packet came again, bit by bit, and was not handed over twice: to be counted as a duplicate."""

    def dropped(self, client: str, why: str) -> None:
        """A packet was not taken (`why` is one of Dropped); counted, never logged with its contents.
        `client` is empty where nobody knows it."""


class Pseudonyms(Protocol):
    """Keyed hashes: of devices with a key that is destroyed when its day ends, of sessions with another."""

    def device(self, address: bytes, site: str) -> int:
        """Today's pseudonym of a device at a site: 64 bits, never 0; the same at all of a gateway's."""

    def session(self, client: str, session_id: bytes) -> int:
        """The hash under which a session is known while it is open: 64 bits, never 0."""


@dataclass(frozen=True, slots=True)
class PlaceUsage:
    """What a place (access point, site, commune or the whole gateway) sees now and today.

    `devices_today` is None where fewer than the smallest group that may be told were there.
    """

    place: str
    sessions_open: int
    sessions_today: int
    bytes_up_today: int
    bytes_down_today: int
    devices_today: int | None
    peak_today: int


@dataclass(frozen=True, slots=True)
class HourUsage:
    """What a place saw in an hour that is over and begins at `begin_ns` (UTC); None: too few to be told."""

    begin_ns: int
    sessions_started: int | None
    peak: int | None


@dataclass(frozen=True, slots=True)
class ShownUsage:
    """What anybody may be shown of a place: every number behind which too few stand is None.

    `level` is gateway, commune, site or hotspot; `hours` are those of the local day that are over.
    """

    place: str
    level: str
    title: str
    commune: str | None
    latitude: float | None
    longitude: float | None
    device: str | None
    sessions_open: int | None
    sessions_today: int | None
    visitors_today: int | None
    peak_today: int | None
    bytes_up_today: int | None
    bytes_down_today: int | None
    hours: tuple[HourUsage, ...]


@dataclass(frozen=True, slots=True)
class AccountingCounts:
    """What came in since the gateway started."""

    packets: int
    accepted: int
    duplicates: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of thing that is kept: what, where, for how long, and how much of it there is now."""

    what: str
    where: str
    how_long: str
    now: int


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is known of visitors: what is kept, what is sent; ages of keys in s, None without a clock."""

    kept: tuple[Holding, ...]
    sent: tuple[str, ...]
    never: tuple[str, ...]
    group_min: int
    device_key_age_s: float | None
    session_key_age_s: float | None


class WifiBoard(Protocol):
    """Usage, for whoever shows it."""

    def privacy(self) -> Privacy:
        """What is kept of visitors, and what is sent."""

    def usage(self) -> Sequence[PlaceUsage]:
        """All places; the first is the whole gateway."""

    def shown(self) -> Sequence[ShownUsage]:
        """All places as anybody may be shown them; the first is the whole gateway."""

    def counts(self) -> AccountingCounts:
        """What came in."""

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[PlaceUsage]]:
        """Usage as it changes; a slow watcher gets the newest of each place."""


KeptKey = tuple[int, int, str, int]
"""Kind, `at`, place and key: what there is one row of."""


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row that Wi-Fi keeps over restarts; `kind` says what `at`, `place` and `key` (64 bits) mean."""

    kind: int
    at: int
    place: str
    key: int
    body: bytes

    @property
    def key_of(self) -> KeptKey:
        """What there is one of."""
        return self.kind, self.at, self.place, self.key


class UsageStore(Protocol):
    """Where sessions and usage are kept over restarts."""

    def put_usage(self, rows: Iterable[KeptRow]) -> None:
        """Keep rows; one of the same key is replaced. What is put without a wait between is one commit."""

    def drop_usage(self, keys: Iterable[KeptKey]) -> None:
        """Let go of rows, by the same commit as what is put beside."""

    def forget_usage(self, kind: int, before: int) -> None:
        """Let go of some of the oldest rows of a kind whose `at` is before; call it again and again."""

    async def usage_rows(self, kind: int, first: int, last: int) -> Sequence[KeptRow]:
        """Rows of a kind whose `at` lies in [first, last], in the order of their keys."""

    async def flush(self) -> bool:
        """Wait until all that was put is durable; False if the disk does not take it now."""


Durable = Callable[[], Awaitable[bool]]
"""Waits until all that was put is durable; False if the disk does not take it now."""

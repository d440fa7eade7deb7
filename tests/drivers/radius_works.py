"""A desk in memory, pseudonyms that can be foretold, and RADIUS packets made here."""

import asyncio
import hashlib
import hmac
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from drivers.radius.clients import Client
from edge.config.wifi import Hotspot, RadiusClient
from edge.core.errors import TransientError
from edge.core.model import Stamp
from edge.core.wifi import Accounting, Taken

SECRET = b"a-long-secret-of-the-river"
NOW = Stamp(5_000_000_000, 1_790_000_000 * 1_000_000_000)
NOW_S = 1_790_000_000

Attributes = Sequence[tuple[int, bytes]]


def number(value: int) -> bytes:
    return struct.pack(">I", value)


def request(
    attributes: Attributes, identifier: int = 7, secret: bytes = SECRET, code: int = 4, signed: bool = False
) -> bytes:
    """An Accounting-Request as RFC 2866 section 3 makes it; `signed` adds a Message-Authenticator."""
    body = b"".join(bytes((kind, len(value) + 2)) + value for kind, value in attributes)
    if signed:
        head = struct.pack(">BBH", code, identifier, 38 + len(body)) + bytes(16)
        signature = hmac.digest(secret, head + body + b"\x50\x12" + bytes(16), "md5")
        body += b"\x50\x12" + signature
    head = struct.pack(">BBH", code, identifier, 20 + len(body))
    return head + hashlib.md5(head + bytes(16) + body + secret).digest() + body


def session(status: int = 1, session_id: bytes = b"s-1", **numbers: int) -> list[tuple[int, bytes]]:
    """Attributes of a record; `numbers` as a42=..."""
    more = [(int(name[1:]), number(value)) for name, value in numbers.items()]
    named = [(40, number(status)), (44, session_id), (31, b"02-00-5E-10-00-01"), (1, b"visitor")]
    return [*named, (32, b"nas-a"), *more]


def is_answer(data: bytes, asked: bytes, secret: bytes = SECRET) -> bool:
    """Whether `data` is the Accounting-Response to `asked` (RFC 2866 section 3)."""
    wanted = hashlib.md5(data[:4] + asked[4:20] + data[20:] + secret).digest()
    is_fit = data[0] == 5 and data[1] == asked[1] and len(data) == struct.unpack(">H", data[2:4])[0]
    return is_fit and data[4:20] == wanted


def client(id: str = "ap-1", secret: bytes = SECRET, **keys: object) -> Client:
    return Client(RadiusClient.model_validate({"id": id, "address": "127.0.0.0/8", **keys}), secret)


def hotspot(id: str, client: str = "ap-1", **keys: object) -> Hotspot:
    return Hotspot.model_validate({"id": id, "client": client, **keys})


class Pseudonyms:
    """The port, with a key that never changes."""

    def device(self, address: bytes, site: str) -> int:
        return self.hashed(b"device", site, address)

    def session(self, client: str, session_id: bytes) -> int:
        return self.hashed(b"session", client, session_id)

    @staticmethod
    def hashed(what: bytes, where: str, of: bytes) -> int:
        mark = hmac.digest(b"key", b"%b/%b/%b" % (what, where.encode(), of), "sha256")
        return int.from_bytes(mark[:8], "big") or 1


@dataclass
class Desk:
    """The port in memory. A record with the same session and kind and time is a duplicate.

    While `is_open` is cleared nothing is durable; `is_broken` makes it refuse.
    """

    records: list[Accounting] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    is_broken: bool = False
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.is_open.set()
        self._seen: set[object] = set()

    async def take_many(self, records: Sequence[Accounting]) -> Sequence[Taken]:
        self.came.set()
        await self.is_open.wait()
        if self.is_broken:
            raise TransientError("the disk is full: make room")
        self.groups.append(len(records))
        return [self._take(record) for record in records]

    def repeated(self, client: str) -> None:
        self.again[client] += 1
        self.came.set()

    def dropped(self, client: str, why: str) -> None:
        self.lost[client, str(why)] += 1
        self.came.set()

    async def until(self, holds) -> None:
        """Wait until `holds()`, which is looked at whenever something came."""
        async with asyncio.timeout(20):
            while not holds():
                self.came.clear()
                await self.came.wait()

    def _take(self, record: Accounting) -> Taken:
        key = (record.client, record.session, record.kind, record.session_s)
        if key in self._seen:
            self.duplicates += 1
            return Taken.DUPLICATE
        self._seen.add(key)
        self.records.append(record)
        return Taken.COUNTED

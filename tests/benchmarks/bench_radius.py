"""RADIUS accounting: processor time per packet, and packets a second over loopback with an answer to each.

With a desk in memory, and with the gateway's own one on a store on disk: durable before it is answered.

python -m tests.benchmarks.bench_radius [--json]
"""

import asyncio
import hashlib
import multiprocessing
import select
import socket
import struct
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from zoneinfo import ZoneInfo

from drivers.radius.accounts import accounting
from drivers.radius.clients import Client, Senders
from drivers.radius.listener import RadiusListener
from drivers.radius.packet import answer, is_genuine, parse
from edge.config.alarms import rules_of
from edge.config.schema import Config, Gateway
from edge.config.schema import Store as Settings
from edge.config.wifi import Hotspot, RadiusClient, Wifi
from edge.core.clock import SystemClock
from edge.core.wifi import Accounting, AccountingDesk, Pseudonyms, Taken
from edge.runtime.store import Store
from edge.wifi.keys import Keys
from edge.wifi.service import WifiParts, WifiService
from tests.benchmarks.figures import Figure, main

SECRET = b"a-long-secret-of-the-river"
PACKETS = 100_000
PER_S_MIN, P99_MS_MAX = 5_000.0, 250.0
FLIGHT_MAX = 1024
"""Packets that the load's senders have on their way at once: 8 access points with 128 each."""

SENDERS = 8
SESSIONS = 10_000
REPEAT_S = 2.0


class FixedPseudonyms:
    """Costs what the real ones cost: one keyed hash each."""

    def device(self, address: bytes, site: str) -> int:
        mark = hashlib.blake2b(address + site.encode(), key=b"a key of the day", digest_size=8)
        return int.from_bytes(mark.digest(), "big")

    def session(self, client: str, session_id: bytes) -> int:
        mark = hashlib.blake2b(client.encode() + session_id, key=b"a key", digest_size=8)
        return int.from_bytes(mark.digest(), "big")


class MemoryDesk:
    """Keeps nothing."""

    async def take_many(self, records: list[Accounting]) -> list[Taken]:
        return [Taken.COUNTED] * len(records)

    def repeated(self, client: str) -> None: ...

    def dropped(self, client: str, why: str) -> None: ...


class NoLive:
    """No access point is watched."""

    def states(self) -> tuple[()]:
        return ()


class Notes:
    """The Memory port, in memory."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}

    def recall(self, key: str) -> str | None:
        return self.notes.get(key)

    def remember(self, key: str, value: str) -> None:
        self.notes[key] = value


def request(record: int, identifier: int) -> bytes:
    """An interim update as access points send them: 17 attributes, 200 bytes; SESSIONS take turns."""
    turn, n = divmod(record, SESSIONS)
    numbers = (
        (40, 3),
        *((kind, n + turn * 1_000_000) for kind in (42, 43, 47, 48)),
        *((46, 60 + 60 * turn), (52, 0), (53, 0), (41, 0), (61, 19)),
    )
    texts = (
        (1, b"guest%06d" % n),
        (4, b"\x7f\0\0\1"),
        (30, b"02-00-5E-20-00-01:Bien Quang Phu"),
        (31, b"02-00-5E-%02X-%02X-%02X" % (n >> 16 & 255, n >> 8 & 255, n & 255)),
        (32, b"ap-beach-1"),
        (44, b"%08X-%08X" % (n, n)),
        (55, struct.pack(">I", round(time.time()))),
    )
    body = b"".join(bytes((kind, 6)) + struct.pack(">I", value) for kind, value in numbers)
    body += b"".join(bytes((kind, 2 + len(value))) + value for kind, value in texts)
    head = struct.pack(">BBH", 4, identifier, 20 + len(body))
    return head + hashlib.md5(head + bytes(16) + body + SECRET).digest() + body


def clients() -> list[Client]:
    return [Client(RadiusClient(id="ap", address="127.0.0.0/8"), SECRET)]


def hotspots() -> list[Hotspot]:
    return [Hotspot(id="beach", client="ap", nas_identifier="ap-beach-1")]


def processor_us() -> float:
    """Parse, verify, make the record and the answer."""
    packets = [request(n, n & 255) for n in range(5000)]
    senders, pseudonyms, clock = Senders(clients(), hotspots()), FixedPseudonyms(), SystemClock()
    began_s = time.process_time()
    for data in packets:
        sender = senders.at("127.0.0.1")
        packet = parse(data)
        assert sender is not None
        assert is_genuine(packet, sender.secret)
        accounting(packet, sender, pseudonyms, clock.stamp())
        answer(packet, sender.secret)
    return (time.process_time() - began_s) / len(packets) * 1e6


def load(port: int, count: int, told: Connection) -> None:
    """Another process: tells `count` records, as fast as they are answered; repeats what is not."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SENDERS)]
    for each in sockets:
        each.setblocking(False)
        each.connect(("127.0.0.1", port))
    packets = [request(n, n // SENDERS & 255) for n in range(count)]
    unanswered: dict[tuple[int, int], tuple[int, float]] = {}
    latencies_s: list[float] = []
    repeated, following = 0, 0
    began_s = time.monotonic()
    while len(latencies_s) < count:
        now_s = time.monotonic()
        while len(unanswered) < FLIGHT_MAX and following < count:
            key = (following % SENDERS, following // SENDERS & 255)
            if key in unanswered:
                break
            sockets[key[0]].send(packets[following])
            unanswered[key] = (following, time.monotonic())
            following += 1
        ready, _, _ = select.select(sockets, [], [], 0.1)
        for each in ready:
            which = sockets.index(each)
            while True:
                try:
                    heard = each.recv(4096)
                except BlockingIOError:
                    break
                if (which, heard[1]) in unanswered:
                    _, sent_s = unanswered.pop((which, heard[1]))
                    latencies_s.append(time.monotonic() - sent_s)
        for key, (n, sent_s) in unanswered.items():
            if now_s - sent_s > REPEAT_S:
                sockets[key[0]].send(packets[n])
                unanswered[key] = (n, now_s)
                repeated += 1
    latencies_s.sort()
    told.send((count / (time.monotonic() - began_s), latencies_s[len(latencies_s) * 99 // 100], repeated))


async def served(
    desk: AccountingDesk, pseudonyms: Pseudonyms, count: int = PACKETS
) -> tuple[float, float, float]:
    """Packets a second, the 99th percentile of the answers in ms, and processor time a packet in us."""
    section = Wifi.model_validate({"port": 0})
    listener = RadiusListener(section, clients(), hotspots(), desk, pseudonyms, SystemClock())
    task = asyncio.get_running_loop().create_task(listener.run())
    await listener.opened()
    hear, told = multiprocessing.Pipe(duplex=False)
    began_s = time.process_time()
    sender = multiprocessing.get_context("spawn").Process(target=load, args=(listener.port, count, told))
    sender.start()
    heard = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(
        hear.fileno(), lambda: heard.done() or heard.set_result(hear.recv())
    )
    per_s, p99_s, _ = await heard
    used_us = (time.process_time() - began_s) / count * 1e6
    asyncio.get_running_loop().remove_reader(hear.fileno())
    sender.join()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return per_s, p99_s * 1e3, used_us


async def durable(folder: Path) -> tuple[float, float, float]:
    """As `served`, with the gateway's own desk and store."""
    clock, store = SystemClock(), Store(folder / "store.db", Settings(), SystemClock())
    await store.open(["mqtt"])
    wifi = Wifi.model_validate({})
    gateway = Gateway(id="gw", latitude=17.7, longitude=106.4, data_dir=folder)
    config = Config(
        gateway=gateway,
        wifi=wifi,
        radius_client=tuple(client.section for client in clients()),
        hotspot=tuple(hotspots()),
    )
    keys = Keys(folder, ZoneInfo(gateway.timezone), clock)
    parts = WifiParts(store.usage, store.put_sample, lambda _: None, Notes(), NoLive(), clock, keys)
    desk = WifiService(config, wifi, parts, rules_of(()))
    task = asyncio.get_running_loop().create_task(desk.run())
    try:
        found = await served(desk, keys)
        assert desk.counts().accepted == PACKETS
        assert desk.usage()[0].sessions_open == SESSIONS
        return found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()


def figures_of(name: str, found: tuple[float, float, float]) -> list[Figure]:
    per_s, p99_ms, used_us = found
    return [
        Figure(f"radius over loopback, {name}", per_s, "packets/s", PER_S_MIN, "higher"),
        Figure(f"radius over loopback, {name}, p99 answer", p99_ms, "ms", P99_MS_MAX),
        Figure(f"radius over loopback, {name}, all of it", used_us, "us CPU", 1e6 / PER_S_MIN),
    ]


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        on_disk = asyncio.run(durable(Path(folder)))
    return [
        Figure("radius, parse, verify, record and answer", processor_us(), "us CPU", 1e6 / PER_S_MIN),
        *figures_of("desk in memory", asyncio.run(served(MemoryDesk(), FixedPseudonyms()))),
        *figures_of("durable", on_disk),
    ]


if __name__ == "__main__":
    main(figures)

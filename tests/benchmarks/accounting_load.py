"""Access points in another process, as many and as hurried as a benchmark wants; says how they were answered.

python -m tests.benchmarks.accounting_load PORT HOW COUNT SESSIONS RATE

HOW is `start` (each packet begins a session of its own) or `interim` (SESSIONS take turns). At RATE packets a
second, or all at once where RATE is 0: then senders wait for room as a NAS does that has a queue. What is not
answered is sent again. Prints one line of JSON.
"""

import json
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field

from simulators.wifi_radius import Attribute, accounting_request, whole

SECRET = b"a-long-secret-of-the-river"
SOCKETS = 100
FLIGHT_MAX = 20_000
REPEAT_S = 3.0
LOOK_S = 0.002
STATUS = {"start": 1, "interim": 3}


def packet(how: str, record: int, sessions: int, identifier: int) -> bytes:
    """What a NAS with 17 attributes sends, of 220 bytes."""
    turn, n = divmod(record, sessions)
    mac = f"02-00-5E-{n >> 16 & 255:02X}-{n >> 8 & 255:02X}-{n & 255:02X}"
    said = [
        (Attribute.ACCT_STATUS_TYPE, whole(STATUS[how])),
        (Attribute.ACCT_SESSION_ID, b"%08X-%08X" % (n, n)),
        (Attribute.USER_NAME, b"guest%06d" % n),
        (Attribute.NAS_IP_ADDRESS, bytes((127, 0, 0, 1))),
        (Attribute.NAS_IDENTIFIER, b"ap-beach-%d" % (n % 10)),
        (Attribute.CALLED_STATION_ID, b"02-00-5E-20-00-01:BA DON FREE"),
        (Attribute.CALLING_STATION_ID, mac.encode()),
        (Attribute.FRAMED_IP_ADDRESS, struct.pack("!I", 0x0A400000 + n)),
        (Attribute.NAS_PORT_TYPE, whole(19)),
        (Attribute.ACCT_DELAY_TIME, whole(0)),
        (Attribute.EVENT_TIMESTAMP, whole(int(time.time()))),
    ]
    if how == "interim":
        grown = n + (turn + 1) * 1_000_000
        octets = (Attribute.ACCT_INPUT_OCTETS, Attribute.ACCT_OUTPUT_OCTETS)
        packets = (Attribute.ACCT_INPUT_PACKETS, Attribute.ACCT_OUTPUT_PACKETS)
        gigawords = (Attribute.ACCT_INPUT_GIGAWORDS, Attribute.ACCT_OUTPUT_GIGAWORDS)
        said += [(kind, whole(grown)) for kind in (*octets, *packets)] + [
            (kind, whole(0)) for kind in gigawords
        ]
        said.append((Attribute.ACCT_SESSION_TIME, whole(60 * (turn + 1))))
    return accounting_request(identifier, said, SECRET)


@dataclass(slots=True)
class Load:
    """Packets on their way by socket and identifier, and what became of those that are answered."""

    port: int
    latencies_s: list[float] = field(default_factory=list)
    repeated: int = 0
    flight: dict[tuple[int, int], tuple[bytes, float, float]] = field(default_factory=dict)
    sockets: list[socket.socket] = field(default_factory=list)

    def open(self) -> None:
        """Its ports."""
        for _ in range(SOCKETS):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.setblocking(False)
            one.connect(("127.0.0.1", self.port))
            self.sockets.append(one)

    def send(self, record: int, data: bytes) -> bool:
        """Send it under its own identifier, if that is free."""
        key = key_of(record)
        if key in self.flight or len(self.flight) >= FLIGHT_MAX:
            return False
        now_s = time.monotonic()
        self.flight[key] = (data, now_s, now_s)
        self._put(key[0], data)
        return True

    def _put(self, number: int, data: bytes) -> None:
        try:
            self.sockets[number].send(data)
        except (BlockingIOError, ConnectionRefusedError):
            return  # it is sent again

    def take(self, number: int) -> None:
        """Take in the answers that are there."""
        while True:
            try:
                data = self.sockets[number].recv(4096)
            except (BlockingIOError, ConnectionRefusedError):
                return
            sent = self.flight.pop((number, data[1]), None)
            if sent is not None:
                self.latencies_s.append(time.monotonic() - sent[1])

    def repeat(self) -> None:
        """Send again what waits too long; the wait for its answer counts from the first sending."""
        now_s = time.monotonic()
        for key, (data, first_s, last_s) in self.flight.items():
            if now_s - last_s > REPEAT_S:
                self.repeated += 1
                self.flight[key] = (data, first_s, now_s)
                self._put(key[0], data)


def key_of(record: int) -> tuple[int, int]:
    """Socket and identifier of a packet."""
    return record % SOCKETS, record // SOCKETS & 255


def main(port: int, how: str, count: int, sessions: int, rate: float) -> None:
    """Send it all, wait for every answer, say how it was."""
    packets = [packet(how, n, sessions, key_of(n)[1]) for n in range(count)]
    load, epoll = Load(port), select.epoll()
    load.open()
    by_file = {one.fileno(): number for number, one in enumerate(load.sockets)}
    for file in by_file:
        epoll.register(file, select.EPOLLIN)
    began_s = looked_s = time.monotonic()
    following = 0
    while len(load.latencies_s) < count:
        now_s = time.monotonic()
        due = count if not rate else min(count, int((now_s - began_s) * rate))
        while following < due and load.send(following, packets[following]):
            following += 1
        for file, _ in epoll.poll(LOOK_S):
            load.take(by_file[file])
        if now_s - looked_s > REPEAT_S / 4:
            looked_s = now_s
            load.repeat()
    waits_s, took_s = sorted(load.latencies_s), time.monotonic() - began_s
    found = {
        "per_s": count / took_s,
        "p50_ms": 1e3 * waits_s[count // 2],
        "p99_ms": 1e3 * waits_s[count * 99 // 100],
        "worst_ms": 1e3 * waits_s[-1],
        "repeated": load.repeated,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))

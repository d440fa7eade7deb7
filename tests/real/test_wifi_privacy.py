"""Nothing that names a person leaves the moment in which a packet is read: looked for everywhere."""

import asyncio
import json
import socket
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from simulators import wifi_packets
from simulators.wifi_places import NETWORK, Nas
from simulators.wifi_plan import Message
from simulators.wifi_radius import Attribute, accounting_request, whole
from simulators.wifi_sender import Patience
from simulators.wifi_simulation import WifiSimulation, identities
from simulators.wifi_visitors import Guest, Scene
from tests.real.identifiers import Needles, spellings
from tests.servers import Influxd, Mosquitto, need, running
from tests.world.processes import gianh
from tests.world.waiting import soon, until
from tests.world.wifi_town import Process, day_from, gateway, gateway_file, secrets_of

START_S = datetime.fromisoformat("2026-07-18T18:30:00+07:00").timestamp()
HOURS, SPEED = 2.0, 480.0
PLANTED = Guest(bytes.fromhex("0a1b2c3d4e5f"), "planted@nowhere.example", bytes((10, 99, 98, 97)))
COMMANDS = (("status",), ("wifi", "status"), ("wifi", "privacy"), ("wifi", "status", "--json"))


class Ear:
    """mosquitto_sub on everything, into a file: topics, properties and payloads."""

    def __init__(self, port: int, file: Path) -> None:
        self.port, self.file = port, file

    def __enter__(self) -> "Ear":
        program = need("mosquitto_sub", "mosquitto-clients")
        # Into a file its lines would come only when many are together.
        command = [need("stdbuf", "coreutils"), "-oL", program, "-V", "mqttv5", "-p", str(self.port)]
        self.out = self.file.open("wb")
        options = ["-t", "#", "-d", "-F", "%t %p %P %D"]
        self.process = subprocess.Popen([*command, *options], stdout=self.out, stderr=self.out)
        until(lambda: b"Subscribed" in self.file.read_bytes())
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.out.close()

    def plant(self, text: str) -> None:
        """Say something that must be heard, so that the ear is known to hear."""
        program = need("mosquitto_pub", "mosquitto-clients")
        subprocess.run([program, "-p", str(self.port), "-t", "planted", "-m", text], check=True)
        until(lambda: text.encode() in self.file.read_bytes())


def all_of(influx: Influxd) -> bytes:
    """Every series, tag and field that it has."""
    asked = ("SELECT * FROM /.*/", "SHOW SERIES", "SHOW FIELD KEYS", "SHOW TAG KEYS")
    return "\n".join(influx.query(text, db="town") for text in asked).encode()


def answers(http: str) -> Iterator[tuple[str, bytes]]:
    """What the API says to each question that it knows, and to some that it does not."""
    with urllib.request.urlopen(f"{http}/api/v1/openapi.json", timeout=10) as reply:
        known = json.load(reply)["paths"]
    places = [point.id for nas in NETWORK for point in nas.points] + ["gw-a"]
    for path, methods in known.items():
        if "get" in methods and not path.endswith("/live"):  # live data has no end
            wanted = [path.replace("{device}", place) for place in places] if "{" in path else [path]
            for one in wanted:
                try:
                    with urllib.request.urlopen(f"{http}{one}", timeout=10) as reply:
                        yield one, reply.read()
                except urllib.error.HTTPError as error:
                    yield one, error.read()


def said_by(process: Process) -> Iterator[tuple[str, bytes]]:
    """What the commands print."""
    for command in COMMANDS:
        done = subprocess.run(
            gianh(*command, "-c", str(process.file)), capture_output=True, timeout=60, check=False
        )
        yield " ".join(command), done.stdout + done.stderr


def files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file, and every name of one."""
    for path in sorted(folder.rglob("*")):
        yield f"name of {path.name}", str(path).encode()
        if stat.S_ISREG(path.lstat().st_mode):
            yield str(path.relative_to(folder)), path.read_bytes()


def ill_formed(message: Message, nas: Nas, secret: bytes) -> Iterator[bytes]:
    """Packets of a real guest that go wrong in each way that a packet can."""
    said = wifi_packets.attributes(message, nas, message.at_s, message.at_s)
    whole_one = accounting_request(1, said, secret)
    yield accounting_request(2, said, b"wrong-secret")
    yield whole_one[:-9] + bytes((whole_one[-9] ^ 1,)) + whole_one[-8:]
    yield whole_one[: len(whole_one) // 2]
    yield whole_one[:30] + b"\x01\x00" + whole_one[32:]
    for kind in (Attribute.ACCT_STATUS_TYPE, Attribute.ACCT_INPUT_OCTETS, Attribute.EVENT_TIMESTAMP):
        others = [(one, value) for one, value in said if one != kind]
        yield accounting_request(3, [*others, (kind, b"x")], secret)
        yield accounting_request(4, [*others, (kind, whole(77))], secret)
    yield accounting_request(5, [one for one in said if one[0] != Attribute.ACCT_SESSION_ID], secret)


def send_ill_formed(messages: list[Message], secrets: dict[str, bytes], port: int) -> int:
    """Send them from the addresses of their NAS, and from one that nobody knows; gives how many."""
    by_id, count = {nas.id: nas for nas in NETWORK}, 0
    for message in messages:
        nas = by_id[message.nas]
        for own in (nas.address, "127.0.9.9"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((own, 0))
                for data in ill_formed(message, nas, secrets[nas.id]):
                    sender.sendto(data, ("127.0.0.1", port))
                    count += 1
    return count


def needles_of(simulation: WifiSimulation) -> Needles:
    """All that these access points told of persons, and what they told of themselves."""
    told = identities(simulation.answered)
    guests = [Guest(address, user, ip) for address, user, ip, _, _ in told]
    texts = [text for _, _, _, session, visit in told for text in (session, visit)]
    own = [text for nas in NETWORK for text in spellings(wifi_packets.own_address(nas))]
    return Needles.of([*guests, PLANTED], [*texts, *own, wifi_packets.NETWORK_NAME])


def assert_nothing_is_found(needles: Needles, haystacks: dict[str, bytes]) -> None:
    assert needles.found_in_all(haystacks) == {}
    planted = PLANTED.address.hex("-").upper().encode()
    seeded = {name: data + b"=" + planted + b";" for name, data in haystacks.items()}
    assert Needles.of([PLANTED], []).found_in_all(seeded).keys() == haystacks.keys(), "the search is blind"


@pytest.mark.parametrize(
    "spelled", [spelling for text in spellings(PLANTED.address) for spelling in (text, text.upper())]
)
def test_the_search_finds_an_address_in_each_spelling(tmp_path: Path, spelled: str) -> None:
    needles = Needles.of([PLANTED], [])
    hay = tmp_path / "hay"
    hay.write_bytes(b"\x00\xff{" + spelled.encode() + b"}\n")
    assert needles.found_in(hay)
    hay.write_bytes(b"\x00\xff{" + spelled[:-1].encode() + b"}\n")
    assert not needles.found_in(hay)


@pytest.mark.parametrize(
    "planted", [PLANTED.address, PLANTED.user.encode(), PLANTED.user.upper().encode(), b"10.99.98.97"]
)
def test_the_search_finds_raw_bytes_names_and_addresses_of_clients(tmp_path: Path, planted: bytes) -> None:
    hay = tmp_path / "hay"
    hay.write_bytes(b"\n\x0a\x1b" + planted + b"\x00")
    assert Needles.of([PLANTED], []).found_in(hay)


async def test_nobody_is_named_in_any_file_log_message_row_or_answer(tmp_path: Path) -> None:
    """The festival's evening, ill-formed packets, kill -9, a broker and a centre that are real."""
    broker, influx = Mosquitto(tmp_path / "broker"), Influxd(tmp_path / "influx")
    with running(broker), running(influx), Ear(broker.port, tmp_path / "heard") as ear:
        influx.query("CREATE DATABASE town")
        file, end = gateway_file(
            tmp_path,
            mqtt={"url": broker.url, "discovery": True},
            influx=({"id": "centre", "url": influx.url, "version": 1, "database": "town"},),
        )
        clock, target = day_from(START_S, SPEED), ("127.0.0.1", end.port)
        scene, secrets = Scene(seed=4, visitors=0.15, festival=True), secrets_of(end)
        haystacks: dict[str, bytes] = {}
        with gateway(file, clock) as process:
            async with WifiSimulation(scene, secrets, target, clock, Patience(0.3, 1.3, 2.0)) as simulation:
                await simulation.run(clock.start_s + HOURS * 3600)
                await asyncio.wait_for(simulation.drained(), 60)
                stops = [one for one in simulation.answered if one.session and one.up][:20]
                send_ill_formed(stops, secrets, end.port)
                await soon(lambda: process.told()["accounting"]["rejected"] >= 200)
            needles = needles_of(simulation)
            haystacks |= {f"answer to {path}": data for path, data in answers(process.http)}
            haystacks |= {f"gianh {name}": data for name, data in said_by(process)}
            await soon(lambda: b"wifi_usage" in all_of(influx))
            haystacks |= {f"living {name}": data for name, data in files_in(tmp_path / "data")}
            process.kill()
            haystacks |= {f"killed {name}": data for name, data in files_in(tmp_path / "data")}
            process.start()
            await soon(lambda: process.told()["places"])
        haystacks |= {f"ended {name}": data for name, data in files_in(tmp_path / "data")}
        assert len(simulation.answered) > 1000
        assert b"wifi" in ear.file.read_bytes()
        haystacks["messages"] = ear.file.read_bytes()
        haystacks["rows"] = all_of(influx)
        for name in ("gateway.log", "gateway.toml", "broker/mosquitto.log", "influx/influxd.log"):
            haystacks[name] = (tmp_path / name).read_bytes()
        haystacks |= {f"centre {name}": data for name, data in files_in(tmp_path / "influx" / "wal")}
        assert_nothing_is_found(needles, haystacks)
        ear.plant(PLANTED.user)
        assert needles.found_in(ear.file) == {PLANTED.user}

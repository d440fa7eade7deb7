"""A real Mosquitto as `gianh broker setup` makes it, and clients with certificates."""

import asyncio
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from provisioning.broker.setup import BrokerSetup, Wish
from provisioning.ca.authority import Authority
from provisioning.ca.keys import PrivateKey, key_pem, new_key
from provisioning.ca.profiles import Kind, Role, at_name
from provisioning.ca.records import Issued
from tests.servers import Server, need


@dataclass(frozen=True)
class Client:
    """Somebody's files."""

    cert: Path
    key: Path
    root: Path

    @property
    def options(self) -> list[str]:
        files = {"--cafile": self.root, "--cert": self.cert, "--key": self.key}
        return ["-h", "localhost", *(str(part) for pair in files.items() for part in pair)]


class TownBroker(Server):
    def __init__(self, ca: Authority, folder: Path) -> None:
        self.ca = ca
        self.setup = BrokerSetup(ca, Wish(folder / "broker", "root", "127.0.0.1"))
        self.setup.apply()
        command = [need("mosquitto", "mosquitto"), "-c", str(self.setup.files.conf)]
        super().__init__(command, folder / "mosquitto.log", self.setup.port)
        self._folder = folder

    @property
    def url(self) -> str:
        return self.ca.town.mqtt_url

    def client(self, name: str) -> Client:
        """A gateway, or `NAME@ROLE`, with a new certificate; the broker's rules learn of it."""
        key = new_key()
        kind = Kind.ROLE if "@" in name else Kind.GATEWAY
        if kind is Kind.ROLE:
            whose, _, role = name.partition("@")
            name = at_name(whose, Role(role))
        client = self.files_of(self.ca.sign(kind, name, key.public_key()), key)
        self.setup.apply()
        return client

    def files_of(self, issued: Issued, key: PrivateKey) -> Client:
        folder = self._folder / f"{issued.name}-{issued.serial:x}"
        folder.mkdir()
        (folder / "key").write_bytes(key_pem(key))
        (folder / "cert").write_bytes(self.ca.chain_of(issued))
        return Client(folder / "cert", folder / "key", self.ca.place.root)

    def said(self, text: str) -> int:
        """How often the broker has written this into its log."""
        return self.log.read_text(errors="replace").count(text) if self.log.exists() else 0

    async def until_said(self, text: str, times: int = 1) -> None:
        async with asyncio.timeout(20):
            while self.said(text) < times:  # noqa: ASYNC110 - a file tells nobody that it grew
                await asyncio.sleep(0.02)


def publish(port: int, client: Client | None, topic: str, *more: str) -> str:
    """`0` where the receipt says that it was taken, or its reason code; else why there was no connection."""
    program = need("mosquitto_pub", "mosquitto-clients")
    options = client.options if client else ["-h", "localhost"]
    done = subprocess.run(
        [program, "-V", "mqttv5", "-p", str(port), *options, "-q", "1", "-d", "-t", topic, "-m", "x", *more],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    found = re.search(r"received PUBACK \(Mid: 1, RC:(\d+)\)", done.stdout)
    if found:
        return found[1] if int(found[1]) >= 128 else "0"
    return (done.stderr.strip().splitlines() or ["nothing"])[-1]

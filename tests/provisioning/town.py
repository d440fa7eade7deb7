"""A town's authority for tests, and openssl as the witness."""

import datetime as dt
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from provisioning.ca.authority import Authority, utc_now
from provisioning.ca.ceremony import init
from provisioning.ca.keys import PrivateKey, new_key
from provisioning.ca.place import Place, Town
from provisioning.ca.profiles import Kind
from provisioning.ca.records import Issued
from tests.servers import need

PASSPHRASE = "cau gianh 1990 phao dai"
TOWN = "Ba Đồn"


class Calendar:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.ahead = dt.timedelta()

    def now(self) -> dt.datetime:
        return utc_now() + self.ahead


def settings(enrol_port: int = 8443, mqtt_port: int = 8883) -> Town:
    return Town(
        town=TOWN,
        enrol_url=f"https://localhost:{enrol_port}",
        mqtt_url=f"mqtts://localhost:{mqtt_port}",
    )


def authority(folder: Path, town: Town | None = None, calendar: Calendar | None = None) -> Authority:
    """An authority in a folder, new or as it is there."""
    now = (calendar or Calendar()).now
    place = Place.at(folder)
    init(place, town or settings(), lambda is_new: PASSPHRASE, now)
    return Authority(place, now)


def gateway(ca: Authority, name: str = "gw-a") -> tuple[PrivateKey, Issued]:
    key = new_key()
    return key, ca.sign(Kind.GATEWAY, name, key.public_key())


def pem(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(serialization.Encoding.PEM)


def openssl(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [need("openssl", "openssl"), *arguments], input=stdin, capture_output=True, check=False, timeout=30
    )


def judged(ca: Authority, issued: Issued, folder: Path, *options: str) -> str:
    """What `openssl verify` says of a certificate: `OK`, or the error."""
    leaf = folder / "leaf.pem"
    leaf.write_bytes(pem(issued))
    done = openssl(
        "verify", "-x509_strict", "-CAfile", str(ca.place.root), "-untrusted", str(ca.place.issuing),
        *options, str(leaf),
    )  # fmt: skip
    if done.returncode == 0:
        return "OK"
    lines = done.stderr.decode().splitlines()
    return next(line.partition("depth lookup: ")[2] for line in lines if "depth lookup: " in line)

"""A town's authority for tests: its root certificate, and a key that signs configurations."""

from dataclasses import dataclass
from pathlib import Path

from provisioning.ca.authority import Authority, utc_now
from provisioning.ca.ceremony import init
from provisioning.ca.give import issue_signing_key
from provisioning.ca.place import Place, town_of


@dataclass(frozen=True, slots=True)
class TownAuthority:
    """Where its files lie."""

    root: Path
    key: Path
    folder: Path


def authority(folder: Path, town: str = "Ba-Don") -> TownAuthority:
    """A new one."""
    place = Place.at(folder / "ca")
    named = town_of(town, "https://127.0.0.1:8443", "mqtts://127.0.0.1:8883")
    init(place, named, lambda *_: "a passphrase of sixteen", utc_now)
    issue_signing_key(Authority(place), "fleet", folder / "sign")
    return TownAuthority(folder / "sign" / "ca.crt", folder / "sign" / "fleet.pem", folder / "ca")

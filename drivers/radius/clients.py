"""Who may tell of sessions: clients by address or certificate, their secrets, and the places they tell of."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from edge.config.secrets import radius_env, read_secret
from edge.config.wifi import Direction, Hotspot, RadiusClient
from edge.core.errors import PermanentError

log = logging.getLogger(__name__)

SECRET_BYTES_GOOD = 16
"""A shorter secret is told of (RFC 2865 section 3: at least 16 octets are preferred)."""

KNOWN_MAX = 4096
"""Most addresses of senders that are kept in mind."""


@dataclass(frozen=True, slots=True)
class Client:
    """A configured client and its secret; with an empty one nothing that it sends by UDP is believed."""

    section: RadiusClient
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """What sessions count for: an access point, and the site that it stands at (empty: the gateway's)."""

    id: str
    site: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """A client, ready for its packets: `places` by NAS-Identifier, `place` for all others."""

    id: str
    secret: bytes = field(repr=False)
    is_swapped: bool
    place: Place
    places: Mapping[bytes, Place]


def clients_of(sections: Iterable[RadiusClient], environ: Mapping[str, str]) -> tuple[Client, ...]:
    """The clients with their secrets; one whose secret is missing is told of in the log, and has none."""
    return tuple(Client(section, _secret(section, environ)) for section in sections)


def _secret(section: RadiusClient, environ: Mapping[str, str]) -> bytes:
    if section.address is None:
        return b""
    variable = radius_env(section.id)
    try:
        secret = (read_secret(section.secret_file, variable, environ) or "").encode()
    except PermanentError as error:
        log.warning("radius client %s is not heard: %s", section.id, error)
        return b""
    if not secret:
        log.warning("radius client %s is not heard: give it secret_file, or %s", section.id, variable)
    elif len(secret) < SECRET_BYTES_GOOD:
        log.warning(
            "the secret of radius client %s is shorter than %d characters: choose a longer one",
            section.id,
            SECRET_BYTES_GOOD,
        )
    return secret


class Senders:
    """Finds who sent a packet."""

    def __init__(self, clients: Sequence[Client], hotspots: Sequence[Hotspot]) -> None:
        senders = [_sender(client, hotspots) for client in clients]
        self._known: dict[str, Sender] = {}
        self._networks: dict[tuple[int, int], dict[int, Sender]] = {}
        self._names: dict[str, Sender] = {}
        for client, sender in zip(clients, senders, strict=True):
            self._names[(client.section.certificate_name or client.section.id).lower()] = sender
            if client.section.address is not None:
                network = ip_network(client.section.address)
                spare = network.max_prefixlen - network.prefixlen
                table = self._networks.setdefault((network.version, spare), {})
                table[int(network.network_address) >> spare] = sender
        self._narrow_first = sorted(self._networks)

    def at(self, host: str) -> Sender | None:
        """Who has this address, by the longest network that it is in."""
        found = self._known.get(host)
        if found is None and (found := self._search(_address(host))) is not None:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            self._known[host] = found
        return found

    def named(self, names: Iterable[str]) -> Sender | None:
        """Whose certificate has one of these names."""
        return next((self._names[name.lower()] for name in names if name.lower() in self._names), None)

    def _search(self, address: IPv4Address | IPv6Address) -> Sender | None:
        number = int(address)
        for version, spare in self._narrow_first:
            if version == address.version:
                found = self._networks[version, spare].get(number >> spare)
                if found is not None:
                    return found
        return None


def _address(host: str) -> IPv4Address | IPv6Address:
    """A socket for both families shows IPv4 as ::ffff:10.0.0.1."""
    address = ip_address(host.partition("%")[0])
    return (address.version == 6 and address.ipv4_mapped) or address


def _sender(client: Client, hotspots: Sequence[Hotspot]) -> Sender:
    section = client.section
    own = [hotspot for hotspot in hotspots if hotspot.client == section.id]
    places = {
        hotspot.nas_identifier.encode(): _place(hotspot)
        for hotspot in own
        if hotspot.nas_identifier is not None
    }
    named = [hotspot for hotspot in own if hotspot.id == section.hotspot]
    rest = named or [hotspot for hotspot in own if hotspot.nas_identifier is None]
    place = _place(rest[0]) if rest else Place(section.hotspot or section.id)
    return Sender(section.id, client.secret, section.direction is Direction.SWAPPED, place, places)


def _place(hotspot: Hotspot) -> Place:
    return Place(hotspot.id, hotspot.site or "")

"""[wifi], [[radius_client]] and [[hotspot]] of gateway.toml: who tells of sessions, what is kept."""

from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from edge.config.section import Id, Section


class Direction(StrEnum):
    """What a sender means by input octets."""

    RFC = "rfc"
    SWAPPED = "swapped"


class RadiusClient(Section):
    """[[radius_client]]: one sender of accounting, known by its address and its own secret."""

    id: Id
    """Its name in status and usage."""
    address: str | None = None
    """UDP: its IP address, or a network such as 10.20.0.0/24 that shares one secret; the longest fitting
    network counts."""
    secret_file: Path | None = None
    """UDP: where its shared secret lies; or GIANH_RADIUS_<ID>_SECRET."""
    certificate_name: str | None = None
    """RadSec: a name (DNS name or common name) in its certificate; default its id."""
    direction: Direction = Direction.RFC
    """`rfc`: input octets come from the visitor (RFC 2866 5.3); `swapped` where they go to them."""
    hotspot: Id | None = None
    """The hotspot that its sessions count for, where it has only one; default its own id."""
    interim_s: Annotated[int, Field(ge=60, le=86_400)] = 600
    """How often it tells of open sessions: after three times as long without a word they are over."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.address is None:
            return self
        try:
            ip_network(self.address)
        except ValueError:
            raise ValueError(f"address {self.address!r} is neither an IP address nor a network") from None
        return self


class Hotspot(Section):
    """[[hotspot]]: one access point, as a place that sessions count for."""

    id: Id
    """Its name in topics, tags and usage."""
    title: str | None = None
    """What a person calls it."""
    client: Id
    """Which RADIUS client tells of it."""
    nas_identifier: str | None = None
    """What the NAS-Identifier of its packets says, where one client tells of several hotspots."""
    device: Id | None = None
    """The [[device]] that shows whether the access point itself is up."""
    site: Id | None = None
    """Default the gateway's."""
    commune: Id | None = None
    """Default the gateway's."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Where it is, in degrees."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    """Where it is, in degrees."""


class Wifi(Section):
    """[wifi]: the RADIUS accounting server, and what is told of visitors."""

    host: str = "127.0.0.1"
    """IP address to listen on: 0.0.0.0 is every IPv4 address of the machine, :: every IPv6 and IPv4 one."""
    port: Annotated[int, Field(ge=0, le=65535)] = 1813
    """UDP port; 0 takes a free one."""
    radsec_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """TLS port for RadSec (RFC 6614: 2083); without it there is none."""
    cert_file: Path | None = None
    """RadSec: certificate of this gateway."""
    key_file: Path | None = None
    """RadSec: its key."""
    ca_file: Path | None = None
    """RadSec: authority of the senders' certificates."""
    group_min: Annotated[int, Field(ge=2, le=100)] = 5
    """Smallest number of devices that is ever told: below it there is no number."""
    keep_days: Annotated[int, Field(ge=1, le=4000)] = 800
    """How long usage of hours and days stays here; it names nobody."""
    keep_minutes_days: Annotated[int, Field(ge=1, le=400)] = 31
    """How long usage of minutes stays here."""
    sessions_max: Annotated[int, Field(ge=100, le=1_000_000)] = 200_000
    """Most open sessions; one more is answered, counted for volume, and not followed."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        given = (self.cert_file, self.key_file, self.ca_file)
        if self.radsec_port is not None and None in given:
            raise ValueError("radsec_port needs cert_file, key_file and ca_file")
        return self

"""Which stations there are and what belongs to each, by configuration. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edge.air.averaging import averaging_of
from edge.air.correction import CORRECTED
from edge.air.reference import ambient_of
from edge.config.air import Correction, Station
from edge.config.schema import Config, Device
from edge.core.air import StationKind

AIR = "air"
JUDGED = frozenset((AIR, "weather"))
"""Classes of devices whose values go through quality control."""


@dataclass(frozen=True, slots=True)
class AirDevice:
    """What the profile says of a device: its class, and how often (s) each of its points is read."""

    id: str
    title: str
    measurement: str
    intervals_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Place:
    """One station: `points` are what its means can have, `tags` go with all that is derived."""

    id: str
    title: str
    kind: StationKind
    devices: tuple[str, ...]
    points: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    zone: ZoneInfo
    commune: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    correction: Correction | None = None
    neighbours: tuple[str, ...] = ()
    twins: bool = True
    ambient: tuple[str, ...] = ()
    """Points that are measured in the air as it is, not in Nm3."""

    @property
    def has_own_name(self) -> bool:
        """Whether no device is called like it."""
        return self.id not in self.devices


def places_of(config: Config, devices: Mapping[str, AirDevice]) -> tuple[Place, ...]:
    """The configured stations, then every air device that none of them names on its own."""
    named = {device for station in config.station for device in (*station.devices, *station.cabinet)}
    alone = [
        Station(id=device.id, devices=(device.id,))
        for device in config.device
        if device.id in devices and devices[device.id].measurement == AIR and device.id not in named
    ]
    return tuple(_place(config, station, devices) for station in (*config.station, *alone))


def twins_of(places: Sequence[Place]) -> dict[str, tuple[str, ...]]:
    """For each device the others that stand beside it, where they are to be compared."""
    return {
        device: tuple(other for other in place.devices if other != device)
        for place in places
        if place.twins and len(place.devices) > 1
        for device in place.devices
    }


def _place(config: Config, station: Station, devices: Mapping[str, AirDevice]) -> Place:
    known = {device.id: device for device in config.device}
    first: Device | None = known.get(station.devices[0])
    seen = [name for device in station.devices if device in devices for name in devices[device].intervals_s]
    points = {name for name in seen if averaging_of(name) is not None}
    if station.correction is not None:
        points.add(CORRECTED)
    commune = station.commune or (first.commune if first else None) or config.gateway.commune
    site = (first.site if first else None) or config.gateway.site
    tags = {"commune": commune, "device": station.id, "gateway": config.gateway.id, "site": site}
    title = station.title or (devices[first.id].title if first and first.id in devices else station.id)
    return Place(
        id=station.id,
        title=title,
        kind=station.kind,
        devices=station.devices,
        points=tuple(sorted(points)),
        tags=tuple((key, value) for key, value in tags.items() if value),
        zone=ZoneInfo(config.gateway.timezone),
        commune=commune,
        latitude=station.latitude if station.latitude is not None else (first.latitude if first else None),
        longitude=station.longitude
        if station.longitude is not None
        else (first.longitude if first else None),
        correction=station.correction,
        neighbours=station.neighbours,
        twins=station.twins,
        ambient=ambient_of(sorted(points), station.conditions),
    )

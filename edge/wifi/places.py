"""The places for which usage is told: hotspots, sites, communes and the gateway. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from edge.config.schema import Config
from edge.config.wifi import Hotspot, RadiusClient


class Level(StrEnum):
    """What a place is."""

    GATEWAY = "gateway"
    COMMUNE = "commune"
    SITE = "site"
    HOTSPOT = "hotspot"


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `tags` are those of its rows, sorted by name; `device` shows whether it is up."""

    id: str
    level: Level
    title: str
    tags: tuple[tuple[str, str], ...]
    hotspots: tuple[str, ...]
    client: str = ""
    device: str | None = None
    commune: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Places:
    """All places of a configuration, the gateway first, and who is in which."""

    all: tuple[Place, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Place]:
        """Places by id."""
        return {place.id: place for place in self.all}

    @cached_property
    def members(self) -> Mapping[str, Sequence[str]]:
        """The hotspots of each place."""
        return {place.id: place.hotspots for place in self.all}

    @cached_property
    def around(self) -> Mapping[str, tuple[str, ...]]:
        """Of each hotspot all places that it is in, itself included."""
        return {
            place.id: tuple(other.id for other in self.all if place.id in other.hotspots)
            for place in self.all
            if place.level is Level.HOTSPOT
        }

    @cached_property
    def wholes(self) -> Mapping[str, Sequence[Sequence[str]]]:
        """The ways in which places are made up of others: of hotspots, and of sites and communes."""
        found: dict[str, list[Sequence[str]]] = {}
        for place in self.all:
            if place.level is Level.HOTSPOT:
                continue
            ways: list[Sequence[str]] = [place.hotspots]
            for level in (Level.SITE, Level.COMMUNE):
                parts = [one for one in self.all if one.level is level and one is not place]
                inside = [one for one in parts if set(one.hotspots) <= set(place.hotspots)]
                if len({name for one in inside for name in one.hotspots}) == len(place.hotspots):
                    ways.append([one.id for one in inside])
            found[place.id] = ways
        return found


def places_of(config: Config) -> Places:
    """The places of a configuration. A name that another place has gets its level before it."""
    gateway = config.gateway
    spots = hotspots_of(config)
    hotspots = [_hotspot(config, spot) for spot in spots]
    names = [spot.id for spot in spots]
    found = [Place(gateway.id, Level.GATEWAY, gateway.id, _tags(config, gateway.id), tuple(names))]
    taken = {gateway.id, *names}
    for section in (config.device, config.group, config.station, config.segment):
        taken.update(one.id for one in section)
    for level in (Level.COMMUNE, Level.SITE):
        default = getattr(gateway, level)
        groups: dict[str, list[Hotspot]] = {}
        for spot in spots:
            if name := getattr(spot, level) or default:
                groups.setdefault(name, []).append(spot)
        for name, inside in groups.items():
            place = name if name not in taken else f"{level}-{name}"
            taken.add(place)
            tags = _tags(config, place, **{level.value: name})
            found.append(Place(place, level, name, tags, tuple(spot.id for spot in inside)))
    return Places((*found, *hotspots))


def hotspots_of(config: Config) -> list[Hotspot]:
    """The hotspots that are configured, and those that clients without any are themselves."""
    found = list(config.hotspot)
    names = {spot.id for spot in found}
    for client in config.radius_client:
        if _is_alone(client, config.hotspot) and (name := client.hotspot or client.id) not in names:
            names.add(name)
            found.append(Hotspot(id=name, client=client.id))
    return found


def _is_alone(client: RadiusClient, hotspots: Sequence[Hotspot]) -> bool:
    own = [spot for spot in hotspots if spot.client == client.id]
    return not any(spot.nas_identifier is None or spot.id == client.hotspot for spot in own)


def _hotspot(config: Config, spot: Hotspot) -> Place:
    gateway = config.gateway
    commune, site = spot.commune or gateway.commune, spot.site or gateway.site
    return Place(
        id=spot.id,
        level=Level.HOTSPOT,
        title=spot.title or spot.id,
        tags=_tags(config, spot.id, commune=commune or "", site=site or ""),
        hotspots=(spot.id,),
        client=spot.client,
        device=spot.device,
        commune=commune,
        latitude=spot.latitude,
        longitude=spot.longitude,
    )


def _tags(config: Config, place: str, **more: str) -> tuple[tuple[str, str], ...]:
    whole = {"gateway": config.gateway.id, "device": place, **more}
    return tuple(sorted((name, value) for name, value in whole.items() if value))

"""Tourist Wi-Fi where there is any: who tells of sessions, who counts them, what is said of its places."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from cloud_sync.mqtt.payload import DeviceInfo
from drivers.radius.clients import clients_of
from drivers.radius.listener import RadiusListener
from edge.config.alarms import rules_of
from edge.config.schema import Config
from edge.config.wifi import Wifi
from edge.runtime.fitting import Rooms
from edge.wifi.keys import Keys
from edge.wifi.places import Place, places_of
from edge.wifi.service import WifiParts, WifiService
from edge.wifi.told import DAY_POINTS, MINUTE_POINTS
from edge.wiring.infos import point_info
from edge.wiring.site import Site

POINTS = (*MINUTE_POINTS, *DAY_POINTS)

USAGE = "wifi_usage"
"""What stands as profile in the info of a place."""


def accounting(site: Site, section: Wifi, environ: Mapping[str, str] = os.environ) -> Rooms:
    """The accounting server and its books."""
    config, around = site.config, site.around
    keys = Keys(config.gateway.data_dir, ZoneInfo(config.gateway.timezone), around.clock)
    parts = WifiParts(around.usage, around.keep, site.see, around.memory, around.live, around.clock, keys)
    wifi = WifiService(config, section, parts, rules_of(config.alarm))
    clients = clients_of(config.radius_client, environ)
    listener = RadiusListener(section, clients, config.hotspot, wifi, keys, around.clock)

    def refresh(config: Config) -> None:
        wifi.use(config, rules_of(config.alarm))
        listener.use(clients_of(config.radius_client, environ), config.hotspot)

    return Rooms(services=(wifi, listener), wifi=wifi, refresh=refresh)


def subjects(config: Config) -> list[str]:
    """The places and senders of which there may be alarms."""
    return [place.id for place in places_of(config).all] + [client.id for client in config.radius_client]


def with_places(infos: Sequence[DeviceInfo], config: Config) -> list[DeviceInfo]:
    """The infos of devices and stations with those of the places of Wi-Fi."""
    places = {place.id: place for place in places_of(config).all}
    shared = [_joined(info) if info.device in places else info for info in infos]
    known = {info.device for info in infos}
    return [*shared, *(_info(place) for place in places.values() if place.id not in known)]


def _joined(info: DeviceInfo) -> DeviceInfo:
    """An access point that is read as a device has the points of both."""
    own = {one.name for one in info.points}
    more = (point_info(name) for name in POINTS if name not in own)
    return replace(info, points=(*info.points, *more))


def _info(place: Place) -> DeviceInfo:
    where = {
        "level": place.level.value,
        "commune": place.commune,
        "latitude": place.latitude,
        "longitude": place.longitude,
    }
    points = tuple(point_info(name) for name in POINTS)
    known = tuple((key, value) for key, value in where.items() if value is not None)
    return DeviceInfo(place.id, USAGE, place.title, points, known)

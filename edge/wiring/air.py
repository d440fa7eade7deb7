"""Joins the air to the runtime: which devices it watches, and what is said of its stations."""

from dataclasses import replace

from cloud_sync.mqtt.payload import DeviceInfo
from drivers.layout import by_interval
from edge.air.index.build import points_of
from edge.air.service import AirParts, AirService
from edge.air.stations import AirDevice, Place, places_of
from edge.config.schema import Config
from edge.runtime.fitting import Rooms
from edge.wiring.drivers import LoadProfile
from edge.wiring.infos import infos_of, point_info
from edge.wiring.site import Site


def air_devices(config: Config, load: LoadProfile) -> dict[str, AirDevice]:
    """What the profiles say of every device; of one that sleeps, rests included."""
    found: dict[str, AirDevice] = {}
    for device in config.device:
        profile = load(device.profile)
        rest_s = device.sleep_s or 0.0
        every_s = [(interval_s + rest_s, points) for interval_s, points in by_interval(device, profile)]
        intervals_s = {point.name: each_s for each_s, points in every_s for point in points}
        title = device.title or profile.title.vi
        found[device.id] = AirDevice(device.id, title, profile.measurement, intervals_s)
    return found


def air_room(site: Site) -> Rooms:
    """The stations, and what is made of what they measure."""
    config, around, load = site.config, site.around, site.load
    parts = AirParts(around.means, around.keep, site.see, around.memory, around.report, around.clock)
    air = AirService(config, air_devices(config, load), parts)
    return Rooms(
        services=(air,),
        verbs={"calibrate": air.calibrate, "recalculate": air.recalculate},
        judge=air.judge,
        air=air,
        refresh=lambda config: air.use(config, air_devices(config, load)),
    )


def air_subjects(config: Config, load: LoadProfile) -> list[str]:
    """The stations, of which there may be alarms."""
    return [place.id for place in places_of(config, air_devices(config, load))]


def all_infos(config: Config, load: LoadProfile) -> list[DeviceInfo]:
    """The devices' infos with those of the stations: a station of its own device shares the device's."""
    infos = infos_of(config, load)
    places = {place.id: place for place in places_of(config, air_devices(config, load))}
    shared = [_joined(info, places[info.device]) if info.device in places else info for info in infos]
    known = {info.device for info in infos}
    return [*shared, *(_info(place) for place in places.values() if place.id not in known)]


def _derived_points(place: Place) -> list[str]:
    return [*place.points, *points_of("vn"), *points_of("us")]


def _joined(info: DeviceInfo, place: Place) -> DeviceInfo:
    own = {one.name for one in info.points}
    more = tuple(point_info(name) for name in _derived_points(place) if name not in own)
    return replace(info, points=(*info.points, *more))


def _info(place: Place) -> DeviceInfo:
    where = {"commune": place.commune, "latitude": place.latitude, "longitude": place.longitude}
    points = tuple(point_info(name) for name in _derived_points(place))
    known = tuple((key, value) for key, value in where.items() if value is not None)
    return DeviceInfo(place.id, "station", place.title, points, known)

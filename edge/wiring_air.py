"""Joins the air to the runtime: which devices it watches, and what is said of its stations."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from cloud_sync.mqtt.payload import DeviceInfo, PointInfo
from drivers.layout import by_interval
from drivers.profile import Profile
from edge.air.derived import INDEX_POINTS
from edge.air.service import AirParts, AirService
from edge.air.stations import AirDevice, Place, places_of
from edge.config.schema import Config
from edge.core.alarms import See
from edge.runtime.fitting import Rooms, Surroundings

LoadProfile = Callable[[str], Profile]


def air_devices(config: Config, load: LoadProfile) -> dict[str, AirDevice]:
    """What the profiles say of every device; of one that sleeps, rests included."""
    found: dict[str, AirDevice] = {}
    for device in config.device:
        profile = load(device.profile)
        rest_s = device.sleep_s or 0.0
        intervals_s = {
            point.name: interval_s + rest_s
            for interval_s, points in by_interval(device, profile)
            for point in points
        }
        title = device.title or profile.title.vi
        found[device.id] = AirDevice(device.id, title, profile.measurement, intervals_s)
    return found


def add_air(rooms: Rooms, config: Config, around: Surroundings, load: LoadProfile, see: See) -> Rooms:
    """The rooms with the air beside the others."""
    parts = AirParts(around.means, around.keep, see, around.memory, around.report, around.clock)
    air = AirService(config, air_devices(config, load), parts)
    others = rooms.refresh

    def refresh(config: Config) -> None:
        if others is not None:
            others(config)
        air.use(config, air_devices(config, load))

    return replace(
        rooms,
        services=(*rooms.services, air),
        verbs={**rooms.verbs, "calibrate": air.calibrate, "recalculate": air.recalculate},
        judge=air.judge,
        air=air,
        refresh=refresh,
    )


def air_subjects(config: Config, load: LoadProfile) -> list[str]:
    """The stations, of which there may be alarms."""
    return [place.id for place in places_of(config, air_devices(config, load))]


def with_stations(
    infos: Sequence[DeviceInfo], config: Config, load: LoadProfile, point: Callable[[str], PointInfo]
) -> list[DeviceInfo]:
    """The devices' infos with those of the stations: a station of its own device shares the device's."""
    places = {place.id: place for place in places_of(config, air_devices(config, load))}
    shared = [_joined(info, places[info.device], point) if info.device in places else info for info in infos]
    known = {info.device for info in infos}
    return [*shared, *(_info(place, point) for place in places.values() if place.id not in known)]


def _derived_points(place: Place) -> list[str]:
    return [*place.points, *INDEX_POINTS["vn"], *INDEX_POINTS["us"]]


def _joined(info: DeviceInfo, place: Place, point: Callable[[str], PointInfo]) -> DeviceInfo:
    own = {one.name for one in info.points}
    more = tuple(point(name) for name in _derived_points(place) if name not in own)
    return replace(info, points=(*info.points, *more))


def _info(place: Place, point: Callable[[str], PointInfo]) -> DeviceInfo:
    where = {"commune": place.commune, "latitude": place.latitude, "longitude": place.longitude}
    points = tuple(point(name) for name in _derived_points(place))
    known = tuple((key, value) for key, value in where.items() if value is not None)
    return DeviceInfo(place.id, "station", place.title, points, known)

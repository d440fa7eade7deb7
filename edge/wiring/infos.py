"""What a consumer is told of the devices, from their profiles and places."""

from functools import cache

from cloud_sync.mqtt.payload import DeviceInfo, PointInfo
from edge.config.schema import Config
from edge.core.vocabulary import quantity
from edge.wiring.drivers import LoadProfile


def infos_of(config: Config, load: LoadProfile) -> list[DeviceInfo]:
    """What a consumer needs to read the devices' samples."""
    infos: list[DeviceInfo] = []
    for device in config.device:
        profile = load(device.profile)
        points = [
            point
            for point in profile.points_of(device.channel, device.sub_address)
            if device.points is None or point.name in device.points
        ]
        place = {
            "site": device.site or config.gateway.site,
            "commune": device.commune or config.gateway.commune,
            "street": device.street,
            "pole": device.pole,
            "latitude": device.latitude,
            "longitude": device.longitude,
        }
        infos.append(
            DeviceInfo(
                device=device.id,
                profile=device.profile,
                title=device.title or profile.title.vi,
                points=tuple(point_info(point.name) for point in points),
                place=tuple((key, value) for key, value in place.items() if value is not None),
            )
        )
    return infos


@cache
def point_info(name: str) -> PointInfo:
    """What a consumer needs to read one point."""
    known = quantity(name)
    assert known is not None, "profiles name only what the vocabulary has"
    return PointInfo(name, known.unit, known.display, known.kind.value, known.en, known.vi)

"""What a consumer is told of the devices, from their profiles and places."""

from collections.abc import Mapping, Sequence
from functools import cache

from cloud_sync.mqtt.payload import DeviceInfo, GatewayAbout, PointInfo, TargetAbout
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
                classed=profile.measurement,
            )
        )
    return infos


@cache
def point_info(name: str) -> PointInfo:
    """What a consumer needs to read one point."""
    known = quantity(name)
    assert known is not None, "profiles name only what the vocabulary has"
    return PointInfo(name, known.unit, known.display, known.kind.value, known.en, known.vi)


def about_of(config: Config, members: Mapping[str, Sequence[str]]) -> GatewayAbout:
    """What the gateway is, with the lamps of each target as they are now."""
    own = config.gateway
    place = {
        "site": own.site,
        "commune": own.commune,
        "latitude": own.latitude,
        "longitude": own.longitude,
    }
    groups = [
        TargetAbout(one.id, "group", one.title or one.id, tuple(members.get(one.id, one.devices)))
        for one in config.group
    ]
    segments = [
        TargetAbout(one.id, "segment", one.title or one.id, one.lamps, one.is_lamp) for one in config.segment
    ]
    known = tuple((key, value) for key, value in place.items() if value is not None)
    return GatewayAbout(own.id, known, (*groups, *segments))

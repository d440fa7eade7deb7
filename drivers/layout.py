"""Where a device's samples belong: the layout of one poll, by profile and configuration. Pure."""

from collections.abc import Sequence

from drivers.coded import ProfilePoint
from drivers.profile import Profile
from edge.config.schema import Bus, Device, Gateway
from edge.core.errors import ConfigError
from edge.core.model import Layout


def layout_of(gateway: Gateway, device: Device, profile: Profile, points: Sequence[ProfilePoint]) -> Layout:
    """The layout of a poll that brings `points`; a device's own commune and site go before the gateway's."""
    tags = {
        "commune": device.commune or gateway.commune,
        "device": device.id,
        "gateway": gateway.id,
        "site": device.site or gateway.site,
    }
    return Layout(
        device=device.id,
        measurement=profile.measurement,
        names=tuple(point.name for point in points),
        tags=tuple((key, value) for key, value in tags.items() if value),
    )


def by_interval(device: Device, profile: Profile) -> list[tuple[float, tuple[ProfilePoint, ...]]]:
    """The device's points grouped by their interval in seconds, the shortest first.

    Raises ConfigError where the configuration names a point that the profile has not.
    """
    points = profile.points_of(device.channel, device.sub_address)
    unknown = sorted(set(device.points or ()) - {point.name for point in points})
    if unknown:
        raise ConfigError(
            f"device {device.id}: profile {profile.id} has no point {', '.join(unknown)}; "
            f"it has {', '.join(point.name for point in points)}"
        )
    groups: dict[float, list[ProfilePoint]] = {}
    for point in points:
        if device.points is None or point.name in device.points:
            groups.setdefault(device.interval_s or profile.interval_of_s(point), []).append(point)
    return [(interval_s, tuple(group)) for interval_s, group in sorted(groups.items())]


def unit_of(bus: Bus, device: Device) -> str:
    """Who answers on the bus."""
    return f"{bus.id}/{device.address}"

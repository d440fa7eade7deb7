"""What Home Assistant is told of: devices, groups, and feeders that are lamps themselves."""

from cloud_sync.mqtt.discovery import Discovery, DiscoveryEnd
from cloud_sync.mqtt.ha_payload import HaDevice, HaNames
from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.payload import DeviceInfo
from drivers.profile import Profile
from edge.config.lighting import Segment
from edge.config.schema import Config, Group, Mqtt
from edge.runtime.fitting import Surroundings
from edge.wiring.drivers import LoadProfile
from edge.wiring.infos import infos_of


def discovery_of(
    section: Mqtt, config: Config, around: Surroundings, link: MqttLink, load: LoadProfile
) -> Discovery | DiscoveryEnd:
    """What tells Home Assistant, or where that is switched off what takes back what it was told."""
    if not section.discovery:
        return DiscoveryEnd(link, config.gateway.id, around.memory)
    names = HaNames(section.discovery_prefix, config.gateway.id, around.version)
    return Discovery(link, names, ha_devices(config, load), around.desk, around.clock, around.memory)


def ha_devices(config: Config, load: LoadProfile) -> list[HaDevice]:
    """All that Home Assistant is told of but the gateway itself."""
    dims = {device.id: _dims(load(device.profile)) for device in config.device}
    devices = [HaDevice(info, dims[info.device]) for info in infos_of(config, load)]
    groups = [_group(group, [dims.get(name) for name in group.devices]) for group in config.group]
    feeders = [_feeder(segment) for segment in config.segment if segment.is_lamp]
    return [*devices, *groups, *feeders]


def _dims(profile: Profile) -> bool | None:
    """Whether a lamp can be dimmed, not only switched; None where it is no lamp."""
    if profile.lamp is None:
        return None
    return profile.command(profile.lamp.level).range != (0, 1)


def _group(group: Group, dims: list[bool | None]) -> HaDevice:
    # Members may change while running: only a group that has nothing but switches cannot dim.
    return HaDevice(
        DeviceInfo(group.id, "group", group.title or group.id, ()),
        dimmable=not dims or any(dims),
        is_group=True,
    )


def _feeder(segment: Segment) -> HaDevice:
    info = DeviceInfo(segment.id, "segment", segment.title or segment.id, ())
    return HaDevice(info, dimmable=False, relay=segment.relay)

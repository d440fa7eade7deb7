"""The MQTT target: its link, and everything that speaks over it."""

from collections.abc import Callable, Sequence

from cloud_sync.mqtt.alarms import MqttAlarms
from cloud_sync.mqtt.commands import MqttCommands
from cloud_sync.mqtt.discovery import Discovery
from cloud_sync.mqtt.ha_payload import HaDevice, HaNames
from cloud_sync.mqtt.infos import MqttInfos
from cloud_sync.mqtt.lights import MqttLights
from cloud_sync.mqtt.link import Identity, MqttLink
from cloud_sync.mqtt.publisher import MqttPublisher
from cloud_sync.mqtt.states import MqttStates
from cloud_sync.mqtt.topics import Topics
from drivers.profile import Profile
from edge.config.schema import Config, Mqtt
from edge.core.ports import Service
from edge.runtime.fitting import Surroundings, Target
from edge.wiring.drivers import LoadProfile
from edge.wiring.infos import infos_of

MQTT_BATCH_MAX = 1000
"""Rows handed to the MQTT publisher at once."""


def mqtt_targets(config: Config, around: Surroundings, load: LoadProfile) -> Sequence[Target]:
    """The broker, where one is configured."""
    return [_mqtt(config.mqtt, config, around, load)] if config.mqtt else []


def _mqtt(section: Mqtt, config: Config, around: Surroundings, load: LoadProfile) -> Target:
    gateway = config.gateway.id
    infos = MqttInfos(Topics(gateway), infos_of(config, load))
    identity = Identity(gateway, around.version, around.boot_id)
    link = MqttLink(section, identity, infos.greeting, around.clock, around.report)
    infos.link = link
    states = MqttStates(link, around.live, around.clock, section.state_interval_s)
    commands = MqttCommands(link, around.desk, around.clock)
    services: list[Service] = [link, infos, states, commands]
    refreshes: list[Callable[[Config], None]] = [
        lambda config: states.keep_only({device.id for device in config.device}),
        lambda config: infos.update(infos_of(config, load)),
    ]
    discovery = _discovery(section, config, around, link, load) if section.discovery else None
    if discovery is not None:
        services.append(discovery)
        refreshes.append(lambda config: discovery.update(_ha_devices(config, load)))
    if around.lights is not None:
        lights = MqttLights(link, around.lights, discovery.show if discovery is not None else None)
        services.append(lights)
        refreshes.append(lambda config: lights.keep(_light_targets(config)))
    if around.alarms is not None:
        services.append(MqttAlarms(link, around.alarms))

    def refresh(config: Config) -> None:
        for one in refreshes:
            one(config)

    return Target(
        publisher=MqttPublisher(link, around.clock, section.late_after_s),
        section=section,
        batch_max=MQTT_BATCH_MAX,
        services=services,
        refresh=refresh,
    )


def _light_targets(config: Config) -> list[str]:
    devices, groups = [device.id for device in config.device], [group.id for group in config.group]
    return [config.gateway.id, *devices, *groups, *(segment.id for segment in config.segment)]


def _discovery(
    section: Mqtt, config: Config, around: Surroundings, link: MqttLink, load: LoadProfile
) -> Discovery:
    names = HaNames(section.discovery_prefix, config.gateway.id, around.version)
    return Discovery(link, names, _ha_devices(config, load), around.desk, around.clock)


def _ha_devices(config: Config, load: LoadProfile) -> list[HaDevice]:
    models = {device.id: load(device.profile) for device in config.device}
    return [HaDevice(info, _dimmable(models[info.device])) for info in infos_of(config, load)]


def _dimmable(profile: Profile) -> bool | None:
    """Whether a lamp can be dimmed, not only switched; None where it is no lamp."""
    if profile.lamp is None:
        return None
    return profile.command(profile.lamp.level).range != (0, 1)

"""The MQTT target: its link, and everything that speaks over it."""

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from cloud_sync.mqtt.about import MqttAbout
from cloud_sync.mqtt.alarms import MqttAlarms
from cloud_sync.mqtt.commands import MqttCommands
from cloud_sync.mqtt.config_state import MqttConfigState
from cloud_sync.mqtt.discovery import Discovery
from cloud_sync.mqtt.infos import MqttInfos
from cloud_sync.mqtt.lights import MqttLights
from cloud_sync.mqtt.link import Identity, MqttLink
from cloud_sync.mqtt.publisher import MqttPublisher
from cloud_sync.mqtt.states import MqttStates
from cloud_sync.mqtt.topics import Topics
from edge.config.schema import Config, Mqtt
from edge.core.ports import Service
from edge.runtime.fitting import Surroundings, Target
from edge.wiring.drivers import LoadProfile
from edge.wiring.home_assistant import discovery_of, ha_devices
from edge.wiring.hotspots import with_hotspots
from edge.wiring.infos import about_of

if TYPE_CHECKING:
    from provisioning.enrol.renewal import Renewal

MQTT_BATCH_MAX = 1000
"""Rows handed to the MQTT publisher at once."""


def mqtt_targets(config: Config, around: Surroundings, load: LoadProfile) -> Sequence[Target]:
    """The broker, where one is configured."""
    return [_mqtt(config.mqtt, config, around, load)] if config.mqtt else []


def _mqtt(section: Mqtt, config: Config, around: Surroundings, load: LoadProfile) -> Target:
    gateway = config.gateway.id
    infos = MqttInfos(Topics(gateway), with_hotspots(config, load))
    identity = Identity(gateway, around.version, around.boot_id)
    link = MqttLink(section, identity, infos.greeting, around.clock, around.report)
    infos.link = link
    states = MqttStates(link, around.live, around.clock, section.state_interval_s)
    commands = MqttCommands(link, around.desk, around.clock)
    services: list[Service] = [link, infos, states, commands]
    refreshes: list[Callable[[Config], None]] = [
        lambda config: states.keep_only({device.id for device in config.device}),
        lambda config: infos.update(with_hotspots(config, load)),
    ]
    discovery = discovery_of(section, config, around, link, load)
    services.append(discovery)
    if isinstance(discovery, Discovery):
        refreshes.append(lambda config: discovery.update(ha_devices(config, load)))
    if around.lights is not None:
        shown = discovery.show if isinstance(discovery, Discovery) else None
        lights = MqttLights(link, around.lights, shown)
        services.append(lights)
        refreshes.append(lambda config: lights.keep(_light_targets(config)))
    board = around.lights.targets if around.lights is not None else None
    about = MqttAbout(link, partial(about_of, config), board)
    services.append(about)
    refreshes.append(lambda config: about.update(partial(about_of, config)))
    if around.alarms is not None:
        services.append(MqttAlarms(link, around.alarms))
    if around.configs is not None:
        services.append(MqttConfigState(link, around.configs))

    renewal = _renewal(section, gateway, link, around)
    if renewal is not None:
        services.append(renewal)
        refreshes.append(lambda config: renewal.refresh())

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


def _renewal(section: Mqtt, gateway: str, link: MqttLink, around: Surroundings) -> "Renewal | None":
    """What renews the certificate, where it is one that `gianh enrol` brought."""
    if section.cert_file is None or section.renew_url is None:
        return None
    # Loaded here: cryptography takes 9 MB, which only a gateway that renews its certificate shall carry.
    from provisioning.enrol.identity import Identity as EnrolledIdentity
    from provisioning.enrol.renewal import Renewal

    identity = EnrolledIdentity.of(section.cert_file)
    if identity is None:
        return None
    clock, report, aside = around.clock, around.report, around.aside
    return Renewal(identity, gateway, section.renew_url, link, clock, report, aside, random.random)


def _light_targets(config: Config) -> list[str]:
    devices, groups = [device.id for device in config.device], [group.id for group in config.group]
    return [config.gateway.id, *devices, *groups, *(segment.id for segment in config.segment)]

"""Joins drivers and publishers to the runtime: two tables, name to factory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from cloud_sync.influx.publisher import InfluxPublisher
from cloud_sync.mqtt.alarms import MqttAlarms
from cloud_sync.mqtt.commands import MqttCommands
from cloud_sync.mqtt.discovery import Discovery
from cloud_sync.mqtt.ha_payload import HaDevice, HaNames
from cloud_sync.mqtt.infos import MqttInfos
from cloud_sync.mqtt.lights import MqttLights
from cloud_sync.mqtt.link import TARGET, Identity, MqttLink
from cloud_sync.mqtt.payload import DeviceInfo, PointInfo
from cloud_sync.mqtt.publisher import MqttPublisher
from cloud_sync.mqtt.states import MqttStates
from cloud_sync.mqtt.topics import Topics
from drivers.device_model import DriverKind
from drivers.modbus.driver import ModbusDriver
from drivers.profile import Profile, load_profile, profile_ids
from drivers.profile_check import check_profile
from drivers.relay_check import problems_of_relays
from drivers.serial.driver import SerialDriver
from edge.air.problems import problems_of_air
from edge.alarms.service import Alarms
from edge.config.alarms import rules_of
from edge.config.faults import Problem
from edge.config.schema import Bus, BusKind, Config, Device, Gateway, Influx, Mqtt
from edge.core.clock import SystemClock
from edge.core.errors import ConfigError
from edge.core.lighting import Lamp, LampDriver
from edge.core.ports import Clock, Driver, Memory, Service
from edge.core.vocabulary import quantity
from edge.lighting.audit import AuditFile
from edge.lighting.monitor_service import Monitor, Watched
from edge.lighting.problems import problems_of_plans
from edge.lighting.service import LightingService, Parts
from edge.runtime.feeders import feeder_lamps
from edge.runtime.fitting import Rooms, Surroundings, Target
from edge.wiring_air import add_air, air_subjects, with_stations
from edge.wiring_reports import add_reports

LoadProfile = Callable[[str], Profile]


@dataclass(frozen=True, slots=True)
class Fitting:
    """What every driver is made of; `previous` gives over its open line when only devices changed."""

    bus: Bus
    devices: Sequence[Device]
    gateway: Gateway
    memory: Memory
    clock: Clock
    load: LoadProfile
    previous: Driver | None = None


DriverFactory = Callable[[Fitting], Driver]


def _modbus(fit: Fitting) -> Driver:
    link = fit.previous.link if isinstance(fit.previous, ModbusDriver) else None
    return ModbusDriver(fit.bus, fit.devices, fit.gateway, fit.memory, fit.clock, link, fit.load)


def _serial(fit: Fitting) -> Driver:
    link = fit.previous.link if isinstance(fit.previous, SerialDriver) else None
    return SerialDriver(fit.bus, fit.devices, fit.gateway, fit.memory, fit.clock, link, fit.load)


DRIVERS: Mapping[BusKind, DriverFactory] = MappingProxyType(
    {
        BusKind.RTU: _modbus,
        BusKind.TCP: _modbus,
        BusKind.RTU_OVER_TCP: _modbus,
        BusKind.SERIAL: _serial,
    }
)


class _NoMemory:
    """For planning: nothing was learnt, nothing is kept."""

    def recall(self, key: str) -> str | None:
        """Nothing."""
        return None

    def remember(self, key: str, value: str) -> None:
        """Forget it."""


def planning_driver(config: Config, bus: Bus) -> Driver:
    """A bus's driver that is never opened, for its plan."""
    devices = [device for device in config.device if device.bus == bus.id]
    return _planned(config, bus, devices, cache(load_profile))


def lamps_of(config: Config) -> dict[str, Lamp]:
    """The lamps of a configuration by device id, without a running gateway."""
    drivers = [planning_driver(config, bus) for bus in config.bus]
    own = {lamp.device: lamp for driver in drivers if isinstance(driver, LampDriver) for lamp in driver.lamps}
    bus_of = {device.id: device.bus for device in config.device}
    return own | dict(feeder_lamps(config.segment, bus_of.__getitem__))


def _planned(config: Config, bus: Bus, devices: Sequence[Device], load: LoadProfile) -> Driver:
    return DRIVERS[bus.kind](Fitting(bus, devices, config.gateway, _NoMemory(), SystemClock(), load))


def problems_of_wiring(config: Config) -> list[Problem]:
    """What only the drivers know: profiles, points and places that there are not."""
    known, load = profile_ids(), cache(load_profile)
    kinds = {bus.id: bus for bus in config.bus}
    problems: list[Problem] = []
    for index, device in enumerate(config.device):
        if device.profile not in known:
            message = f"there is no profile {device.profile!r}: known are {', '.join(known)}"
            problems.append((("device", index, "profile"), message))
        elif device.bus in kinds:
            problems += _problems_of_device(config, kinds[device.bus], index, load)
    problems += _two_at_one_address(config)
    for index, bus in enumerate(config.bus):
        count = sum(device.bus == bus.id for device in config.device)
        if bus.kind is BusKind.SERIAL and count != 1:
            message = f"a raw serial bus carries exactly one device, not {count}: give each sensor its own"
            problems.append((("bus", index), message))
    problems += [*problems_of_relays(config, load), *problems_of_air(config)]
    return [*problems, *problems_of_plans(config)]


LINE = "-line"
"""What the profile of a gateway itself ends with; before it stands the profile of the devices behind it."""


def _two_at_one_address(config: Config) -> list[Problem]:
    """One address is one unit: only a gateway and the devices behind it may share it."""
    units: dict[tuple[str, int], Device] = {}
    problems: list[Problem] = []
    for index, device in enumerate(config.device):
        first = units.setdefault((device.bus, device.address), device)
        if first.profile.removesuffix(LINE) != device.profile.removesuffix(LINE):
            message = (
                f"{first.id} ({first.profile}) has address {device.address} of bus {device.bus} already, "
                f"and one address is one unit: correct the address, or the profile {device.profile}"
            )
            problems.append((("device", index, "address"), message))
    return problems


def _problems_of_device(config: Config, bus: Bus, index: int, load: LoadProfile) -> list[Problem]:
    device = config.device[index]
    raw = load(device.profile).driver is not DriverKind.MODBUS
    if raw != (bus.kind is BusKind.SERIAL):
        right = "kind serial" if raw else "kind rtu, tcp or rtu_over_tcp"
        message = f"profile {device.profile} needs a bus of {right}, and {bus.id} is of kind {bus.kind}"
        return [(("device", index, "bus"), message)]
    try:
        _planned(config, bus, [device], load)
    except ConfigError as error:
        return [(("device", index), str(error))]
    return []


class Wiring:
    """The runtime's Fitter. `load` finds profiles; each is read once."""

    def __init__(self, load: LoadProfile = load_profile) -> None:
        self._load = cache(load)

    def driver(
        self,
        config: Config,
        bus: Bus,
        devices: Sequence[Device],
        around: Surroundings,
        previous: Driver | None = None,
    ) -> Driver:
        """A driver for a bus; `previous` gives over its open line when only devices changed."""
        fit = Fitting(bus, devices, config.gateway, around.memory, around.clock, self._load, previous)
        return DRIVERS[bus.kind](fit)

    def rooms(self, config: Config, around: Surroundings) -> Rooms:
        """The town's rules for this configuration."""
        audit = AuditFile(config.gateway.data_dir)
        parts = Parts(around.lamps, around.clock, around.memory, around.live, audit, around.lamps)
        lighting = LightingService(config, parts)
        rules, subjects = rules_of(config.alarm), self._subjects(config)
        alarms = Alarms(rules, subjects, around.memory, around.report, around.clock)

        def is_night(utc_ns: int) -> bool:
            return lighting.holdings.plans.is_night(utc_ns)

        monitor = Monitor(
            self._watched(config),
            around.live,
            lighting,
            is_night,
            alarms.see,
            around.memory,
            around.report,
            around.clock,
        )

        def refresh(config: Config) -> None:
            lighting.use(config)
            alarms.keep(rules_of(config.alarm), self._subjects(config))
            monitor.follow(self._watched(config))

        rooms = Rooms(
            services=(lighting, audit, alarms, monitor),
            verbs={
                "light": lighting.verb,
                "members": lighting.members,
                "acknowledge": alarms.acknowledge,
            },
            lights=lighting,
            alarms=alarms,
            accounts=monitor.accounts,
            hears=alarms.heard,
            refresh=refresh,
        )
        rooms = add_air(rooms, config, around, self._load, alarms.see)
        return add_reports(rooms, config, around, self._load)

    def _subjects(self, config: Config) -> list[str]:
        return [*_subjects(config), *air_subjects(config, self._load)]

    def _watched(self, config: Config) -> Watched:
        lamps = {device.id: device.nominal_w for device in config.device if self._load(device.profile).lamp}
        lamps |= {segment.id: segment.nominal_w for segment in config.segment if segment.is_lamp}
        cabinets = frozenset(device for station in config.station for device in station.cabinet)
        return Watched(config.gateway.id, rules_of(config.alarm), lamps, config.segment, cabinets)

    def targets(self, config: Config, around: Surroundings) -> Sequence[Target]:
        """All targets that the configuration names."""
        targets = [_mqtt(config.mqtt, config, around, self._load)] if config.mqtt else []
        return [*targets, *(_influx(section, config, around) for section in config.influx)]


STORE = "store"
"""How the store is called in its own events."""


def _subjects(config: Config) -> list[str]:
    """All of which there may be alarms."""
    devices = [device.id for device in config.device]
    buses, targets = [bus.id for bus in config.bus], [target.id for target in config.influx]
    feeders = [segment.id for segment in config.segment if segment.is_lamp]
    stations, files = [station.id for station in config.station], [file.id for file in config.data_file]
    return [config.gateway.id, TARGET, STORE, *devices, *stations, *feeders, *buses, *targets, *files]


MQTT_BATCH_MAX = 1000
"""Rows handed to the MQTT publisher at once."""

INFLUX_LINGER_S = 1.0
"""How long lines gather for one request while InfluxDB keeps up."""


def _mqtt(section: Mqtt, config: Config, around: Surroundings, load: LoadProfile) -> Target:
    gateway = config.gateway.id
    infos = MqttInfos(Topics(gateway), _all_infos(config, load))
    identity = Identity(gateway, around.version, around.boot_id)
    link = MqttLink(section, identity, infos.greeting, around.clock, around.report)
    infos.link = link
    states = MqttStates(link, around.live, around.clock, section.state_interval_s)
    commands = MqttCommands(link, around.desk, around.clock)
    services: list[Service] = [link, infos, states, commands]
    refreshes: list[Callable[[Config], None]] = [
        lambda config: states.keep_only({device.id for device in config.device}),
        lambda config: infos.update(_all_infos(config, load)),
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
    return [HaDevice(info, _dimmable(models[info.device])) for info in _infos(config, load)]


def _dimmable(profile: Profile) -> bool | None:
    """Whether a lamp can be dimmed, not only switched; None where it is no lamp."""
    if profile.lamp is None:
        return None
    return profile.command(profile.lamp.level).range != (0, 1)


def _influx(section: Influx, config: Config, around: Surroundings) -> Target:
    place = {"commune": config.gateway.commune, "gateway": config.gateway.id, "site": config.gateway.site}
    tags = tuple((key, value) for key, value in place.items() if value)
    publisher = InfluxPublisher(section, tags, around.clock)
    return Target(
        publisher=publisher,
        section=section,
        batch_max=section.batch_max,
        linger_s=INFLUX_LINGER_S,
        close=publisher.close,
    )


def _all_infos(config: Config, load: LoadProfile) -> list[DeviceInfo]:
    return with_stations(_infos(config, load), config, load, _point)


def _infos(config: Config, load: LoadProfile) -> list[DeviceInfo]:
    """What a consumer needs to read the devices' samples."""
    infos = []
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
                points=tuple(_point(point.name) for point in points),
                place=tuple((key, value) for key, value in place.items() if value is not None),
            )
        )
    return infos


@cache
def _point(name: str) -> PointInfo:
    known = quantity(name)
    assert known is not None, "profiles name only what the vocabulary has"
    return PointInfo(name, known.unit, known.display, known.kind.value, known.en, known.vi)


def profile_names() -> tuple[str, ...]:
    """Ids of all device profiles."""
    return profile_ids()


__all__ = [
    "DRIVERS",
    "Wiring",
    "check_profile",
    "lamps_of",
    "planning_driver",
    "problems_of_wiring",
    "profile_names",
]

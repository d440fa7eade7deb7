"""What single keys cannot show: names used twice, names that nothing has, places taken twice. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from edge.config.air_names import problems_of_stations
from edge.config.faults import Problem
from edge.config.http import Http
from edge.config.lighting_names import problems_of_lighting
from edge.config.lines import KeyPath
from edge.config.schema import WEB_KINDS, Bus, BusKind, Config, Device
from edge.config.wifi_names import problems_of_wifi
from edge.config.words import suggestion

MODBUS_PORT = 502
"""The TCP port of a bus that gives none."""

SNMP_PORT, HTTPS_PORT, HTTP_PORT = 161, 443, 80
"""The ports of access points that give none."""

MQTT_TARGET = "mqtt"
"""The broker's own name among the targets."""

Written = Mapping[str, Sequence[str]]
"""The ids that stand in the file by section, also those of tables that have faults of their own."""

_TAKEN = "{} has this id already: choose another"


def problems_across(config: Config, written: Written) -> list[Problem]:
    """Every fault between the tables of a configuration."""
    return [
        *_doubles("bus", ("id",), [bus.id for bus in config.bus], _TAKEN),
        *_doubles("device", ("id",), [device.id for device in config.device], _TAKEN),
        *_doubles("group", ("id",), [group.id for group in config.group], _TAKEN),
        *_doubles(
            "alarm", ("kind",), [rule.kind for rule in config.alarm], "{} is for this kind already: one each"
        ),
        *_doubles("influx", ("id",), [target.id for target in config.influx], _TAKEN),
        *_buses(config),
        *_targets(config),
        *_devices(config),
        *problems_of_references(config, written),
        *_groups(config, written["device"], [one.id for one in config.segment if one.is_lamp]),
        *problems_of_lighting(config, written),
        *problems_of_stations(config, written),
        *problems_of_wifi(config, written),
        *_http(config.http),
    ]


def _doubles(section: str, key: KeyPath, values: Iterable[object], message: str) -> Iterator[Problem]:
    """A problem at each item whose value an earlier one has; None stands for nothing to compare."""
    first: dict[object, str] = {}
    for index, value in enumerate(values):
        here = f"{section}[{index}]"
        before = first.setdefault(value, here)
        if before != here and value is not None:
            yield (section, index, *key), message.format(before)


def _buses(config: Config) -> Iterator[Problem]:
    message = "{} uses this line already: put the devices of both on one bus"
    yield from _doubles("bus", ("port",), map(_line, config.bus), message)


def _line(bus: Bus) -> tuple[str, str | int | None]:
    if bus.kind in (BusKind.RTU, BusKind.SERIAL):
        return "", bus.port
    host = (bus.host or "").lower()
    if bus.kind is BusKind.SNMP:
        host = f"udp {host}"
    return host, port_of(bus)


def port_of(bus: Bus) -> int:
    """The port of a bus that is reached over the network."""
    if isinstance(bus.port, int):
        return bus.port
    if bus.kind in WEB_KINDS:
        return HTTPS_PORT if bus.https else HTTP_PORT
    return SNMP_PORT if bus.kind is BusKind.SNMP else MODBUS_PORT


def _targets(config: Config) -> Iterator[Problem]:
    for index, target in enumerate(config.influx):
        if target.id == MQTT_TARGET:
            yield ("influx", index, "id"), f"'{MQTT_TARGET}' means the broker: choose another id"


def problems_of_references(config: Config, written: Written) -> Iterator[Problem]:
    """Devices on buses that there are not."""
    buses = written["bus"]
    for index, device in enumerate(config.device):
        if device.bus not in buses:
            near = suggestion(device.bus, buses)
            yield ("device", index, "bus"), f"no [[bus]] has the id '{device.bus}'" + (near or ": add one")


def _devices(config: Config) -> Iterator[Problem]:
    message = "{} has this profile, bus, address, channel and sub_address already: change one of them"
    yield from _doubles("device", (), map(_seat, config.device), message)
    for index, device in enumerate(config.device):
        if (device.latitude is None) != (device.longitude is None):
            yield ("device", index), "latitude and longitude go together: give both or neither"


def _seat(device: Device) -> tuple[object, ...]:
    """A DALI gateway and the lamps behind it are several devices at one address, by several profiles; so are
    access points behind a controller, each with interfaces of its own."""
    place = device.address, device.channel, device.sub_address, device.interfaces
    return device.profile, device.bus, *place


def _groups(config: Config, devices: Sequence[str], feeders: Sequence[str]) -> Iterator[Problem]:
    for index, group in enumerate(config.group):
        if group.id in devices:
            yield ("group", index, "id"), f"a [[device]] has the id '{group.id}' too: choose another"
        for nth, member in enumerate(group.devices):
            if member not in devices and member not in feeders:
                near = suggestion(member, devices)
                words = f"no [[device]] has the id '{member}'" + (near or ": take it out or add one")
                yield ("group", index, "devices", nth), words
            elif member in group.devices[:nth]:
                yield ("group", index, "devices", nth), f"'{member}' is in this group already: take it out"


def _http(http: Http | None) -> Iterator[Problem]:
    if http is None or http.is_local:
        return
    if not http.speaks_tls:
        yield ("http", "tls"), "anything but loopback needs TLS: take tls = false out, or use 127.0.0.1"
    if not http.asks_login or http.login == "act":
        yield (
            ("http", "login"),
            "anything but loopback needs a login: set login = true, or use 127.0.0.1",
        )

"""What only the drivers know of a configuration: profiles, points and places that there are not."""

from functools import cache

from drivers.device_model import AP_DRIVERS, DriverKind
from drivers.lamp_check import problems_of_lamps
from drivers.profile import load_profile, profile_ids
from drivers.relay_check import problems_of_relays
from edge.air.problems import problems_of_air
from edge.config.faults import Problem
from edge.config.schema import Bus, BusKind, Config, Device
from edge.core.errors import ConfigError
from edge.core.sayings import say
from edge.lighting.problems import problems_of_plans
from edge.wiring.drivers import LoadProfile, planned

LINE = "-line"
"""What the profile of a gateway itself ends with; before it stands the profile of the devices behind it."""


def problems_of_wiring(config: Config) -> list[Problem]:
    """What only the drivers know: profiles, points and places that there are not."""
    known, load = profile_ids(), cache(load_profile)
    kinds = {bus.id: bus for bus in config.bus}
    problems: list[Problem] = []
    for index, device in enumerate(config.device):
        if device.profile not in known:
            message = say("no_profile_known", profile=f"{device.profile!r}", known=", ".join(known))
            problems.append((("device", index, "profile"), message))
        elif device.bus in kinds:
            problems += _problems_of_device(config, kinds[device.bus], index, load)
    problems += _two_at_one_address(config)
    for index, bus in enumerate(config.bus):
        count = sum(device.bus == bus.id for device in config.device)
        if bus.kind is BusKind.SERIAL and count != 1:
            message = f"a raw serial bus carries exactly one device, not {count}: give each sensor its own"
            problems.append((("bus", index), message))
    return [
        *problems,
        *problems_of_lamps(config, load),
        *problems_of_relays(config, load),
        *problems_of_air(config),
        *problems_of_plans(config),
        *_problems_of_identity(config),
    ]


def _problems_of_identity(config: Config) -> list[Problem]:
    """A certificate that is to be renewed lies where `gianh enrol` puts it, to be changed safely."""
    mqtt = config.mqtt
    if mqtt is None or mqtt.renew_url is None or mqtt.cert_file is None:
        return []
    # Loaded here: cryptography takes 9 MB, which only a gateway that renews its certificate shall carry.
    from provisioning.enrol.identity import Identity

    if Identity.of(mqtt.cert_file) is not None:
        return []
    return [
        (("mqtt", "renew_url"), f"{mqtt.cert_file} is not of `gianh enrol`: run it, or take renew_url out")
    ]


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


def _kinds_for(driver: DriverKind) -> tuple[BusKind, ...]:
    """On which kinds of bus the devices of a driver can be."""
    if driver in AP_DRIVERS:
        return (BusKind(driver.value),)
    modbus = driver is DriverKind.MODBUS
    return (BusKind.RTU, BusKind.TCP, BusKind.RTU_OVER_TCP) if modbus else (BusKind.SERIAL,)


def _problems_of_device(config: Config, bus: Bus, index: int, load: LoadProfile) -> list[Problem]:
    device = config.device[index]
    right = _kinds_for(load(device.profile).driver)
    if bus.kind not in right:
        kinds = " or ".join((", ".join(right[:-1]), right[-1]) if right[1:] else right)
        message = f"profile {device.profile} needs a bus of kind {kinds}, and {bus.id} is of kind {bus.kind}"
        return [(("device", index, "bus"), message)]
    try:
        planned(config, bus, [device], load)
    except ConfigError as error:
        return [(("device", index), str(error))]
    return []

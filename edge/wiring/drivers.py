"""Drivers of buses: one table, kind of bus to factory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from drivers.access_points.driver import GROUP_MIN, AccessPointDriver
from drivers.modbus.driver import ModbusDriver
from drivers.profile import Profile, load_profile
from drivers.serial.driver import SerialDriver
from edge.config.schema import Bus, BusKind, Config, Device, Gateway
from edge.core.clock import SystemClock
from edge.core.lighting import Lamp, LampDriver
from edge.core.ports import Clock, Driver, Memory
from edge.runtime.feeders import feeder_lamps

LoadProfile = Callable[[str], Profile]


@dataclass(frozen=True, slots=True)
class Fitting:
    """What every driver is made of; `previous` gives over its open line when only devices changed.

    `group_min` is the smallest number of people that is told.
    """

    bus: Bus
    devices: Sequence[Device]
    gateway: Gateway
    memory: Memory
    clock: Clock
    load: LoadProfile
    previous: Driver | None = None
    group_min: int = GROUP_MIN


DriverFactory = Callable[[Fitting], Driver]


def _modbus(fit: Fitting) -> Driver:
    link = fit.previous.link if isinstance(fit.previous, ModbusDriver) else None
    return ModbusDriver(fit.bus, fit.devices, fit.gateway, fit.memory, fit.clock, link, fit.load)


def _serial(fit: Fitting) -> Driver:
    link = fit.previous.link if isinstance(fit.previous, SerialDriver) else None
    return SerialDriver(fit.bus, fit.devices, fit.gateway, fit.memory, fit.clock, link, fit.load)


def _access_point(fit: Fitting) -> Driver:
    source = fit.previous.source if isinstance(fit.previous, AccessPointDriver) else None
    return AccessPointDriver(fit.bus, fit.devices, fit.gateway, fit.clock, source, fit.load, fit.group_min)


DRIVERS: Mapping[BusKind, DriverFactory] = MappingProxyType(
    {
        BusKind.RTU: _modbus,
        BusKind.TCP: _modbus,
        BusKind.RTU_OVER_TCP: _modbus,
        BusKind.SERIAL: _serial,
        BusKind.OPENWRT: _access_point,
        BusKind.MIKROTIK: _access_point,
        BusKind.SNMP: _access_point,
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
    return planned(config, bus, devices, cache(load_profile))


def lamps_of(config: Config) -> dict[str, Lamp]:
    """The lamps of a configuration by device id, without a running gateway."""
    drivers = [planning_driver(config, bus) for bus in config.bus]
    own = {lamp.device: lamp for driver in drivers if isinstance(driver, LampDriver) for lamp in driver.lamps}
    bus_of = {device.id: device.bus for device in config.device}
    return own | dict(feeder_lamps(config.segment, bus_of.__getitem__))


def planned(config: Config, bus: Bus, devices: Sequence[Device], load: LoadProfile) -> Driver:
    """A driver of these devices that is never opened. Raises ConfigError for what cannot be."""
    return DRIVERS[bus.kind](Fitting(bus, devices, config.gateway, _NoMemory(), SystemClock(), load))

"""Which driver kind of a profile is which sensor."""

from collections.abc import Mapping
from types import MappingProxyType

from drivers.device_model import DriverKind
from drivers.serial.mhz19 import MHZ19
from drivers.serial.nmea import NMEA
from drivers.serial.pms5003 import PMS5003
from drivers.serial.sds011 import SDS011
from drivers.serial.sensor import Sensor
from drivers.serial.sps30 import SPS30

SENSORS: Mapping[DriverKind, Sensor] = MappingProxyType(
    {
        DriverKind.PMS5003: PMS5003,
        DriverKind.SDS011: SDS011,
        DriverKind.SPS30: SPS30,
        DriverKind.MHZ19: MHZ19,
        DriverKind.NMEA: NMEA,
    }
)

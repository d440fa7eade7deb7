"""Home Assistant's words for our quantities: device class and state class. Pure.

Home Assistant MQTT integration: sensor and binary sensor device classes, sensor state classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cloud_sync.mqtt.payload import PointInfo

SENSOR_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "active_energy": "energy",
        "active_energy_export": "energy",
        "active_energy_import": "energy",
        "active_power": "power",
        "apparent_power": "apparent_power",
        "atmospheric_pressure": "atmospheric_pressure",
        "co2": "carbon_dioxide",
        "control_gear_temperature": "temperature",
        "frequency": "frequency",
        "illuminance": "illuminance",
        "maximum_demand": "power",
        "neutral_current": "current",
        "no2": "nitrogen_dioxide",
        "noise_laeq": "sound_pressure",
        "o3": "ozone",
        "operating_hours": "duration",
        "pm1": "pm1",
        "pm10": "pm10",
        "pm2_5": "pm25",
        "power_factor": "power_factor",
        "rainfall": "precipitation",
        "reactive_power": "reactive_power",
        "relative_humidity": "humidity",
        "so2": "sulphur_dioxide",
        "solar_radiation": "irradiance",
        "store_bytes": "data_size",
        "supply_current": "current",
        "supply_voltage": "voltage",
        "temperature": "temperature",
        "uptime": "duration",
        "wind_speed": "wind_speed",
    }
)
"""By quantity; one that is not here has no class, only its unit."""

BINARY_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "cabinet_door_open": "door",
        "communication_failure": "problem",
        "control_gear_failure": "problem",
        "lamp_failure": "problem",
        "lamp_on": "light",
        "lamp_unexpected_on": "problem",
        "power_alarm": "problem",
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """How Home Assistant is to take a point; `unit` None where there is none to show."""

    platform: str
    device_class: str | None
    state_class: str | None
    unit: str | None


def words_of(point: PointInfo) -> Words:
    """The words for one point, by the quantity that it is of."""
    base = _base(point.name)
    if point.kind == "state":
        return Words("binary_sensor", BINARY_CLASSES.get(base), None, None)
    state_class = "total_increasing" if point.kind == "counter" else "measurement"
    return Words("sensor", SENSOR_CLASSES.get(base), state_class, point.display or None)


def _base(name: str) -> str:
    for phase in ("phase1_", "phase2_", "phase3_"):
        name = name.removeprefix(phase)
    return name

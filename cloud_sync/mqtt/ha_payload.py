"""Home Assistant's device-based discovery: one message that says all of a device. Pure.

Home Assistant MQTT integration, "Device discovery payload": `dev`, `o`, `cmps`, shared keys at the root.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cloud_sync.mqtt.ha_words import words_of
from cloud_sync.mqtt.payload import DeviceInfo, PointInfo
from cloud_sync.mqtt.topics import Topics
from edge.core.lighting import LightState, TargetState

LIGHT = "light"
"""The light's own key among a device's components; no point of the vocabulary is called so."""

ORIGIN = "Gianh"

LEVEL_MAX = 100
"""Brightness is told in percent of light."""


@dataclass(frozen=True, slots=True)
class HaDevice:
    """A device to tell of; `dimmable` is None where it is no light.

    `relay` is the device that answers for a light that is only a relay's feeder; `is_group` marks a light
    that is several lamps: it is there while one of them follows.
    """

    info: DeviceInfo
    dimmable: bool | None = None
    relay: str | None = None
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class HaNames:
    """Where Home Assistant looks, and what we are called there."""

    prefix: str
    gateway: str
    version: str

    @property
    def status(self) -> str:
        """Where Home Assistant says that it came."""
        return f"{self.prefix}/status"

    def unique(self, device: str = "") -> str:
        """A name that no other town's device has: of a device, or of the gateway."""
        return f"gianh-{self.gateway}-{device}" if device else f"gianh-{self.gateway}"

    def topic(self, device: str = "") -> str:
        """Where a device is told of: a level of its own is the gateway, so that a broker can tell whose.

        `<prefix>/<component>/[<node_id>/]<object_id>/config` is what Home Assistant takes.
        """
        return f"{self.prefix}/device/{self.gateway}/{self.unique(device)}/config"


def gateway_config(names: HaNames, topics: Topics) -> bytes:
    """The gateway itself, by which its devices are reached."""
    component = {
        "p": "binary_sensor",
        "unique_id": f"{names.unique()}-status",
        "name": "Online",
        "device_class": "connectivity",
        "entity_category": "diagnostic",
        "state_topic": topics.status,
        "value_template": "{{ value_json.state }}",
        "payload_on": "online",
        "payload_off": "offline",
    }
    dev = {
        "identifiers": [names.unique()],
        "name": names.gateway,
        "model": "Gianh",
        "sw_version": names.version,
    }
    return _json({"dev": dev, "o": _origin(names), "cmps": {"status": component}, "qos": 1})


def device_config(device: HaDevice, names: HaNames, topics: Topics, gone: Iterable[str] = ()) -> bytes:
    """A device with its light and its sensors; components of `gone` are taken out (`key:platform`)."""
    info = device.info
    cmps: dict[str, Mapping[str, object]] = {
        key: {"p": platform} for key, platform in (text.split(":", 1) for text in gone)
    }
    if device.dimmable is not None:
        cmps[LIGHT] = _light(device, names, topics)
    cmps |= {point.name: _sensor(info.device, point, names, topics) for point in info.points}
    dev = {
        "identifiers": [names.unique(info.device)],
        "name": info.title if info.title.endswith(info.device) else f"{info.title} {info.device}",
        "model": info.profile,
        "via_device": names.unique(device.relay or ""),
        **_area(info),
    }
    whole = {
        "dev": dev,
        "o": _origin(names),
        "cmps": cmps,
        "availability": [_reachable(topics.status, _GATEWAY), _answering(device, topics)],
        "availability_mode": "all",
        "qos": 1,
    }
    return _json(whole)


_GATEWAY = "{{ value_json.state }}"
_DEVICE = "{{ 'online' if value_json.online else 'offline' }}"
# The state of a group whose last lamp left is an empty message, which has no value_json.
_GROUP = "{{ 'online' if value_json is defined and value_json.failed < value_json.lamps else 'offline' }}"


def _answering(device: HaDevice, topics: Topics) -> dict[str, str]:
    if device.is_group:
        return _reachable(topics.light(device.info.device), _GROUP)
    return _reachable(topics.state(device.relay or device.info.device), _DEVICE)


def _reachable(topic: str, template: str) -> dict[str, str]:
    return {
        "topic": topic,
        "value_template": template,
        "payload_available": "online",
        "payload_not_available": "offline",
    }


def components_of(device: HaDevice) -> frozenset[str]:
    """A device's components as `key:platform`, to know which of them went."""
    light = [] if device.dimmable is None else [f"{LIGHT}:light"]
    return frozenset([*light, *(f"{p.name}:{words_of(p).platform}" for p in device.info.points)])


def light_state(state: LightState | TargetState, dimmable: bool) -> bytes:
    """A light's state in Home Assistant's own JSON schema; of several lamps that of the brightest."""
    level = state.highest if isinstance(state, TargetState) else state.level
    whole: dict[str, object] = {"state": "ON" if level > 0 else "OFF"}
    if dimmable:
        whole["color_mode"] = "brightness"
        if level > 0:
            whole["brightness"] = max(1, round(level))
    else:
        whole["color_mode"] = "onoff"
    return _json(whole)


def _light(device: HaDevice, names: HaNames, topics: Topics) -> dict[str, object]:
    name = device.info.device
    found: dict[str, object] = {
        "p": "light",
        "schema": "json",
        "unique_id": f"{names.unique(name)}-{LIGHT}",
        "name": None,
        "state_topic": topics.ha_state(name),
        "command_topic": topics.ha_set(name),
        "supported_color_modes": ["brightness" if device.dimmable else "onoff"],
        "retain": False,
        "optimistic": False,
    }
    if device.dimmable:
        found["brightness_scale"] = LEVEL_MAX
    return found


def _sensor(device: str, point: PointInfo, names: HaNames, topics: Topics) -> dict[str, object]:
    words = words_of(point)
    value = f"value_json.v.get('{point.name}')"
    found: dict[str, object] = {
        "p": words.platform,
        "unique_id": f"{names.unique(device)}-{point.name}",
        "name": point.vi,
        "state_topic": topics.state(device),
    }
    if words.platform == "binary_sensor":
        # A state that was never read is unknown to Home Assistant, which "None" stands for, not off.
        found["value_template"] = f"{{{{ {{1: 'ON', 0: 'OFF'}}.get({value}, 'None') }}}}"
    else:
        found["value_template"] = f"{{{{ {value} }}}}"
    optional = {
        "device_class": words.device_class,
        "state_class": words.state_class,
        "unit_of_measurement": words.unit,
    }
    return found | {key: text for key, text in optional.items() if text is not None}


def _area(info: DeviceInfo) -> dict[str, object]:
    place = dict(info.place)
    area = place.get("street") or place.get("site") or place.get("commune")
    return {"suggested_area": area} if area else {}


def _origin(names: HaNames) -> dict[str, object]:
    return {"name": ORIGIN, "sw_version": names.version}


def _json(whole: Mapping[str, object]) -> bytes:
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()

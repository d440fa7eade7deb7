"""What Home Assistant is told, field by field, and what it may command."""

import contextlib
import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.mqtt.ha_payload import HaDevice, device_config, gateway_config, light_state
from cloud_sync.mqtt.ha_request import ha_command
from cloud_sync.mqtt.ha_words import BINARY_CLASSES, SENSOR_CLASSES, words_of
from cloud_sync.mqtt.message import Incoming
from cloud_sync.mqtt.payload import PointInfo
from cloud_sync.mqtt.request import BadRequest
from edge.core.lighting import LightSource, LightState, TargetState
from edge.core.model import Command, Stamp
from edge.core.vocabulary import Kind, vocabulary
from tests.cloud_sync.ha_devices import AIR, FEEDER, GROUP, LAMP, NAMES, TOPICS, point

SECOND_NS = 10**9

TOLD: dict[str, object] = {
    "dev": {
        "identifiers": ["gianh-gw-a-lamp-7"],
        "name": "Đèn số 7 lamp-7",
        "model": "intesis-dali",
        "via_device": "gianh-gw-a",
        "suggested_area": "Hùng Vương",
    },
    "o": {"name": "Gianh", "sw_version": "0.1.0"},
    "cmps": {
        "light": {
            "p": "light",
            "schema": "json",
            "unique_id": "gianh-gw-a-lamp-7-light",
            "name": None,
            "state_topic": "gianh/v1/gw-a/ha/lamp-7/state",
            "command_topic": "gianh/v1/gw-a/ha/lamp-7/set",
            "supported_color_modes": ["brightness"],
            "brightness_scale": 100,
            "retain": False,
            "optimistic": False,
        },
        "active_power": {
            "p": "sensor",
            "unique_id": "gianh-gw-a-lamp-7-active_power",
            "name": "Công suất tác dụng",
            "state_topic": "gianh/v1/gw-a/device/lamp-7/state",
            "value_template": "{{ value_json.v.get('active_power') }}",
            "device_class": "power",
            "state_class": "measurement",
            "unit_of_measurement": "W",
        },
        "active_energy": {
            "p": "sensor",
            "unique_id": "gianh-gw-a-lamp-7-active_energy",
            "name": "Điện năng tác dụng",
            "state_topic": "gianh/v1/gw-a/device/lamp-7/state",
            "value_template": "{{ value_json.v.get('active_energy') }}",
            "device_class": "energy",
            "state_class": "total_increasing",
            "unit_of_measurement": "kWh",
        },
        "lamp_failure": {
            "p": "binary_sensor",
            "unique_id": "gianh-gw-a-lamp-7-lamp_failure",
            "name": "Đèn hỏng",
            "state_topic": "gianh/v1/gw-a/device/lamp-7/state",
            "value_template": "{{ {1: 'ON', 0: 'OFF'}.get(value_json.v.get('lamp_failure'), 'None') }}",
            "device_class": "problem",
        },
        "control_gear_status": {
            "p": "sensor",
            "unique_id": "gianh-gw-a-lamp-7-control_gear_status",
            "name": "Byte trạng thái bộ điều khiển",
            "state_topic": "gianh/v1/gw-a/device/lamp-7/state",
            "value_template": "{{ value_json.v.get('control_gear_status') }}",
            "state_class": "measurement",
        },
    },
    "availability": [
        {
            "topic": "gianh/v1/gw-a/status",
            "value_template": "{{ value_json.state }}",
            "payload_available": "online",
            "payload_not_available": "offline",
        },
        {
            "topic": "gianh/v1/gw-a/device/lamp-7/state",
            "value_template": "{{ 'online' if value_json.online else 'offline' }}",
            "payload_available": "online",
            "payload_not_available": "offline",
        },
    ],
    "availability_mode": "all",
    "qos": 1,
}


def told_of_light(name: str, title: str, model: str, mode: str) -> dict[str, Any]:
    """What is told of a light that has nothing but its light."""
    light: dict[str, object] = {
        "p": "light",
        "schema": "json",
        "unique_id": f"gianh-gw-a-{name}-light",
        "name": None,
        "state_topic": f"gianh/v1/gw-a/ha/{name}/state",
        "command_topic": f"gianh/v1/gw-a/ha/{name}/set",
        "supported_color_modes": [mode],
        "retain": False,
        "optimistic": False,
    }
    available = cast(list[dict[str, str]], TOLD["availability"])
    return {
        "dev": {
            "identifiers": [f"gianh-gw-a-{name}"],
            "name": f"{title} {name}",
            "model": model,
            "via_device": "gianh-gw-a",
        },
        "o": {"name": "Gianh", "sw_version": "0.1.0"},
        "cmps": {"light": light},
        "availability": [dict(one) for one in available],
        "availability_mode": "all",
        "qos": 1,
    }


def test_a_group_is_a_light_that_is_there_while_one_of_its_lamps_follows() -> None:
    told = told_of_light("centre", "Khu trung tâm", "group", "brightness")
    told["cmps"]["light"]["brightness_scale"] = 100
    told["availability"][1] |= {
        "topic": "gianh/v1/gw-a/light/centre/state",
        "value_template": "{{ 'online' if value_json is defined and value_json.failed < value_json.lamps "
        "else 'offline' }}",
    }
    assert json.loads(device_config(GROUP, NAMES, TOPICS)) == told


def test_a_feeder_is_a_light_that_switches_by_way_of_its_relay_and_is_there_with_it() -> None:
    told = told_of_light("market", "Chợ", "segment", "onoff")
    told["dev"]["via_device"] = "gianh-gw-a-relays"
    told["availability"][1]["topic"] = "gianh/v1/gw-a/device/relays/state"
    assert json.loads(device_config(FEEDER, NAMES, TOPICS)) == told


def test_several_lamps_are_on_while_one_is_and_as_bright_as_the_brightest() -> None:
    def shown(lowest: float, highest: float) -> object:
        level = lowest if lowest == highest else None
        state = TargetState(
            "centre", level, lowest, highest, LightSource.PROGRAM, None, True, None, lamps=3, failed=0
        )
        return json.loads(light_state(state, dimmable=True))

    assert shown(0, 60) == {"state": "ON", "brightness": 60, "color_mode": "brightness"}
    assert shown(0, 0) == {"state": "OFF", "color_mode": "brightness"}


def test_a_device_is_told_of_field_by_field() -> None:
    config = json.loads(device_config(LAMP, NAMES, TOPICS))
    assert NAMES.topic("lamp-7") == "homeassistant/device/gw-a/gianh-gw-a-lamp-7/config"
    assert config == TOLD


def test_the_gateway_is_a_device_of_its_own_that_the_others_are_reached_by() -> None:
    config = json.loads(gateway_config(NAMES, TOPICS))
    assert NAMES.topic() == "homeassistant/device/gw-a/gianh-gw-a/config"
    assert config["dev"]["identifiers"] == ["gianh-gw-a"]
    (component,) = config["cmps"].values()
    assert component["device_class"] == "connectivity"
    assert component["state_topic"] == "gianh/v1/gw-a/status"
    assert (component["payload_on"], component["payload_off"]) == ("online", "offline")


def test_a_sensor_has_class_and_unit_and_what_is_no_light_has_none() -> None:
    config = json.loads(device_config(AIR, NAMES, TOPICS))
    assert "light" not in config["cmps"]
    assert config["cmps"]["pm2_5"]["device_class"] == "pm25"
    assert config["cmps"]["pm2_5"]["unit_of_measurement"] == "µg/m³"
    switched = json.loads(device_config(HaDevice(AIR.info, dimmable=False), NAMES, TOPICS))["cmps"]["light"]
    assert switched["supported_color_modes"] == ["onoff"]
    assert "brightness_scale" not in switched


@pytest.mark.parametrize("name", vocabulary())
def test_every_quantity_has_its_words(name: str) -> None:
    words, known = words_of(point(name)), vocabulary()[name]
    if known.kind is Kind.STATE:
        assert (words.platform, words.state_class, words.unit) == ("binary_sensor", None, None)
    else:
        total = known.kind is Kind.COUNTER
        assert words.platform == "sensor"
        assert words.state_class == ("total_increasing" if total else "measurement")
        assert words.unit == (known.display or None)


def test_every_class_is_of_a_quantity_that_there_is_and_phases_have_the_class_of_the_whole() -> None:
    assert set(SENSOR_CLASSES) | set(BINARY_CLASSES) <= set(vocabulary())
    phase = PointInfo("phase2_supply_voltage", "V", "V", "gauge", "", "")
    assert words_of(phase).device_class == "voltage"


@pytest.mark.parametrize(
    ("level", "dimmable", "state"),
    [
        (60, True, {"state": "ON", "brightness": 60, "color_mode": "brightness"}),
        (0.2, True, {"state": "ON", "brightness": 1, "color_mode": "brightness"}),
        (0, True, {"state": "OFF", "color_mode": "brightness"}),
        (100, False, {"state": "ON", "color_mode": "onoff"}),
    ],
)
def test_a_lights_state_in_home_assistants_words(
    level: float, dimmable: bool, state: dict[str, object]
) -> None:
    light = LightState("lamp-7", level, LightSource.PROGRAM, None, True, None)
    assert json.loads(light_state(light, dimmable)) == state


def command(body: object, *, retain: bool = False, expiry_s: int | None = None) -> Command:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    message = Incoming(TOPICS.ha_set("lamp-7"), payload, retain, expiry_s=expiry_s)
    return ha_command(message, TOPICS, Stamp(SECOND_NS, None), "ha-1")


def test_a_command_of_home_assistant_becomes_ours_good_for_30_s_without_any_clock() -> None:
    found = command({"state": "ON", "brightness": 60, "transition": 3})
    assert (found.id, found.verb, found.target, found.by) == ("ha-1", "light", "lamp-7", "home-assistant")
    assert found.arguments == (("level", 60.0), ("fade_s", 3.0))
    assert (found.source, found.deadline_mono_ns) == ("home-assistant", 31 * SECOND_NS)
    assert command({"state": "OFF"}).arguments == (("level", 0.0),)
    assert command({"state": "ON"}).arguments == (("level", 100),)
    assert command({"state": "ON"}, expiry_s=5).deadline_mono_ns == 6 * SECOND_NS
    assert command({"state": "ON"}, expiry_s=500).deadline_mono_ns == 31 * SECOND_NS


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"state": "on"},
        {"state": "ON", "brightness": 101},
        {"state": "ON", "brightness": -1},
        {"state": "ON", "brightness": 0},
        {"state": "ON", "brightness": True},
        {"state": "ON", "transition": -1},
        {"state": "ON", "color": {"r": 1}},
        [],
        b"ON",
        b"\xff",
        b"[" * 10_000,
        b"{" + b" " * 20_000 + b"}",
    ],
)
def test_what_is_no_command_of_a_light_is_refused(body: object) -> None:
    with pytest.raises(BadRequest):
        command(body)


def test_a_retained_command_is_never_obeyed() -> None:
    with pytest.raises(BadRequest, match="retained"):
        command({"state": "OFF"}, retain=True)


@given(st.binary(max_size=100), st.text(max_size=20))
def test_any_message_is_a_command_or_refused(payload: bytes, device: str) -> None:
    message = Incoming(TOPICS.ha_set(device), payload)
    with contextlib.suppress(BadRequest):
        found = ha_command(message, TOPICS, Stamp(0, None), "ha-1")
        level = dict(found.arguments)["level"]
        assert isinstance(level, float | int)
        assert 0 <= level <= 100

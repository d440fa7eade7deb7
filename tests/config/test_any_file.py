"""Whatever a file holds, it loads or its faults are told."""

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.config.air import Air, DataFile, QualityCheck, Station
from edge.config.alarms import AlarmSetting
from edge.config.faults import ConfigErrors
from edge.config.fleet import Fleet
from edge.config.lighting import Assignment, Calendar, Holiday, Lighting, Program, Segment
from edge.config.load import load
from edge.config.schema import Bus, Config, Device, Gateway, Group, Http, Influx, Mqtt, Store
from edge.config.wifi import Hotspot, RadiusClient, Wifi

SECTIONS = {
    "gateway": Gateway,
    "store": Store,
    "mqtt": Mqtt,
    "influx": Influx,
    "bus": Bus,
    "device": Device,
    "group": Group,
    "http": Http,
    "lighting": Lighting,
    "program": Program,
    "calendar": Calendar,
    "holiday": Holiday,
    "segment": Segment,
    "assignment": Assignment,
    "alarm": AlarmSetting,
    "air": Air,
    "station": Station,
    "check": QualityCheck,
    "data_file": DataFile,
    "wifi": Wifi,
    "radius_client": RadiusClient,
    "hotspot": Hotspot,
    "fleet": Fleet,
}
WORDS = st.sampled_from(
    ["a", "b", "gw", "rtu", "tcp", "127.0.0.1", "mqtt://h", "http://h", "", "\x00", "//x@y"]
)
LEAVES = WORDS | st.integers(-1, 300) | st.floats() | st.booleans()
VALUES = LEAVES | st.lists(LEAVES, max_size=2) | st.dictionaries(WORDS, LEAVES, max_size=2)


def tables(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from([*names, "x"]), VALUES, max_size=6)


FILES = st.fixed_dictionaries(
    {},
    optional={
        name: (one := tables(list(model.model_fields))) | st.lists(one | VALUES, max_size=3) | VALUES
        for name, model in SECTIONS.items()
    },
)


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)


@given(FILES)
def test_every_file_of_any_shape_loads_or_tells_its_faults(document: dict[str, Any]):
    assert set(SECTIONS) == set(Config.model_fields)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gateway.toml"
        file.write_text("".join(f"{key} = {toml(value)}\n" for key, value in document.items()))
        try:
            load(file, lambda config: [])
        except ConfigErrors as errors:
            told = [(fault.line, fault.message) for fault in errors.faults]
            assert told
            assert all(line and 1 <= line <= len(document) + 1 and message for line, message in told)


@given(st.binary(max_size=60))
def test_every_file_of_any_bytes_loads_or_tells_its_faults(content: bytes):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gateway.toml"
        file.write_bytes(content)
        with suppress(ConfigErrors):
            load(file)

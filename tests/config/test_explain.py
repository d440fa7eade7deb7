"""The effective configuration as text."""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.config.explain import MASK, explain
from edge.config.schema import Bus, BusKind, Config, Device, Gateway, Group, Influx, Mqtt

TOWN = Config(
    gateway=Gateway(id="gw", latitude=17.75, longitude=106.42),
    mqtt=Mqtt(url="mqtt://h", password_file=Path("/etc/gianh/broker.pw")),
    influx=(Influx(id="the-centre", url="http://h", version=2, bucket="town"),),
    bus=(Bus(id="a", kind=BusKind.RTU, port="/dev/ttyS0"),),
    device=(Device(id="d", profile="p", bus="a"), Device(id="e", profile="p", bus="a", points=("x",))),
    group=(Group(id="g", devices=("d", "e")),),
)
SECRETS = {"GIANH_MQTT_PASSWORD": "broker-secret", "GIANH_INFLUX_THE_CENTRE_TOKEN": "influx-secret"}


def test_what_is_explained_loads_again_to_the_same():
    assert Config.model_validate(tomllib.loads(explain(TOWN, SECRETS))) == TOWN


@given(st.text(max_size=20), st.floats(-90, 90), st.lists(st.text(max_size=5), max_size=3))
def test_any_text_and_number_loads_again_to_the_same(title: str, latitude: float, points: list[str]):
    device = Device(id="d", profile="p", bus="a", title=title, latitude=latitude, points=tuple(points))
    config = TOWN.model_copy(update={"device": (device,)})
    assert Config.model_validate(tomllib.loads(explain(config, {}))) == config


def test_tables_within_a_table_and_dates_load_again_to_the_same():
    sections = {
        "program": [{"id": "p", "steps": [{"at": "sunset", "level": 100}]}],
        "station": [{"id": "s", "devices": ["d"], "correction": {"kind": "local", "a": 1.5}}],
        "air": {"limits_from": "2026-01-01"},
        "data_file": [
            {
                **dict.fromkeys(("id", "station", "province", "site", "name", "host", "username"), "x"),
                "transfer": "sftp",
                "known_hosts_file": "/k",
                "symbols": {"pm2_5": "PM2,5"},
            }
        ],
    }
    config = Config.model_validate({"gateway": TOWN.gateway, **sections})
    assert Config.model_validate(tomllib.loads(explain(config, {}))) == config


def test_defaults_are_filled_in_and_say_that_they_are():
    lines = explain(TOWN, {}).splitlines()
    assert "baudrate = 9600  # default" in lines
    assert 'port = "/dev/ttyS0"' in lines
    assert "# ca_file is not set" in lines


def test_secrets_show_their_file_or_their_variable_and_never_themselves():
    text = explain(TOWN, SECRETS)
    assert 'password_file = "/etc/gianh/broker.pw"' in text
    assert f"# password is {MASK}, from GIANH_MQTT_PASSWORD" in text
    assert f"# token is {MASK}, from GIANH_INFLUX_THE_CENTRE_TOKEN" in text
    assert "secret" not in text

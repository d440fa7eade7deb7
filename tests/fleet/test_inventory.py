import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.faults import ConfigErrors
from edge.config.load import load_section
from edge.config.schema import Device
from edge.config.town import Town
from provisioning.fleet.inventory import build, devices_in, joined

TEMPLATE = """
[gateway]
latitude = 17.75
longitude = 106.42
data_dir = "/var/lib/gianh"

[mqtt]
url = "mqtts://centre:8883"
cert_file = "/etc/gianh/{gateway}.crt"
key_file = "/etc/gianh/{gateway}.key"

[[influx]]
id = "centre"
url = "http://centre:8086"
version = 1
database = "town"
"""

OWN = """
[[bus]]
id = "cabinet"
kind = "rtu"
port = "/dev/ttyUSB0"

[[influx]]
id = "centre"
database = "ba-don"
"""

LAMPS = """id,profile,bus,address,pole,latitude,lamp_groups
lamp-01,intesis-dali,cabinet,1,A-01,17.7551,0 1
lamp-02,intesis-dali,cabinet,2,007,,
"""


def town(tmp_path: Path, **more: str) -> Path:
    (tmp_path / "common.toml").write_text(TEMPLATE)
    (tmp_path / "own.toml").write_text(more.get("own", OWN))
    (tmp_path / "lamps.csv").write_text(more.get("lamps", LAMPS))
    file = tmp_path / "town.toml"
    file.write_text(
        'template = "common.toml"\n'
        '[[gateway]]\nid = "gw-a"\ncommune = "ba-don"\nfile = "own.toml"\ndevices = "lamps.csv"\n'
        '[[gateway]]\nid = "gw-b"\nlatitude = 17.9\n'
    )
    return file


def made(file: Path) -> dict[str, dict[str, object]]:
    return {one.gateway: tomllib.loads(one.text) for one in build(load_section(file, Town), file)}


def test_a_gateway_is_made_of_the_template_what_it_has_itself_and_its_devices(tmp_path: Path) -> None:
    found = made(town(tmp_path))
    first, second = found["gw-a"], found["gw-b"]
    assert first["gateway"] == {
        "id": "gw-a",
        "commune": "ba-don",
        "latitude": 17.75,
        "longitude": 106.42,
        "data_dir": "/var/lib/gianh",
    }
    assert first["mqtt"]["cert_file"] == "/etc/gianh/gw-a.crt"  # type: ignore[index]
    assert first["influx"] == [
        {"id": "centre", "url": "http://centre:8086", "version": 1, "database": "ba-don"}
    ]
    lamps = first["device"]
    assert isinstance(lamps, list)
    assert lamps[0] == {
        "id": "lamp-01",
        "profile": "intesis-dali",
        "bus": "cabinet",
        "address": 1,
        "pole": "A-01",
        "latitude": 17.7551,
        "lamp_groups": [0, 1],
    }
    assert lamps[1]["pole"] == "007"
    assert "bus" not in second
    assert second["gateway"]["latitude"] == 17.9  # type: ignore[index]


def test_the_same_inventory_makes_the_same_text(tmp_path: Path) -> None:
    file = town(tmp_path)
    once, again = build(load_section(file, Town), file), build(load_section(file, Town), file)
    assert once == again


@pytest.mark.parametrize(
    ("lamps", "line", "said"),
    [
        ("id,profile,bus,adress\nlamp-01,intesis-dali,cabinet,1\n", 1, "unknown column"),
        ("id,profile,bus,address\nlamp-01,intesis-dali,cabinet,300\n", 2, "at most 247, not 300"),
        ("id,profile,bus\nlamp-01,intesis-dali,cabinet\nLAMP 2,intesis-dali,cabinet\n", 3, "is not an id"),
        ("id,profile,bus\nlamp-01,intesis-dali\n", 2, "missing: add bus"),
        ("id,profile,bus\nlamp-01,intesis-dali,cabinet,9\n", 2, "more cells than the heading"),
        ('id,profile,bus\n"lamp-01,intesis-dali,cabinet\n', 2, "not valid CSV"),
        ("", 1, "heading"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, lamps: str, line: int, said: str) -> None:
    file = town(tmp_path, lamps=lamps)
    with pytest.raises(ConfigErrors) as caught:
        build(load_section(file, Town), file)
    (fault,) = caught.value.faults
    assert (fault.file.name, fault.line) == ("lamps.csv", line)
    assert said in fault.message


def test_faults_of_several_gateways_come_together(tmp_path: Path) -> None:
    file = town(tmp_path, own="[[bus]\n", lamps="id\nx y\n")
    file.write_text(file.read_text() + '[[gateway]]\nid = "gw-c"\ndevices = "lamps.csv"\n')
    with pytest.raises(ConfigErrors) as caught:
        build(load_section(file, Town), file)
    assert {fault.file.name for fault in caught.value.faults} == {"own.toml", "lamps.csv"}


TABLES = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)
WHOLE = st.dictionaries(st.sampled_from("abcd"), TABLES, max_size=3)


@given(WHOLE, WHOLE)
def test_what_is_nearer_wins_and_what_it_does_not_say_stays(under: dict, over: dict) -> None:
    result = joined(under, over)
    assert joined(result, over) == result
    assert joined(under, {}) == under
    assert joined({}, over) == over
    assert set(result) == set(under) | set(over)


@given(st.text(max_size=300))
def test_any_text_as_csv_gives_devices_or_faults(text: str) -> None:
    try:
        rows = devices_in(text, Path("any.csv"))
    except ConfigErrors as errors:
        assert errors.faults  # noqa: PT017 - either is right
    else:
        assert all(set(row) <= set(Device.model_fields) for row in rows)

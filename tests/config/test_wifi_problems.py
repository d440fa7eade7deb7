"""Faults across the sections of Wi-Fi, and its secrets."""

from pathlib import Path

import pytest

from edge.config.explain import MASK, explain
from edge.config.faults import ConfigErrors
from edge.config.load import load
from edge.config.secrets import radius_env

GATEWAY = "[gateway]\nid = 'gw'\nlatitude = 17\nlongitude = 106\n"
WIFI = "[wifi]\nhost = '10.0.0.1'\n"
BUS = "[[bus]]\nid = 'a'\nkind = 'rtu'\nport = '/dev/ttyS0'\n"
DEVICE = "[[device]]\nid = 'd'\nprofile = 'p'\nbus = 'a'\n"


def client(id: str, **keys: object) -> str:
    return _table("radius_client", {"id": id, "address": "10.1.0.1", **keys})


def hotspot(id: str, client: str = "ap", **keys: object) -> str:
    return _table("hotspot", {"id": id, "client": client, **keys})


def _table(name: str, keys: dict[str, object]) -> str:
    lines = [f"{key} = {value!r}" for key, value in keys.items() if value is not None]
    return "\n".join((f"[[{name}]]", *lines, ""))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def faults(file: Path, *tables: str) -> list[tuple[str, str]]:
    file.write_text("".join((GATEWAY, *tables)), "utf-8")
    try:
        load(file)
    except ConfigErrors as errors:
        return [(fault.key, fault.message) for fault in errors.faults]
    return []


def test_a_town_of_hotspots_is_sound(file: Path):
    assert not faults(
        file,
        WIFI,
        BUS,
        DEVICE,
        client("ap", hotspot="beach"),
        client("net", address="10.1.0.0/24"),
        client("all", address="::/0"),
        hotspot("beach", device="d"),
        hotspot("d", nas_identifier="x", device="d"),
        hotspot("net", "net"),
    )


@pytest.mark.parametrize(
    ("tables", "key", "words"),
    [
        ([client("ap"), client("ap", address="10.1.0.2")], "radius_client[1].id", "has this id already"),
        ([client("ap"), client("b", address="10.1.0.1/32")], "radius_client[1].address", "radius_client[0]"),
        ([client("ap", hotspot="x")], "radius_client[0].hotspot", "no [[hotspot]] has the id 'x'"),
        ([client("ap", address=None)], "radius_client[0]", "there is no RadSec"),
        ([client("ap", address=None, secret_file="/dev/null")], "radius_client[0].secret_file", "for UDP"),
        (
            [client("ap"), client("b", address="::1", certificate_name="AP")],
            "radius_client[1].certificate_name",
            "known",
        ),
        (
            [client("ap"), hotspot("h"), hotspot("h", nas_identifier="x")],
            "hotspot[1].id",
            "has this id already",
        ),
        ([client("ap"), hotspot("h", "app")], "hotspot[0].client", "did you mean 'ap'"),
        ([client("ap"), hotspot("h", device="e")], "hotspot[0].device", "no [[device]]"),
        ([client("ap"), hotspot("h", latitude=17)], "hotspot[0]", "go together"),
        ([client("ap"), hotspot("d")], "hotspot[0].id", "a [[device]] has the id 'd' too"),
        (
            [client("ap"), client("b", address="::1"), hotspot("b")],
            "hotspot[0].id",
            "[[radius_client]] has the id",
        ),
        (
            [client("ap"), hotspot("h"), hotspot("i")],
            "hotspot[1].client",
            "tell them apart by nas_identifier",
        ),
        (
            [client("ap"), hotspot("h", nas_identifier="x"), hotspot("i", nas_identifier="x")],
            "hotspot[1].nas_identifier",
            "hotspot[0] has this client and nas_identifier",
        ),
        (
            [client("ap"), client("b", address="::1", hotspot="h"), hotspot("h")],
            "hotspot[0].client",
            "make them agree",
        ),
    ],
)
def test_names_and_addresses_that_cannot_be_are_told_where_they_stand(
    file: Path, tables, key: str, words: str
):
    found = faults(file, WIFI, BUS, DEVICE, *tables)
    assert [each for each, _ in found] == [key]
    assert words in found[0][1]


def test_the_host_is_an_address(file: Path):
    assert [key for key, _ in faults(file, "[wifi]\nhost = 'localhost'\n")] == ["wifi.host"]


def test_clients_without_a_listener_are_told_and_a_faulty_listener_is_not_taken_for_none(file: Path):
    assert [key for key, _ in faults(file, client("ap"))] == ["radius_client[0]"]
    assert [key for key, _ in faults(file, "[wifi]\nport = 70000\n", client("ap"))] == ["wifi.port"]


def test_files_are_found_beside_the_configuration_and_one_that_all_can_read_is_told(file: Path):
    for name in ("secret", "cert", "key", "ca"):
        (file.parent / name).write_text("x")
    (file.parent / "secret").chmod(0o644)
    (file.parent / "key").chmod(0o644)
    tls = "radsec_port = 2083\ncert_file = 'cert'\nkey_file = 'key'\nca_file = 'ca'\n"
    file.write_text(GATEWAY + WIFI + tls + client("ap", secret_file="secret"), "utf-8")
    loaded = load(file)
    assert loaded.config.radius_client[0].secret_file == file.parent / "secret"
    assert sorted(warning.key for warning in loaded.warnings) == [
        "radius_client[0].secret_file",
        "wifi.key_file",
    ]
    assert [key for key, _ in faults(file, WIFI, client("ap", secret_file="none"))] == [
        "radius_client[0].secret_file"
    ]


def test_a_secret_of_the_environment_is_masked(file: Path):
    file.write_text(GATEWAY + WIFI + client("ap-1"), "utf-8")
    assert radius_env("ap-1") == "GIANH_RADIUS_AP_1_SECRET"
    text = explain(load(file).config, {"GIANH_RADIUS_AP_1_SECRET": "river"})
    assert "river" not in text
    assert f"# secret is {MASK}, from GIANH_RADIUS_AP_1_SECRET" in text

"""Loading gateway.toml: what is sound loads, and everything that is not is named in one run."""

import os
from pathlib import Path

import pytest

from edge.config.faults import ConfigErrors, Problem
from edge.config.load import FILE_BYTES_MAX, load
from edge.config.schema import Config

SOUND = """\
[gateway]
id = "gw-quang-long"
latitude = 17.7556
longitude = 106.4231
data_dir = "data"

[mqtt]
url = "mqtt://127.0.0.1:1883"

[[influx]]
id = "centre"
url = "http://127.0.0.1:8086"
version = 1
database = "town"

[[bus]]
id = "cabinet-1"
kind = "tcp"
host = "127.0.0.1"
port = 502

[[device]]
id = "meter-1"
profile = "eastron-sdm630"
bus = "cabinet-1"
address = 1
interval_s = 1
commune = "quang-long"
"""
GATEWAY = "[gateway]\nid = 'gw'\nlatitude = 17\nlongitude = 106\n"
BUS = "[[bus]]\nid = 'a'\nkind = 'rtu'\nport = '/dev/ttyS0'\n"
DEVICE = "[[device]]\nid = 'd'\nprofile = 'p'\nbus = 'a'\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def faults(file: Path, text: str, extra=None) -> list[tuple[int | None, str, str]]:
    """(line, key, message) of every fault of `text`, which has some."""
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigErrors) as caught:
        load(file, extra)
    assert {fault.file for fault in caught.value.faults} == {file}
    return [(fault.line, fault.key, fault.message) for fault in caught.value.faults]


def test_the_smallest_configuration_of_the_contract_loads(file: Path):
    file.write_text(SOUND)
    loaded = load(file)
    assert loaded.config.gateway.id == "gw-quang-long"
    assert loaded.config.device[0].bus == "cabinet-1"
    assert loaded.warnings == ()


def test_relative_paths_begin_at_the_directory_of_the_file(file: Path):
    (file.parent / "broker.pw").write_text("x")
    file.write_text(GATEWAY + "[mqtt]\nurl = 'mqtt://h'\npassword_file = 'broker.pw'\n")
    config = load(file).config
    assert config.gateway.data_dir == file.parent / "data"
    assert config.mqtt
    assert config.mqtt.password_file == file.parent / "broker.pw"


def test_faults_of_several_kinds_come_in_one_run_with_line_key_and_remedy(file: Path):
    text = """\
[gateway]
id = "GW 1"
latitude = 170
longitude = 106.4

[[bus]]
id = "cabinet-1"
kind = "rtu"
port = "/dev/ttyUSB0"
baudrat = 19200

[[device]]
id = "meter-1"
bus = "cabinet-2"
profile = "eastron-sdm630"
"""
    assert faults(file, text) == [
        (2, "gateway.id", "'GW 1' is not an id: use 1 to 32 of a-z, 0-9 and -, not beginning with -"),
        (3, "gateway.latitude", "must be at least -90 and at most 90, not 170"),
        (10, "bus[0].baudrat", "unknown key; did you mean 'baudrate'?"),
        (14, "device[0].bus", "no [[bus]] has the id 'cabinet-2'; did you mean 'cabinet-1'?"),
    ]


def test_the_text_of_the_error_has_one_fault_a_line_with_its_place(file: Path):
    file.write_text("[gateway]\nid = 'gw'\nlatitude = 17\n[https]\n")
    with pytest.raises(ConfigErrors) as caught:
        load(file)
    assert str(caught.value).splitlines() == [
        f"{file}:1: gateway.longitude: missing: add longitude = ... to [gateway]",
        f"{file}:4: https: unknown section; did you mean 'http'?",
    ]


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        ("", 1, "gateway", "missing: add a table [gateway]"),
        (GATEWAY + "[[device]]\nid = 'd'\nbus = 'a'\n" + BUS, 5, "device[0].profile",
         "missing: add profile = ... to this [[device]]"),
        (GATEWAY + "[http]\nport = 'x'\n", 6, "http.port", 'must be a whole number, not "x"'),
        (GATEWAY + "[http]\nport = 70000\n",
         6, "http.port", "must be at least 0 and at most 65535, not 70000"),
        (GATEWAY + "[http]\nhost = 1\n", 6, "http.host", "must be text in quotes, not 1"),
        (GATEWAY + "[http]\nhost = '0.0.0.0'\ntls = false\n", 7, "http.tls",
         "anything but loopback needs TLS: take tls = false out, or use 127.0.0.1"),
        (GATEWAY + "clock_needs_sync = 'perhaps'\n", 5, "gateway.clock_needs_sync",
         'must be true or false, not "perhaps"'),
        (GATEWAY + "data_dir = 3\n", 5, "gateway.data_dir", "must be a path in quotes, not 3"),
        (GATEWAY + "timezone = 'Asia/Ho_Chi_Min'\n", 5, "gateway.timezone",
         "no timezone is called 'Asia/Ho_Chi_Min'; did you mean 'Asia/Ho_Chi_Minh'?"),
        (GATEWAY + "timezone = '../x'\n", 5, "gateway.timezone",
         "no timezone is called '../x': use Asia/Ho_Chi_Minh"),
        (GATEWAY + "[store]\ncommit_s = nan\n", 6, "store.commit_s", "must be a finite number, not NaN"),
        (GATEWAY + "[bus]\nid = 'a'\n", 5, "bus", "is one table, but there can be several: write [[bus]]"),
        ("[[gateway]]\nid = 'gw'\n", 1, "gateway", "is not one table: write [gateway], once"),
        (GATEWAY + "bus = 3\n", 5, "gateway.bus", "unknown key: this takes id, site, commune, latitude, "
         "longitude, timezone, data_dir, clock_needs_sync"),
        (GATEWAY + BUS + "parity = 'X'\n", 9, "bus[0].parity", 'must be "N", "E" or "O", not "X"'),
        (GATEWAY + "[[bus]]\nid = 'a'\nkind = 'rtu'\nport = 1.5\n", 8, "bus[0].port",
         "must be text in quotes or a whole number, not 1.5"),
        (GATEWAY + "[[bus]]\nid = 'a'\nkind = 'rtx'\nport = 'x'\n", 7, "bus[0].kind",
         'must be "rtu", "tcp", "rtu_over_tcp", "serial", "openwrt", "mikrotik" or "snmp", not "rtx"'),
        (GATEWAY + "[[bus]]\nid = 'a'\nkind = 'rtu'\n", 5, "bus[0]",
         "kind rtu needs port, a device file such as /dev/serial/by-id/..."),
        (GATEWAY + "[[bus]]\nid = 'a'\nkind = 'openwrt'\nhost = 'h'\n", 5, "bus[0]",
         "kind openwrt needs username, and password_file or GIANH_BUS_<ID>_PASSWORD"),
        (GATEWAY + "[[bus]]\nid = 'a'\nkind = 'mikrotik'\nusername = 'u'\n", 5, "bus[0]",
         "kind mikrotik needs host, and port as a number (or none for the usual one)"),
        (GATEWAY + "[[bus]]\nid = 'a'\nkind = 'snmp'\nhost = 'h'\nhttps = false\n", 5, "bus[0]",
         "https is for kind openwrt and mikrotik: take it out of this snmp bus"),
        (GATEWAY + "[[bus]]\nid = 'a'\nkind = 'snmp'\nhost = 'h'\nusername = 'u'\ncommunity_file = 'c'\n",
         5, "bus[0]",
         "username (SNMPv3) and community_file (SNMPv2c) exclude each other: take one out"),
        (GATEWAY + BUS + DEVICE + "interval_s = 0\n",
         13, "device[0].interval_s", "must be at least 0.1, not 0"),
        (GATEWAY + BUS + DEVICE + "lamp_groups = [1, 99]\n",
         13, "device[0].lamp_groups[1]", "must be at least 0 and at most 15, not 99"),
        (GATEWAY + BUS + DEVICE + "awake_s = 60\n", 9, "device[0]",
         "awake_s and sleep_s go together: give both or neither"),
        (GATEWAY + BUS + DEVICE + "points = 'x'\n", 13, "device[0].points", 'must be a list in [ ], not "x"'),
        (GATEWAY + BUS + DEVICE + "latitude = 1\n", 9, "device[0]",
         "latitude and longitude go together: give both or neither"),
        (GATEWAY + BUS + BUS.replace("S0", "S1"),
         10, "bus[1].id", "bus[0] has this id already: choose another"),
        (GATEWAY + BUS + BUS.replace("'a'", "'b'"), 12, "bus[1].port",
         "bus[0] uses this line already: put the devices of both on one bus"),
        (GATEWAY + BUS + DEVICE + DEVICE.replace("'d'", "'e'"), 13, "device[1]",
         "device[0] has this profile, bus, address, channel and sub_address already: change one of them"),
        (GATEWAY + "[[group]]\nid = 'g'\n[[group]]\nid = 'g'\n", 8, "group[1].id",
         "group[0] has this id already: choose another"),
        (GATEWAY + BUS + DEVICE + "[[group]]\nid = 'd'\n", 14, "group[0].id",
         "a [[device]] has the id 'd' too: choose another"),
        (GATEWAY + BUS + DEVICE + "[[group]]\nid = 'g'\ndevices = [\n'd',\n'x']\n", 17, "group[0].devices[1]",
         "no [[device]] has the id 'x': take it out or add one"),
        (GATEWAY + BUS + DEVICE + "[[group]]\nid = 'g'\ndevices = ['d', 'd']\n", 15, "group[0].devices[1]",
         "'d' is in this group already: take it out"),
        (GATEWAY + "[[influx]]\nid = 'mqtt'\nurl = 'http://h'\nversion = 2\nbucket = 'b'\n",
         6, "influx[0].id",
         "'mqtt' means the broker: choose another id"),
        (GATEWAY + "[mqtt]\nurl = 'http://me:secret@h'\n", 5, "mqtt",
         "url 'http://***@h' is not mqtt://HOST[:PORT] or mqtts://HOST[:PORT]"),
        (GATEWAY + "[mqtt]\nurl = 'mqtt://h'\npassword_file = 7\n", 7, "mqtt.password_file",
         "must be a path in quotes"),
        (GATEWAY + "[mqtt]\nurl = 'mqtt://h'\npassword = 'hunter2'\n", 7, "mqtt.password",
         "unknown key; did you mean 'password_file'?"),
    ],
)  # fmt: skip
def test_a_fault_says_where_it_is_and_what_to_write(file: Path, text: str, line: int, key: str, message: str):
    assert faults(file, text) == [(line, key, message)]


@pytest.mark.parametrize(
    ("text", "line", "remedy"),
    [
        ("a = 1\nb = x\n", 2, "this is no value; put text in double quotes"),
        ("a = 1\na = 2\n", 2, "this key is here a second time; keep one"),
        ("[a]\n[a]\n", 2, "this table is here a second time; keep one, or write [[...]] for several"),
        ('a = "x\n', 1, "a text has no closing quote on its line"),
        ("a = [1,\n2\n", 2, "a list has no closing ]"),
        ('a = 1\nb = "C:\\q"\n', 2, "write \\\\ for a backslash, or put the text in single quotes"),
        ("a b = 1\n", 1, "a key needs = and a value; a key of several words needs quotes"),
        ("[a\n", 1, "a [table] or [[table]] has no closing bracket"),
        ("a = 1 2\n", 1, "a line has one key and one value, and text in double quotes"),
        ("= 1\n", 1, "a line begins with a key, [table] or #; a key of other letters needs quotes"),
    ],
)
def test_what_is_not_toml_has_its_line_and_a_remedy(file: Path, text: str, line: int, remedy: str):
    assert faults(file, text) == [(line, "", f"not valid TOML: {remedy}")]


def test_any_depth_of_lists_is_loaded_or_refused_in_words(file: Path):
    for depth in range(100, 1500, 7):
        (found,) = faults(file, GATEWAY + "x = " + "[" * depth + "]" * depth + "\n")
        assert found[2].startswith(("unknown key", "lists or tables nest too deeply"))


def test_faults_between_tables_are_found_although_others_have_faults_of_their_own(file: Path):
    text = (
        GATEWAY + "[[bus]]\nid = 'b'\n" + BUS + DEVICE + DEVICE.replace("'a'", "'b'") + "[http]\nport = 'x'\n"
    )
    assert [(line, key) for line, key, _ in faults(file, text)] == [
        (5, "bus[0].kind"),
        (16, "device[1].id"),
        (20, "http.port"),
    ]


def test_a_device_on_a_faulty_bus_is_not_said_to_have_none(file: Path):
    text = GATEWAY + BUS + "baudrate = 1\n" + DEVICE
    assert [key for _, key, _ in faults(file, text)] == ["bus[0].baudrate"]


def test_further_checks_point_at_the_table_of_the_file_and_see_sound_ones_first(file: Path):
    seen: list[Config] = []

    def extra(config: Config) -> list[Problem]:
        seen.append(config)
        slow: list[Problem] = [(("bus", index), "is slow") for index, _ in enumerate(config.bus)]
        return [(("device", 0, "profile"), "no profile is called 'p'"), *slow]

    marred = BUS.replace("'a'", "'m'").replace("S0", "S1")
    text = GATEWAY + marred + DEVICE.replace("'d'", "'lost'").replace("'a'", "'m'") + "address = 0\n"
    text += BUS + DEVICE + "[[group]]\nid = 'g'\ndevices = ['lost', 'd']\n"
    assert [(line, key) for line, key, _ in faults(file, text, extra)] == [
        (11, "device[0].profile"),
        (13, "device[0].address"),
        (14, "bus[1]"),
        (20, "device[1].profile"),
    ]
    assert [bus.id for bus in seen[0].bus] == ["a"]
    assert [device.id for device in seen[0].device] == ["d"]
    assert seen[0].group[0].devices == ("d",)
    assert [device.id for device in seen[1].device] == ["lost"], "without its faulty key"
    assert seen[1].bus == ()


def test_further_checks_see_a_device_also_where_its_bus_is_not_there(file: Path):
    found = faults(file, GATEWAY + DEVICE, lambda config: [(("device", 0, "profile"), "unknown")])
    assert [(line, key) for line, key, _ in found] == [(7, "device[0].profile"), (8, "device[0].bus")]


def test_further_checks_run_also_where_the_gateway_itself_is_at_fault(file: Path):
    found = faults(file, BUS + DEVICE, lambda config: [(("device", 0), config.device[0].id)])
    assert found == [(1, "gateway", "missing: add a table [gateway]"), (5, "device[0]", "d")]


def test_a_gateway_of_lamps_and_a_lamp_behind_it_share_an_address(file: Path):
    lamp = DEVICE.replace("'d'", "'lamp'").replace("'p'", "'lamps'")
    file.write_text(GATEWAY + BUS + DEVICE + lamp + lamp.replace("'lamp'", "'lamp-1'") + "sub_address = 1\n")
    assert len(load(file).config.device) == 3


def test_two_tcp_buses_share_a_line_also_where_one_leaves_the_port_out(file: Path):
    tcp = "[[bus]]\nid = '{}'\nkind = 'tcp'\nhost = '{}'\n"
    text = GATEWAY + tcp.format("a", "h") + "port = 502\n" + tcp.format("b", "H") + tcp.format("c", "i")
    assert [key for _, key, _ in faults(file, text)] == ["bus[1].port"]


def test_a_secret_file_that_is_not_there_is_a_fault(file: Path):
    text = GATEWAY + "[mqtt]\nurl = 'mqtt://h'\npassword_file = 'none'\n"
    missing = file.parent / "none"
    message = f"{missing} cannot be read (No such file or directory): check the path and its permissions"
    assert faults(file, text) == [(7, "mqtt.password_file", message)]


def test_a_secret_that_everyone_can_read_is_a_warning(file: Path):
    secret = file.parent / "token"
    secret.write_text("x")
    file.write_text(
        GATEWAY
        + f"[[influx]]\nid = 'i'\nurl = 'http://h'\nversion = 2\nbucket = 'b'\ntoken_file = '{secret}'\n"
    )
    secret.chmod(0o644)
    (warning,) = load(file).warnings
    assert (warning.line, warning.key) == (10, "influx[0].token_file")
    assert f"chmod 600 {secret}" in warning.message
    secret.chmod(0o640)
    assert load(file).warnings == ()


def test_a_data_dir_that_is_a_file_is_a_fault(file: Path):
    assert [key for _, key, _ in faults(file, GATEWAY + "data_dir = 'gateway.toml'\n")] == [
        "gateway.data_dir"
    ]


def test_a_file_that_is_not_there_is_one_fault_without_a_line(tmp_path: Path):
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path / "none.toml")
    (fault,) = caught.value.faults
    assert (fault.line, fault.key) == (None, "")
    assert str(fault).startswith(f"{tmp_path / 'none.toml'}: cannot be read (No such file")


def test_a_file_that_never_ends_is_refused():
    with pytest.raises(ConfigErrors, match=f"more than {FILE_BYTES_MAX} bytes"):
        load(Path(os.devnull).with_name("zero"))


def test_bytes_that_are_no_text_have_their_line(file: Path):
    file.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(ConfigErrors, match=r"gateway\.toml:2: is not UTF-8"):
        load(file)


def test_a_byte_order_mark_does_no_harm(file: Path):
    file.write_bytes(b"\xef\xbb\xbf" + GATEWAY.encode())
    assert load(file).config.gateway.id == "gw"


def test_a_device_with_one_fault_still_has_its_others_told(tmp_path: Path) -> None:
    text = SOUND + '\n[[device]]\nid = "meter-9"\nprofile = "p"\nbus = "nowhere"\naddress = 300\n'
    file = tmp_path / "gateway.toml"
    file.write_text(text, "utf-8")

    def unknown_profile(config: Config) -> list[Problem]:
        return [
            (("device", index, "profile"), "unknown")
            for index, device in enumerate(config.device)
            if device.id == "meter-9"
        ]

    with pytest.raises(ConfigErrors) as caught:
        load(file, unknown_profile)
    keys = [fault.key.rsplit(".", 1)[-1] for fault in caught.value.faults]
    assert sorted(keys) == ["address", "bus", "profile"]

"""Access points in a configuration: what the page shows holds, and what cannot be is told."""

import re
import tomllib
from pathlib import Path

from drivers.access_points.driver import AccessPointDriver
from edge.config.checks import problems_across
from edge.config.schema import BusKind, Config
from edge.wiring import planning_driver, problems_of_wiring
from edge.wiring.drivers import DRIVERS

PAGE = Path(__file__).parents[2] / "docs" / "wifi.md"
GATEWAY = '[gateway]\nid = "g1"\nlatitude = 17.75\nlongitude = 106.42\n'
CLIENT = '[wifi]\n[[radius_client]]\nid = "market-aps"\naddress = "10.21.0.0/24"\n'


def configured(text: str) -> Config:
    return Config.model_validate(tomllib.loads(GATEWAY + text))


def problems(config: Config) -> list[str]:
    written = {
        name: [one.id for one in value]
        for name, value in config
        if isinstance(value, tuple) and all(hasattr(one, "id") for one in value)
    }
    return [text for _, text in (*problems_across(config, written), *problems_of_wiring(config))]


def test_what_the_page_shows_is_a_configuration_without_a_fault():
    section = PAGE.read_text("utf-8").partition("\n## Access points\n")[2]
    example = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)[0]
    config = configured(example + CLIENT)
    assert problems(config) == []
    drivers = [planning_driver(config, bus) for bus in config.bus]
    assert all(isinstance(driver, AccessPointDriver) for driver in drivers)
    assert [poll.interval_s for driver in drivers for poll in driver.polls] == [30, 30, 30]


def test_every_kind_of_bus_has_a_driver():
    assert set(DRIVERS) == set(BusKind)


def test_two_access_points_behind_a_controller_differ_by_their_interfaces():
    line = '[[bus]]\nid = "c"\nkind = "mikrotik"\nhost = "h"\nusername = "u"\n'
    device = '[[device]]\nid = "a{0}"\nprofile = "mikrotik-ap"\nbus = "c"\n'
    same = configured(line + device.format(1) + device.format(2))
    assert problems(same) == [
        "device[0] has this profile, bus, address, channel and sub_address already: change one of them"
    ]
    other = 'interfaces = ["cap{0}"]\n'
    apart = configured(line + "".join((device + other).format(at) for at in (1, 2)))
    assert problems(apart) == []


def test_a_profile_on_the_wrong_kind_of_bus_is_told():
    line = '[[bus]]\nid = "c"\nkind = "snmp"\nhost = "h"\n[[device]]\nid = "a"\nprofile = "{0}"\nbus = "c"\n'
    for profile, kinds in (
        ("openwrt-ap", "openwrt"),
        ("xy-md02", "rtu, tcp or rtu_over_tcp"),
        ("mhz19", "serial"),
    ):
        told = f"profile {profile} needs a bus of kind {kinds}, and c is of kind snmp"
        assert problems(configured(line.format(profile))) == [told]


def test_web_and_snmp_of_one_access_point_are_two_lines_and_twice_the_same_is_not():
    web = '[[bus]]\nid = "{0}"\nkind = "openwrt"\nhost = "h"\nusername = "u"\n'
    snmp = '[[bus]]\nid = "{0}"\nkind = "snmp"\nhost = "h"\n'
    assert problems(configured(web.format("a") + snmp.format("b"))) == []
    for line in (web, snmp):
        told = problems(configured(line.format("a") + line.format("b")))
        assert told == ["bus[0] uses this line already: put the devices of both on one bus"]

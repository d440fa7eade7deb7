"""What a reload says of sections that no bus and no target has."""

import tomllib
from pathlib import Path

from edge.config.changes import changes
from edge.config.schema import Config

BASE = """
[gateway]
id = "gw"
latitude = 17.7
longitude = 106.4
[[station]]
id = "market"
devices = ["air-1"]
"""


def config(text: str = "") -> Config:
    return Config.model_validate(tomllib.loads(BASE + text))


def test_sections_are_named_as_they_come_change_and_go() -> None:
    first, second = config(), config('[[station]]\nid = "school"\ndevices = ["air-2"]')
    assert changes(first, second) == ["station school added"]
    assert changes(second, first) == ["station school removed"]
    third = config('[[station]]\nid = "school"\ndevices = ["air-3"]')
    assert changes(second, third) == ["station school changed"]
    assert changes(first, first) == []


def test_a_data_file_and_an_alarm_rule_are_told() -> None:
    known_hosts = Path("hosts")
    files = f"""
[[data_file]]
id = "province"
station = "market"
province = "QB"
site = "BADON"
name = "KK01"
transfer = "sftp"
host = "h"
username = "u"
known_hosts_file = "{known_hosts}"
[[alarm]]
kind = "supply_voltage"
threshold = 207
"""
    assert changes(config(), config(files)) == ["alarm supply_voltage added", "data_file province added"]


def test_sections_that_have_no_name_are_told_as_a_whole() -> None:
    check = '[[check]]\npoint = "pm2_5"\nkind = "stuck"\nfor_s = 60\n'
    assert changes(config(), config(check)) == ["check changed"]
    assert changes(config(), config("[air]\nkeep_days = 5\n")) == ["air changed"]
    assert changes(config(check), config(check.replace("60", "90"))) == ["check changed"]

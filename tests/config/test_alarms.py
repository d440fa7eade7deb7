import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from edge.config.alarms import RULES, WITHOUT_THRESHOLD, AlarmSetting
from edge.config.faults import ConfigErrors
from edge.config.load import load
from edge.core.alarms import AlarmKind
from tests.house.tree import ROOT

HEAD = '[gateway]\nid = "gw-a"\nlatitude = 17.7\nlongitude = 106.4\n'


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"kind": "cycling", "upper": 5}, "supply_voltage"),
        ({"kind": "cabinet_door", "threshold": 1}, "take them out"),
        ({"kind": "bus_lost", "hysteresis": 0}, "take them out"),
        ({"kind": "supply_voltage", "threshold": 250}, "no room"),
        ({"kind": "supply_voltage", "upper": 200}, "no room"),
        ({"kind": "supply_voltage", "hysteresis": 40}, "no room"),
        ({"kind": "fire"}, "lamp_failure"),
        ({"kind": "cycling", "delay_s": -1}, "greater"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(row: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        AlarmSetting.model_validate(row)


def test_two_rows_for_one_kind_are_refused_at_the_second(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(HEAD + '[[alarm]]\nkind = "cycling"\n' * 2)
    with pytest.raises(ConfigErrors) as error:
        load(file, lambda config: [])
    assert [fault.line for fault in error.value.faults] == [8]
    assert "alarm[0]" in error.value.faults[0].message


def test_the_rules_in_the_documentation_are_those_in_force() -> None:
    text = (ROOT / "docs" / "alarms.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines()]
    told = {row[0].strip("`"): row[1:6] for row in rows if row[0].startswith("`") and len(row) == 7}
    for kind, rule in RULES.items():
        delay, clear, severity, threshold, hysteresis = told.pop(kind.value)
        assert (float(delay), float(clear), severity) == (rule.delay_s, rule.clear_s, rule.severity.value)
        if kind in WITHOUT_THRESHOLD:
            assert (threshold, hysteresis) == ("", "")
        else:
            numbers = [float(number) for number in re.findall(r"[0-9.]+", threshold)]
            assert numbers == [rule.threshold, *([rule.upper] if kind is AlarmKind.SUPPLY_VOLTAGE else [])]
            assert float(hysteresis) == rule.hysteresis
    assert told == {}

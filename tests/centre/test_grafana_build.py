"""`gianh grafana build`: the files that Grafana reads at its start."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.models import alerting

from cloud_sync.grafana.alert_json import Channel, alerting_file, rules
from cloud_sync.grafana.alerts import RULES
from cloud_sync.grafana.as_json import dashboard as dashboard_json
from cloud_sync.grafana.names import board_uid
from cloud_sync.grafana.shapes import Board, Language, Town
from edge.cli.program import perform
from tests.centre.filled import ask, filled
from tests.centre.models import again, lost
from tests.centre.week import END_S
from tests.servers import Influxd

SOURCE = ("--influx-url", "http://influxdb:8086")


def build(folder: Path, *more: str) -> dict[str, Any]:
    """All files that were written, as Grafana reads them."""
    assert perform(["grafana", "build", str(folder), *SOURCE, *more]) == 0
    files = [file for file in folder.rglob("*") if file.is_file()]
    read = {".yaml": yaml.safe_load, ".json": json.loads}
    return {str(file.relative_to(folder)): read[file.suffix](file.read_text("utf-8")) for file in files}


def test_all_files_are_yaml_and_the_dashboards_those_that_apply_would_make(
    tmp_path: Path, boards: list[Board], town: Town
) -> None:
    found = build(tmp_path, "--console", town.console)
    for board in boards:
        for language in Language:
            made = dashboard_json(board, language, town.timezone, town.console)
            assert found[f"dashboards/{language}/{board.slug}.json"] == json.loads(json.dumps(made))
    assert len(found) == 2 * len(boards) + 3


def test_the_data_source_takes_its_secret_from_a_file_of_its_own(tmp_path: Path) -> None:
    found = build(tmp_path, "--influx-version", "2", "--influx-secret-file", "/run/secrets/influx-reader")
    (source,) = found["provisioning/datasources/gianh.yaml"]["datasources"]
    assert source["secureJsonData"] == {"httpHeaderValue1": "Token $__file{/run/secrets/influx-reader}"}
    assert (source["uid"], source["jsonData"]["dbName"]) == ("gianh-influxdb", "town")


def test_grafana_finds_the_dashboards_where_it_was_told(tmp_path: Path) -> None:
    found = build(tmp_path, "--dashboards-at", "/srv/boards/")
    providers = found["provisioning/dashboards/gianh.yaml"]["providers"]
    assert [one["options"]["path"] for one in providers] == ["/srv/boards/vi", "/srv/boards/en"]
    assert [one["folderUid"] for one in providers] == ["gianh-vi", "gianh-en"]


def test_only_addresses_are_taken_from_the_environment(tmp_path: Path) -> None:
    """A single dollar sign is Grafana's environment; in queries and texts it would vanish."""
    found = build(tmp_path, "--alert-by", "email", "--alert-by", "webhook")
    text = (tmp_path / "provisioning/alerting/gianh.yaml").read_text("utf-8")
    singles = set(re.findall(r"(?<!\$)\$(?!\$)\w*", text))
    assert singles == {"$GIANH_ALERT_EMAIL", "$GIANH_ALERT_WEBHOOK"}
    (contact,) = found["provisioning/alerting/gianh.yaml"]["contactPoints"]
    assert [one["settings"] for one in contact["receivers"]] == [
        {"addresses": "$GIANH_ALERT_EMAIL"},
        {"url": "$GIANH_ALERT_WEBHOOK"},
    ]


def test_without_a_way_to_tell_people_rules_go_where_grafana_sends_the_rest(tmp_path: Path) -> None:
    found = build(tmp_path)["provisioning/alerting/gianh.yaml"]
    assert "contactPoints" not in found
    assert all("notification_settings" not in rule for rule in found["groups"][0]["rules"])
    assert "policies" not in found


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dashboards").write_text("in the way")
    assert perform(["grafana", "build", str(tmp_path), *SOURCE]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_grafanas_model_of_a_rule_knows_all_that_is_written() -> None:
    for rule in rules([]):
        assert lost(rule, again(alerting.Rule, rule)) == [], rule["uid"]


def test_every_rule_refers_to_what_there_is(boards: list[Board]) -> None:
    uids = {board_uid(board.slug, Language.VI) for board in boards}
    for rule in rules([]):
        names = [one["refId"] for one in rule["data"]]
        assert rule["condition"] in names
        expressions = [one["model"].get("expression") for one in rule["data"] if "expression" in one["model"]]
        assert set(expressions) <= set(names)
        assert rule["annotations"]["dashboard"].removeprefix("/d/") in uids
        used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        grouped = set(
            re.findall(r'"(gateway|device|kind)"', rule["data"][0]["model"]["query"].split("GROUP BY")[1])
        )
        assert used <= grouped
        assert set(re.findall(r"\$values\.(\w)", rule["annotations"]["summary"])) <= {"B"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_every_rule_asks_what_the_week_answers(rule: Any, week: Influxd) -> None:
    series = ask(week, filled(rule.query, {}, END_S - rule.window_s, END_S))
    assert any(cell is not None for one in series for row in one.rows for cell in row[1:])


def fired(week: Influxd, slug: str, until_s: float) -> set[str]:
    """For which gateways and devices a rule would fire at that moment, as Grafana reduces and compares."""
    (rule,) = [one for one in RULES if one.slug == slug]
    found = set()
    for series in ask(week, filled(rule.query, {}, until_s - rule.window_s, until_s)):
        values = [value for value in (row[1] for row in series.rows) if value is not None]
        if not values:
            continue
        number = sum(values) if rule.reduced == "sum" else values[-1]
        if number > rule.threshold if rule.reads == "gt" else number < rule.threshold:
            found.add("/".join(series.tags[name] for name in ("gateway", "device") if name in series.tags))
    return found


def test_the_weeks_troubles_fire_the_rules_that_are_about_them_and_no_others(week: Influxd) -> None:
    away_s = END_S - 9.6 * 3600 + 5400
    assert fired(week, "lamps-failed", END_S) == {"gw-ba-don", "gw-quang-long"}
    assert fired(week, "limit-exceeded", END_S) == {"gw-ba-don/centre-air"}
    assert fired(week, "street-dark", END_S) == set()
    assert fired(week, "gateway-silent", END_S - 1) == set()
    assert fired(week, "gateway-silent", END_S + 1800) == {"gw-ba-don", "gw-quang-long"}
    assert fired(week, "target-down", away_s) == {"gw-ba-don/centre"}
    assert fired(week, "target-down", END_S) == set()
    assert fired(week, "delivery-backlog", away_s) == {"gw-ba-don/centre"}
    assert fired(week, "rows-dropped", away_s + 7200) == {"gw-ba-don"}
    assert fired(week, "rows-dropped", END_S) == set()


def test_the_file_and_the_api_say_the_same_of_every_rule() -> None:
    (group,) = alerting_file([Channel.EMAIL])["groups"]
    for in_file, rule in zip(group["rules"], rules([]), strict=True):
        plain = json.loads(json.dumps(in_file).replace("$$", "$"))
        assert {key: plain[key] for key in rule if key in plain} == {
            key: rule[key] for key in rule if key in plain
        }

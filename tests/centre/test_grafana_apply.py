"""`gianh grafana apply` against a recorder of Grafana's HTTP API: drift, repair, and what is not ours."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli.program import perform
from tests.centre.grafana_server import TOKEN, GrafanaState, grafana
from tests.servers import free_port


@pytest.fixture
def state() -> GrafanaState:
    return GrafanaState()


@pytest.fixture
def url(state: GrafanaState, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GIANH_GRAFANA_TOKEN", TOKEN)
    monkeypatch.setenv("GIANH_ALERT_EMAIL", "truc@ba-don.example")
    with grafana(state) as address:
        yield address


def apply(url: str, *more: str) -> int:
    return perform(
        ["grafana", "apply", "--url", url, "--influx-url", "http://influx:8086", "--alert-by", "email", *more]
    )


def planned(url: str, capsys: pytest.CaptureFixture[str], *more: str) -> list[tuple[str, str, str]]:
    """What a dry run says: act, part, uid."""
    capsys.readouterr()
    assert apply(url, "--dry-run", "--json", *more) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    return [(one["act"], one["part"], one["uid"]) for one in changes]


def test_a_dry_run_changes_nothing_and_names_everything(
    url: str, state: GrafanaState, capsys: pytest.CaptureFixture[str]
) -> None:
    acts = planned(url, capsys)
    assert state.log == []
    assert {act for act, _, _ in acts} == {"create", "update"}
    assert ("create", "folder", "gianh-vi") in acts
    assert ("create", "dashboard", "gianh-en-air") in acts
    assert ("create", "alert rule", "gianh-lamps-failed") in acts
    assert ("update", "home dashboard", "gianh-vi-town") in acts
    assert apply(url, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "create dashboard: Tổng quan thị xã [gianh-vi-town] (is not there)" in said


def test_everything_is_made_and_a_second_run_finds_nothing_to_do(
    url: str, state: GrafanaState, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(url, "--yes") == 0
    assert len(state.dashboards) == 30
    assert set(state.folders) == {"gianh-vi", "gianh-en", "gianh-alerts"}
    assert {one["folderUid"] for one in map(state.dashboard, state.dashboards)} == {"gianh-vi", "gianh-en"}
    assert state.contacts["gianh-email"]["settings"] == {"addresses": "truc@ba-don.example"}
    assert all(rule["notification_settings"] == {"receiver": "Gianh"} for rule in state.rules.values())
    assert state.preferences == {"theme": "dark", "weekStart": "monday", "homeDashboardUID": "gianh-vi-town"}
    made = len(state.log)
    capsys.readouterr()
    assert apply(url, "--yes") == 0
    assert "has everything as it should be" in capsys.readouterr().out
    assert len(state.log) == made


def test_what_people_changed_by_hand_is_found_and_mended(
    url: str, state: GrafanaState, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(url, "--yes")
    state.edit("gianh-vi-town", panels=[])
    state.dashboard("gianh-en-air")["folderUid"] = ""
    state.folders["gianh-en"]["title"] = "English things"
    state.rules["gianh-lamps-failed"]["for"] = "1h"
    state.sources["gianh-influxdb"]["url"] = "http://elsewhere:8086"
    del state.rules["gianh-rows-dropped"]
    assert set(planned(url, capsys)) == {
        ("update", "dashboard", "gianh-vi-town"),
        ("update", "dashboard", "gianh-en-air"),
        ("update", "folder", "gianh-en"),
        ("update", "alert rule", "gianh-lamps-failed"),
        ("update", "data source", "gianh-influxdb"),
        ("create", "alert rule", "gianh-rows-dropped"),
    }
    assert apply(url, "--yes") == 0
    assert planned(url, capsys) == []
    assert state.dashboard("gianh-vi-town")["dashboard"]["panels"]
    assert state.sources["gianh-influxdb"]["url"] == "http://influx:8086"


def test_what_is_not_built_any_more_goes_and_what_is_not_ours_stays(
    url: str, state: GrafanaState, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(url, "--yes")
    old = state.dashboard("gianh-vi-town")
    for uid, folder, tags in (
        ("gianh-vi-class-old", "gianh-vi", ["gianh"]),
        ("someone", "gianh-vi", ["gianh"]),
        ("gianh-copy", "", ["gianh"]),
        ("gianh-vi-mine", "gianh-vi", []),
    ):
        content = old["dashboard"] | {"uid": uid, "tags": tags, "title": uid}
        state.dashboards[uid] = [old | {"dashboard": content, "folderUid": folder}]
    state.rules["gianh-old"] = state.rules["gianh-lamps-failed"] | {"uid": "gianh-old"}
    state.rules["gianh-theirs"] = state.rules["gianh-lamps-failed"] | {"uid": "gianh-theirs", "labels": {}}
    assert planned(url, capsys) == [
        ("delete", "dashboard", "gianh-vi-class-old"),
        ("delete", "alert rule", "gianh-old"),
    ]
    assert apply(url, "--yes") == 0
    assert {"someone", "gianh-copy", "gianh-vi-mine"} <= set(state.dashboards)
    assert "gianh-theirs" in state.rules


def test_what_others_set_at_the_data_source_and_which_is_the_default_one_stays_theirs(
    url: str, state: GrafanaState
) -> None:
    apply(url, "--yes")
    source = state.sources["gianh-influxdb"]
    source["isDefault"] = True
    source["jsonData"] |= {"maxSeries": 5000, "dbName": "wrong"}
    apply(url, "--yes")
    source = state.sources["gianh-influxdb"]
    assert source["isDefault"] is True
    assert (source["jsonData"]["maxSeries"], source["jsonData"]["dbName"]) == (5000, "town")


def test_the_home_dashboard_that_people_chose_is_left_to_them(
    url: str, state: GrafanaState, capsys: pytest.CaptureFixture[str]
) -> None:
    state.preferences["homeDashboardUID"] = "mayor"
    assert apply(url, "--yes") == 0
    assert "leave  home dashboard: gianh-vi-town (somebody chose mayor)" in capsys.readouterr().out
    assert state.preferences["homeDashboardUID"] == "mayor"


def test_a_secret_is_sent_once_and_again_only_when_asked(
    url: str, state: GrafanaState, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "reader"
    secret.write_text("t0ken\n")
    options = ("--influx-version", "2", "--influx-secret-file", str(secret))
    apply(url, "--yes", *options)
    assert state.secrets["gianh-influxdb"] == {"httpHeaderValue1": "Token t0ken"}
    assert planned(url, capsys, *options) == []
    secret.write_text("another")
    assert planned(url, capsys, *options, "--secrets-anew") == [("update", "data source", "gianh-influxdb")]
    apply(url, "--yes", *options, "--secrets-anew")
    assert state.secrets["gianh-influxdb"] == {"httpHeaderValue1": "Token another"}
    assert "t0ken" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (
            "dashboard",
            "dashboard gianh-vi-town ('Tổng quan thị xã') is not Gianh's, since it lacks the tag 'gianh'",
        ),
        (
            "rule",
            "alert rule gianh-lamps-failed ('Đèn hỏng · Lamps failed') is not Gianh's, since it lacks",
        ),
        ("files", "dashboard 'Tổng quan thị xã' comes from files that Grafana reads"),
        ("source", "data source 'Gianh InfluxDB' comes from files that Grafana reads"),
    ],
)
def test_something_else_under_our_uid_is_named_and_nothing_is_changed(
    what: str, words: str, url: str, state: GrafanaState, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(url, "--yes")
    if what == "dashboard":
        state.edit("gianh-vi-town", tags=["mine"])
    elif what == "rule":
        state.rules["gianh-lamps-failed"]["labels"] = {}
    elif what == "files":
        state.dashboard("gianh-vi-town")["provisioned"] = True
    else:
        state.sources["gianh-influxdb"] |= {"readOnly": True, "url": "http://other"}
    made = len(state.log)
    assert apply(url, "--yes") == 2
    assert words in capsys.readouterr().err
    assert len(state.log) == made


def test_a_name_that_somebody_else_has_is_named(
    url: str, state: GrafanaState, capsys: pytest.CaptureFixture[str]
) -> None:
    state.folders["x"] = {"uid": "x", "title": "Gianh (Tiếng Việt)", "version": 1}
    assert apply(url, "--yes") == 2
    assert (
        "has something else called like folder 'Gianh (Tiếng Việt)': rename that first"
        in capsys.readouterr().err
    )


def test_a_run_that_broke_off_says_how_far_it_came_and_the_next_one_does_the_rest(
    url: str, state: GrafanaState, capsys: pytest.CaptureFixture[str]
) -> None:
    state.fail_at = "POST /api/v1/provisioning/alert-rules"
    assert apply(url, "--yes") == 1
    said = capsys.readouterr().err
    assert "35 of 43 changes were made, run it again for the rest" in said
    assert apply(url, "--yes") == 0
    assert planned(url, capsys) == []


def test_a_wrong_token_a_silent_server_and_a_missing_address_are_told_in_one_sentence(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(f"http://127.0.0.1:{free_port()}", "--dry-run") == 1
    assert "did not give its health" in capsys.readouterr().err
    monkeypatch.delenv("GIANH_ALERT_EMAIL")
    assert apply(url, "--dry-run") == 2
    assert "--alert-by email: set $GIANH_ALERT_EMAIL to where it goes" in capsys.readouterr().err
    monkeypatch.setenv("GIANH_ALERT_EMAIL", "a@example")
    monkeypatch.setenv("GIANH_GRAFANA_TOKEN", "wrong")
    assert apply(url, "--dry-run") == 2
    assert "does not know this token or password" in capsys.readouterr().err


def test_a_grafana_below_a_path_is_reached_there(
    state: GrafanaState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIANH_GRAFANA_TOKEN", TOKEN)
    monkeypatch.setenv("GIANH_ALERT_EMAIL", "a@example")
    with grafana(state, "/grafana") as address:
        assert apply(address, "--yes") == 0
    assert "gianh-vi-town" in state.dashboards


def test_nobody_is_asked_where_nobody_is(
    url: str, state: GrafanaState, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(url) == 2
    assert "nobody is there to be asked: say --yes, or --dry-run to only look" in capsys.readouterr().err
    assert state.log == []

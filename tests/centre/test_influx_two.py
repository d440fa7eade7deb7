"""`gianh influx setup` for InfluxDB 2.x, against a recorder of its HTTP API."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli.program import perform
from tests.centre.influx_two import TOKEN, State, influx_two


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def url(state: State, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GIANH_INFLUX_ADMIN_SECRET", TOKEN)
    with influx_two(state) as address:
        yield address


def setup(url: str, folder: Path, *more: str) -> int:
    options = ("--influx-version", "2", "--url", url, "--secrets", str(folder), "--gateway", "gw-a")
    return perform(["influx", "setup", *options, *more])


def test_everything_is_made_once(
    url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(url, tmp_path, "--dry-run") == 0
    assert not any(state.kept.values())
    assert setup(url, tmp_path, "--yes") == 0
    assert [one["name"] for one in state.kept["buckets"]] == ["town", "town/minute", "town/hour", "town/day"]
    assert [(one["retention_policy"], one["default"]) for one in state.kept["dbrps"]] == [
        ("autogen", True),
        ("minute", False),
        ("hour", False),
        ("day", False),
    ]
    capsys.readouterr()
    assert setup(url, tmp_path, "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []


def test_a_gateways_token_may_write_to_the_one_bucket_and_nothing_else(
    url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(url, tmp_path, "--yes") == 0
    ((permission,),) = [one["permissions"] for one in state.kept["authorizations"]]
    assert permission["action"] == "write"
    assert permission["resource"]["id"] == state.kept["buckets"][0]["id"]
    file = tmp_path / "gw-a.token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() not in capsys.readouterr().out


def test_a_secret_that_is_there_is_never_written_over(
    url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gw-a.token").write_text("older")
    assert setup(url, tmp_path, "--yes") == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "gw-a.token").read_text() == "older"
    assert state.kept["authorizations"] == []


def test_tasks_of_an_older_version_give_way_and_those_of_others_stay(
    url: str, state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup(url, tmp_path, "--yes")
    for number, name in enumerate(("gianh_old", "theirs")):
        state.kept["tasks"].append({"id": f"f{number:015x}", "name": name, "flux": "", "orgID": "x"})
    capsys.readouterr()
    assert setup(url, tmp_path, "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["changes"] == ["delete task gianh_old, which is out of date"]


def test_a_wrong_token_and_a_missing_organization_are_told(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert setup(url, tmp_path, "--org", "nowhere", "--dry-run") == 2
    assert "has no organization nowhere" in capsys.readouterr().err
    monkeypatch.setenv("GIANH_INFLUX_ADMIN_SECRET", "wrong")
    assert setup(url, tmp_path, "--dry-run") == 2
    assert "does not know this token" in capsys.readouterr().err

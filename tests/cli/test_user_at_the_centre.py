"""`gianh user` for the centre: the same words as for a gateway, at the console that runs beside it."""

import json
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edge.cli import main
from edge.console.access.roles import ALLOWED, Role
from tests.console.asking import PASSWORD
from tests.house.tree import ROOT
from tests.servers import free_port
from tests.world.processes import gianh

# httpcore leaves the socket that could not connect to the garbage collector.
LEAVES_SOCKET = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@dataclass(frozen=True, slots=True)
class Running:
    file: Path
    http: str
    first_code: str


def config(folder: Path) -> Path:
    file = folder / "console.toml"
    file.write_text(
        f'[mqtt]\nurl = "mqtt://127.0.0.1:{free_port()}"\n[http]\nport = 0\nlogin = true\n', "utf-8"
    )
    return file


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A console without its broker: who may log in does not hang on that."""
    file = config(tmp_path_factory.mktemp("centre"))
    command = gianh("console", "-c", str(file), "--json")
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout
    try:
        said = json.loads(process.stdout.readline())
        yield Running(file, said["http"], said["first_code"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        assert process.wait(20) == 0


def redeem(centre: Running, user: str, code: str) -> dict[str, Any]:
    """Set a password by a code, as the page does."""
    body = json.dumps({"user": user, "code": code, "password": PASSWORD, "name": user.title()}).encode()
    headers = {"content-type": "application/json", "origin": centre.http}
    request = urllib.request.Request(f"{centre.http}/api/v1/session/code", body, headers)
    with urllib.request.urlopen(request, timeout=20) as reply:
        found: dict[str, Any] = json.load(reply)
        return found


def test_users_of_the_centre_are_made_changed_and_taken_away(
    centre: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    def ran(*arguments: str) -> Any:
        assert main(["user", *arguments, "-c", str(centre.file), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    assert ran("list") == []
    with pytest.raises(urllib.error.HTTPError):
        redeem(centre, "lan", "0000-0000-0000-0000")
    assert redeem(centre, "lan", centre.first_code)["role"] == "administrator"
    made = ran("add", "hoa", "--role", "viewer")
    assert (made["user"], made["console"]["address"]) == ("hoa", centre.http)
    assert redeem(centre, "hoa", made["code"])["permissions"] == sorted(ALLOWED[Role.VIEWER])
    assert ran("role", "hoa", "operator")["role"] == "operator"
    again = redeem(centre, "hoa", ran("reset", "hoa")["code"])
    assert "light" in again["permissions"]
    assert [(one["id"], one["state"]) for one in ran("list")] == [("lan", "active"), ("hoa", "active")]
    assert ran("remove", "hoa") == {"removed": "hoa"}
    assert main(["user", "remove", "lan", "-c", str(centre.file)]) == 1
    assert "last administrator" in capsys.readouterr().err


@LEAVES_SOCKET
def test_a_centre_that_does_not_run_is_named_with_how_it_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = config(tmp_path)
    assert main(["user", "list", "-c", str(file)]) == 1
    assert f"centre is not running, or not under this user (no answer at {tmp_path}/data" in (
        said := capsys.readouterr().err
    )
    assert f"gianh console -c {file}" in said


@LEAVES_SOCKET
def test_without_a_name_the_file_that_is_there_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GIANH_CONFIG", raising=False)
    config(tmp_path)
    assert main(["user", "list"]) == 1
    assert "gianh console -c console.toml" in capsys.readouterr().err
    (tmp_path / "gateway.toml").write_text("[gateway]\n", "utf-8")
    assert main(["user", "list"]) == 2
    assert "gateway.toml" in capsys.readouterr().err

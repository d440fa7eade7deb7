import os
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cli import main
from tests.house.tree import ROOT
from tests.servers import free_port
from tests.world.processes import daemon, gianh, run_gianh
from tests.world.waiting import until

SOUND = """\
[gateway]
id = "gw-a"
latitude = 17.7
longitude = 106.4
data_dir = "{data_dir}"
[http]
port = 0
"""
FIVE_FAULTS = """\
[gateway]
id = "GW Quang Long"
latitude = 97.7556
longitude = 106.4231

[mqtt]
url = "http://127.0.0.1:1883"

[[bus]]
id = "cabinet-1"
kind = "tcp"
host = "127.0.0.1"

[[device]]
id = "meter-1"
profile = "eastron-sdm631"
bus = "cabinet-1"

[[device]]
id = "meter-2"
profile = "eastron-sdm120"
bus = "cabinet-2"
"""
ASKING = (
    ["check"],
    ["run"],
    ["status"],
    ["devices"],
    ["read", "meter-1"],
    ["reload"],
    ["sync", "status"],
    ["sync", "quarantine"],
)


def config(folder: Path, text: str = SOUND) -> Path:
    file = folder / "gateway.toml"
    file.write_text(text.replace("{data_dir}", str(folder / "data")), "utf-8")
    return file


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert "fault in Gianh" not in err
    return code, out, err


def test_all_five_faults_are_listed_with_file_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = config(tmp_path, FIVE_FAULTS)
    for command in ("check", "run"):
        code, out, err = ran(capsys, command, "-c", str(file))
        assert (code, out) == (2, "")
        *faults, summary = err.splitlines()
        places = [fault.removeprefix(f"{file}:").split(": ")[:2] for fault in faults]
        assert places == [
            ["2", "gateway.id"],
            ["3", "gateway.latitude"],
            ["7", "mqtt.url"] if places[2][1] == "mqtt.url" else ["6", "mqtt"],
            ["16", "device[0].profile"],
            ["22", "device[1].bus"],
        ]
        assert summary.startswith("gianh: 5 faults")
    assert sorted(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("command", ASKING)
@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x7fELF", b"[[[", b"x" * 5_000_000, b"gateway = 1\n"])
def test_a_file_that_is_no_configuration_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], content: bytes
) -> None:
    file = tmp_path / "gateway.toml"
    file.write_bytes(content)
    code, out, err = ran(capsys, *command, "-c", str(file))
    assert (code, out) == (2, "")
    assert err.startswith(str(file))


@pytest.mark.parametrize("command", ASKING)
@pytest.mark.parametrize("place", ["missing.toml", ".", "missing/gateway.toml"])
def test_a_file_that_is_not_there_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], place: str
) -> None:
    code, out, err = ran(capsys, *command, "-c", str(tmp_path / place))
    assert (code, out) == (2, "")
    assert "cannot be read" in err


@given(st.binary(max_size=200))
def test_no_content_of_a_file_brings_a_traceback(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gateway.toml"
        file.write_bytes(content)
        assert main(["check", "-c", str(file)]) == 2


# httpcore leaves the socket that could not connect to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("command", [command for command in ASKING if command[0] not in ("check", "run")])
def test_a_daemon_that_does_not_run_is_named_with_how_to_start_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    file = config(tmp_path)
    code, out, err = ran(capsys, *command, "-c", str(file))
    assert (code, out) == (1, "")
    assert err.startswith("gianh: gw-a is not running")
    assert f"gianh run -c {file}" in err


def test_without_any_file_the_option_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GIANH_CONFIG", raising=False)
    monkeypatch.setattr("edge.cli.common.PLACES", (Path("gateway.toml"),))
    code, _, err = ran(capsys, "status")
    assert code == 2
    assert "-c FILE" in err


def test_the_file_may_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIANH_CONFIG", str(config(tmp_path)))
    assert ran(capsys, "check")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["demo", "--gateways", "0"], 2, "1 to 16"),
        (["demo", "--http", "99999"], 2, "--http"),
        (["demo", "--duration", "-3"], 2, "--duration"),
        (["demo", "--duration", "nan"], 2, "--duration"),
        (["demo", "--speed", "0"], 2, "--speed"),
        (["demo", "--faults", "often"], 2, "often"),
        (["demo", "--mqtt", "somewhere"], 2, "mqtt://HOST"),
        (["demo", "--influx", "somewhere"], 2, "http://HOST"),
        (["demo", "--keep", "/dev/null/x"], 1, "/dev/null/x"),
        (["sync", "quarantine", "--limit", "0"], 2, "--limit"),
        (["sync"], 2, "COMMAND"),
        (["frob"], 2, "frob"),
        ([], 2, "COMMAND"),
        (["check", "frob"], 2, "frob"),
        (["sim", "--gateways", "0"], 2, "1 to 500"),
        (["sim", "--faults", "7"], 2, "0 to 1"),
        (["sim", "--start", "tomorrow"], 2, "tomorrow"),
    ],
)
def test_wrong_arguments_are_answered_with_what_would_be_right(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    got, out, err = ran(capsys, *arguments)
    assert (got, out) == (code, "")
    assert words in err


def test_a_profile_that_there_is_not_is_said_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = ran(capsys, "check", "profile", "nope")
    assert code == 2
    assert "no profile nope" in out
    assert "xy-md02" in out


def test_a_port_of_the_demo_that_is_taken_is_said_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = ran(capsys, "demo", "--http", str(port))
    assert (code, out) == (1, "")
    assert err == f"gianh: port {port} is taken by another program: choose another --http\n"


def test_a_data_dir_that_cannot_be_made_ends_the_daemon_with_one_sentence(tmp_path: Path) -> None:
    done = run_gianh("run", "-c", str(config(tmp_path, SOUND.replace("{data_dir}", "/proc/data"))))
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("gianh: data_dir")]
    assert "Traceback" not in done.stderr


def test_a_data_dir_of_somebody_else_ends_the_daemon_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("edge.cli.run.tempfile.TemporaryFile", denied)
    code, _, err = ran(capsys, "run", "-c", str(config(tmp_path)))
    assert code == 1
    assert f"data_dir {tmp_path / 'data'} may not be written by this user" in err.splitlines()[-1]


def test_a_second_daemon_on_the_same_data_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    file = config(tmp_path)
    log = tmp_path / "log"

    with daemon(file, log):
        until(lambda: run_gianh("status", "-c", str(file)).returncode == 0)
        second = run_gianh("run", "-c", str(file))
        assert second.returncode == 2
        assert "is in use by another gateway" in second.stderr.splitlines()[-1]
        assert "Traceback" not in second.stderr
        assert run_gianh("status", "-c", str(file)).returncode == 0


def test_a_taken_http_port_is_said_and_the_daemon_runs(tmp_path: Path) -> None:

    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        file = config(tmp_path, SOUND.replace("port = 0", f"port = {port}"))
        with daemon(file, tmp_path / "log"):
            until(lambda: run_gianh("status", "-c", str(file)).returncode == 0)
            until(lambda: "choose another [http] port" in (tmp_path / "log").read_text())


def test_ctrl_c_while_it_loads_shows_no_traceback(tmp_path: Path) -> None:
    interrupted = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    (tmp_path / "httpx.py").write_text(interrupted)
    done = subprocess.run(
        gianh("status"),
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")

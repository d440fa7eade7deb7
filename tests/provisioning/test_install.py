"""Installing into a root: all of it, once, reversible, and as closed as the unit promises."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from edge.cli.program import perform
from edge.config.load import load
from provisioning.install.files import UNIT_FILE, unit
from tests.servers import need


def run(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert perform([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def became(said: dict) -> set[str]:
    return {one["became"] for one in said["files"]}


def snapshot(root: Path) -> dict[str, object]:
    return {
        str(path.relative_to(root)): (path.readlink() if path.is_symlink() else path.read_bytes())
        for path in root.rglob("*")
        if path.is_symlink() or path.is_file()
    }


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    root = ["--root", str(tmp_path)]
    return ["install", *root, "--gateway", "gw-a", "--program", "/opt/gianh/bin/gianh", "--hardware-watchdog"]


def test_it_makes_everything_once_and_says_so(tmp_path: Path, words: list[str], capsys) -> None:
    said = run(capsys, *words)
    assert (became(said), said["commands"]) == ({"made"}, [])
    before = snapshot(tmp_path)
    assert "ExecStart=/opt/gianh/bin/gianh run -c /etc/gianh/gateway.toml" in (
        tmp_path / UNIT_FILE.lstrip("/")
    ).read_text("utf-8")
    link = tmp_path / "etc/systemd/system/multi-user.target.wants/gianh.service"
    assert os.readlink(link) == "../gianh.service"
    assert link.exists()
    assert became(run(capsys, *words)) == {"same", "kept"}
    assert snapshot(tmp_path) == before
    assert load(tmp_path / "etc/gianh/gateway.toml").config.gateway.id == "gw-a"


def test_a_dry_run_touches_nothing(tmp_path: Path, words: list[str], capsys) -> None:
    assert became(run(capsys, *words, "--dry-run")) == {"made"}
    assert list(tmp_path.iterdir()) == []


def test_what_somebody_changed_is_put_right_but_never_gateway_toml(tmp_path: Path, words, capsys) -> None:
    run(capsys, *words)
    (tmp_path / "etc/gianh/gateway.toml").write_text("# mine\n", "utf-8")
    (tmp_path / UNIT_FILE.lstrip("/")).write_text("[Service]\n", "utf-8")
    said = {one["path"]: one["became"] for one in run(capsys, *words)["files"]}
    assert said[UNIT_FILE] == "changed"
    assert said["/etc/gianh/gateway.toml"] == "kept"
    assert (tmp_path / "etc/gianh/gateway.toml").read_text("utf-8") == "# mine\n"


def test_uninstall_leaves_the_configuration_and_the_data(tmp_path: Path, words, capsys) -> None:
    run(capsys, *words)
    (tmp_path / "var/lib/gianh").mkdir(parents=True)
    (tmp_path / "var/lib/gianh/gianh.db").write_bytes(b"data")
    run(capsys, "uninstall", "--root", str(tmp_path))
    assert set(snapshot(tmp_path)) == {"etc/gianh/gateway.toml", "var/lib/gianh/gianh.db"}
    assert run(capsys, "uninstall", "--root", str(tmp_path))["files"] == []


def test_a_link_in_the_image_does_not_lead_out_of_it(tmp_path: Path, capsys) -> None:
    image, outside = tmp_path / "image", tmp_path / "outside"
    image.mkdir()
    outside.mkdir()
    (image / "etc").symlink_to(outside)
    assert perform(["install", "--root", str(image), "--program", "/usr/bin/gianh"]) == 2
    assert "leads out of" in capsys.readouterr().err
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("program", ["gianh", "/opt/my gianh", "/opt/%n", "/opt/$HOME"])
def test_a_program_that_a_unit_would_read_otherwise_is_refused(tmp_path: Path, program: str, capsys) -> None:
    assert perform(["install", "--root", str(tmp_path), "--program", program]) == 2
    assert "--program" in capsys.readouterr().err


def test_the_unit_is_right_and_exposes_two_or_less(tmp_path: Path) -> None:
    file = tmp_path / "gianh.service"
    file.write_text(unit("/bin/true"), "utf-8")
    analyze = need("systemd-analyze", "systemd")
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", "--no-pager", str(file)],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    found = re.search(r"Overall exposure level for gianh.service: ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert done.returncode == 0
    assert float(found[1]) <= 2.0
    verified = subprocess.run(
        [analyze, "verify", "--man=no", str(file)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    ours = [line for line in verified.stderr.splitlines() if "gianh.service" in line]
    assert ours == []

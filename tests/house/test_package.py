"""What is built, installed and promised."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.house.test_imports import declared
from tests.house.tree import PACKAGES, ROOT, tracked
from tests.house.wheels import TABLE, pins

LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
ADDRESSES = {"www.apache.org", "keepachangelog.com", "semver.org", "www.w3.org"}
"""Hosts that files may name: a licence, two conventions, the name of SVG; no place to install from."""


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in the wheel, built from what git knows and from nothing that lies about."""
    copy = tmp_path_factory.mktemp("copy")
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, "dist"], cwd=copy, check=True, capture_output=True)
    (wheel,) = (copy / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_has_the_five_packages_and_nothing_else(wheel_names: set[str]):
    tops = {name.split("/")[0] for name in wheel_names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_has_every_file_of_the_packages(wheel_names: set[str]):
    names = {str(path.relative_to(ROOT)) for path in tracked()}
    assert {name for name in names if name.split("/")[0] in PACKAGES} - wheel_names == set()


def test_the_locks_pin_every_package_by_hash_and_name_no_index():
    for lock in (LOCK, DEV_LOCK):
        text = lock.read_text("utf-8")
        entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^ *#.*\n", "", text))
        assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
        assert not re.search(r"://|--(index|extra-index|find-links|trusted)", text)


def test_the_locks_have_what_pyproject_asks_for_and_agree_with_each_other():
    run, dev = (pins(lock.read_text("utf-8")) for lock in (LOCK, DEV_LOCK))
    assert declared() <= set(run)
    assert run.items() <= dev.items()
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    assert {re.split(r"[^A-Za-z0-9._-]", wanted)[0] for wanted in groups["dev"]} <= set(dev)


def test_every_package_that_runs_on_a_gateway_has_a_wheel_for_a_raspberry_pi():
    rows = [line.strip("| ").split(" | ") for line in TABLE.read_text("utf-8").splitlines() if "|" in line]
    table = {name: (version, use, wheels) for name, version, use, *wheels in rows[2:]}
    assert {name: row[0] for name, row in table.items()} == pins(LOCK.read_text("utf-8"))
    lacking = [name for name, (_, use, wheels) in table.items() if use == "run time" and "none" in wheels]
    assert lacking == []


def test_the_table_of_the_readme_gives_a_reason_for_each_dependency_and_for_no_other():
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("\n## Dependencies\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", section, re.MULTILINE)
    assert {name for name, _ in rows} == declared()
    assert len(rows) == len(declared())


def test_the_command_says_what_it_can_do():
    done = subprocess.run(
        [sys.executable, "-m", "edge.cli", "--help"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "gianh" in done.stdout
    assert done.stderr == ""


def test_no_file_knows_the_machine_it_was_written_on():
    places = {str(ROOT) + "/"}
    if ROOT.parts[1] not in {"home", "opt", "root", "srv", "tmp", "usr", "var"}:
        places.add(f"/{ROOT.parts[1]}/")
    knowing = {
        str(path.relative_to(ROOT))
        for path in tracked()
        if any(place in path.read_text("utf-8", errors="replace") for place in places)
    }
    assert knowing == set()


def test_every_address_outside_is_one_that_was_chosen():
    hosts = {
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked()
        for host in re.findall(
            r"\bhttps?://(?!127\.|localhost|\[::1\])([a-z0-9-]+(?:\.[a-z0-9-]+)+)",
            path.read_text("utf-8", errors="replace"),
        )
        if host not in ADDRESSES and not host.endswith((".example", ".invalid", ".test"))
    }
    assert hosts == set()

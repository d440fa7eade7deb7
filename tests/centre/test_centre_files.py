"""The files that a centre is started from, in docs/centre."""

import re
from typing import Any

import yaml

from edge.config.backup import Backup
from edge.config.load import load_section
from tests.house.tree import ROOT

FOLDER = ROOT / "docs" / "centre"


def services() -> dict[str, Any]:
    whole = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
    found = whole["services"]
    assert isinstance(found, dict)
    return found


def test_the_centre_has_what_a_town_needs_and_each_image_is_of_a_chosen_version() -> None:
    found = services()
    assert set(found) == {"broker", "influxdb", "grafana", "console", "enrol"}
    for one in found.values():
        tag = one["image"].rpartition(":")[2]
        assert re.fullmatch(r"\d+\.\d+(\.\d+)?|local", tag), one["image"]
        assert one["restart"] == "unless-stopped"


def test_no_secret_stands_in_the_compose_file() -> None:
    whole = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
    named = {name for one in whole["services"].values() for name in one.get("secrets", ())}
    assert named == set(whole["secrets"])
    assert all(set(secret) == {"file"} for secret in whole["secrets"].values())
    for one in whole["services"].values():
        for key, value in one.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET|KEY", key):
                assert key.endswith("_FILE"), key
                assert str(value).startswith("/run/secrets/"), key


def test_only_what_others_must_reach_listens_beyond_the_machine() -> None:
    outside = {
        name
        for name, one in services().items()
        for port in one.get("ports", ())
        if not str(port).startswith("127.0.0.1:")
    }
    assert outside == {"broker", "influxdb", "console", "enrol"}


def test_what_is_mounted_is_told_of_and_backed_up() -> None:
    page = (ROOT / "docs" / "centre-machines.md").read_text("utf-8")
    backup = load_section(FOLDER / "backup.toml", Backup)
    kept = {str(part.path) for part in backup.part if part.path is not None}
    for one in services().values():
        for volume in one.get("volumes", ()):
            source, _, rest = str(volume).partition(":")
            if source.startswith("/"):
                assert source in page, source
                written = not rest.endswith(":ro")
                assert not written or source in kept, source

"""[[data_file]]: what cannot be meant, and its files and secrets."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edge.config.explain import MASK, explain
from edge.config.files import anchored, exposed_secrets, problems_of_files
from edge.config.schema import Config
from tests.cloud_sync.data_files import BASE, settings


def town(**more: Any) -> Config:
    gateway = {"id": "gw", "latitude": 17.7556, "longitude": 106.4231}
    return Config.model_validate({"gateway": gateway, "data_file": [BASE | more]})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"interval_s": 420}, "no part of an hour"),
        ({"interval_s": 90}, "multiple of 60"),
        ({"interval_s": 60, "keep_days": 100}, "make one of both less"),
        ({"folder": "/in/{place}"}, "{place}, which means nothing"),
        ({"folder": "/in/{yyyy"}, "{yyyy, which means nothing"),
        ({"folder": "/in/yyyy/MM"}, "write {yyyy}"),
        ({"folder": "/in\r\nDELE x"}, "folder"),
        ({"symbols": {"pm10": "PM\t10"}}, "symbols"),
        ({"units": {"pm10": "\n"}}, "units"),
        ({"name": "../up"}, "name"),
        ({"known_hosts_file": None}, "needs known_hosts_file"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**change)
    assert words in str(caught.value)


def test_paths_begin_beside_the_file_and_those_that_are_not_there_are_named(tmp_path: Path) -> None:
    config = anchored(town(known_hosts_file="hosts", password_file="secret"), tmp_path)
    assert config.data_file[0].known_hosts_file == tmp_path / "hosts"
    (tmp_path / "hosts").write_text("")
    assert [path for path, _ in problems_of_files(config)] == [("data_file", 0, "password_file")]


def test_secrets_that_everybody_can_read_are_named_and_never_shown(tmp_path: Path) -> None:
    for name in ("password", "key"):
        (tmp_path / name).write_text("s3cret")
        (tmp_path / name).chmod(0o644)
    config = anchored(town(password_file="password", key_file="key"), tmp_path)
    assert [path[-1] for path, _ in exposed_secrets(config)] == ["password_file", "key_file"]
    text = explain(town(id="so-tnmt"), {"GIANH_DATA_FILE_SO_TNMT_PASSWORD": "s3cret"})
    assert f"# password is {MASK}, from GIANH_DATA_FILE_SO_TNMT_PASSWORD" in text
    assert "s3cret" not in text

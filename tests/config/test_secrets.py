"""Reading secrets."""

from pathlib import Path

import pytest

from edge.config.secrets import SECRET_BYTES_MAX, influx_env, read_secret
from edge.core.errors import PermanentError

NAME = "GIANH_MQTT_PASSWORD"


def test_a_secret_comes_from_its_file_without_the_newline_and_before_the_variable(tmp_path: Path):
    file = tmp_path / "pw"
    file.write_text(" river \r\n", newline="")
    assert read_secret(file, NAME, {NAME: "other"}) == " river "


def test_without_a_file_the_variable_counts_and_without_both_there_is_none():
    assert read_secret(None, NAME, {NAME: "river"}) == "river"
    assert read_secret(None, NAME, {NAME: ""}) is None
    assert read_secret(None, NAME, {}) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"\xff", "is not UTF-8"),
        (b"x" * (SECRET_BYTES_MAX + 1), "has more than"),
    ],
)
def test_a_file_that_holds_no_secret_is_an_error_and_not_none(tmp_path: Path, content: bytes, words: str):
    file = tmp_path / "pw"
    file.write_bytes(content)
    with pytest.raises(PermanentError, match=words):
        read_secret(file, NAME, {NAME: "other"})


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path):
    with pytest.raises(PermanentError, match="none cannot be read"):
        read_secret(tmp_path / "none", NAME, {})


def test_each_target_has_its_own_variables():
    assert influx_env("the-centre", "token") == "GIANH_INFLUX_THE_CENTRE_TOKEN"

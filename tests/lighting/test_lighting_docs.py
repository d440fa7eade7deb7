"""docs/lighting.md shows what is true."""

import re
from pathlib import Path

import pytest

from edge.cli import main
from edge.config.load import load
from edge.wiring import problems_of_wiring
from tests.house.tree import ROOT

TEXT = (ROOT / "docs" / "lighting.md").read_text("utf-8")
HEAD = """
[gateway]
id = "gw-quang-long"
latitude = 17.7556
longitude = 106.4231
[[bus]]
id = "b"
kind = "tcp"
host = "127.0.0.1"
"""
LAMP = (
    '[[device]]\nid = "lamp-{0}"\nprofile = "ecodim-dali-gw2"\nbus = "b"\nsub_address = {0}\nnominal_w = 80\n'
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    example = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert example is not None
    path = tmp_path / "gateway.toml"
    path.write_text(HEAD + LAMP.format(0) + LAMP.format(1) + example[1])
    return path


def test_the_example_is_a_sound_plan(file: Path) -> None:
    assert len(load(file, problems_of_wiring).config.calendar[0].rules) == 2


def test_the_night_that_is_shown_is_what_the_example_gives(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.search(r"\$ gianh light plan.*?\n(.*?)```", TEXT, re.DOTALL)
    assert shown is not None
    assert main(["light", "plan", "gw-quang-long", "--date", "2026-12-21", "-c", str(file)]) == 0
    assert capsys.readouterr().out == shown[1]

"""`gianh light plan`: the night for people and for programs, from the file alone."""

import argparse
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cli import light_plan, main
from edge.lighting.draw import draw, half_hours
from edge.lighting.plans import Plans
from tests.lighting.plan_files import program, town

HEAD = """
[gateway]
id = "gw"
latitude = 17.7556
longitude = 106.4231
[[bus]]
id = "b"
kind = "tcp"
host = "127.0.0.1"
"""
PLAN = """
[[program]]
id = "evening"
title = "Buổi tối"
steps = [
  { at = "sunset+10m", level = 100 },
  { at = "22:30", level = 60 },
  { at = "sunrise-10m", level = 0 },
]
[[calendar]]
id = "town"
default = "evening"
[[assignment]]
target = "gw"
calendar = "town"
"""
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ADVENT = ("--date", "2026-12-21")


def device(name: str, sub_address: int, profile: str = "ecodim-dali-gw2", more: str = "") -> str:
    place = f'id = "{name}"\nprofile = "{profile}"\nbus = "b"\nsub_address = {sub_address}\n'
    return f"[[device]]\n{place}{more}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.toml"
    lamps = [device("lamp-1", 0, more="nominal_w = 80"), device("lamp-2", 1)]
    path.write_text("".join([HEAD, *lamps, '[[group]]\nid = "dim"\ndevices = ["lamp-2"]\n', PLAN]))
    return path


def as_json(capsys: pytest.CaptureFixture[str], *argv: object) -> Any:
    assert main(["light", "plan", *map(str, argv), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_programs_get_the_night_with_local_offsets_and_the_energy(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(capsys, "gw", *ADVENT, "-c", file)
    energy_kwh = found.pop("energy_kwh")
    assert found == {
        "target": "gw",
        "sunset": "2026-12-21T17:24:17+07:00",
        "sunrise": "2026-12-22T06:20:41+07:00",
        "switchings": [
            {"at": "2026-12-21T17:34:17+07:00", "level": 100, "why": "sunset+10m"},
            {"at": "2026-12-21T22:30:00+07:00", "level": 60, "why": "22:30"},
            {"at": "2026-12-22T06:10:41+07:00", "level": 0, "why": "sunrise-10m"},
        ],
    }
    assert 0.08 * (4.93 + 7.68 * 0.6) < energy_kwh < 0.08 * 12.61


def test_a_step_says_its_own_fade_to_programs_and_to_people(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(file.read_text().replace('"22:30", level = 60', '"22:30", level = 60, fade_s = 45'))
    assert [one.get("fade_s") for one in as_json(capsys, "gw", *ADVENT, "-c", file)["switchings"]] == [
        None, 45, None,
    ]  # fmt: skip
    assert main(["light", "plan", "gw", *ADVENT, "-c", str(file)]) == 0
    assert "22:30    60 %   22:30, fades within 45 s\n" in capsys.readouterr().out


def test_energy_is_null_where_no_nominal_power_is_known(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert as_json(capsys, "dim", *ADVENT, "-c", file)["energy_kwh"] is None
    assert main(["light", "plan", "dim", *ADVENT, "-c", str(file)]) == 0
    assert "nominal_w" in capsys.readouterr().out


def test_people_get_a_drawing_that_fits_80_columns_and_says_that_energy_is_an_estimate(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["light", "plan", "gw", *ADVENT, "-c", str(file)]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    words = (
        "21/12/2026",
        "program evening (Buổi tối)",
        "17:24:17",
        "sunset+10m",
        "60 %",
        "estimate",
        "1 of 2 lamps",
    )
    assert [word for word in words if word not in text] == []


def test_lamps_that_nothing_switches_off_are_noticed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for _ in range(2):
        assert main(["light", "plan", "gw", *ADVENT, "-c", str(file)]) == 0
        shown.append("burn on by day" in capsys.readouterr().out)
        file.write_text(file.read_text().replace("level = 0 }", "level = 30 }"))
    assert shown == [False, True]


def test_a_terminal_without_blocks_gets_plain_characters(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["light", "plan", "gw", *ADVENT, "-c", str(file)]) == 0
    terminal.seek(0)
    assert "###" in terminal.read()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("lamp-9",), "known are lamps lamp-1, lamp-2; groups dim; gateway gw"),
        (("gw", "--date", "21/12/2026"), "write --date as 2026-10-31"),
        (("gw", "--date", "9999-12-31"), "out of the years 1970 to 2200: correct --date"),
    ],
)
def test_a_wrong_question_is_answered_by_one_sentence_and_2(
    file: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], words: str
) -> None:
    assert main(["light", "plan", *argv, "-c", str(file)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert words in shown.err


def test_a_bad_plan_is_refused_with_file_line_and_reason(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(file.read_text().replace('"22:30"', '"half past ten"'))
    assert main(["light", "plan", "gw", *ADVENT, "-c", str(file)]) == 2
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "half past" in text)
    assert (
        f"gateway.toml:{line}: program[0].steps[1].at: 'half past ten' is not a time"
        in capsys.readouterr().err
    )


def test_a_meter_is_no_target(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    meter = device("meter-1", 0, "eastron-sdm120", "address = 9")
    file.write_text(file.read_text() + meter)
    assert main(["light", "plan", "meter-1", *ADVENT, "-c", str(file)]) == 2
    assert "lamps lamp-1, lamp-2" in capsys.readouterr().err


def test_without_a_date_the_running_night_is_meant(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class SmallHours:
        def utc_ns(self) -> int:
            return 1_797_883_200 * 1_000_000_000  # 2026-12-22T03:00 in Ba Đồn

    args = argparse.Namespace(target="gw", date=None, config=file, json=True)
    assert light_plan.plan(args, SmallHours()) == 0  # type: ignore[arg-type]
    assert json.loads(capsys.readouterr().out)["sunset"].startswith("2026-12-21")


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.booleans())
def test_every_night_can_be_drawn(levels: list[float], ascii_only: bool) -> None:
    steps = [(f"{(12 + 2 * n) % 24:02}:10", level) for n, level in enumerate(levels)]
    config = town(program=[program("p", *steps)], calendar=[{"id": "town", "default": "p"}])
    night = Plans(config).night("gw", date(2026, 6, 21))
    lines = draw(night, HANOI, 100, ascii_only)
    assert len(lines) == 13
    assert max(map(len, lines)) <= 80
    assert len(half_hours(night, 100)) == 48
    assert all(0 <= level <= 100.0001 for level in half_hours(night, 100))
    assert not ascii_only or "".join(lines).isascii()


def test_a_column_is_as_high_as_the_mean_of_its_half_hour() -> None:
    steps = program("p", ("18:00", 100), ("20:15", 50), ("21:00", 0))
    night = Plans(town(program=[steps], calendar=[{"id": "town", "default": "p"}])).night(
        "gw", date(2026, 6, 21)
    )
    assert half_hours(night, 100)[11:19] == [0, 100, 100, 100, 100, 75, 50, 0]
    top = draw(night, HANOI, 100)[0]
    assert top == "100 %  " + " " * 12 + "████"


@pytest.mark.parametrize("day", ["1970-01-01", "2200-12-31"])
def test_the_first_and_the_last_day_that_are_taken_have_a_plan(file: Path, day: str) -> None:
    assert main(["light", "plan", "gw", "--date", day, "-c", str(file)]) == 0

"""`gianh air aqi`, `limits` and `fit`: for people and for programs."""

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from edge.cli import air_limits, air_status, main
from edge.config.schema import Config
from edge.core.clock import SystemClock
from edge.core.times import from_rfc3339

AMERICAN = "34.9,43,50,64.9,69.2,66.2,53.7,48.6,49.2,35,NA,21"


def as_json(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    assert main(["air", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["air", *argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gianh: ")
    assert err.count("\n") == 1
    return err


def test_programs_get_the_index_category_colour_and_each_sub_index(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = as_json(capsys, "aqi", "--index", "vn", "--daily", "pm2_5=55.7", "pm10=90")
    assert found == {
        "index": "vn",
        "value": 110,
        "category": "Kém",
        "colour": "255;126;0",
        "sub": {"pm2_5": 110, "pm10": 70},
    }


def test_the_us_index_is_reckoned_from_hours_by_nowcast(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "aqi", "--index", "us", "--hourly", f"pm2_5={AMERICAN}")
    assert found == {
        "index": "us",
        "value": 87,
        "category": "Moderate",
        "colour": "255;255;0",
        "sub": {"pm2_5": 87},
    }


def test_ozone_of_the_day_shows_both_terms_and_the_larger(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "aqi", "--daily", "o3=114.6", "o3_8h=89.3", "pm10=10")
    assert found["sub"] == {"pm10": 10, "o3": 45, "o3_1h": 36, "o3_8h": 45}
    found = as_json(capsys, "aqi", "--daily", "o3=114.6", "pm10=10")
    assert found["sub"] == {"pm10": 10, "o3": 36}


def test_without_particles_there_is_no_index_and_the_reason_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = as_json(capsys, "aqi", "--daily", "no2=130.8")
    assert (found["value"], found["category"], found["colour"], found["sub"]) == (
        None,
        None,
        None,
        {"no2": 65},
    )
    assert "PM2.5" in found["why"]
    assert main(["air", "aqi", "--daily", "no2=130.8"]) == 0
    assert capsys.readouterr().out.startswith("VN_AQI, day: none (no PM2.5 or PM10")


def test_people_get_both_languages_advice_and_that_low_cost_is_indicative(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["air", "aqi", "--daily", "pm25=55.7", "co=3"]) == 0
    out = capsys.readouterr().out
    for words in (
        "VN_AQI, day: 110",
        "Kém · Poor",
        "decided by PM2.5",
        "Người nhạy cảm: ",
        "tham khảo",
        "1459",
    ):
        assert words in out
    assert "1 mg/m³ is 1000" in out
    assert main(["air", "aqi", "--hourly", "PM2.5=-,10,20", "co=900"]) == 0
    out = capsys.readouterr().out
    assert "16.7 NowCast" in out
    assert "mg/m³ is" not in out


@pytest.mark.parametrize("argv", [("aqi", "--daily", "pm2_5=55.7"), ("limits",)])
def test_terminals_that_know_only_ascii_get_the_words_without_accents(
    argv: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    assert main(["air", *argv]) == 0
    assert main(["air", *argv, "--json"]) == 0
    assert b"ug/" in raw.getvalue()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--daily", "pm2_5=55,7"), "(55.7, with a point)"),
        (("--daily", "pm2_5=1,2,3"), "give one number"),
        (("--daily", "pm2_5=-1"), "from 0 to"),
        (("--daily", "pm2_5=inf"), "from 0 to"),
        (("--daily", "pm2_5="), "has no value"),
        (("--daily", "pm2_5"), "POLLUTANT=VALUE"),
        (("--daily", "dust=3"), "no2, o3, o3_8h"),
        (("--daily", "pm10=3", "PM10=4"), "given twice"),
        (("--hourly", "o3_8h=3"), "for --daily"),
        (("--index", "us", "--daily", "o3=3"), "US AQI takes no o3"),
    ],
)
def test_a_figure_that_is_wrong_is_answered_with_what_would_be_right(
    argv: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(capsys, "aqi", *argv)


def test_the_limits_of_a_day_are_those_in_force_then(capsys: pytest.CaptureFixture[str]) -> None:
    for day, wanted in (("2025-12-31", 50), ("2026-01-01", 45)):
        found = as_json(capsys, "limits", "--on", day)
        assert found["on"] == day
        (row,) = [
            one
            for one in found["limits"]
            if (one["standard"], one["point"], one["term"]) == ("qcvn", "pm2_5", "24h")
        ]
        assert (row["value"], row["unit"], row["source"]) == (wanted, "ug/m3", "QCVN 05:2023/BTNMT")
    assert "is no day: write --on as" in refused(capsys, "limits", "--on", "tomorrow")


def test_today_is_the_day_in_ha_noi(capsys: pytest.CaptureFixture[str]) -> None:
    class NewYear(SystemClock):
        def utc_ns(self) -> int:
            return from_rfc3339("2025-12-31T17:00:00Z")

    assert air_limits.limits(argparse.Namespace(on=None, json=False), NewYear()) == 0
    out = capsys.readouterr().out
    assert out.startswith("Limits on 01/01/2026\n")
    assert "no limit for particles over one hour" in out


def test_before_the_regulation_the_day_from_which_it_is_known_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["air", "limits", "--on", "2020-01-01"]) == 0
    assert "known here from 12/09/2023" in capsys.readouterr().out


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    rows = [f"{5 + one / 2 - (one % 7):g},{one},{60 + one % 7 * 5}" for one in range(40)]
    file = tmp_path / "beside.csv"
    file.write_text("\n".join(["reference,sensor,rh", *rows, "9,,70"]), "utf-8-sig")
    return file


def test_a_fit_is_reported_with_its_section_of_the_configuration(
    beside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(capsys, "fit", str(beside))
    assert (found["a"], found["b"], found["c"]) == (17, 0.5, -0.2)
    assert (found["rows"], found["rows_left_out"]) == (40, 1)
    assert (found["raw"]["meets_targets"], found["corrected"]["meets_targets"]) == (False, True)
    assert main(["air", "fit", str(beside)]) == 0
    out = capsys.readouterr().out
    assert '[station.correction]\nkind = "local"\na = 17.0\nb = 0.5\nc = -0.2\n' in out
    assert "40 rows, 1 with empty cells left out" in out


def test_a_file_that_cannot_be_fitted_is_said_so_with_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.csv"
    assert "cannot be read" in refused(capsys, "fit", str(file))
    file.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refused(capsys, "fit", str(file))
    file.write_text("reference,sensor\n1,2\n")
    assert "x.csv: 1 rows are too few" in refused(capsys, "fit", str(file))
    file.write_text("reference,sensor\n1,two\n")
    assert "x.csv:2: sensor 'two'" in refused(capsys, "fit", str(file))


def station(**indices: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "ba-don",
        "kind": "indicative",
        "calibrating": False,
        "means": {},
        "indices": indices,
        "remarks": [],
        "lately": [],
    }


def an_index(value: int) -> dict[str, Any]:
    at = "2026-11-24T07:00:00.000Z"
    return {"at": at, "value": value, "main": "pm2_5", "standing": "tham khảo"}


def test_the_status_names_the_category_beside_the_index(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    conf = Config.model_validate({"gateway": {"id": "gw", "latitude": 17.7, "longitude": 106.4}})
    shown = [station(vn_hour=an_index(136), us=an_index(42)), station()]
    monkeypatch.setattr(air_status, "configured", lambda args: conf)
    monkeypatch.setattr(air_status, "ask_daemon", lambda *args, **params: shown)
    assert main(["air", "status"]) == 0
    out = capsys.readouterr().out
    assert "136 Kém (pm2_5, 14:00, tham khảo)" in out
    assert "42 Good (pm2_5, 14:00, tham khảo)" in out


def test_days_of_a_recalculation_are_looked_at_before_the_daemon_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    conf = Config.model_validate({"gateway": {"id": "gw", "latitude": 17.7, "longitude": 106.4}})
    monkeypatch.setattr(air_status, "configured", lambda args: conf)
    said = refused(capsys, "recalculate", "gw", "--from", "2026-11-30", "--to", "2026-11-01")
    assert "--from is after --to" in said
    said = refused(capsys, "recalculate", "gw", "--from", "0001-01-01")
    assert "out of the years 1970 to 2200: correct --from" in said

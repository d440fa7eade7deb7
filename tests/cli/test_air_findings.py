"""What `gianh air status` says of quality control, to the technician who comes to see why."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge.cli.air_findings import print_findings, print_found_now, print_reference, print_unread
from edge.console.air_api import station_out
from edge.core.air import ReferenceState, StationKind, StationState

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

STUCK = {
    "device": "air-twin",
    "point": "pm2_5",
    "check": "stuck",
    "verdict": "doubtful",
    "text": "air-twin: pm2_5: 111 µg/m³ for 128 minutes",
    "since": "2026-12-10T01:09:59.000Z",
    "at": "2026-12-10T01:17:29.000Z",
    "times": 4,
}


def station(*lately: dict[str, Any], now: bool = False) -> dict[str, Any]:
    return {"id": "street-air", "remarks": list(lately) if now else [], "lately": list(lately)}


def device(online: bool | None, **quality: str) -> dict[str, Any]:
    values = [{"point": point, "quality": said} for point, said in quality.items()]
    return {"id": "air-climate", "online": online, "values": values}


def test_each_finding_has_its_check_verdict_count_local_times_and_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_findings(station(STUCK), ZONE)
    row = capsys.readouterr().out.splitlines()[-1]
    for word in ("12-10 08:17:29", "air-twin", "pm2_5", "stuck", "doubtful", " 4 ", "12-10 08:09:59"):
        assert word in row
    assert row.endswith("  111 µg/m³ for 128 minutes")


def test_a_station_that_is_well_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings(station(), ZONE)
    print_found_now([station()])
    assert capsys.readouterr().out == "quality control found nothing in the last 24 h\n"


def test_all_stations_name_the_checks_that_fail_now_and_where_to_look(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_found_now([station(STUCK, now=True)])
    said = capsys.readouterr().out
    assert "found now: stuck;" in said
    assert "`gianh air status street-air`" in said
    print_found_now([station(STUCK)])
    assert "nothing is found now; points with findings in the last 24 h: 1;" in capsys.readouterr().out


def test_what_no_check_ever_saw_is_named_too(capsys: pytest.CaptureFixture[str]) -> None:
    bad = device(True, temperature="bad", relative_humidity="good")
    print_unread(station(), [bad], ["air-climate"])
    assert capsys.readouterr().out.endswith("nothing that can be a value of: temperature\n")
    print_unread(station(), [device(False)], ["air-climate"])
    assert capsys.readouterr().out == "air-climate does not answer\n"
    print_unread(station(), [device(None), bad], ["air"])
    assert capsys.readouterr().out == ""


def test_a_point_that_a_check_refused_is_not_named_twice(capsys: pytest.CaptureFixture[str]) -> None:
    refused = STUCK | {"device": "air-climate", "point": "temperature"}
    print_unread(station(refused), [device(True, temperature="bad")], ["air-climate"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("air", "said"),
    [
        ((31.25, 1004.0), "31.2 °C, 1004.0 hPa"),
        ((31.25, None), "31.2 °C, 1013.25 hPa assumed"),
        ((None, None), "25 °C assumed, 1013.25 hPa assumed"),
    ],
)
def test_a_person_and_a_program_read_from_what_air_the_limits_are_held(
    air: tuple[float | None, float | None], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = ReferenceState("Nm3 v1", ("pm10", "pm2_5"), *air, factor=1.02096)
    state = StationState(
        "street-air", "Chợ", StationKind.INDICATIVE, None, None, None, False, reference=reference
    )
    answer = station_out(state).model_dump(mode="json")
    assert answer["reference"] == {
        "conversion": "Nm3 v1",
        "points": ["pm10", "pm2_5"],
        "temperature_c": air[0],
        "pressure_hpa": air[1],
        "factor": 1.021,
    }
    print_reference(answer)
    (line,) = capsys.readouterr().out.splitlines()
    assert line == f"for limits in Nm³ (Nm3 v1): pm10, pm2_5 times 1.021, by the last hour: {said}"


def test_of_a_station_that_measures_at_reference_conditions_nothing_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    state = StationState("street-air", "Chợ", StationKind.CERTIFIED, None, None, None, False)
    print_reference(station_out(state).model_dump(mode="json"))
    assert capsys.readouterr().out == ""

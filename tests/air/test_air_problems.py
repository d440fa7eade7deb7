"""Which stations, checks and data files are refused, where in the file, and with which words."""

from typing import Any

import pytest

from edge.air.problems import problems_of_air
from edge.config.checks import problems_across
from edge.config.faults import Problem
from edge.config.salvage import written_ids
from edge.config.schema import Config
from edge.wiring import problems_of_wiring

DEVICES = ("dust-1", "dust-2", "weather-1", "box-1")
SFTP = {
    "id": "mae",
    "station": "market",
    "province": "QT",
    "site": "BADON",
    "name": "KK01",
    "transfer": "sftp",
    "host": "h",
    "username": "u",
    "known_hosts_file": "/k",
}


def town(**sections: Any) -> Config:
    devices = [{"id": name, "profile": "p", "bus": "b"} for name in DEVICES]
    return Config.model_validate(
        {
            "gateway": {"id": "gw", "latitude": 17.7556, "longitude": 106.4231},
            "bus": [{"id": "b", "kind": "tcp", "host": "127.0.0.1"}],
            "device": [{**one, "address": nth} for nth, one in enumerate(devices, 1)],
            **sections,
        }
    )


def across(**sections: Any) -> list[Problem]:
    config = town(**sections)
    return problems_across(config, written_ids(config.model_dump(mode="json")))


def checks(*rows: dict[str, Any]) -> list[Problem]:
    return problems_of_air(town(check=rows))


MARKET = {"id": "market", "devices": ["dust-1"]}
SCHOOL = {"id": "school", "devices": ["dust-2"]}


def test_a_usual_station_is_sound() -> None:
    station = {**MARKET, "devices": ["dust-1", "weather-1"], "cabinet": ["box-1"], "neighbours": ["dust-2"]}
    assert across(station=[station]) == []
    assert across(station=[MARKET, {**SCHOOL, "neighbours": ["market"]}]) == []
    assert across(station=[{"id": "dust-1", "devices": ["dust-1"]}]) == []
    assert across(station=[{**MARKET, "kind": "certified"}], data_file=[SFTP]) == []


@pytest.mark.parametrize(
    ("station", "path", "word"),
    [
        ({"devices": ["dust-9"]}, ("devices", 0), "did you mean"),
        ({"devices": ["dust-1", "dust-1"]}, ("devices", 1), "already"),
        ({"cabinet": ["dust-1"]}, ("cabinet", 0), "already"),
        ({"cabinet": ["nothing"]}, ("cabinet", 0), "add one"),
        ({"id": "dust-2"}, ("id",), "a [[device]] has the id"),
        ({"id": "trees"}, ("id",), "a [[group]] has the id"),
        ({"neighbours": ["market"]}, ("neighbours", 0), "its own neighbour"),
        ({"neighbours": ["dust-2", "dust-2"]}, ("neighbours", 1), "already"),
        ({"neighbours": ["dust-1"]}, ("neighbours", 0), "no [[station]]"),
        ({"latitude": 17}, (), "go together"),
        ({"conditions": {"pm25": "ambient"}}, ("conditions", "pm25"), "did you mean 'pm2_5'?"),
    ],
)
def test_a_station_that_cannot_be_meant(station: dict[str, Any], path: tuple[Any, ...], word: str) -> None:
    ((found, message),) = across(station=[{**MARKET, **station}], group=[{"id": "trees"}])
    assert found == ("station", 0, *path)
    assert word in message


def test_two_stations_with_one_id_or_one_device() -> None:
    ((path, message),) = across(station=[MARKET, {**SCHOOL, "id": "market"}])
    assert (path, "station[0]" in message) == (("station", 1, "id"), True)
    ((path, message),) = across(station=[MARKET, {**SCHOOL, "devices": ["dust-2", "dust-1"]}])
    assert (path, "market" in message) == (("station", 1, "devices", 1), True)


@pytest.mark.parametrize(
    ("change", "path", "word"),
    [
        ({"station": "markt"}, ("station",), "did you mean 'market'"),
        ({"id": "centre"}, ("id",), "influx[0]"),
        ({"station": "school"}, ("station",), "certified"),
    ],
)
def test_a_data_file_that_cannot_be_meant(change: dict[str, Any], path: tuple[Any, ...], word: str) -> None:
    influx = {"id": "centre", "url": "http://h", "version": 1, "database": "d"}
    stations = [{**MARKET, "kind": "certified"}, SCHOOL]
    ((found, message),) = across(station=stations, data_file=[{**SFTP, **change}], influx=[influx])
    assert found == ("data_file", 0, *path)
    assert word in message


def test_two_data_files_with_one_id() -> None:
    found = across(station=[{**MARKET, "kind": "certified"}], data_file=[SFTP, SFTP])
    assert [path for path, _ in found] == [("data_file", 1, "id")]


def test_a_check_of_a_device_that_there_is_not() -> None:
    ((path, message),) = across(check=[{"point": "pm2_5", "kind": "stuck", "devices": ["dust-7"]}])
    assert (path, "did you mean" in message) == (("check", 0, "devices", 0), True)


@pytest.mark.parametrize(
    ("row", "path", "word"),
    [
        ({"point": "pm25", "kind": "range"}, ("point",), "did you mean"),
        ({"point": "pm2_5", "kind": "calibration"}, ("kind",), "technician"),
        ({"point": "pm2_5", "kind": "range", "limit": 3}, ("limit",), "is not for range"),
        ({"point": "pm2_5", "kind": "range", "low": 2000}, ("low",), "not below high 1000"),
        ({"point": "pm2_5", "kind": "range", "high": -20}, ("high",), "low -15 is not below"),
        ({"point": "supply_voltage", "kind": "rate"}, (), "add limit"),
        ({"point": "pm2_5", "kind": "sentinel", "values": []}, ("values",), "enabled = false"),
    ],
)
def test_a_check_that_cannot_be_meant(row: dict[str, Any], path: tuple[Any, ...], word: str) -> None:
    ((found, message),) = checks(row)
    assert found == ("check", 0, *path)
    assert word in message


@pytest.mark.parametrize(
    "rows",
    [
        [{"point": "pm2_5", "kind": "range", "high": 500}],
        [{"point": "no2", "kind": "range", "high": 500}],  # low is the vocabulary's
        [{"point": "pm2_5", "kind": "twin", "enabled": False}],
        [{"point": "supply_voltage", "kind": "rate", "limit": 20}],
        [
            {"point": "pm2_5", "kind": "range", "high": 500},
            {"point": "pm2_5", "kind": "range", "high": 300, "devices": ["dust-1"]},
            {"point": "pm2_5", "kind": "range", "high": 200, "devices": ["dust-2"]},
        ],
    ],
)
def test_a_check_that_is_sound(rows: list[dict[str, Any]]) -> None:
    assert checks(*rows) == []


@pytest.mark.parametrize("devices", [[], ["dust-1"]])
def test_two_checks_of_one_kind_for_the_same(devices: list[str]) -> None:
    row = {"point": "pm2_5", "kind": "range", "high": 500, "devices": devices}
    ((path, message),) = checks(row, row)
    assert (path, "check[0]" in message) == (("check", 1, "kind"), True)


@pytest.mark.parametrize(
    ("correction", "points", "missing"),
    [
        ({"kind": "epa-2021"}, ["pm2_5_standard", "relative_humidity"], []),
        ({"kind": "epa-2021"}, ["pm2_5", "relative_humidity"], ["pm2_5_standard"]),
        ({"kind": "epa-2021"}, ["pm2_5_standard"], ["relative_humidity"]),
        ({"kind": "epa-2021"}, None, []),
        ({"kind": "local"}, ["pm2_5"], []),
        ({"kind": "local", "c": -0.1}, ["pm2_5"], ["relative_humidity"]),
    ],
)
def test_a_correction_needs_what_it_corrects_by(
    correction: dict[str, Any], points: list[str] | None, missing: list[str]
) -> None:
    device = {"id": "dust-1", "profile": "p", "bus": "b", "points": points}
    found = problems_of_air(town(device=[device], station=[{**MARKET, "correction": correction}]))
    assert [path for path, _ in found] == [("station", 0, "correction")] * len(missing)
    assert all(point in message for point, (_, message) in zip(missing, found, strict=True))


def test_the_daemon_asks_for_these_as_well() -> None:
    config = town(check=[{"point": "pm25", "kind": "range"}])
    assert ("check", 0, "point") in [path for path, _ in problems_of_wiring(config)]
